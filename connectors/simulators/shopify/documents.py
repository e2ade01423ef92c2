"""GraphQL documents: parsed and validated once per text, refused in Shopify's own words."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    ValuesOfCorrectTypeRule,
    build_schema,
    parse,
    specified_rules,
    validate,
)

from connectors.simulators.shopify import literals
from connectors.simulators.shopify.wording import misfit, place, reworded

_SDL = Path(__file__).parent / "schema.graphql"
_REMEMBERED = 2000
# Literals are checked in literals.py, which knows Shopify's words for them.
_RULES = [rule for rule in specified_rules if rule is not ValuesOfCorrectTypeRule]


@functools.cache
def schema() -> GraphQLSchema:
    """The pruned Admin schema of API 2026-10."""
    return build_schema(_SDL.read_text())


@dataclass(frozen=True)
class Prepared:
    """A document that was looked at once: either errors, or something to execute."""

    errors: list[dict[str, Any]] = field(default_factory=list)
    document: DocumentNode | None = None
    operations: dict[str, OperationDefinitionNode] = field(default_factory=dict)
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)


class Documents:
    """Every text is validated against the schema once; the verdict is remembered."""

    def __init__(self) -> None:
        self._known: dict[str, Prepared] = {}
        self._lock = threading.Lock()

    def prepare(self, text: str) -> Prepared:
        """The document, or what is wrong with it."""
        known = self._known.get(text)
        if known is None:
            known = _prepare(text)
            with self._lock:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[text] = known
        return known


def _prepare(text: str) -> Prepared:
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return Prepared([_syntax(error)])
    operations = {
        node.name.value if node.name else "": node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    }
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    errors = [reworded(error, document) for error in validate(schema(), document, _RULES)]
    errors += [misfit(found, document) for found in literals.misfits(document, schema())]
    return Prepared(errors, document, operations, fragments)


def _syntax(error: GraphQLError) -> dict[str, Any]:
    at = place(error)
    message = f"syntax error, {error.message.removeprefix('Syntax Error: ')} at [{at['line']}, {at['column']}]"
    return {"message": message, "locations": [at], "path": [], "extensions": {"code": "graphqlParseError"}}
