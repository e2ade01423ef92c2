"""The cost formula, by hand and against every recorded document that the simulator's schema knows."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse, validate

from connectors.simulators.shopify.cost import Meter
from connectors.simulators.shopify.documents import schema
from tests.connectors.simulators.shopify import recordings


def cost_of(document: str, variables: dict[str, Any] | None = None, data: Any = None) -> int:
    parsed = parse(document)
    (operation,) = [node for node in parsed.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in parsed.definitions if isinstance(node, FragmentDefinitionNode)}
    meter = Meter(schema(), fragments, variables or {})
    return meter.requested(operation) if data is None else meter.actual(operation, data)


@pytest.mark.parametrize(
    ("document", "points"),
    [
        ("{ shop { name } }", 1),
        ("{ products(first: 250) { nodes { id } } }", 13),
        ("{ products(first: 1) { nodes { id } } }", 3),
        ("{ products(first: 10) { edges { cursor node { id } } nodes { id } pageInfo { hasNextPage } } }", 10),
        ("{ productsCount { count } }", 10),
        ('{ product(id: "1") { seo { title } media(first: 5) { nodes { id } } } }', 7),
        ('mutation { tagsAdd(id: "1", tags: []) { node { id } userErrors { message } } }', 10),
        ('mutation { productUpdate(product: {id: "1"}) { product { id seo { title } } } }', 11),
        (
            'mutation { tagsAdd(id: "1", tags: []) { node { id } } tagsRemove(id: "1", tags: []) { node { id } } }',
            20,
        ),
        ('query { product(id: "1") { ...P } } fragment P on Product { seo { title } }', 2),
    ],
)
def test_the_formula(document: str, points: int) -> None:
    assert validate(schema(), parse(document)) == []
    assert cost_of(document) == points


def test_a_page_size_may_stand_in_a_variable() -> None:
    document = "query Q($n: Int!) { products(first: $n) { nodes { id } } }"
    assert cost_of(document, {"n": 250}) == 13


def test_nothing_hangs_on_a_null_in_the_end() -> None:
    document = 'mutation { productCreate(product: {title: ""}) { product { id seo { title } } shop { id } } }'
    assert cost_of(document) == 11
    assert cost_of(document, data={"productCreate": {"product": None, "shop": {"id": "1"}}}) == 10


@pytest.mark.parametrize(("held", "points"), [(0, 9), (1, 3), (2, 3), (3, 4), (16, 5)])
def test_a_page_costs_what_it_held(held: int, points: int) -> None:
    document = "{ products(first: 50) { nodes { id } } }"
    assert cost_of(document) == 9
    assert cost_of(document, data={"products": {"nodes": [{"id": str(n)} for n in range(held)]}}) == points


@recordings.present
def test_recorded_costs_are_reproduced() -> None:
    compared = 0
    for document, variables, body in recordings.exchanges():
        cost = (body.get("extensions") or {}).get("cost")
        try:
            known = validate(schema(), parse(document)) == []
        except Exception:  # noqa: BLE001 - documents that were recorded because they cannot be parsed
            known = False
        if cost and known:
            compared += 1
            assert cost_of(document, variables) == cost["requestedQueryCost"], document
            if cost["actualQueryCost"] is not None and document.count("first:") < 2:  # pages within pages are a guess
                assert cost_of(document, variables, body["data"]) == cost["actualQueryCost"], document
    assert compared >= 10
