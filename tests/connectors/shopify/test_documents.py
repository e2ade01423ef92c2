"""Every document we send is valid for API 2026-10 and costs what we reserve for it."""

from __future__ import annotations

import functools
import gzip
import os
from pathlib import Path

import pytest
from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate

from connectors.shopify.api import COSTS, DOCUMENTS, WRITES
from connectors.simulators.shopify.cost import Meter
from connectors.simulators.shopify.documents import schema as pruned_schema

# The full schema is not part of the project: name a file with its SDL, plain or gzipped, to check against it too.
FULL_SCHEMA = "SHOPIFY_FULL_SCHEMA"


@functools.cache
def full_schema() -> GraphQLSchema:
    raw = Path(os.environ[FULL_SCHEMA]).read_bytes()
    return build_schema((gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode(), assume_valid=True)


def problems(schema: GraphQLSchema, document: str) -> list[str]:
    return [error.message for error in validate(schema, parse(document))]


def operation_of(document: str) -> OperationDefinitionNode:
    (operation,) = [node for node in parse(document).definitions if isinstance(node, OperationDefinitionNode)]
    return operation


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_document_is_valid(name: str) -> None:
    assert problems(pruned_schema(), DOCUMENTS[name]) == []


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
@pytest.mark.skipif(FULL_SCHEMA not in os.environ, reason=f"{FULL_SCHEMA} names no file")
def test_a_document_is_valid_for_the_full_schema(name: str) -> None:
    assert problems(full_schema(), DOCUMENTS[name]) == []


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_document_costs_what_is_reserved_for_it(name: str) -> None:
    document = parse(DOCUMENTS[name])
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    assert Meter(pruned_schema(), fragments, {}).requested(operation_of(DOCUMENTS[name])) == COSTS[name]


def test_every_document_has_a_cost_and_nothing_else_has() -> None:
    assert set(COSTS) == set(DOCUMENTS)


def test_exactly_the_mutations_are_known_as_writes_and_subscriptions_may_be_asked_for_twice() -> None:
    mutations = {name for name, text in DOCUMENTS.items() if operation_of(text).operation.value == "mutation"}
    assert mutations - {"subscribe", "resubscribe"} == WRITES
