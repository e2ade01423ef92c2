"""The access token of a connection: kept while it is good, renewed by one worker at a time, stored in one commit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bridge import shops
from bridge.deadline import Deadline
from bridge.errors import Disconnected, TryLater
from bridge.shops import Live
from connectors.protocol import Tools
from connectors.shopify.grants import Grants

_EARLY = 300  # seconds before its end at which a token is renewed


def token(live: Live, tools: Tools, deadline: Deadline, *, refused: str = "") -> str:
    """A token that should work. ``refused`` names one that Shopify just answered 401 to.

    Raises Disconnected when there is nothing to renew it with, TryLater while another process renews it, and what
    ``Grants.renew`` raises.
    """
    if current := _good(live.credentials, refused):
        return current
    stored = _stored(live, tools)
    if current := _good(stored, refused):
        return current  # another worker renewed it
    if not (stored.get("refresh_token") or stored.get("client_secret")):
        raise Disconnected("Shopify no longer accepts our access token. Connect the shop again.")
    ticket = shops.claim_renewal(tools.db, live.id)
    if ticket is None:
        raise TryLater("Another worker is renewing the access token.", after=1, counts=False)
    renewed: Mapping[str, Any] | None = None
    try:
        stored = _stored(live, tools)  # it may have been renewed between the look and the claim
        found = stored if _good(stored, refused) else _renew(live, tools, deadline, stored)
        renewed = found
    finally:
        with tools.db.writing() as session:
            ended = shops.end_renewal(session, tools.vault, live, ticket, renewed)
    if not ended:
        raise TryLater("The shop was connected anew or disconnected meanwhile.", after=1, counts=False)
    return str(found["access_token"])


def _renew(live: Live, tools: Tools, deadline: Deadline, stored: Mapping[str, Any]) -> dict[str, Any]:
    return Grants(tools.settings, tools.http, live.account, deadline).renew(stored)


def _stored(live: Live, tools: Tools) -> Mapping[str, Any]:
    with tools.db.reading() as session:
        return shops.open_connection(session, tools.vault, live.id).credentials


def _good(stored: Mapping[str, Any], refused: str) -> str:
    current = str(stored.get("access_token", ""))
    fresh = stored.get("expires_at", 2**53) > time.time() + _EARLY
    return current if fresh and current != refused else ""
