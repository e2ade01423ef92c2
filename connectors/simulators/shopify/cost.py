"""What a document costs, by the formula that reproduces Shopify's own figures. README.md tells how well.

Scalars are free, an object costs 1 and its selection, a connection ``2 + c * max(1, floor(2 ln n))`` where c is the
cost of one node; a mutation costs 10 and what its payload holds beyond one object per field.
https://shopify.dev/docs/api/usage/limits#cost-calculation
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    value_from_ast_untyped,
)

_FREE = frozenset({"PageInfo", "WebhookSubscriptionEndpoint"})  # as recorded
MUTATION = 10
COUNT = 10
MAXIMUM = 1000


class Meter:
    """The cost of one operation: as asked for (``data`` missing), or as answered."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def requested(self, operation: OperationDefinitionNode) -> int:
        """Before the execution: every object is there, every page is full."""
        return self._operation(operation, None)

    def actual(self, operation: OperationDefinitionNode, data: Mapping[str, Any] | None) -> int:
        """After it: nothing hangs on a null, and pages count what they held."""
        return self._operation(operation, data or {})

    def _operation(self, operation: OperationDefinitionNode, data: Mapping[str, Any] | None) -> int:
        mutates = operation.operation == OperationType.MUTATION
        root: Any = self._schema.mutation_type if mutates else self._schema.query_type
        total = 0
        for node, parent in self._fields(operation.selection_set, root):
            value = _below(_UNKNOWN if data is None else data, node)
            total += self._mutation(node, parent, value) if mutates else self._root(node, parent, value)
        return total

    def _root(self, node: FieldNode, parent: Any, value: Any) -> int:
        if node.name.value.endswith("Count"):
            return COUNT
        return self._field(node, parent, value)

    def _mutation(self, node: FieldNode, parent: Any, value: Any) -> int:
        payload = self._type(node, parent)
        total = MUTATION
        if payload is None or value is None or node.selection_set is None:
            return total
        for child, owner in self._fields(node.selection_set, payload):
            total += max(0, self._field(child, owner, _below(value, child)) - 1)
        return total

    def _field(self, node: FieldNode, parent: Any, value: Any) -> int:
        kind = self._type(node, parent)
        if kind is None or node.selection_set is None or not is_composite_type(kind) or kind.name in _FREE:
            return 0
        if value is _ELSEWHERE:
            return 0
        if value is None:
            return 1
        if kind.name.endswith("Connection"):
            return self._connection(node, kind, value)
        if isinstance(value, list):
            return self._list(node, parent, value)
        return 1 + self._selection(node.selection_set, kind, value)

    def _list(self, node: FieldNode, parent: Any, value: list[Any]) -> int:
        dearest = max((self._field(node, parent, each) for each in value), default=1)
        # nodes(ids:) is charged one more where its entries hold objects; other lists are not.
        return dearest + (dearest > 1 and node.name.value == "nodes")

    def _connection(self, node: FieldNode, kind: GraphQLNamedType, value: Any) -> int:
        size = self._size(node)
        page = max(1, math.floor(2 * math.log(size))) if size > 1 else 1
        if value is _UNKNOWN:
            return 2 + page * self._entries(node, kind, _UNKNOWN)
        held = len(value.get("nodes") or value.get("edges") or ())
        if not held:
            return 2 + page  # still charged for the entries it looked for, though not for what they hold
        return 2 + max(1, math.ceil(math.log(held))) * self._entries(node, kind, value)

    def _entries(self, node: FieldNode, kind: GraphQLNamedType, value: Any) -> int:
        """The cost of one entry (as answered: of the dearest), wherever it is selected."""
        total = 0
        for child, owner in self._fields(node.selection_set, kind):
            held = [_UNKNOWN] if value is _UNKNOWN else value.get(_key(child)) or []
            if child.name.value == "nodes":
                total += max(self._field(child, owner, each) for each in held)
            elif child.name.value == "edges":
                edge = self._type(child, owner)
                for part, inner in self._fields(child.selection_set, edge):
                    total += max(self._field(part, inner, _below(each, part)) for each in held)
        return total

    def _selection(self, selection: SelectionSetNode, kind: GraphQLNamedType, value: Any) -> int:
        total = 0
        for node, parent in self._fields(selection, kind):
            total += self._field(node, parent, _below(value, node))
        return total

    def _fields(self, selection: SelectionSetNode | None, parent: Any) -> Iterator[tuple[FieldNode, Any]]:
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                yield node, parent
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                kind = self._schema.get_type(condition.name.value) if condition else parent
                yield from self._fields(node.selection_set, kind)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                yield from self._fields(
                    fragment.selection_set, self._schema.get_type(fragment.type_condition.name.value)
                )

    def _type(self, node: FieldNode, parent: Any) -> Any:
        field = getattr(parent, "fields", {}).get(node.name.value)
        return get_named_type(field.type) if field else None

    def _size(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                given = value_from_ast_untyped(argument.value, dict(self._variables))
                if isinstance(given, int):
                    return given
        return 1


_UNKNOWN: Any = object()
_ELSEWHERE: Any = object()  # a field of a fragment on another type


def _below(value: Any, node: FieldNode) -> Any:
    return value if value is _UNKNOWN else value.get(_key(node), _ELSEWHERE)


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value
