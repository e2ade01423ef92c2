"""The webhook topics we know: which mean something to us, and why the others are kept and left alone.

What Shopify may send: https://shopify.dev/docs/api/webhooks . The app's own list of subscriptions is
deploy/shopify/shopify.app.toml; a test keeps the two together.
"""

from __future__ import annotations

ACTED_ON = (
    "products/create",
    "products/update",
    "products/delete",
    "app/uninstalled",
    "app/scopes_update",
)
COMPLIANCE = ("customers/data_request", "customers/redact", "shop/redact")

_COLLECTIONS = "Texts of collections are not written yet; the change was kept for later."
_LANGUAGES = "Translations are not written yet; the change was kept for later."
_ORDERS = "Orders are only looked at for service tickets, which are not connected here."
_STOCK = "Stock is only looked at for service tickets, which are not connected here."

LEFT_ALONE: dict[str, str] = {
    "collections/create": _COLLECTIONS,
    "collections/update": _COLLECTIONS,
    "collections/delete": _COLLECTIONS,
    "locales/create": _LANGUAGES,
    "locales/update": _LANGUAGES,
    "locales/destroy": _LANGUAGES,
    "bulk_operations/finish": "No bulk operation of ours was waiting for this.",
    "orders/create": _ORDERS,
    "orders/updated": _ORDERS,
    "orders/paid": _ORDERS,
    "orders/fulfilled": _ORDERS,
    "orders/cancelled": _ORDERS,
    "refunds/create": _ORDERS,
    "fulfillments/create": _ORDERS,
    "fulfillments/update": _ORDERS,
    "returns/request": _ORDERS,
    "inventory_levels/update": _STOCK,
    "variants/in_stock": _STOCK,
    "variants/out_of_stock": _STOCK,
    "shop/update": "Nothing we know about a shop changed by this.",
}
