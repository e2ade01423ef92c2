"""The client credentials grant and what becomes of its tokens."""

from __future__ import annotations

import pytest

from connectors.simulators.shopify import Simulator
from tests.connectors.simulators.shopify.conftest import Store

GRANT = {"client_id": "id", "client_secret": "hush", "grant_type": "client_credentials"}


@pytest.fixture
def granting(simulator: Simulator) -> Store:
    return Store(simulator, access_token="", client_id="id", client_secret="hush", scopes=["read_products"])


@pytest.mark.parametrize("encoding", ["json", "data"])
def test_a_token_is_granted_and_works(granting: Store, encoding: str) -> None:
    response = granting.http.post(f"{granting.url}/admin/oauth/access_token", **{encoding: GRANT})
    answer = response.json()
    assert response.status_code == 200
    assert (answer["scope"], answer["expires_in"]) == ("read_products", 86_399)
    assert granting.post("{ shop { name } }", token=answer["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "x"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_wrong_credentials_get_no_token(granting: Store, wrong: dict[str, str], error: str) -> None:
    response = granting.http.post(f"{granting.url}/admin/oauth/access_token", json={**GRANT, **wrong})
    assert response.status_code == 400
    assert response.json()["error"] == error
    assert "access_token" not in response.json()


def token_of(granting: Store) -> str:
    return granting.http.post(f"{granting.url}/admin/oauth/access_token", json=GRANT).json()["access_token"]


def test_a_revoked_token_is_unauthorised_and_another_is_granted(granting: Store) -> None:
    token = token_of(granting)
    granting.control("POST", "revoke")
    assert granting.post("{ shop { name } }", token=token).status_code == 401
    assert granting.post("{ shop { name } }", token=token_of(granting)).status_code == 200


def test_a_token_expires(granting: Store) -> None:
    granting.control("PATCH", "", {"token_seconds": 0})
    assert granting.post("{ shop { name } }", token=token_of(granting)).status_code == 401


def test_an_uninstalled_app_gets_no_token(granting: Store) -> None:
    granting.control("POST", "uninstall")
    response = granting.http.post(f"{granting.url}/admin/oauth/access_token", json=GRANT)
    assert (response.status_code, response.json()["error"]) == (400, "shop_not_permitted")


def test_signing_in_can_fail(granting: Store) -> None:
    granting.fault(kind="500", on="oauth")
    assert granting.http.post(f"{granting.url}/admin/oauth/access_token", json=GRANT).status_code == 500
