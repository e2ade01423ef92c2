"""Briefs for the tests: a product, and the facts that its shop states when nothing of it was written by us."""

from collections.abc import Mapping
from typing import Any

from bridge.catalog import DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TITLE, Attribute, Fact, Facts, Image, Product, Voice
from bridge.shops import Policy
from tasks.kinds import Brief
from tasks.listing import writer

KETTLE = Product(
    "gid://shopify/Product/1",
    "Camp Kettle",
    vendor="Ember Goods",
    product_type="Kettle",
    images=(Image("gid://shopify/MediaImage/1"), Image("gid://shopify/MediaImage/2", alt="A kettle")),
    attributes=(
        Attribute("option:Colour", "Colour", "Black, Steel"),
        Attribute("metafield:custom.material", "Material", "Stainless steel"),
        Attribute("metafield:custom.capacity", "Capacity", "1.2 l"),
        Attribute("metafield:custom.weight", "Weight", "380 g"),
        Attribute("variant:1.sku", "SKU", "EG-17"),
    ),
)
BOARD = Product(
    "gid://shopify/Product/2",
    "Schneidebrett Alma",
    vendor="Werkstatt Lindgrün",
    product_type="Küchenhelfer",
    images=(Image("gid://shopify/MediaImage/3"),),
    attributes=(
        Attribute("metafield:custom.material", "Material", "Eichenholz"),
        Attribute("metafield:custom.masse", "Masse", "40 × 25 × 2 cm"),
        Attribute("metafield:custom.gewicht", "Gewicht", "1,2 kg"),
        Attribute("metafield:custom.spuelmaschinenfest", "Spülmaschinenfest", "false"),
    ),
)


def facts(product: Product, locale: str) -> Facts:
    given = [
        ("vendor", "Vendor", product.vendor),
        ("type", "Product type", product.product_type),
        ("category", "Category", product.category),
        (TITLE, "Title", product.title),
        (DESCRIPTION, "Description", product.description),
        (SEO_TITLE, "SEO title", product.seo_title),
        (SEO_DESCRIPTION, "SEO description", product.seo_description),
    ]
    items = [Fact(*each) for each in given if each[2]]
    items += [Fact(each.key, each.label, each.value) for each in product.attributes if each.value]
    return Facts(tuple(items), locale)


def brief(
    product: Product, locale: str, asked: bool = True, voice: Mapping[str, Any] | None = None, **more: Any
) -> Brief:
    policy = Policy()
    return Brief(
        product=product,
        facts=facts(product, locale),
        voice=Voice(locale, **(voice or {})),
        policy=policy,
        locale=locale,
        fields=writer.fields(product, policy, asked, {}),
        **more,
    )
