"""Variables checked the way Shopify's server checks them: every problem named, with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    print_ast,
    type_from_ast,
)

Problem = tuple[list[Any], str]
_NULL = "Expected value to not be null"
# What a JSON value must be to stand for a scalar; the others (HTML, URL, DateTime …) are strings too.
_SCALARS: dict[str, tuple[type, ...]] = {
    "Int": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
    "ID": (str, int),
    "UnsignedInt64": (str, int),
    "JSON": (object,),
    "Money": (str, int, float),
}


def refused(
    operation: OperationDefinitionNode, schema: GraphQLSchema, given: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """INVALID_VARIABLE errors, one per variable that does not fit its type."""
    errors = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        kind = type_from_ast(schema, definition.type)
        if name not in given and (definition.default_value is not None or not isinstance(kind, GraphQLNonNull)):
            continue
        problems = list(_problems(kind, given.get(name), []))
        if problems:
            start = definition.loc.start_token if definition.loc else None
            place = {"line": start.line, "column": start.column} if start else {"line": 1, "column": 1}
            errors.append(_error(name, print_ast(definition.type), given.get(name), problems, place))
    return errors


def _error(name: str, kind: str, value: Any, problems: list[Problem], place: dict[str, int]) -> dict[str, Any]:
    details = ", ".join(f"{'.'.join(map(str, path))} ({why})" if path else f"({why})" for path, why in problems)
    where = f" for {details}" if problems[0][0] else ""
    return {
        "message": f"Variable ${name} of type {kind} was provided invalid value{where}",
        "locations": [place],
        "extensions": {
            "code": "INVALID_VARIABLE",
            "value": value,
            "problems": [{"path": path, "explanation": why} for path, why in problems],
        },
    }


def _problems(kind: Any, value: Any, path: list[Any]) -> Iterator[Problem]:
    if isinstance(kind, GraphQLNonNull):
        if value is None:
            yield path, _NULL
            return
        kind = kind.of_type
    if value is None:
        return
    if isinstance(kind, GraphQLList):
        # One value stands for a list of one: tags: "Red" is accepted.
        many = enumerate(value) if isinstance(value, list) else ((None, value),)
        for place, each in many:
            yield from _problems(kind.of_type, each, path if place is None else [*path, place])
    elif isinstance(kind, GraphQLInputObjectType):
        yield from _object(kind, value, path)
    elif isinstance(kind, GraphQLEnumType):
        if value not in kind.values:
            yield path, f'Expected "{value}" to be one of: {", ".join(kind.values)}'
    elif not _fits(kind.name, value):
        yield path, f"Could not coerce value {_ruby(value)} to {kind.name}"


def _object(kind: GraphQLInputObjectType, value: Any, path: list[Any]) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield path, f"Expected {_ruby(value)} to be a key-value object."
        return
    for name in value:
        if name not in kind.fields:
            yield [*path, name], f"Field is not defined on {kind.name}"
    for name, field in kind.fields.items():
        if name in value or isinstance(field.type, GraphQLNonNull) and field.default_value in (None, ...):
            yield from _problems(field.type, value.get(name), [*path, name])


def _fits(name: str, value: Any) -> bool:
    wanted = _SCALARS.get(name, (str,))
    if isinstance(value, bool):
        return bool in wanted or object in wanted
    return isinstance(value, wanted)


def _ruby(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
