"""The page inside the Shopify admin: who gets in by which token, what installs, and that no cookie is ever needed."""

from __future__ import annotations

import json
import time
import warnings
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import responses
from jwt.warnings import InsecureKeyLengthWarning
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from bridge import shops
from bridge.db import Database
from bridge.models import Connection, Job, Shop, User
from bridge.vault import Vault
from tests.webhooks.arriving import CLIENT_ID, DOMAIN, OTHER, SECRET, TOKENS, everything, id_token

TOKEN_URL = f"https://{DOMAIN}/admin/oauth/access_token"
FRAMED = {"embedded": "1", "host": "aG9zdA", "locale": "de-DE"}


def open_app(web: Client, token: str, shop: str = DOMAIN) -> TestResponse:
    return web.get("/shopify", query_string={**FRAMED, "shop": shop, "id_token": token})


def with_token(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def connected(db: Database, vault: Vault, shop: Shop) -> Connection:
    with db.writing() as session:
        credentials = {"grant": "exchange", "access_token": "kept", "refresh_token": "r",
                       "refresh_expires_at": time.time() + 1e6, "expires_at": time.time() + 3600}  # fmt: skip
        return shops.connect(session, vault, shop.id, "shopify", DOMAIN, credentials)


# --- installing -------------------------------------------------------------------------------------------------


def test_opening_the_app_for_the_first_time_installs_it(
    web: Client, shopify: responses.RequestsMock, db: Database, vault: Vault
) -> None:
    shopify.post(TOKEN_URL, json=TOKENS)
    token = id_token()
    answer = open_app(web, token)
    where = urlsplit(answer.location)
    assert (answer.status_code, where.path) == (302, "/")
    assert parse_qs(where.query)["id_token"] == [token]
    (call,) = shopify.calls
    asked = json.loads(call.request.body or b"")
    assert (asked["subject_token"], asked["expiring"], asked["client_id"]) == (token, 1, CLIENT_ID)
    with db.reading() as session:
        row = session.scalars(select(Connection)).one()
        kept = shops.open_connection(session, vault, row.id).credentials
        assert (kept["access_token"], kept["refresh_token"], kept["grant"]) == ("shpat_new", "shprt_new", "exchange")
        shop = session.get_one(Shop, row.shop_id)
        assert (shop.name, shop.locale) == ("nordlicht", "de")
        assert session.scalars(select(Job.kind)).all() == ["check"]
    page = web.get(answer.location)
    assert page.status_code == 200 and 'lang="de"' in page.text


def test_opening_it_again_asks_shopify_nothing(
    web: Client, connected: Connection, shopify: responses.RequestsMock
) -> None:
    assert open_app(web, id_token()).status_code == 302
    assert len(shopify.calls) == 0


@pytest.mark.parametrize("how", ["disconnected", "paused", "ends soon"])
def test_opening_it_brings_a_connection_back_that_has_lost_its_token(
    web: Client, connected: Connection, shopify: responses.RequestsMock, db: Database, vault: Vault, how: str
) -> None:
    shopify.post(TOKEN_URL, json=TOKENS)
    with db.writing() as session:
        if how == "disconnected":
            shops.disconnect(session, connected.id, "Uninstalled.")
        elif how == "paused":
            shops.pause(session, connected.id, "Shopify no longer renews our access.")
        else:
            stored = {"grant": "exchange", "access_token": "x", "refresh_expires_at": time.time() + 60}
            shops.connect(session, vault, connected.shop_id, "shopify", DOMAIN, stored)
    assert open_app(web, id_token()).status_code == 302
    with db.reading() as session:
        row = session.get_one(Connection, connected.id)
        assert (row.status, row.shop_id) == ("connected", connected.shop_id)
        assert shops.open_connection(session, vault, row.id).credentials["access_token"] == "shpat_new"


def test_what_a_person_paused_stays_paused(
    web: Client, connected: Connection, shopify: responses.RequestsMock, db: Database
) -> None:
    with db.writing() as session:
        shops.pause(session, connected.id, "Paused by hand.", held=True)
    assert open_app(web, id_token()).status_code == 302
    assert len(shopify.calls) == 0
    with db.reading() as session:
        assert session.get_one(Connection, connected.id).status == "paused"


@pytest.mark.parametrize(("status", "body"), [(400, {"error": "invalid_subject_token"}), (503, {}), (200, {})])
def test_an_exchange_that_fails_says_so_and_stores_nothing(
    web: Client, shopify: responses.RequestsMock, db: Database, status: int, body: dict[str, str]
) -> None:
    shopify.post(TOKEN_URL, json=body, status=status)
    before = everything(db)
    answer = open_app(web, id_token())
    assert answer.status_code == 503 and "Noch nicht installiert" in answer.text or "Not installed yet" in answer.text
    assert everything(db) == before


# --- tokens that are not good -----------------------------------------------------------------------------------

NOW = int(time.time())
BAD: dict[str, dict[str, Any]] = {
    "by another secret": {"secret": "another secret, as long as the real one is"},
    "for another app": {"aud": "another app"},
    "that ended": {"exp": NOW - 3600},
    "that never ends": {"without": "exp"},
    "of tomorrow": {"nbf": NOW + 86_400},
    "without a person": {"without": "sub"},
    "without an issuer": {"without": "iss"},
    "of a host that is no shop": {"account": "evil.example"},
    "with two shops": {"iss": f"https://{OTHER}/admin"},
    "with a way out": {"dest": f"https://{DOMAIN}@evil.example", "iss": f"https://{DOMAIN}@evil.example/admin"},
    "with a port": {"dest": f"https://{DOMAIN}:8443", "iss": f"https://{DOMAIN}:8443/admin"},
    "without encryption": {"dest": f"http://{DOMAIN}", "iss": f"http://{DOMAIN}/admin"},
    "with a person who is a path": {"sub": "../../1"},
    "with a destination that is a number": {"dest": 7},
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_token_opens_nothing_and_installs_nothing(
    web: Client, connected: Connection, shopify: responses.RequestsMock, db: Database, what: str
) -> None:
    token = id_token(**BAD[what])
    before = everything(db)
    for path in ("/", "/jobs", "/connections"):
        assert web.get(path, headers=with_token(token)).status_code == 401, path
    assert web.post("/connections/1/pause", headers=with_token(token)).status_code == 401
    answer = open_app(web, token)
    assert answer.status_code == 302 and urlsplit(answer.location).path == "/shopify/bounce"
    assert everything(db) == before
    assert len(shopify.calls) == 0


@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_a_token_with_another_algorithm_is_refused(web: Client, connected: Connection, algorithm: str) -> None:
    claims = jwt.decode(id_token(), options={"verify_signature": False})
    with warnings.catch_warnings(action="ignore", category=InsecureKeyLengthWarning):
        token = jwt.encode(claims, SECRET if algorithm != "none" else None, algorithm=algorithm)
    assert web.get("/", headers=with_token(token)).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ß", "ey" * 5000])
def test_what_is_no_token_is_refused(web: Client, connected: Connection, token: str) -> None:
    assert web.get("/", headers=with_token(token)).status_code in (303, 401)


def test_the_token_of_one_shop_under_the_name_of_another_is_refused(
    web: Client, connected: Connection, shopify: responses.RequestsMock, db: Database
) -> None:
    before = everything(db)
    answer = open_app(web, id_token(OTHER))  # a good token, with our shop's name in the address
    assert urlsplit(answer.location).path == "/shopify/bounce"
    assert everything(db) == before
    assert len(shopify.calls) == 0


def test_a_shop_that_is_not_connected_sees_nothing(web: Client, connected: Connection) -> None:
    assert web.get("/connections", headers=with_token(id_token(OTHER))).status_code == 401


# --- the page with a token --------------------------------------------------------------------------------------


def test_a_good_token_shows_the_shops_own_rows_and_needs_no_cookie(web: Client, connected: Connection) -> None:
    answer = web.get("/connections", headers=with_token(id_token()))
    assert answer.status_code == 200 and DOMAIN in answer.text
    assert "Set-Cookie" not in answer.headers
    assert 'hx-boost="true"' in answer.text and "app-bridge.js" in answer.text


def test_only_the_shops_own_admin_may_show_it_in_a_frame(web: Client, connected: Connection) -> None:
    headers = web.get("/", headers=with_token(id_token())).headers
    policy = headers["Content-Security-Policy"]
    assert f"frame-ancestors https://{DOMAIN} https://admin.shopify.com;" in policy
    assert "script-src 'self' https://cdn.shopify.com;" in policy
    assert "X-Frame-Options" not in headers
    alone = web.get("/sign-in").headers
    assert (
        "frame-ancestors 'none'" in alone["Content-Security-Policy"] and "cdn" not in alone["Content-Security-Policy"]
    )
    assert alone["X-Frame-Options"] == "DENY"


def test_a_form_is_sent_with_the_token_alone_and_its_message_survives_the_redirect(
    web: Client, connected: Connection, db: Database
) -> None:
    answer = web.post(f"/connections/{connected.id}/pause", headers=with_token(id_token()))
    assert answer.status_code == 303 and "said=" in answer.location
    assert "Set-Cookie" not in answer.headers
    with db.reading() as session:
        assert session.get_one(Connection, connected.id).status == "paused"
    page = web.get(answer.location, headers=with_token(id_token()))
    assert "Paused. Its work waits until you resume it." in page.text


def test_a_message_made_up_by_somebody_else_is_not_shown(web: Client, connected: Connection) -> None:
    page = web.get("/connections?said=W1sibWVzc2FnZSIsICJIYSJdXQ.x.y", headers=with_token(id_token()))
    assert page.status_code == 200 and 'class="flash ' not in page.text


def test_a_token_in_the_address_sends_no_form(web: Client, connected: Connection, db: Database) -> None:
    before = everything(db)
    answer = web.post(f"/connections/{connected.id}/pause", query_string={"id_token": id_token()})
    assert answer.status_code in (303, 400)
    assert everything(db) == before


def test_a_cookie_beside_a_token_counts_for_nothing(web: Client, connected: Connection, owner: User) -> None:
    web.set_cookie("session", "anything")
    answer = web.get("/", headers=with_token(id_token(secret="another secret, as long as the real one is")))
    assert answer.status_code == 401


def test_a_staff_member_is_one_user_and_cannot_sign_in_by_password(
    web: Client, connected: Connection, db: Database
) -> None:
    for _ in range(2):
        assert web.get("/", headers=with_token(id_token())).status_code == 200
    with db.reading() as session:
        (user,) = session.scalars(select(User)).all()
        assert (user.role, user.shop_id, user.password_hash) == ("owner", connected.shop_id, "")


def test_a_staff_member_of_a_store_that_became_another_shop_sees_that_shop_only(
    web: Client, connected: Connection, db: Database
) -> None:
    assert web.get("/", headers=with_token(id_token())).status_code == 200
    with db.writing() as session:
        other = shops.create(session, "Another tenant")
        session.get_one(Connection, connected.id).shop_id = other.id
    assert web.get("/", headers=with_token(id_token())).status_code == 200
    with db.reading() as session:
        (user,) = session.scalars(select(User)).all()
        assert user.shop_id == other.id


# --- the bounce page --------------------------------------------------------------------------------------------


def test_a_document_without_a_token_takes_the_bounce_page_and_comes_back(web: Client, connected: Connection) -> None:
    answer = web.get("/jobs?embedded=1&shop=" + DOMAIN, headers={"Sec-Fetch-Dest": "iframe"})
    where = urlsplit(answer.location)
    assert (answer.status_code, where.path) == (302, "/shopify/bounce")
    (target,) = parse_qs(where.query)["shopify-reload"]
    assert target.startswith("https://bridge.example/jobs?") and "bounces=1" in target
    page = web.get(answer.location)
    assert page.status_code == 200 and "app-bridge.js" in page.text and CLIENT_ID in page.text
    assert DOMAIN in page.headers["Content-Security-Policy"]


def test_it_does_not_go_round_in_circles(web: Client, connected: Connection) -> None:
    answer = web.get(f"/jobs?embedded=1&bounces=2&shop={DOMAIN}")
    assert answer.status_code == 401 and "Reload the page" in answer.text


@pytest.mark.parametrize(
    "target", ["", "https://evil.example/", "https://bridge.example.evil.example/", "//evil.example"]
)
def test_the_bounce_page_leads_to_our_own_pages_only(web: Client, target: str) -> None:
    answer = web.get("/shopify/bounce", query_string={"shop": DOMAIN, "shopify-reload": target})
    assert answer.status_code == 400 and "app-bridge" not in answer.text


def test_opened_on_its_own_it_leads_into_the_admin(web: Client) -> None:
    assert web.get(f"/shopify?shop={DOMAIN}").location == f"https://{DOMAIN}/admin/apps/{CLIENT_ID}"
    assert web.get("/shopify?shop=evil.example").location == "/sign-in"
