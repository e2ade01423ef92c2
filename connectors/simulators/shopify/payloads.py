"""The bodies of webhooks, in the REST shape. https://shopify.dev/docs/api/webhooks"""

from __future__ import annotations

from typing import Any

from connectors.simulators.shopify import clock
from connectors.simulators.shopify.products import Image, Product
from connectors.simulators.shopify.shop import Shop


def product(shop: Shop, item: Product) -> dict[str, Any]:
    """Body of products/create and products/update: no SEO, no metafields, tags as one string."""
    zone = shop.options.offset_minutes
    images = [image for image in item.images if image.kind == "MediaImage"]
    return {
        "admin_graphql_api_id": item.gid,
        "body_html": item.body_html,
        "created_at": clock.local(item.created_at, zone),
        "handle": item.handle,
        "id": item.number,
        "product_type": item.product_type,
        "published_at": clock.local(item.created_at, zone) if item.status == "ACTIVE" else None,
        "template_suffix": item.template_suffix,
        "title": item.title,
        "updated_at": clock.local(item.updated_at, zone),
        "vendor": item.vendor,
        "status": item.status.lower(),
        "published_scope": "global",
        "tags": ", ".join(item.tags),
        "variants": [_variant(shop, item, variant) for variant in item.variants[:100]],
        "options": [_option(item, option) for option in item.options],
        "images": [_image(shop, item, image, n) for n, image in enumerate(images, 1)],
        "image": _image(shop, item, images[0], 1) if images else None,
        "media": [_media(shop, item, image, n) for n, image in enumerate(item.images, 1)],
        "variant_gids": [
            {"admin_graphql_api_id": _gid(variant), "updated_at": clock.utc(variant["updated_at"])[:-1] + ".000Z"}
            for variant in item.variants
        ],
        "has_variants_that_requires_components": False,
        "category": _category(item),
    }


def deleted(item: Product) -> dict[str, Any]:
    """Body of products/delete: the id and nothing else."""
    return {"id": item.number}


def shop(store: Shop) -> dict[str, Any]:
    """Body of app/uninstalled: the shop, by then without an app."""
    moment = clock.local(clock.now(), store.options.offset_minutes)
    return {
        "id": store.number,
        "name": store.options.name or store.domain.split(".")[0],
        "email": f"owner@{store.domain.split('.')[0]}.example",
        "domain": store.domain,
        "country": "DE",
        "primary_locale": store.options.locale,
        "created_at": moment,
        "updated_at": moment,
        "currency": "EUR",
        "myshopify_domain": store.domain,
        "plan_name": "basic",
    }


def _gid(variant: dict[str, Any]) -> str:
    return f"gid://shopify/ProductVariant/{variant['number']}"


def _category(item: Product) -> dict[str, str] | None:
    if not item.category:
        return None
    gid = "gid://shopify/TaxonomyCategory/sim"
    return {"admin_graphql_api_id": gid, "name": item.category.split(" > ")[-1], "full_name": item.category}


def _variant(store: Shop, item: Product, variant: dict[str, Any]) -> dict[str, Any]:
    zone = store.options.offset_minutes
    chosen = [*variant["options"], None, None, None]
    return {
        "admin_graphql_api_id": _gid(variant),
        "barcode": variant["barcode"],
        "compare_at_price": variant["compare_at_price"],
        "created_at": clock.local(variant["created_at"], zone),
        "id": variant["number"],
        "inventory_policy": "deny",
        "position": variant["position"],
        "price": variant["price"],
        "product_id": item.number,
        "sku": variant["sku"],
        "taxable": True,
        "title": variant["title"],
        "updated_at": clock.local(variant["updated_at"], zone),
        "option1": chosen[0],
        "option2": chosen[1],
        "option3": chosen[2],
        "image_id": None,
        "inventory_item_id": variant["number"] + 1,
        "inventory_quantity": variant["inventory_quantity"],
        "old_inventory_quantity": variant["inventory_quantity"],
    }


def _option(item: Product, option: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": option["name"],
        "id": option["number"],
        "product_id": item.number,
        "position": option["position"],
        "values": option["values"],
    }


def _dates(store: Shop, image: Image) -> dict[str, Any]:
    zone = store.options.offset_minutes
    return {"created_at": clock.local(image.created_at, zone), "updated_at": clock.local(image.updated_at, zone)}


def _image(store: Shop, item: Product, image: Image, position: int) -> dict[str, Any]:
    return {
        "id": image.number,
        "product_id": item.number,
        "position": position,
        **_dates(store, image),
        "alt": image.alt,
        "width": image.width,
        "height": image.height,
        "src": image.src,
        "variant_ids": [],
        "admin_graphql_api_id": image.gid,
    }


def _media(store: Shop, item: Product, image: Image, position: int) -> dict[str, Any]:
    preview = {"width": image.width, "height": image.height, "src": image.src, "status": image.status}
    return {
        "id": image.number,
        "product_id": item.number,
        "position": position,
        **_dates(store, image),
        "alt": image.alt or "",
        "status": image.status,
        "media_content_type": "IMAGE" if image.kind == "MediaImage" else "EXTERNAL_VIDEO",
        "preview_image": preview,
        "variant_ids": [],
        "admin_graphql_api_id": image.gid,
    }
