"""The access token of a store: kept, renewed in time by one of many, and never sent anywhere but to the store."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from bridge import shops
from bridge.deadline import Deadline
from bridge.errors import AskHuman, Disconnected, GiveUp, NotAuthentic, TryLater
from connectors.shopify import install
from connectors.shopify.grants import base_url
from connectors.shopify.scopes import NEEDED
from tests.connectors.shopify.answering import COST, CREDENTIALS, DOMAIN, TOKEN_URL, Answering

ALL_SCOPES = [{"handle": handle} for handle in NEEDED]


def token(shopify: Answering, refused: str = "") -> str:
    return install.token(shopify.live(), shopify.tools, Deadline(5), refused=refused)


# --- kept and renewed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "calls"), [(-1, 1), (0, 1), (250, 1), (600, 0), (None, 0)])
def test_a_token_is_kept_and_renewed_some_minutes_before_its_end(
    shopify: Answering, seconds: int | None, calls: int
) -> None:
    ends = {} if seconds is None else {"expires_at": int(time.time()) + seconds}
    shopify.keep(**CREDENTIALS, **ends)
    shopify.grant_token({"access_token": "new", "expires_in": 86_399})
    assert {token(shopify) for _ in range(3)} == {"new" if calls else "old"}
    assert len(shopify.sent) == calls


def test_a_store_without_a_token_gets_its_first(shopify: Answering) -> None:
    shopify.keep(client_id="id", client_secret="hush")
    shopify.grant_token({"access_token": "first", "expires_in": 86_399})
    assert token(shopify) == "first"
    (request,) = shopify.sent
    assert request.url == TOKEN_URL  # what it asks with stands in the body, never in the address
    assert json.loads(request.body or b"") == {
        "client_id": "id", "client_secret": "hush", "grant_type": "client_credentials",
    }  # fmt: skip
    kept = shopify.live().credentials
    assert (kept["access_token"], kept["client_secret"]) == ("first", "hush")
    assert kept["expires_at"] == pytest.approx(time.time() + 86_399, abs=30)


def test_what_another_worker_renewed_is_taken_from_the_store(shopify: Answering) -> None:
    shopify.keep(**{**CREDENTIALS, "access_token": "by another"})
    assert install.token(shopify.client.live, shopify.tools, Deadline(5), refused="old") == "by another"
    assert shopify.sent == []


def test_while_another_worker_renews_nothing_is_asked(shopify: Answering) -> None:
    assert shops.claim_renewal(shopify.tools.db, shopify.connection)
    with pytest.raises(TryLater) as told:
        token(shopify, refused="old")
    assert not told.value.counts
    assert shopify.sent == []


def test_of_many_threads_one_renews_and_the_others_come_back_later(shopify: Answering) -> None:
    shopify.grant_token({"access_token": "new"})

    def renew(_: int) -> str:
        try:
            return install.token(shopify.client.live, shopify.tools, Deadline(5), refused="old")
        except TryLater as error:
            assert not error.counts
            return "later"

    with ThreadPoolExecutor(6) as pool:
        told = set(pool.map(renew, range(12)))
    assert "new" in told and told <= {"new", "later"}
    assert len(shopify.sent) == 1


@pytest.mark.parametrize("lasts", [None, "soon", "", [], {}, 0, -5, 1e30, float("inf"), float("nan")])
def test_a_token_that_lasts_for_no_sensible_time_is_a_token_still(shopify: Answering, lasts: Any) -> None:
    shopify.grant_token({"access_token": "new", "expires_in": lasts})
    assert token(shopify, refused="old") == "new"
    assert token(shopify) == "new"
    assert len(shopify.sent) == 1
    assert shopify.live().credentials["expires_at"] == pytest.approx(time.time() + 86_400, abs=30)


# --- refused ----------------------------------------------------------------------------------------------------


def test_a_token_that_was_given_once_cannot_be_renewed(shopify: Answering) -> None:
    shopify.keep(access_token="old")
    with pytest.raises(Disconnected):
        token(shopify, refused="old")
    assert shopify.sent == []


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, '{"error": "application_cannot_be_found"}', Disconnected),
        (401, "{}", Disconnected),
        (403, "{}", Disconnected),
        (404, "{}", Disconnected),
        (200, "{}", Disconnected),
        (200, "[]", Disconnected),
        (200, '{"access_token": ""}', Disconnected),
        (200, '{"access_token": null}', Disconnected),
        (200, "<html>", TryLater),
        (429, "{}", TryLater),
        (500, "{}", TryLater),
        (503, "<html>", TryLater),
    ],
)
def test_a_renewal_that_fails_leaves_the_old_credentials(
    shopify: Answering, status: int, body: str, error: type[Exception]
) -> None:
    shopify.grant_token(body, status)
    with pytest.raises(error) as told:
        token(shopify, refused="old")
    assert "hush" not in str(told.value)
    assert {name: shopify.live().credentials[name] for name in CREDENTIALS} == CREDENTIALS
    assert len(shopify.sent) == 1
    assert shops.claim_renewal(shopify.tools.db, shopify.connection), "the next worker may try at once"


def test_a_token_fetched_for_a_shop_that_was_disconnected_meanwhile_is_thrown_away(shopify: Answering) -> None:
    def disconnected_meanwhile(_: object) -> tuple[int, dict[str, str], str]:
        with shopify.tools.db.writing() as session:
            shops.disconnect(session, shopify.connection, "Uninstalled.")
        return 200, {}, json.dumps({"access_token": "late"})

    shopify.mock.add_callback("POST", TOKEN_URL, callback=disconnected_meanwhile)
    with pytest.raises(TryLater):
        token(shopify, refused="old")
    assert shopify.live().credentials == {}


# --- only to the store ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "account",
    [
        "", "evil.example", "nordlicht.myshopify.com.evil.example", "nordlicht.myshopify.com@evil.example",
        "nordlicht.myshopify.com/x", "nordlicht.myshopify.com#", "nordlicht.myshopify.com\n.evil.example",
        "[::1]", "a:b@c",
        "nordlicht.myshopify.com:8080", "evil.example?nordlicht.myshopify.com", "ｎordlicht.myshopify.com",
    ],
)  # fmt: skip
def test_a_token_is_never_sent_to_a_host_that_is_no_shop(shopify: Answering, account: str) -> None:
    shopify.client.live = replace(shopify.client.live, account=account)
    with pytest.raises(NotAuthentic):
        shopify.run()
    assert shopify.sent == []
    assert shopify.level.outstanding == 0


@pytest.mark.parametrize("account", [DOMAIN, DOMAIN.upper(), f" {DOMAIN}\n"])
def test_the_address_is_made_of_the_cleaned_domain(shopify: Answering, account: str) -> None:
    assert base_url(shopify.tools.settings, account) == f"https://{DOMAIN}"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_token_does_not_follow_a_redirect(shopify: Answering, status: int) -> None:
    shopify.answer("", status, headers={"Location": "https://evil.example/admin"})
    with pytest.raises(GiveUp):
        shopify.run()
    assert [request.url for request in shopify.sent if "evil" in str(request.url)] == []
    assert len(shopify.sent) == 1


# --- the check of a connection ----------------------------------------------------------------------------------


LACKS_ALL = [f"The app lacks the permission {scope}." for scope in NEEDED]


@pytest.mark.parametrize(
    ("installation", "problems"),
    [
        ({"accessScopes": ALL_SCOPES}, []),
        ({"accessScopes": [{"handle": "write_products"}, {"handle": "write_files"}]}, []),
        ({"accessScopes": [{"handle": "read_products"}, {"handle": "write_files"}]}, [LACKS_ALL[1]]),
        ({"accessScopes": [*ALL_SCOPES, {"handle": "of tomorrow"}, {"handle": "customer_read_orders"}]}, []),
        ({"accessScopes": [*ALL_SCOPES, {"handle": None}, {"handle": ""}, {"handle": 7}, {}, None, "x"]}, []),
        ({"accessScopes": [{"handle": "unauthenticated_write_products"}]}, LACKS_ALL),
        ({"accessScopes": []}, LACKS_ALL),
        ({"accessScopes": None}, LACKS_ALL),
        ({}, LACKS_ALL),
        (None, LACKS_ALL),
    ],
)
def test_odd_permissions_cover_nothing_and_break_nothing(
    shopify: Answering, installation: Any, problems: list[str]
) -> None:
    data = {"shop": {"myshopifyDomain": DOMAIN}, "currentAppInstallation": installation}
    shopify.answer({"data": data, "extensions": {"cost": COST}})
    assert list(shopify.listings.check(Deadline(5)).problems) == problems


def test_a_token_of_another_shop_is_noticed(shopify: Answering) -> None:
    data = {"shop": {"myshopifyDomain": "other.myshopify.com"}, "currentAppInstallation": {"accessScopes": ALL_SCOPES}}
    shopify.answer({"data": data, "extensions": {"cost": COST}})
    assert list(shopify.listings.check(Deadline(5)).problems) == [
        "The token belongs to another shop, other.myshopify.com."
    ]


def test_a_shop_that_is_locked_asks_for_a_person(shopify: Answering) -> None:
    shopify.answer("{}", 423)
    with pytest.raises(AskHuman) as told:
        shopify.listings.check(Deadline(5))
    assert told.value.pause
