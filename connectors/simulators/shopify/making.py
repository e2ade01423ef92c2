"""New products, from the API's input or from what a control call says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.simulators.shopify import clock
from connectors.simulators.shopify.products import MERCHANT, METAFIELD, Image, Product, handle_of, tidy_tags
from connectors.simulators.shopify.shop import Shop

_PICTURES = "https://cdn.shopify.com/s/files/1/0000/0001/files/"
_METAFIELD_TYPE = "single_line_text_field"


def product(
    shop: Shop, fields: Mapping[str, Any], actor: str = MERCHANT, call: int | None = None, silent: bool = False
) -> Product:
    """Put a product into the store and tell the webhooks, unless told to be silent."""
    moment = clock.now()
    item = Product(shop.next_number(), moment, moment)
    for name, value in fields.items():
        if name.startswith(METAFIELD):
            shop.put_metafield(item, name, value)
        elif name == "tags":
            item.tags = tidy_tags(value.split(",") if isinstance(value, str) else value)
        else:
            item.put(name, value)
        item.authors[name] = (actor, 1)
    item.handle = item.handle or shop.free_handle(handle_of(item.title))
    shop.products[item.number] = item
    _bare(shop, item)
    if not silent:
        shop.emit("products/create", item, actor, call)
    return item


def dressed(shop: Shop, given: Mapping[str, Any], silent: bool = False) -> Product:
    """A merchant's product as a control call describes it: texts, options, variants, images, metafields."""
    said = dict(given)
    seo = said.pop("seo", None) or {}
    parts = {name: said.pop(name, None) or [] for name in ("options", "variants", "images", "metafields")}
    fields = {**said, "seo_title": seo.get("title"), "seo_description": seo.get("description")}
    fields["status"] = str(said.get("status", "ACTIVE")).upper()
    for each in parts["metafields"]:
        value = {"type": each.get("type", _METAFIELD_TYPE), "value": each["value"]}
        fields[f"{METAFIELD}{shop.namespace(each.get('namespace'))}.{each['key']}"] = value
    item = product(shop, fields, silent=True)
    _options(shop, item, parts["options"])
    _variants(shop, item, parts["variants"])
    item.images += [_image(shop, item, each, n) for n, each in enumerate(parts["images"], 1)]
    if not silent:
        shop.emit("products/create", item, MERCHANT, None)
    return item


def _bare(shop: Shop, item: Product) -> None:
    """Every product has an option and a variant; Shopify's word for "none" is Default Title."""
    item.options = [{"number": shop.next_number(), "name": "Title", "position": 1, "values": ["Default Title"]}]
    item.variants = [_variant(shop, item, {"title": "Default Title", "options": ["Default Title"]}, 1)]


def _options(shop: Shop, item: Product, given: list[dict[str, Any]]) -> None:
    if given:
        item.options = [
            {"number": shop.next_number(), "name": each["name"], "position": n, "values": list(each["values"])}
            for n, each in enumerate(given, 1)
        ]


def _variants(shop: Shop, item: Product, given: list[dict[str, Any]]) -> None:
    if given:
        item.variants = [_variant(shop, item, each, n) for n, each in enumerate(given, 1)]


def _variant(shop: Shop, item: Product, given: Mapping[str, Any], position: int) -> dict[str, Any]:
    chosen = list(given.get("options") or [])
    return {
        "number": shop.next_number(),
        "title": given.get("title") or " / ".join(chosen) or "Default Title",
        "options": chosen or ["Default Title"],
        "sku": given.get("sku"),
        "barcode": given.get("barcode"),
        "price": str(given.get("price", "0.00")),
        "compare_at_price": given.get("compare_at_price"),
        "inventory_quantity": int(given.get("inventory_quantity", 0)),
        "position": position,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }


def _image(shop: Shop, item: Product, given: Mapping[str, Any], position: int) -> Image:
    return Image(
        shop.next_number(),
        given.get("alt"),
        given.get("src") or f"{_PICTURES}{item.handle}-{position}.jpg",
        int(given.get("width", 600)),
        int(given.get("height", 400)),
        item.created_at,
        item.updated_at,
        str(given.get("status", "READY")),
        str(given.get("kind", "MediaImage")),
    )
