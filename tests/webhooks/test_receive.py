"""The door, as the server runs it: what it stores, what it refuses, and that a refusal leaves nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from werkzeug.test import Client, TestResponse

from bridge import shops
from bridge.db import Database
from bridge.models import Delivery
from bridge.settings import Settings
from bridge.vault import Vault
from webhooks import receive
from webhooks.app import create_app

APP_SECRET, LAST_SECRET = "the app's secret", "the app's last secret"
OWN_SECRET, OWN_LAST_SECRET = "the shop's own secret", "the shop's own last secret"
DOMAIN = "nordlicht.myshopify.com"


@pytest.fixture
def door(db: Database, settings: Settings, vault: Vault) -> Iterator[Client]:
    url = db.url.render_as_string(hide_password=False)
    with db.writing() as session:
        shop = shops.create(session, "Nordlicht")
        keys = {"client_id": "id", "client_secret": OWN_SECRET, "client_secret_previous": OWN_LAST_SECRET}
        shops.connect(session, vault, shop.id, "shopify", DOMAIN, keys)
    secrets = {"shopify_client_secret": APP_SECRET, "shopify_client_secret_previous": LAST_SECRET}
    given = {"database_url": url, "max_delivery_bytes": 1_000_000, **secrets}
    web = create_app(replace(settings, **given))
    yield Client(web)
    web.close()


def post(door: Client, body: bytes = b'{"id": 1}', secret: str = APP_SECRET, **more: Any) -> TestResponse:
    headers = signed(body, secret)
    headers.update({name.replace("_", "-"): value for name, value in more.items()})
    return door.post("/hooks/shopify", data=body, headers=headers)


def signed(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    return {
        "X-Shopify-Topic": "products/create",
        "X-Shopify-Shop-Domain": DOMAIN,
        "X-Shopify-Webhook-Id": "w-1",
        "X-Shopify-Hmac-Sha256": base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode(),
        "Content-Type": "application/json",
    }


def stored(db: Database) -> list[Delivery]:
    with db.reading() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def test_a_signed_delivery_is_stored_as_it_came(door: Client, db: Database, vault: Vault) -> None:
    body = '{"id": 1, "title": "Größe"}\n'.encode()
    assert post(door, body, Cookie="a=b", X_Shopify_Event_Id="e-1").status_code == 200
    (row,) = stored(db)
    assert (row.platform, row.account, row.delivery_id, row.topic, row.state) == (
        "shopify", DOMAIN, "w-1", "products/create", "stored",
    )  # fmt: skip
    assert vault.open(row.body or b"") == body
    kept = vault.open_json(row.headers or b"")
    assert kept["x-shopify-event-id"] == "e-1"
    assert not {"cookie", "x-shopify-hmac-sha256"} & set(kept)


def test_a_repeat_is_answered_with_200_and_leaves_no_row(door: Client, db: Database) -> None:
    assert [post(door).status_code for _ in range(3)] == [200, 200, 200]
    assert len(stored(db)) == 1


def test_a_shop_of_its_own_organisation_signs_with_its_own_secret(door: Client, db: Database) -> None:
    assert post(door, secret=OWN_SECRET).status_code == 200
    assert post(door, secret=OWN_SECRET, X_Shopify_Shop_Domain="other.myshopify.com").status_code == 401
    assert len(stored(db)) == 1


@pytest.mark.parametrize("secret", [APP_SECRET, LAST_SECRET, OWN_SECRET, OWN_LAST_SECRET])
def test_the_present_and_the_last_secret_of_app_and_shop_are_good(door: Client, db: Database, secret: str) -> None:
    assert post(door, secret=secret).status_code == 200
    assert len(stored(db)) == 1


@pytest.mark.parametrize("spelled", [str.lower, str.upper, str.title])
def test_the_case_of_a_header_means_nothing(door: Client, db: Database, spelled: Callable[[str], str]) -> None:
    body = b'{"id": 1}'
    given = {spelled(name): value for name, value in signed(body).items()}
    assert door.post("/hooks/shopify", data=body, headers=given).status_code == 200
    assert [(row.account, row.delivery_id, row.topic) for row in stored(db)] == [(DOMAIN, "w-1", "products/create")]


@pytest.mark.parametrize(
    "kind", ["", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "x" * 300]
)
def test_no_body_is_parsed_whatever_it_calls_itself(door: Client, db: Database, vault: Vault, kind: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n{"a=1&b[]=%ff'
    assert post(door, body, Content_Type=kind).status_code == 200
    assert [vault.open(row.body or b"") for row in stored(db)] == [body]


@pytest.mark.parametrize(
    "change",
    [
        {"X_Shopify_Hmac_Sha256": ""},
        {"X_Shopify_Hmac_Sha256": "AAAA"},
        {"X_Shopify_Shop_Domain": "evil.example"},
        {"X_Shopify_Shop_Domain": ""},
        {"secret": "a guess"},
    ],
)
def test_a_forged_delivery_is_refused_and_nothing_is_stored(door: Client, db: Database, change: dict[str, Any]) -> None:
    assert post(door, **change).status_code == 401
    assert stored(db) == []


def test_a_body_that_was_changed_on_its_way_is_refused(door: Client, db: Database) -> None:
    signature = signed(b'{"id": 1}')["X-Shopify-Hmac-Sha256"]
    assert post(door, b'{"id": 2}', X_Shopify_Hmac_Sha256=signature).status_code == 401
    assert stored(db) == []


@pytest.mark.parametrize(("size", "status"), [(600_000, 200), (1_000_000, 200), (1_000_001, 413)])
def test_large_bodies_are_taken_up_to_the_limit(door: Client, db: Database, size: int, status: int) -> None:
    assert post(door, b"x" * size).status_code == status
    assert len(stored(db)) == (status == 200)


def test_a_body_of_unknown_length_is_not_read_beyond_the_limit(door: Client, db: Database) -> None:
    stream = io.BytesIO(b"x" * 3_000_000)
    answer = door.post("/hooks/shopify", input_stream=stream, headers={"Transfer-Encoding": "chunked"},
                       environ_overrides={"wsgi.input_terminated": True})  # fmt: skip
    assert answer.status_code == 413
    assert stream.tell() < 2_000_000
    assert stored(db) == []


def test_an_unknown_shop_that_signs_correctly_is_stored(door: Client, db: Database) -> None:
    assert post(door, X_Shopify_Shop_Domain="unknown.myshopify.com").status_code == 200
    assert stored(db)[0].account == "unknown.myshopify.com"


def test_what_is_not_json_but_signed_is_stored_unread(door: Client, db: Database) -> None:
    assert post(door, b"\x00\xff not json").status_code == 200
    assert stored(db)[0].state == "stored"


def test_other_platforms_and_other_ways_are_not_here(door: Client, db: Database) -> None:
    assert door.post("/hooks/magneto", data=b"{}").status_code == 404
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
        assert door.open("/hooks/shopify", method=method, headers=signed(b"")).status_code == 405
    assert door.post("/hooks/shopify/", data=b"", headers=signed(b"")).status_code == 404
    assert stored(db) == []


def test_while_the_database_is_away_the_platform_is_asked_to_come_again(door: Client, db: Database) -> None:
    assert post(door, X_Shopify_Webhook_Id="warm").status_code == 200
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE deliveries RENAME TO elsewhere"))
    try:
        assert post(door).status_code == 503
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO deliveries"))
    assert post(door).status_code == 200
    assert [row.delivery_id for row in stored(db)] == ["warm", "w-1"]


def test_a_secret_that_was_taken_away_is_soon_refused(
    door: Client, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive, "_SECRETS_KEPT", 0.0)
    assert post(door, secret=OWN_SECRET).status_code == 200
    with db.writing() as session:
        found = shops.find(session, "shopify", DOMAIN)
        assert found is not None
        shops.disconnect(session, found.id, "Gone.")
    assert post(door, secret=OWN_SECRET, X_Shopify_Webhook_Id="w-2").status_code == 401
    assert len(stored(db)) == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def door_alone(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Client]:
    """A door whose database does not answer from the start on."""
    (tmp_path / "no file").mkdir()
    urls = {"sqlite": f"sqlite:///{tmp_path}/no file", "postgresql": "postgresql://nobody@127.0.0.1:1/nothing"}
    given = {"database_url": urls[request.param], "shopify_client_secret": APP_SECRET}
    web = create_app(replace(settings, **given))
    yield Client(web)
    web.close()


def test_without_a_database_nothing_is_promised_and_the_health_tells(door_alone: Client) -> None:
    assert [post(door_alone).status_code for _ in range(2)] == [503, 503]
    answer = door_alone.get("/health")
    assert (answer.status_code, answer.text) == (503, "the database does not answer\n")


def test_health_tells_whether_the_database_answers(door: Client) -> None:
    answer = door.get("/health")
    assert (answer.status_code, answer.text) == (200, "healthy\n")
    assert door.post("/health").status_code == 405


def test_the_door_sets_no_cookie_and_the_page_is_somewhere_else(door: Client) -> None:
    assert "Set-Cookie" not in post(door).headers
    assert door.get("/").headers["Location"].startswith("/sign-in")
