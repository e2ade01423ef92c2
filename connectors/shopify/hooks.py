"""Who sent a Shopify webhook, and what does it say? Bytes in, values out, no I/O.

https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.catalog import ALT, DESCRIPTION, TAGS, TITLE, Event, fingerprint, join_tags
from bridge.errors import AskHuman, NotAuthentic
from bridge.shops import account_name
from connectors.protocol import Envelope
from connectors.shopify import compliance
from connectors.shopify.schemas import DeletedPayload, ProductPayload, ShopPayload, load
from connectors.shopify.topics import LEFT_ALONE

HEADERS = frozenset(
    {
        "x-shopify-topic",
        "x-shopify-shop-domain",
        "x-shopify-api-version",
        "x-shopify-webhook-id",
        "x-shopify-event-id",
        "x-shopify-triggered-at",
    }
)


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Check the base64 HMAC-SHA256 over the raw body against every secret, in constant time.

    Raises NotAuthentic. Shopify may sign with the old secret for up to an hour after a rotation.
    """
    given = headers.get("x-shopify-hmac-sha256", "").encode("utf-8", "replace")
    matches = [hmac.compare_digest(given, _sign(secret, body)) for secret in secrets]
    if not any(matches):
        raise NotAuthentic("The signature does not fit the body.")


def _sign(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())


def shop_domain(text: str) -> str:
    """The canonical shop domain, or NotAuthentic; used before every URL and every look-up."""
    try:
        return account_name("shopify", text)
    except AskHuman as error:
        raise NotAuthentic(str(error)) from error


def envelope(headers: Mapping[str, str], body: bytes) -> Envelope:
    """Account, delivery id and topic. The id falls back to a hash where the header is missing."""
    account = shop_domain(headers.get("x-shopify-shop-domain", ""))
    topic = headers.get("x-shopify-topic", "")[:128]
    fallback = hashlib.sha256(f"{account}\n{topic}\n".encode() + body).hexdigest()
    return Envelope(account, headers.get("x-shopify-webhook-id", "")[:255] or fallback, topic)


def left_alone(topic: str) -> str:
    """Why a topic gives no event, as a sentence; empty for one we have never heard of."""
    return LEFT_ALONE.get(topic, "")


def read(headers: Mapping[str, str], body: bytes) -> Iterator[Event]:
    """The event of a delivery; none for topics nobody here acts on. Raises ValueError with a sentence."""
    given = envelope(headers, body)
    reader = _READERS.get(given.topic)
    if reader is None:
        return
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:  # brackets by the thousand end in a RecursionError
        raise ValueError("The body is not JSON.") from error
    if not isinstance(payload, dict):
        raise ValueError("The body is not a JSON object.")
    yield reader(given, payload)


def _product(kind: str) -> Callable[[Envelope, dict[str, Any]], Event]:
    return lambda given, payload: product_event(kind, given.delivery_id, payload)


def product_event(kind: str, source_id: str, payload: dict[str, Any]) -> Event:
    """What the body of a product webhook says. Raises ValueError with a sentence."""
    product = load(ProductPayload, payload)
    texts = {
        TITLE: product["title"] or "",
        DESCRIPTION: product["body_html"] or "",
        TAGS: join_tags((product["tags"] or "").split(",")),
    }
    texts.update({ALT + media["admin_graphql_api_id"]: media["alt"] or "" for media in product["media"] or []})
    return Event(
        kind=kind,
        source_id=source_id,
        subject=_product_ref(product),
        occurred_at=milliseconds(product["updated_at"]),
        texts=texts,
        rest=_rest(product),
        title=texts[TITLE],
        waiting=product["status"] == "draft",
    )


def _product_ref(payload: Mapping[str, Any]) -> str:
    return f"gid://shopify/Product/{payload['id']}"


def _rest(product: dict[str, Any]) -> str:
    """What may become a fact. Prices and stock are left out: orders move them, and no text should follow."""
    return fingerprint(
        [
            [product[name] or "" for name in ("vendor", "product_type", "status")],
            [[option["name"], option["values"]] for option in product["options"] or []],
            [[variant["title"], variant["sku"], variant["barcode"]] for variant in product["variants"] or []],
            [media["admin_graphql_api_id"] for media in product["media"] or []],
        ]
    )


def _deleted(given: Envelope, payload: dict[str, Any]) -> Event:
    # Only the body is signed. A product body replayed under this topic would delete what is still there;
    # a genuine one holds the id and nothing else.
    if set(payload) != {"id"}:
        raise ValueError("A products/delete delivery must hold an id and nothing else.")
    return Event("product.deleted", given.delivery_id, _product_ref(load(DeletedPayload, payload)))


def _uninstalled(given: Envelope, payload: dict[str, Any]) -> Event:
    shop = load(ShopPayload, payload)
    if (shop["myshopify_domain"] or "").lower() != given.account:
        raise ValueError("The shop in the body is not the shop in the header.")
    return Event("connection.revoked", given.delivery_id, occurred_at=milliseconds(shop["updated_at"]))


def _scopes_changed(given: Envelope, payload: dict[str, Any]) -> Event:
    # Only a hint: which permissions we have is asked with our own token.
    return Event("connection.scopes_changed", given.delivery_id)


_READERS: dict[str, Callable[[Envelope, dict[str, Any]], Event]] = {
    "products/create": _product("product.created"),
    "products/update": _product("product.updated"),
    "products/delete": _deleted,
    "app/uninstalled": _uninstalled,
    "app/scopes_update": _scopes_changed,
    "customers/data_request": compliance.data_request,
    "customers/redact": compliance.redact_customer,
    "shop/redact": compliance.redact_shop,
}


def milliseconds(text: str | None) -> int | None:
    """ISO 8601 as Shopify writes it to UTC milliseconds; None stays None. Raises ValueError."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("A time is not written as ISO 8601 asks for.") from error
    if moment.tzinfo is None:
        raise ValueError("A time without a zone cannot be placed.")
    return int(moment.timestamp() * 1000)
