"""Validation errors in the words, codes and shapes of Shopify's GraphQL server.

graphql-core finds what is wrong; this table says it the way the recordings do. What no recording shows follows the
same server's published messages, and what is in neither keeps graphql-core's text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from graphql.language import (
    ArgumentNode,
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    Node,
    SelectionSetNode,
)

from connectors.simulators.shopify.literals import Misfit

Path = list[Any]
Reworded = tuple[str, dict[str, Any]]  # message, extensions


def _unknown_field(found: re.Match[str]) -> Reworded:
    name, kind = found.groups()
    said = {"code": "undefinedField", "typeName": kind, "fieldName": name}
    return f"Field '{name}' doesn't exist on type '{kind}'", said


def _unknown_argument(found: re.Match[str]) -> Reworded:
    argument, owner = found.groups()
    name = owner.split(".")[-1]
    said = {"code": "argumentNotAccepted", "name": name, "typeName": "Field", "argumentName": argument}
    return f"Field '{name}' doesn't accept argument '{argument}'", said


def _missing_argument(found: re.Match[str]) -> Reworded:
    owner, argument = found.groups()
    name = owner.split(".")[-1]
    said = {"code": "missingRequiredArguments", "className": "Field", "name": name, "arguments": argument}
    return f"Field '{name}' is missing required arguments: {argument}", said


def _unused_variable(found: re.Match[str]) -> Reworded:
    name, operation = found.group(1), found.group(2) or "anonymous query"
    said = {"code": "variableNotUsed", "variableName": name}
    return f"Variable ${name} is declared by {operation} but not used", said


def _undeclared_variable(found: re.Match[str]) -> Reworded:
    name, operation = found.group(1), found.group(2) or "anonymous query"
    said = {"code": "variableNotDefined", "variableName": name}
    return f"Variable ${name} is used by {operation} but not declared", said


def _variable_mismatch(found: re.Match[str]) -> Reworded:
    name, given, wanted = found.groups()
    said = {"code": "variableMismatch", "variableName": name, "typeName": given, "errorMessage": "Type mismatch"}
    return f"Type mismatch on variable ${name} ({given} / {wanted})", said


def _no_selection(found: re.Match[str]) -> Reworded:
    name, kind = found.groups()
    said = {"code": "selectionMismatch", "nodeName": f"field '{name}'", "typeName": kind.strip("[]!")}
    return f"Field must have selections (field '{name}' returns {kind} but has no selections.)", said


def _selection_on_scalar(found: re.Match[str]) -> Reworded:
    name, kind = found.groups()
    said = {"code": "selectionMismatch", "nodeName": f"field '{name}'", "typeName": kind.strip("[]!")}
    return f"Selections can't be made on scalars (field '{name}' returns {kind} but has selections)", said


_TABLE: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Reworded]], ...] = tuple(
    (re.compile(pattern), says)
    for pattern, says in (
        (r"Cannot query field '(\w+)' on type '(\w+)'", _unknown_field),
        (r"Unknown argument '(\w+)' on field '([\w.]+)'", _unknown_argument),
        (r"Argument '([\w.]+)\((\w+):\)' of type '[^']+' is required", _missing_argument),
        (r"Variable '\$(\w+)' is never used(?: in operation '(\w+)')?", _unused_variable),
        (r"Variable '\$(\w+)' is not defined(?: by operation '(\w+)')?", _undeclared_variable),
        (r"Variable '\$(\w+)' of type '([^']+)' used in position expecting type '([^']+)'", _variable_mismatch),
        (r"Field '(\w+)' of type '([^']+)' must have a selection of subfields", _no_selection),
        (r"Field '(\w+)' must not have a selection since type '([^']+)' has no subfields", _selection_on_scalar),
    )
)


def reworded(error: GraphQLError, document: DocumentNode) -> dict[str, Any]:
    """One validation error as Shopify would answer it."""
    node = error.nodes[0] if error.nodes else None
    trail = _trail(document, node) if node is not None else []
    for pattern, says in _TABLE:
        if found := pattern.match(error.message):
            message, extensions = says(found)
            return _answer(message, place(error), _steps(trail), extensions)
    return _answer(error.message, place(error), _steps(trail), {})


def misfit(found: Misfit, document: DocumentNode) -> dict[str, Any]:
    """One literal that does not fit as Shopify would answer it."""
    start = found.blamed.loc.start_token if found.blamed.loc else None
    at = {"line": start.line, "column": start.column} if start else {"line": 1, "column": 1}
    return _answer(found.message, at, [*_steps(_trail(document, found.argument)), *found.path], found.extensions)


def _answer(message: str, at: dict[str, int], path: Path, extensions: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"message": message, "locations": [at], "path": path}
    return {**answer, "extensions": extensions} if extensions else answer


def place(error: GraphQLError) -> dict[str, int]:
    """Where in the document, counted from 1."""
    if not error.locations:
        return {"line": 1, "column": 1}
    return {"line": error.locations[0].line, "column": error.locations[0].column}


def _steps(trail: list[Node]) -> Path:
    """The path Shopify gives: the operation, response keys, argument names, places in lists."""
    path: Path = []
    for step in trail:
        if isinstance(step, OperationDefinitionNode):
            path.append(f"{step.operation.value} {step.name.value}" if step.name else step.operation.value)
        elif isinstance(step, FragmentDefinitionNode):
            path.append(f"fragment {step.name.value}")
        elif isinstance(step, InlineFragmentNode) and step.type_condition:
            path.append(f"... on {step.type_condition.name.value}")
        elif isinstance(step, FieldNode):
            path.append(step.alias.value if step.alias else step.name.value)
        elif isinstance(step, ArgumentNode):
            path.append(step.name.value)
    return path


def _trail(document: DocumentNode, wanted: Node) -> list[Node]:
    for definition in document.definitions:
        if (found := _search(definition, wanted)) is not None:
            return found
    return []


def _search(node: Node, wanted: Node) -> list[Node] | None:
    if node is wanted:
        return [node]
    for child in _children(node):
        if (found := _search(child, wanted)) is not None:
            return [node, *found]
    return None


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, SelectionSetNode):
        yield from node.selections
    else:
        yield from getattr(node, "arguments", None) or ()
        if getattr(node, "selection_set", None):
            yield node.selection_set  # type: ignore[attr-defined]
