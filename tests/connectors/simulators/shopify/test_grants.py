"""The grants of a store, as strict as the real one: codes once, refresh tokens until their successor is used."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connectors.simulators.shopify import Simulator
from connectors.simulators.shopify.tokens import session_token
from connectors.simulators.shopify.webhooks import API_VERSION
from tests.connectors.simulators.shopify.conftest import DOMAIN, Store

SECRET = "a secret that is long enough for a key"
APP = {"client_id": "client", "client_secret": SECRET}
BACK = "http://127.0.0.1:9/callback"
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
    "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
    "expiring": 1,
}


@pytest.fixture
def store(simulator: Simulator) -> Store:
    return Store(simulator, client_secret=SECRET, consent="auto")


def ask(store: Store, **given: Any) -> requests.Response:
    return store.http.post(f"{store.url}/admin/oauth/access_token", json={**APP, **given}, timeout=10)


def code(store: Store, **more: str) -> dict[str, str]:
    query = {"client_id": "client", "scope": "read_products", "redirect_uri": BACK, "state": "s", **more}
    answer = store.http.get(f"{store.url}/admin/oauth/authorize", params=query, timeout=10, allow_redirects=False)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(BACK)
    return {name: value for name, (value,) in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def works(store: Store, token: str) -> bool:
    url = f"{store.url}/admin/api/{API_VERSION}/graphql.json"
    headers = {"X-Shopify-Access-Token": token}
    return store.http.post(url, json={"query": "{ shop { name } }"}, headers=headers, timeout=10).status_code == 200


def test_a_code_gives_a_token_that_ends_and_is_good_once(store: Store) -> None:
    given = code(store)["code"]
    answer = ask(store, code=given, expiring="1").json()
    assert works(store, answer["access_token"])
    assert answer["refresh_token"] and answer["refresh_token_expires_in"] == 7_776_000
    assert ask(store, code=given, expiring="1").status_code == 400


def test_a_token_that_never_ends_is_not_given(store: Store) -> None:
    assert ask(store, code=code(store)["code"]).status_code == 400


@pytest.mark.parametrize("wrong", [{"client_id": "x"}, {"redirect_uri": "https://evil.example/"}])
def test_an_unknown_app_or_address_is_refused(store: Store, wrong: dict[str, str]) -> None:
    query = {"client_id": "client", "redirect_uri": BACK, **wrong}
    assert store.http.get(f"{store.url}/admin/oauth/authorize", params=query, timeout=10).status_code == 400


def test_the_merchant_is_asked_and_agrees(simulator: Simulator) -> None:
    store = Store(simulator)
    query = {"client_id": "client", "scope": "read_products,<b>", "redirect_uri": BACK, "state": "s"}
    page = store.http.get(f"{store.url}/admin/oauth/authorize", params=query, timeout=10)
    assert "<li>read_products</li>" in page.text and "<b>" not in page.text
    answer = store.http.post(f"{store.url}/admin/oauth/agree", data=query, timeout=10, allow_redirects=False)
    assert answer.status_code == 302 and answer.headers["Location"].startswith(BACK)


def test_a_session_token_is_exchanged(store: Store) -> None:
    token = session_token(DOMAIN, "client", SECRET)
    assert works(store, ask(store, **EXCHANGE, subject_token=token).json()["access_token"])


@pytest.mark.parametrize(
    "token",
    [
        session_token(DOMAIN, "client", "another secret that is long enough"), session_token(DOMAIN, "another", SECRET),
        session_token("other.myshopify.com", "client", SECRET),
        session_token(DOMAIN, "client", SECRET, exp=int(time.time()) - 60), "x", "",
    ],
)  # fmt: skip
def test_a_bad_session_token_is_not_exchanged(store: Store, token: str) -> None:
    answer = ask(store, **EXCHANGE, subject_token=token)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_subject_token")


def test_a_refresh_token_is_good_until_its_successor_is_used(store: Store) -> None:
    first = ask(store, code=code(store)["code"], expiring="1").json()["refresh_token"]
    second = ask(store, grant_type="refresh_token", refresh_token=first).json()
    assert works(store, second["access_token"])
    again = ask(store, grant_type="refresh_token", refresh_token=first)
    assert again.status_code == 200, "the answer may have been lost"
    third = ask(store, grant_type="refresh_token", refresh_token=again.json()["refresh_token"])
    assert third.status_code == 200
    assert ask(store, grant_type="refresh_token", refresh_token=first).status_code == 401


def test_after_an_uninstall_nothing_is_good(store: Store) -> None:
    answer = ask(store, code=code(store)["code"], expiring="1").json()
    store.control("POST", "uninstall")
    assert not works(store, answer["access_token"])
    assert ask(store, grant_type="refresh_token", refresh_token=answer["refresh_token"]).status_code == 401
