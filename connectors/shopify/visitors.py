"""What a merchant's browser brings: a session token from the admin's frame, or the callback of an installation.

Neither is trusted before its signature, its app, its shop and its age were checked.
https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens
https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from shopify import Session
from shopify.session_token import SessionTokenError, decode_from_header

from bridge.errors import NotAuthentic
from bridge.settings import Settings
from connectors.shopify import scopes
from connectors.shopify.grants import base_url
from connectors.shopify.hooks import shop_domain

CLOCKS_APART = 90  # seconds by which a callback's timestamp may differ from our clock, either way
_NOT_FROM_SHOPIFY = "This request does not come from Shopify."


@dataclass(frozen=True)
class Visitor:
    """Somebody of a shop's staff, as Shopify vouches for them."""

    account: str  # the shop domain
    number: str  # the id of the staff member at Shopify
    id_token: str


def visitor(settings: Settings, id_token: str) -> Visitor:
    """Who sends this session token. Raises NotAuthentic unless it is signed for our app, in time, for one shop.

    ShopifyAPI checks signature, audience, required claims, and that issuer and destination agree; it lets tokens
    without an end pass, and destinations that only look like a shop.
    """
    for secret in settings.secrets("shopify"):
        try:
            found = decode_from_header(f"Bearer {id_token}", settings.shopify_client_id, secret)
        except (SessionTokenError, TypeError, ValueError, AttributeError):
            continue  # the other secret may fit; anything odd inside is a token that does not
        return _visitor(found, id_token)
    raise NotAuthentic(_NOT_FROM_SHOPIFY)


def _visitor(claims: Mapping[str, Any], id_token: str) -> Visitor:
    where = urlsplit(str(claims["dest"]))
    number = str(claims["sub"])
    if not claims.get("exp") or where.scheme != "https" or not number.isalnum() or len(number) > 64:
        raise NotAuthentic(_NOT_FROM_SHOPIFY)
    return Visitor(shop_domain(where.netloc), number, id_token)


def permission_url(settings: Settings, account: str, redirect_uri: str, state: str) -> str:
    """Where the merchant is asked for permission. Raises NotAuthentic for what is no shop domain."""
    asked = {
        "client_id": settings.shopify_client_id,
        "scope": ",".join(scopes.NEEDED),
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return f"{base_url(settings, account)}/admin/oauth/authorize?{urlencode(asked)}"


def signed_account(settings: Settings, params: Mapping[str, str]) -> str:
    """The shop that Shopify vouches for in the address of a request. Raises NotAuthentic on any doubt."""
    account = shop_domain(params.get("shop", ""))
    signed = any(_signing(secret).validate_hmac(dict(params)) for secret in settings.secrets("shopify"))
    if not signed or abs(_seconds(params.get("timestamp", "")) - time.time()) > CLOCKS_APART:
        raise NotAuthentic(_NOT_FROM_SHOPIFY)
    return account


def _signing(secret: str) -> type[Session]:
    # ShopifyAPI keeps the secret on the class; a class of one's own keeps threads and secrets apart.
    return type("Signing", (Session,), {"secret": secret})


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise NotAuthentic(_NOT_FROM_SHOPIFY)
    return int(text)
