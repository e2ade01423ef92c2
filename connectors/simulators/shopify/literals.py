"""Values written into a document, checked against their types in Shopify's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    print_ast,
    visit,
)


@dataclass(frozen=True)
class Misfit:
    """A literal that does not fit: what is said about it, where, and the way there below its argument."""

    argument: ArgumentNode
    message: str
    extensions: dict[str, Any]
    blamed: Node  # whose place in the document is given
    path: tuple[Any, ...]


@dataclass(frozen=True)
class _Place:
    """Who takes a value, under which name: a field's argument or an input object's."""

    owner: str  # "Field 'product'" or "InputObject 'SEOInput'"
    name: str
    blamed: Node
    path: tuple[Any, ...]


# Which kinds of literal stand for a scalar; every other scalar is written as a string.
_LITERALS: dict[str, tuple[str, ...]] = {
    "Int": ("int_value",),
    "Float": ("int_value", "float_value"),
    "Boolean": ("boolean_value",),
    "ID": ("string_value", "int_value"),
    "UnsignedInt64": ("string_value", "int_value"),
    "Money": ("string_value", "int_value", "float_value"),
}


def misfits(document: DocumentNode, schema: GraphQLSchema) -> list[Misfit]:
    """Every literal of the document that does not fit its type, in order."""
    info = TypeInfo(schema)
    collector = _Collector(info)
    visit(document, TypeInfoVisitor(info, collector))
    return collector.found


class _Collector(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self._fields: list[FieldNode] = []
        self.found: list[Misfit] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self._fields.append(node)

    def leave_field(self, *_: Any) -> None:
        self._fields.pop()

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        argument = self._info.get_argument()
        if argument is None or not self._fields or self._info.get_directive() is not None:
            return
        field = self._fields[-1]
        place = _Place(f"Field '{field.name.value}'", node.name.value, field, ())
        for message, extensions, blamed, path in _check(argument.type, node.value, place):
            self.found.append(Misfit(node, message, extensions, blamed, path))


_Finding = tuple[str, dict[str, Any], Node, tuple[Any, ...]]


def _check(kind: Any, value: Any, place: _Place) -> Iterator[_Finding]:
    if isinstance(value, VariableNode):
        return
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(value, NullValueNode):
        if inner is not kind:
            yield _incompatible(kind, value, place)
    elif isinstance(inner, GraphQLList):
        yield from _check_list(inner, value, place)
    elif isinstance(inner, GraphQLInputObjectType) and isinstance(value, ObjectValueNode):
        yield from _check_object(inner, value, place.path)
    elif not _fits(inner, value):
        yield _incompatible(kind, value, place)


def _check_list(kind: GraphQLList[Any], value: Any, place: _Place) -> Iterator[_Finding]:
    if not isinstance(value, ListValueNode):
        yield from _check(kind.of_type, value, place)
        return
    for n, each in enumerate(value.values or ()):
        yield from _check(kind.of_type, each, _Place(place.owner, place.name, place.blamed, (*place.path, n)))


def _check_object(kind: GraphQLInputObjectType, value: ObjectValueNode, path: tuple[Any, ...]) -> Iterator[_Finding]:
    given = {each.name.value: each for each in value.fields or ()}
    owner = f"InputObject '{kind.name}'"
    for name, node in given.items():
        if name not in kind.fields:
            said = {"code": "argumentNotAccepted", "name": kind.name, "typeName": "InputObject", "argumentName": name}
            yield f"{owner} doesn't accept argument '{name}'", said, node, (*path, name)
            continue
        yield from _check(kind.fields[name].type, node.value, _Place(owner, name, value, (*path, name)))
    for name, field in kind.fields.items():
        if name not in given and isinstance(field.type, GraphQLNonNull) and not _has_default(field):
            said = {
                "code": "missingRequiredInputObjectAttribute",
                "argumentName": name,
                "argumentType": str(field.type),
                "inputObjectType": kind.name,
            }
            yield f"Argument '{name}' on {owner} is required. Expected type {field.type}", said, value, (*path, name)


def _has_default(field: Any) -> bool:
    node = field.ast_node
    return bool(node and node.default_value is not None)


def _fits(kind: Any, value: Any) -> bool:
    if isinstance(kind, GraphQLEnumType):
        return value.kind == "enum_value" and value.value in kind.values
    if kind.name == "JSON":
        return True
    return value.kind in _LITERALS.get(getattr(kind, "name", ""), ("string_value",)) and not isinstance(
        kind, GraphQLInputObjectType
    )


def _incompatible(kind: Any, value: Node, place: _Place) -> _Finding:
    said = {
        "code": "argumentLiteralsIncompatible",
        "typeName": place.owner.split(" ")[0],
        "argumentName": place.name,
    }
    where = f"Argument '{place.name}' on {place.owner}"
    message = f"{where} has an invalid value ({print_ast(value)}). Expected type '{kind}'."
    return message, said, place.blamed, place.path
