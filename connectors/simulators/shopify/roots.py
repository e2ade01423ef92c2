"""The root fields and who resolves them, put onto the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import FieldNode, GraphQLResolveInfo, OperationDefinitionNode, value_from_ast_untyped

from connectors.simulators.shopify import files, reading, subscribing, translating, writing
from connectors.simulators.shopify.calls import Asked, need
from connectors.simulators.shopify.documents import schema

LARGEST_LIST = 250
Value = dict[str, Any]


def _product(_: Any, info: GraphQLResolveInfo, id: str) -> Value | None:
    asked: Asked = info.context
    need(asked, "read_products", "product")
    return _node(asked, id, "Product")


def _products(_: Any, info: GraphQLResolveInfo, **page: Any) -> Value:
    asked: Asked = info.context
    need(asked, "read_products", "products")
    return reading.products(asked, page)


def _products_count(_: Any, info: GraphQLResolveInfo, **__: Any) -> Value:
    asked: Asked = info.context
    need(asked, "read_products", "productsCount")
    return {"count": len(asked.shop.products), "precision": "EXACT"}


def _by_identifier(_: Any, info: GraphQLResolveInfo, identifier: Mapping[str, Any]) -> Value | None:
    asked: Asked = info.context
    need(asked, "read_products", "productByIdentifier")
    if "id" in identifier:
        return _node(asked, identifier["id"], "Product")
    items = asked.shop.products.values()
    found = next((item for item in items if item.handle == identifier.get("handle")), None)
    return reading.product(asked, found) if found else None


def _one(_: Any, info: GraphQLResolveInfo, id: str) -> Value | None:
    return _node(info.context, id)


def _several(_: Any, info: GraphQLResolveInfo, ids: list[str]) -> list[Value | None]:
    return [_node(info.context, gid) for gid in ids]


def _shop(_: Any, info: GraphQLResolveInfo) -> Value:
    return reading.shop(info.context.shop)


def _installation(_: Any, info: GraphQLResolveInfo) -> Value:
    store = info.context.shop
    app = {"id": f"gid://shopify/App/{store.app_number}", "handle": "storebridge", "title": "Storebridge"}
    scopes = [{"handle": scope, "description": scope} for scope in store.options.scopes]
    return {"id": f"gid://shopify/AppInstallation/{store.number}", "accessScopes": scopes, "app": app}


def _node(asked: Asked, gid: str, kind: str = "") -> Value | None:
    """Whatever has that id; None for what does not exist, as the platform answers."""
    item = asked.shop.find(gid)
    if item is not None:
        return reading.product(asked, item)
    if kind:
        return None
    if gid == asked.shop.gid:
        return reading.shop(asked.shop)
    owner = asked.shop.owner_of(gid)
    return reading.media(owner.image(gid)) if owner else None


_QUERIES: dict[str, Callable[..., Any]] = {
    "currentAppInstallation": _installation,
    "node": _one,
    "nodes": _several,
    "product": _product,
    "productByIdentifier": _by_identifier,
    "products": _products,
    "productsCount": _products_count,
    "shop": _shop,
    "shopLocales": translating.shop_locales,
    "translatableResource": translating.resource,
    "webhookSubscription": subscribing.one,
    "webhookSubscriptions": subscribing.several,
}
_MUTATIONS: dict[str, Callable[..., Any]] = {
    "fileUpdate": files.file_update,
    "productCreate": writing.product_create,
    "productDelete": writing.product_delete,
    "productUpdate": writing.product_update,
    "tagsAdd": writing.tags_add,
    "tagsRemove": writing.tags_remove,
    "translationsRegister": translating.register,
    "translationsRemove": translating.remove,
    "webhookSubscriptionCreate": subscribing.create,
    "webhookSubscriptionDelete": subscribing.delete,
    "webhookSubscriptionUpdate": subscribing.update,
}


def attach() -> None:
    """Bind the resolvers. Raises KeyError for a root field that nobody answers: none may be answered with null."""
    known = schema()
    for kind, table in ((known.query_type, _QUERIES), (known.mutation_type, _MUTATIONS)):
        assert kind is not None
        for name, field in kind.fields.items():
            field.resolve = table[name]


def oversized(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any] | None:
    """MAX_INPUT_SIZE_EXCEEDED for a list of more than 250 in any argument, however deep."""
    for node in operation.selection_set.selections:
        if not isinstance(node, FieldNode):
            continue
        given = {each.name.value: value_from_ast_untyped(each.value, dict(variables)) for each in node.arguments or ()}
        for path, size in _sizes(given, []):
            if size > LARGEST_LIST:
                start = node.loc.start_token  # type: ignore[union-attr]
                return {
                    "message": f"The input array size of {size} is greater than the maximum allowed of {LARGEST_LIST}.",
                    "locations": [{"line": start.line, "column": start.column}],
                    "path": [node.name.value, *path],
                    "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"},
                }
    return None


def _sizes(value: Any, path: list[Any]) -> list[tuple[list[Any], int]]:
    found: list[tuple[list[Any], int]] = []
    if isinstance(value, Mapping):
        for name, each in value.items():
            found += _sizes(each, [*path, name])
    elif isinstance(value, list):
        found.append((path, len(value)))
        for n, each in enumerate(value):
            found += _sizes(each, [*path, n])
    return found
