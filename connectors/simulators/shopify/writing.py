"""Mutations, with the limits and the words of the recordings. What fails its checks changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLResolveInfo

from connectors.simulators.shopify import making, reading
from connectors.simulators.shopify.calls import Asked, need, only, payload, refusal
from connectors.simulators.shopify.products import (
    API,
    METAFIELD,
    TAGS,
    Product,
    handle_of,
    reserialised,
    tidy_tags,
    without_tags,
)

Value = dict[str, Any]
_TEXTS = {
    "title": "title",
    "descriptionHtml": "body_html",
    "vendor": "vendor",
    "productType": "product_type",
    "status": "status",
    "templateSuffix": "template_suffix",
}
_TOO_LONG = {"title": "Title", "vendor": "Vendor", "productType": "Product type", "handle": "Handle"}
_SIMULATED = frozenset(_TEXTS) | {"id", "seo", "tags", "handle", "metafields"}
LONGEST = 255


def product_update(_: Any, info: GraphQLResolveInfo, **given: Any) -> Value:
    """Sparse: only what the input holds changes, but ``seo`` is one thing and replaced whole."""
    asked: Asked = info.context
    need(asked, "write_products", "productUpdate")
    wanted = given.get("product") or given.get("input") or {}
    only(wanted, _SIMULATED, "productUpdate")
    only(given, frozenset({"product", "input", "identifier"}), "productUpdate")
    item = asked.shop.find(_identified(wanted, given.get("identifier") or {}))
    if item is None:
        return payload(asked, product=None, errors=[(["id"], "Product does not exist")])
    errors = _objections(asked, wanted, item)
    if not errors:
        asked.shop.edit(item, _fields(asked, wanted), API, asked.call.n)
    return payload(asked, product=reading.product(asked, item), errors=errors)


def product_create(_: Any, info: GraphQLResolveInfo, **given: Any) -> Value:
    """A new product; its handle is made of its title where none is given."""
    asked: Asked = info.context
    need(asked, "write_products", "productCreate")
    wanted = given.get("product") or given.get("input") or {}
    only(wanted, _SIMULATED, "productCreate")
    only(given, frozenset({"product", "input"}), "productCreate")
    if not (wanted.get("title") or "").strip():
        errors = [(["title"], "Title can't be blank")]
    else:
        errors = _objections(asked, wanted, None)
    if errors:
        return payload(asked, product=None, shop=reading.shop(asked.shop), errors=errors)
    fields = _fields(asked, wanted)
    handle = (wanted.get("handle") or "").strip()
    fields["handle"] = handle_of(handle) if handle else asked.shop.free_handle(handle_of(fields["title"]))
    item = making.product(asked.shop, {"vendor": asked.shop.domain.split(".")[0], **fields}, API, asked.call.n)
    return payload(asked, product=reading.product(asked, item), shop=reading.shop(asked.shop), errors=[])


def product_delete(_: Any, info: GraphQLResolveInfo, **given: Any) -> Value:
    """Gone for good, with all that hangs on it."""
    asked: Asked = info.context
    need(asked, "write_products", "productDelete")
    item = asked.shop.find(given["input"]["id"])
    store = reading.shop(asked.shop)
    if item is None:
        return payload(asked, deletedProductId=None, shop=store, errors=[(["id"], "Product does not exist")])
    asked.shop.remove(item, API, asked.call.n)
    return payload(asked, deletedProductId=item.gid, shop=store, errors=[])


def tags_add(_: Any, info: GraphQLResolveInfo, **given: Any) -> Value:
    """Additive; the spelling that is already there stays."""
    return _tagged(info, "tagsAdd", given["id"], lambda item: tidy_tags([*item.tags, *given["tags"]]))


def tags_remove(_: Any, info: GraphQLResolveInfo, **given: Any) -> Value:
    """Whatever the case; a tag that is not there is no error."""
    return _tagged(info, "tagsRemove", given["id"], lambda item: without_tags(item.tags, given["tags"]))


def _tagged(info: GraphQLResolveInfo, field: str, gid: str, change: Any) -> Value:
    asked: Asked = info.context
    kind = gid.removeprefix("gid://shopify/").partition("/")[0]
    if kind not in ("Product", "Order", "Customer", "Article", "DraftOrder"):
        raise refusal("invalid id", "RESOURCE_NOT_FOUND")
    need(asked, "write_products", field)
    item = asked.shop.find(gid)
    if item is None:
        return payload(asked, node=None, errors=[(["id"], f"{kind} does not exist")])
    wanted = change(item)
    if any(len(tag) > LONGEST for tag in wanted) or len(wanted) > 250:
        return payload(asked, node=reading.product(asked, item), errors=[(["tags"], "Product tags is invalid")])
    asked.shop.edit(item, {TAGS: wanted}, API, asked.call.n)
    return payload(asked, node=reading.product(asked, item), errors=[])


def _identified(wanted: Mapping[str, Any], identifier: Mapping[str, Any]) -> str:
    return str(identifier.get("id") or wanted.get("id") or "")


def _objections(asked: Asked, wanted: Mapping[str, Any], item: Product | None) -> list[tuple[list[str], str]]:
    found: list[tuple[list[str], str]] = []
    if "title" in wanted and not (wanted["title"] or "").strip():
        found.append((["title"], "Title can't be blank"))
    for name, said in _TOO_LONG.items():
        if len(wanted.get(name) or "") > LONGEST:
            found.append(([name], f"{said} is too long (maximum is {LONGEST} characters)"))
    if any(len(tag) > LONGEST for tag in wanted.get("tags") or ()):
        found.append((["tags"], "Product tags is invalid"))
    return found or _taken_handle(asked, wanted, item)


def _taken_handle(asked: Asked, wanted: Mapping[str, Any], item: Product | None) -> list[tuple[list[str], str]]:
    if not (wanted.get("handle") or "").strip():
        return []
    handle = handle_of(wanted["handle"])
    others = (each for each in asked.shop.products.values() if each is not item)
    if not any(each.handle == handle for each in others):
        return []
    return [(["input", "handle"], f"Handle '{handle}' already in use. Please provide a new handle.")]


def _fields(asked: Asked, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The input in the words of the change log."""
    fields: dict[str, Any] = {ours: wanted[name] or "" for name, ours in _TEXTS.items() if name in wanted}
    if "body_html" in fields and asked.shop.options.reserialise_html:
        fields["body_html"] = reserialised(fields["body_html"])
    if "seo" in wanted:
        seo = wanted["seo"] or {}
        fields["seo_title"] = seo.get("title") or None
        fields["seo_description"] = seo.get("description") or None
    if "tags" in wanted:
        fields[TAGS] = tidy_tags(wanted["tags"] or ())
    if (wanted.get("handle") or "").strip():
        fields["handle"] = handle_of(wanted["handle"])
    for each in wanted.get("metafields") or ():
        name = f"{METAFIELD}{asked.shop.namespace(each.get('namespace'))}.{each['key']}"
        fields[name] = {"type": each.get("type") or "single_line_text_field", "value": each["value"]}
    return fields
