"""Access tokens of a store: given once, or fetched and renewed by the client credentials grant.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bridge import http, shops
from bridge.deadline import Deadline
from bridge.errors import Disconnected, TryLater
from bridge.shops import Live
from connectors.protocol import Tools
from connectors.shopify.answers import retry_after
from connectors.shopify.hooks import shop_domain

_EARLY = 300  # seconds before its end at which a token is renewed


def base_url(tools: Tools, account: str) -> str:
    """The store's own address; the domain is checked before it becomes part of any URL."""
    return tools.settings.shopify_url.replace("{shop}", shop_domain(account)).rstrip("/")


def token(live: Live, tools: Tools, deadline: Deadline, *, refused: str = "") -> str:
    """A token that should work. ``refused`` names one that Shopify just answered 401 to.

    Raises Disconnected when there is nothing to renew it with, TryLater while another process renews it.
    """
    if current := _good(live.credentials, refused):
        return current
    stored = _stored(live, tools)
    if current := _good(stored, refused):
        return current  # another worker renewed it
    if not stored.get("client_secret"):
        raise Disconnected("Shopify no longer accepts our access token. Connect the shop again.")
    ticket = shops.claim_renewal(tools.db, live.id)
    if ticket is None:
        raise TryLater("Another worker is renewing the access token.", after=1, counts=False)
    renewed: Mapping[str, Any] | None = None
    try:
        stored = _stored(live, tools)  # it may have been renewed between the look and the claim
        renewed = stored if _good(stored, refused) else _fetch(live, tools, deadline, stored)
    finally:
        with tools.db.writing() as session:
            ended = shops.end_renewal(session, tools.vault, live, ticket, renewed)
    if not ended:
        raise TryLater("The shop was connected anew or disconnected meanwhile.", after=1, counts=False)
    return str(renewed["access_token"])


def _stored(live: Live, tools: Tools) -> Mapping[str, Any]:
    with tools.db.reading() as session:
        return shops.open_connection(session, tools.vault, live.id).credentials


def _good(stored: Mapping[str, Any], refused: str) -> str:
    current = str(stored.get("access_token", ""))
    fresh = stored.get("expires_at", 2**53) > time.time() + _EARLY
    return current if fresh and current != refused else ""


def _fetch(live: Live, tools: Tools, deadline: Deadline, stored: Mapping[str, Any]) -> dict[str, Any]:
    response = http.send(
        tools.http,
        "POST",
        base_url(tools, live.account) + "/admin/oauth/access_token",
        deadline=deadline,
        repeatable=True,
        json={
            "client_id": stored["client_id"],
            "client_secret": stored["client_secret"],
            "grant_type": "client_credentials",
        },
    )
    if response.status_code == 429 or response.status_code >= 500:
        raise TryLater("Shopify could not renew the access token.", retry_after(response.headers))
    try:
        answer = response.json() if response.status_code == 200 else {}
    except ValueError as error:  # a proxy's page; the secret may be as good as ever
        raise TryLater("Shopify's answer could not be read.", after=10) from error
    if not isinstance(answer, dict) or not answer.get("access_token"):
        raise Disconnected("Shopify refused the client id and secret of this shop. Connect the shop again.")
    return {
        **stored,
        "access_token": str(answer["access_token"]),
        "expires_at": int(time.time()) + _lasts(answer.get("expires_in")),
    }


def _lasts(seconds: Any) -> int:
    """How long a token is good for: a day, as documented, where the answer has no sensible number."""
    sensible = isinstance(seconds, (int, float)) and 0 < seconds < 1e9
    return int(seconds) if sensible else 86_400
