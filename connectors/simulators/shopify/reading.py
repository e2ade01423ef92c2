"""Queries: the store's state as GraphQL shows it. A value is a dict; a field with arguments is a function in it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLResolveInfo

from connectors.simulators.shopify import clock
from connectors.simulators.shopify.calls import Asked, refusal
from connectors.simulators.shopify.products import Image, Metafield, Product
from connectors.simulators.shopify.shop import Shop

Value = dict[str, Any]
LARGEST_PAGE = 250
_UPDATED_AFTER = re.compile(r"updated_at:>=?'?([0-9TZ:.+-]+)'?")


def product(asked: Asked, item: Product) -> Value:
    """A product; noted as shown in the version it has now."""
    asked.shop.shown(item, asked.call)
    images = [_media(image) for image in item.images]
    return {
        "__typename": "Product",
        "id": item.gid,
        "legacyResourceId": str(item.number),
        "title": item.title,
        "handle": item.handle,
        "descriptionHtml": item.body_html,
        "description": re.sub(r"<[^>]*>", "", item.body_html),
        "vendor": item.vendor,
        "productType": item.product_type,
        "status": item.status,
        "tags": list(item.tags),
        "templateSuffix": item.template_suffix,
        "createdAt": clock.utc(item.created_at),
        "updatedAt": clock.utc(item.updated_at),
        "publishedAt": clock.utc(item.created_at) if item.status == "ACTIVE" else None,
        "onlineStoreUrl": f"https://{asked.shop.domain}/products/{item.handle}" if item.status == "ACTIVE" else None,
        "onlineStorePreviewUrl": None,
        "seo": {"title": item.seo_title, "description": item.seo_description},
        "category": _category(item),
        "options": [_option(option) for option in item.options],
        "hasOnlyDefaultVariant": len(item.variants) == 1 and item.variants[0]["title"] == "Default Title",
        "totalInventory": sum(variant["inventory_quantity"] for variant in item.variants),
        "tracksInventory": False,
        "isGiftCard": False,
        "giftCardTemplateSuffix": None,
        "requiresSellingPlan": False,
        "media": lambda info, **page: connection(images, page),
        "mediaCount": lambda info, **_: {"count": len(images), "precision": "EXACT"},
        "featuredMedia": images[0] if images else None,
        "variants": lambda info, **page: connection([_variant(item, each) for each in item.variants], page),
        "variantsCount": lambda info, **_: {"count": len(item.variants), "precision": "EXACT"},
        **_metafields(asked.shop, item),
    }


def products(asked: Asked, page: dict[str, Any]) -> Value:
    """A page of products, by id or by the time of their last change, filtered by ``updated_at:>'…'`` alone."""
    found = list(asked.shop.products.values())
    if after := _UPDATED_AFTER.search(page.get("query") or ""):
        found = [item for item in found if clock.utc(item.updated_at) > _zulu(after.group(1))]
    if page.get("sortKey") == "UPDATED_AT":
        found.sort(key=lambda item: (item.updated_at, item.number))
    wanted = connection([{"item": item} for item in found], page)
    shown = {id(node): product(asked, node["item"]) for node in wanted["nodes"]}
    nodes = [shown[id(node)] for node in wanted["nodes"]]
    edges = [{**edge, "node": node} for edge, node in zip(wanted["edges"], nodes, strict=True)]
    return {**wanted, "nodes": nodes, "edges": edges}


def _zulu(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shop(store: Shop) -> Value:
    """The shop itself."""
    return {
        "__typename": "Shop",
        "id": store.gid,
        "name": store.options.name or store.domain.split(".")[0],
        "myshopifyDomain": store.domain,
        "url": f"https://{store.domain}",
        "email": f"owner@{store.domain.split('.')[0]}.example",
        "currencyCode": "EUR",
        "ianaTimezone": "Europe/Berlin",
    }


def media(image: Image) -> Value:
    """A file, as fileUpdate and product media show it."""
    return _media(image)


def metafield(item: Metafield) -> Value:
    """A metafield of a product."""
    return {
        "__typename": "Metafield",
        "id": f"gid://shopify/Metafield/{item.number}",
        "legacyResourceId": str(item.number),
        "namespace": item.namespace,
        "key": item.key,
        "type": item.type,
        "value": item.value,
        "jsonValue": _json(item),
        "compareDigest": item.digest,
        "createdAt": clock.utc(item.created_at),
        "updatedAt": clock.utc(item.updated_at),
        "ownerType": "PRODUCT",
        "sizeInBytes": len(item.value.encode()),
    }


def connection(items: Sequence[Value], page: dict[str, Any]) -> Value:
    """A page of a list, from its beginning or its end. Raises BAD_REQUEST without a size or with one over 250."""
    size = page.get("first") or page.get("last")
    if not size:
        raise refusal("you must provide one of first or last", "BAD_REQUEST")
    if size > LARGEST_PAGE:
        raise refusal(f"first or last cannot exceed {LARGEST_PAGE}", "BAD_REQUEST")
    items = list(reversed(items)) if page.get("reverse") else list(items)
    start = _place(page["after"]) + 1 if page.get("after") else 0
    end = _place(page["before"]) if page.get("before") else len(items)
    if page.get("first"):
        end = min(end, start + size)
    else:
        start = max(start, end - size)
    shown = items[start:end]
    cursors = [_cursor(start + n) for n in range(len(shown))]
    return {
        "nodes": shown,
        "edges": [{"node": item, "cursor": cursor} for item, cursor in zip(shown, cursors, strict=True)],
        "pageInfo": {
            "hasNextPage": end < len(items),
            "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _cursor(place: int) -> str:
    return base64.b64encode(json.dumps({"last_id": place}).encode()).decode()


def _place(cursor: str) -> int:
    return int(json.loads(base64.b64decode(cursor))["last_id"])


def _media(image: Image) -> Value:
    picture = {"id": None, "url": image.src, "width": image.width, "height": image.height, "altText": image.alt}
    ready = image.status == "READY"
    return {
        "__typename": image.kind,
        "id": image.gid,
        "alt": image.alt,
        "mediaContentType": "IMAGE" if image.kind == "MediaImage" else "EXTERNAL_VIDEO",
        "status": image.status,
        "fileStatus": image.status,
        "mimeType": "image/jpeg",
        "createdAt": clock.utc(image.created_at),
        "updatedAt": clock.utc(image.updated_at),
        "image": picture if ready else None,
        "preview": {"image": picture if ready else None, "status": image.status},
    }


def _category(item: Product) -> Value | None:
    if not item.category:
        return None
    name = item.category.split(" > ")[-1]
    return {
        "id": "gid://shopify/TaxonomyCategory/sim",
        "name": name,
        "fullName": item.category,
        "isLeaf": True,
        "level": item.category.count(" > ") + 1,
        "parentId": None,
    }


def _option(option: dict[str, Any]) -> Value:
    return {
        "id": f"gid://shopify/ProductOption/{option['number']}",
        "name": option["name"],
        "position": option["position"],
        "values": option["values"],
        "optionValues": [
            {"id": f"gid://shopify/ProductOptionValue/{option['number'] + n}", "name": name, "hasVariants": True}
            for n, name in enumerate(option["values"], 1)
        ],
    }


def _variant(item: Product, variant: dict[str, Any]) -> Value:
    names = [option["name"] for option in item.options]
    return {
        "__typename": "ProductVariant",
        "id": f"gid://shopify/ProductVariant/{variant['number']}",
        "legacyResourceId": str(variant["number"]),
        "title": variant["title"],
        "displayName": f"{item.title} - {variant['title']}",
        "sku": variant["sku"],
        "barcode": variant["barcode"],
        "price": variant["price"],
        "compareAtPrice": variant["compare_at_price"],
        "position": variant["position"],
        "taxable": True,
        "inventoryQuantity": variant["inventory_quantity"],
        "createdAt": clock.utc(variant["created_at"]),
        "updatedAt": clock.utc(variant["updated_at"]),
        "selectedOptions": [{"name": n, "value": v} for n, v in zip(names, variant["options"], strict=False)],
        "product": {"id": item.gid, "title": item.title},
    }


def _metafields(store: Shop, item: Product) -> dict[str, Callable[..., Any]]:
    def one(info: GraphQLResolveInfo, key: str, namespace: str | None = None) -> Value | None:
        found = item.metafields.get((store.namespace(namespace), key))
        return metafield(found) if found else None

    def many(info: GraphQLResolveInfo, **page: Any) -> Value:
        wanted = store.namespace(page["namespace"]) if page.get("namespace") else None
        found = [each for each in item.metafields.values() if wanted in (None, each.namespace)]
        return connection([metafield(each) for each in found], page)

    return {"metafield": one, "metafields": many}


def _json(item: Metafield) -> Any:
    if item.type.startswith("list.") or item.type in ("json", "weight", "dimension", "volume", "money", "rating"):
        return json.loads(item.value)
    return item.value
