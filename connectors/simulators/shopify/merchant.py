"""What the merchant does in the admin: edits that no API client asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.simulators.shopify import clock
from connectors.simulators.shopify.products import (
    ALT,
    MERCHANT,
    METAFIELD,
    PLAIN,
    TAGS,
    TRANSLATION,
    Product,
    tidy_tags,
)
from connectors.simulators.shopify.shop import Shop


def edit(shop: Shop, item: Product, given: Mapping[str, Any]) -> bool:
    """Change a product as a person would. Raises ValueError for a field that does not exist.

    ``seo`` is an object and sparse, ``tags`` a list or a string, ``images`` a list of ``{"alt": …}`` with an ``id`` or
    in order, ``metafields`` a list, ``translations`` texts by locale and key; every other
    name is a plain field.
    """
    fields: dict[str, Any] = {}
    for name, value in given.items():
        fields.update(_field(shop, item, name, value))
    return shop.edit(item, fields, MERCHANT)


def sell(shop: Shop, item: Product) -> None:
    """An order takes one from the stock: the time moves and products/update is sent, no text changes."""
    item.variants[0]["inventory_quantity"] -= 1
    item.updated_at = max(clock.now(), item.updated_at)
    shop.emit("products/update", item, MERCHANT, None)


def _field(shop: Shop, item: Product, name: str, value: Any) -> dict[str, Any]:
    if name == "seo":
        return {f"seo_{part}": text or None for part, text in value.items()}
    if name == TAGS:
        return {TAGS: tidy_tags(value.split(",") if isinstance(value, str) else value)}
    if name == "images":
        return {ALT + _gid(item, each, n): each["alt"] for n, each in enumerate(value)}
    if name == "translations":
        return {f"{TRANSLATION}{locale}.{key}": text for locale, texts in value.items() for key, text in texts.items()}
    if name == "metafields":
        return {
            f"{METAFIELD}{shop.namespace(each.get('namespace'))}.{each['key']}": {
                "type": each.get("type", "single_line_text_field"),
                "value": each["value"],
            }
            for each in value
        }
    if name not in PLAIN:
        raise ValueError(f"A product has no field {name}.")
    return {name: str(value).upper() if name == "status" else value}


def _gid(item: Product, given: Mapping[str, Any], place: int) -> str:
    wanted = given.get("id")
    if wanted is None:
        return item.images[place].gid
    return next(image.gid for image in item.images if wanted in (image.gid, image.number))
