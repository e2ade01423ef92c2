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
    with tools.db.reading() as session:
        stored = shops.open_connection(session, tools.vault, live.id).credentials
    current = str(stored.get("access_token", ""))
    if current and current != refused and stored.get("expires_at", 2**53) > time.time() + _EARLY:
        return current
    if not stored.get("client_secret"):
        raise Disconnected("Shopify no longer accepts our access token. Connect the shop again.")
    if not shops.claim_renewal(tools.db, live.id):
        raise TryLater("Another worker is renewing the access token.", after=1, counts=False)
    renewed = _fetch(live, tools, deadline, stored)
    with tools.db.writing() as session:
        shops.store_credentials(session, tools.vault, live.id, renewed)
    return str(renewed["access_token"])


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
    answer = response.json() if response.status_code == 200 else {}
    if not isinstance(answer, dict) or not answer.get("access_token"):
        raise Disconnected("Shopify refused the client id and secret of this shop. Connect the shop again.")
    return {
        **stored,
        "access_token": str(answer["access_token"]),
        "expires_at": int(time.time()) + int(answer.get("expires_in", 86_400)),
    }
