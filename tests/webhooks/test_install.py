"""Installing from our page: one road leads to a connection, every other answer leaves everything as it was."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from werkzeug.test import Client

from bridge import shops
from bridge.db import Database
from bridge.models import Connection, Job, Shop, User
from bridge.vault import Vault
from tests.webhooks import arriving
from tests.webhooks.arriving import DOMAIN, OTHER, TOKENS, callback, everything, sign
from tests.webhooks.conftest import PASSWORD

TOKEN_URL = f"https://{DOMAIN}/admin/oauth/access_token"
CALLBACK = "/install/shopify/callback"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture
def visitor(web: Client, owner: User) -> Client:
    """The owner, signed in."""
    token = _form_token(web, "/sign-in")
    answer = web.post("/sign-in", data={"name": "owner", "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 303
    return web


def _form_token(web: Client, path: str) -> str:
    found = _TOKEN.search(web.get(path).text)
    assert found
    return found[1]


@pytest.fixture
def state(visitor: Client, shop: Shop) -> str:
    """The state of an installation that the owner has begun."""
    return begin(visitor, shop)


def begin(visitor: Client, shop: Shop, account: str = DOMAIN) -> str:
    data = {"account": account, "shop": shop.id, "csrf_token": _form_token(visitor, "/connections/new")}
    answer = visitor.post("/install/shopify", data=data)
    where = urlsplit(answer.location)
    asked = {name: value for name, (value,) in parse_qs(where.query).items()}
    assert (answer.status_code, where.netloc, where.path) == (303, DOMAIN, "/admin/oauth/authorize")
    assert asked["redirect_uri"] == "https://bridge.example/install/shopify/callback"
    assert asked["scope"] == "read_products,write_products,write_files"
    return asked["state"]


def test_an_installation_ends_with_an_expiring_token_and_a_check(
    visitor: Client, shop: Shop, state: str, shopify: responses.RequestsMock, db: Database, vault: Vault
) -> None:
    shopify.post(TOKEN_URL, json=TOKENS)
    answer = visitor.get(CALLBACK, query_string=callback(state))
    assert (answer.status_code, answer.location) == (303, "/connections")
    (call,) = shopify.calls
    assert b'"expiring": "1"' in (call.request.body or b"") and b'"code": "once"' in (call.request.body or b"")
    with db.reading() as session:
        (row,) = session.query(Connection)
        kept = shops.open_connection(session, vault, row.id).credentials
        assert (row.shop_id, row.account, row.status) == (shop.id, DOMAIN, "connected")
        assert (kept["access_token"], kept["refresh_token"], kept["grant"]) == ("shpat_new", "shprt_new", "code")
        assert kept["expires_at"] == pytest.approx(time.time() + 3600, abs=60)
        assert kept["refresh_expires_at"] == pytest.approx(time.time() + 7_776_000, abs=60)
        assert [job.kind for job in session.query(Job)] == ["check"]


def test_an_installation_again_keeps_the_shop_and_its_history(
    visitor: Client, shop: Shop, state: str, shopify: responses.RequestsMock, db: Database, vault: Vault
) -> None:
    with db.writing() as session:
        known = shops.connect(session, vault, shop.id, "shopify", DOMAIN, {"access_token": "old"})
        shops.disconnect(session, known.id, "Uninstalled.")
    shopify.post(TOKEN_URL, json=TOKENS)
    assert visitor.get(CALLBACK, query_string=callback(state)).status_code == 303
    with db.reading() as session:
        (row,) = session.query(Connection)
        assert (row.id, row.status, row.problem) == (known.id, "connected", "")


def _unsigned(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name != "hmac"}


FORGED: dict[str, Callable[[str], dict[str, str]]] = {
    "no state": lambda state: callback(""),
    "the state of somebody else": lambda state: callback(state[::-1]),
    "no signature": lambda state: _unsigned(callback(state)),
    "a signature by another secret": lambda state: callback(state, secret="another"),
    "an empty signature": lambda state: {**callback(state), "hmac": ""},
    "a signature that is no text": lambda state: {**callback(state), "hmac": "ß" * 64},
    "another shop, signed": lambda state: callback(state, OTHER),
    "another shop, swapped in": lambda state: {**callback(state), "shop": OTHER},
    "another code, swapped in": lambda state: {**callback(state), "code": "another"},
    "a host that is no shop": lambda state: callback(state, "evil.example"),
    "a shop with a way out": lambda state: callback(state, "nordlicht.myshopify.com@evil.example"),
    "an old time": lambda state: callback(state, timestamp=str(int(time.time()) - 3600)),
    "a time to come": lambda state: callback(state, timestamp=str(int(time.time()) + 3600)),
    "no time": lambda state: callback(state, timestamp=""),
    "a time that is none": lambda state: callback(state, timestamp="soon"),
    "an added parameter": lambda state: {**callback(state), "shop_id": "7"},
    "nothing at all": lambda state: {},
}


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_callback_changes_nothing_and_asks_nobody(
    visitor: Client, state: str, shopify: responses.RequestsMock, db: Database, what: str
) -> None:
    before = everything(db)
    answer = visitor.get(CALLBACK, query_string=FORGED[what](state))
    assert answer.status_code == 400
    assert everything(db) == before
    assert len(shopify.calls) == 0


def test_a_callback_without_the_cookie_of_its_beginning_changes_nothing(
    visitor: Client, state: str, shopify: responses.RequestsMock, db: Database
) -> None:
    visitor.delete_cookie("installing", path="/install/shopify")
    before = everything(db)
    assert visitor.get(CALLBACK, query_string=callback(state)).status_code == 400
    assert everything(db) == before
    assert len(shopify.calls) == 0


def test_a_callback_is_good_once(visitor: Client, state: str, shopify: responses.RequestsMock, db: Database) -> None:
    shopify.post(TOKEN_URL, json=TOKENS)
    given = callback(state)
    assert visitor.get(CALLBACK, query_string=given).status_code == 303
    before = everything(db)
    assert visitor.get(CALLBACK, query_string=given).status_code == 400
    assert everything(db) == before
    assert len(shopify.calls) == 1


@pytest.mark.parametrize("cookie", ["", "x", "e30.aaaa.bbbb"])
def test_a_made_up_cookie_is_no_beginning(
    visitor: Client, state: str, shopify: responses.RequestsMock, db: Database, cookie: str
) -> None:
    visitor.set_cookie("installing", cookie, path="/install/shopify")
    before = everything(db)
    assert visitor.get(CALLBACK, query_string=callback(state)).status_code == 400
    assert everything(db) == before
    assert len(shopify.calls) == 0


def test_a_stranger_with_a_good_callback_is_sent_to_sign_in(
    web: Client, shopify: responses.RequestsMock, db: Database
) -> None:
    before = everything(db)
    answer = web.get(CALLBACK, query_string=callback("x"))
    assert (answer.status_code, urlsplit(answer.location).path) == (303, "/sign-in")
    assert everything(db) == before


def test_a_store_of_another_shop_cannot_be_taken_over(
    visitor: Client, state: str, shopify: responses.RequestsMock, db: Database, vault: Vault
) -> None:
    with db.writing() as session:
        other = shops.create(session, "Another")
        shops.connect(session, vault, other.id, "shopify", DOMAIN, {"access_token": "theirs"})
    before = everything(db)
    answer = visitor.get(CALLBACK, query_string=callback(state))
    assert answer.status_code == 400 and "already connected to another shop" in answer.text
    assert everything(db) == before
    assert len(shopify.calls) == 0


def test_a_shop_that_is_not_ones_own_cannot_be_named(visitor: Client, db: Database) -> None:
    with db.writing() as session:
        other = shops.create(session, "Another")
    data = {"account": DOMAIN, "shop": other.id, "csrf_token": _form_token(visitor, "/connections/new")}
    before = everything(db)
    assert visitor.post("/install/shopify", data=data).status_code == 404
    assert everything(db) == before


@pytest.mark.parametrize("account", ["evil.example", "", "a b", "nordlicht.myshopify.com.evil.example"])
def test_nobody_is_sent_to_a_host_that_is_no_shop(visitor: Client, shop: Shop, account: str) -> None:
    data = {"account": account, "shop": shop.id, "csrf_token": _form_token(visitor, "/connections/new")}
    answer = visitor.post("/install/shopify", data=data)
    assert (answer.status_code, answer.location) == (303, "/connections/new")


@pytest.mark.parametrize(("status", "body"), [(400, {"error": "invalid_request"}), (200, {}), (503, {}), (429, {})])
def test_a_code_that_shopify_does_not_take_connects_nothing(
    visitor: Client, state: str, shopify: responses.RequestsMock, db: Database, status: int, body: dict[str, str]
) -> None:
    shopify.post(TOKEN_URL, json=body, status=status)
    before = everything(db)
    assert visitor.get(CALLBACK, query_string=callback(state)).status_code == 400
    assert everything(db) == before


def test_the_signature_is_over_sorted_parameters() -> None:
    assert sign({"b": "2", "a": "1"}, "hush") == sign({"a": "1", "b": "2"}, "hush")
    assert arriving.callback("x")["hmac"] != arriving.callback("y")["hmac"]
