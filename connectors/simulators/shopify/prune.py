"""Cut Shopify's full Admin schema down to what the simulator serves, without descriptions.

    python -m connectors.simulators.shopify.prune FULL_SCHEMA > connectors/simulators/shopify/schema.graphql

FULL_SCHEMA is the SDL of one API version, plain or gzipped; the npm package @shopify/dev-mcp holds it
(dist/data/admin_2026-10.json.gz, as introspection JSON) and graphql-core prints it as SDL.
A field the simulator cannot answer is left out, so that a document asking for it is refused instead of lied to.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql import parse, print_ast
from graphql.language import (
    DefinitionNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    UnionTypeDefinitionNode,
)

ALL = ("*",)
# Object types and interfaces that survive, with the fields that do. "*" means every field that leads to a scalar, an
# enum or a survivor.
KEPT: dict[str, tuple[str, ...]] = {
    "QueryRoot": (
        "currentAppInstallation", "node", "nodes", "product", "productByIdentifier", "products", "productsCount",
        "shop", "shopLocales", "translatableResource", "webhookSubscription", "webhookSubscriptions",
    ),
    "Mutation": (
        "fileUpdate", "productCreate", "productDelete", "productUpdate", "tagsAdd", "tagsRemove",
        "translationsRegister", "translationsRemove", "webhookSubscriptionCreate", "webhookSubscriptionDelete",
        "webhookSubscriptionUpdate",
    ),
    "AccessScope": ALL,
    "App": ("handle", "id", "title"),
    "AppInstallation": ("accessScopes", "app", "id"),
    "Count": ALL,
    "DisplayableError": ("field", "message"),
    "ExternalVideo": ("alt", "createdAt", "fileStatus", "id", "mediaContentType", "preview", "status", "updatedAt"),
    "File": ("alt", "createdAt", "fileStatus", "id", "updatedAt"),
    "FilesUserError": ALL,
    "FileUpdatePayload": ALL,
    "GenericFile": ("alt", "createdAt", "fileStatus", "id", "updatedAt", "url"),
    "HasMetafields": ("metafield", "metafields"),
    "Image": ("altText", "height", "id", "url", "width"),
    "Market": ("id",),
    "Media": ("alt", "id", "mediaContentType", "preview", "status"),
    "MediaConnection": ALL,
    "MediaEdge": ALL,
    "MediaImage": (
        "alt", "createdAt", "fileStatus", "id", "image", "mediaContentType", "mimeType", "preview", "status",
        "updatedAt",
    ),
    "MediaPreviewImage": ALL,
    "Metafield": (
        "compareDigest", "createdAt", "id", "jsonValue", "key", "legacyResourceId", "namespace", "ownerType",
        "sizeInBytes", "type", "updatedAt", "value",
    ),
    "MetafieldConnection": ALL,
    "MetafieldEdge": ALL,
    "Node": ("id",),
    "PageInfo": ALL,
    "Product": (
        "category", "createdAt", "description", "descriptionHtml", "featuredMedia", "giftCardTemplateSuffix", "handle",
        "hasOnlyDefaultVariant", "id", "isGiftCard", "legacyResourceId", "media", "mediaCount", "metafield",
        "metafields", "onlineStorePreviewUrl", "onlineStoreUrl", "options", "productType", "publishedAt",
        "requiresSellingPlan", "seo", "status", "tags", "templateSuffix", "title", "totalInventory", "tracksInventory",
        "updatedAt", "variants", "variantsCount", "vendor",
    ),
    "ProductConnection": ALL,
    "ProductCreatePayload": ("product", "shop", "userErrors"),
    "ProductDeletePayload": ("deletedProductId", "shop", "userErrors"),
    "ProductEdge": ALL,
    "ProductOption": ("id", "name", "optionValues", "position", "values"),
    "ProductOptionValue": ("hasVariants", "id", "name"),
    "ProductUpdatePayload": ("product", "userErrors"),
    "ProductVariant": (
        "barcode", "compareAtPrice", "createdAt", "displayName", "id", "inventoryQuantity", "legacyResourceId",
        "position", "price", "product", "selectedOptions", "sku", "taxable", "title", "updatedAt",
    ),
    "ProductVariantConnection": ALL,
    "ProductVariantEdge": ALL,
    "SelectedOption": ("name", "value"),
    "SEO": ALL,
    "Shop": ("currencyCode", "email", "id", "ianaTimezone", "myshopifyDomain", "name", "url"),
    "TagsAddPayload": ALL,
    "TagsRemovePayload": ALL,
    "TaxonomyCategory": ("fullName", "id", "isLeaf", "level", "name", "parentId"),
    "ShopLocale": ("locale", "name", "primary", "published"),
    "TranslatableContent": ALL,
    "TranslatableResource": ("resourceId", "translatableContent", "translations"),
    "Translation": ("key", "locale", "market", "outdated", "updatedAt", "value"),
    "TranslationsRegisterPayload": ALL,
    "TranslationsRemovePayload": ALL,
    "TranslationUserError": ALL,
    "UserError": ALL,
    "WebhookEventBridgeEndpoint": ("arn",),
    "WebhookHttpEndpoint": ALL,
    "WebhookPubSubEndpoint": ALL,
    "WebhookSubscription": (
        "callbackUrl", "createdAt", "endpoint", "filter", "format", "id", "includeFields", "legacyResourceId",
        "metafieldNamespaces", "name", "topic", "updatedAt", "uri",
    ),
    "WebhookSubscriptionConnection": ALL,
    "WebhookSubscriptionCreatePayload": ALL,
    "WebhookSubscriptionDeletePayload": ALL,
    "WebhookSubscriptionEdge": ALL,
    "WebhookSubscriptionUpdatePayload": ALL,
}  # fmt: skip
# Types of things the simulator never holds, kept because fragments on them are common in documents about tags.
KEPT |= {
    "Article": ("id", "tags", "title"),
    "Customer": ("displayName", "email", "id", "tags"),
    "DraftOrder": ("id", "name", "tags"),
    "Order": ("id", "name", "tags"),
}
_UNIONS = frozenset({"WebhookSubscriptionEndpoint"})
_LEAVES = (ScalarTypeDefinitionNode, EnumTypeDefinitionNode)
# Only where a definition starts; a reason of a deprecation stays.
_DESCRIPTION = re.compile(r'^[ \t]*"""[\s\S]*?"""[ \t]*\n', re.MULTILINE)
_BUILT_IN = frozenset({"Boolean", "Float", "ID", "Int", "String"})


def prune(sdl: str) -> str:
    """The part of the schema that the table above names, with the input types and enums it needs."""
    document = parse(_DESCRIPTION.sub("", sdl), no_location=True)
    by_name = {node.name.value: node for node in document.definitions if hasattr(node, "name")}
    kept: dict[str, DefinitionNode] = {}
    for name, fields in KEPT.items():
        kept[name] = _cut(by_name[name], fields, by_name)
    _close(kept, by_name)
    kept["@idempotent"] = by_name["idempotent"]
    schema = next(node for node in document.definitions if node.kind == "schema_definition")
    return "\n\n".join(print_ast(node) for node in (schema, *(kept[name] for name in sorted(kept)))) + "\n"


def _cut(node: Any, fields: tuple[str, ...], by_name: dict[str, Any]) -> Any:
    if not isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
        raise SystemExit(f"{node.name.value} is neither an object type nor an interface.")
    known = {field.name.value: field for field in node.fields or ()}
    missing = [name for name in fields if name != "*" and name not in known]
    if missing:
        raise SystemExit(f"{node.name.value} has no field {', '.join(missing)} in this schema.")
    wanted = known if fields == ALL else {name: known[name] for name in fields}
    survivors = tuple(field for field in wanted.values() if _survives(_named(field.type), by_name))
    names = {field.name.value for field in survivors}
    interfaces = tuple(each for each in node.interfaces or () if names >= set(KEPT.get(each.name.value, ALL)))
    return replace(node, fields=survivors, interfaces=interfaces)


def _survives(name: str, by_name: dict[str, Any]) -> bool:
    return name in KEPT or name in _BUILT_IN or name in _UNIONS or isinstance(by_name[name], _LEAVES)


def _named(node: Any) -> str:
    while hasattr(node, "type"):
        node = node.type
    return str(node.name.value)


def _close(kept: dict[str, DefinitionNode], by_name: dict[str, Any]) -> None:
    """Add every scalar, enum, input type and union that the kept ones speak of."""
    open_names = [name for node in kept.values() for name in _mentions(node)]
    while open_names:
        name = open_names.pop()
        if name in kept or name in _BUILT_IN:
            continue
        node = by_name[name]
        if isinstance(node, UnionTypeDefinitionNode):
            node = replace(node, types=tuple(each for each in node.types or () if each.name.value in KEPT))
        elif not isinstance(node, (*_LEAVES, InputObjectTypeDefinitionNode)):
            raise SystemExit(f"{name} is needed and not in the table.")
        kept[name] = node
        open_names.extend(_mentions(node))


def _mentions(node: Any) -> Iterator[str]:
    for field in getattr(node, "fields", None) or ():
        yield _named(field.type)
        for argument in getattr(field, "arguments", None) or ():
            yield _named(argument.type)


def _read(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.stdout.write(prune(_read(Path(sys.argv[1]))))
