"""The bucket: charged by the formula, refilled by time, refusing what it cannot pay."""

from __future__ import annotations

import time

import pytest

from connectors.simulators.shopify.bucket import Bucket
from tests.connectors.simulators.shopify.conftest import READ, WRITE, Store

EXPENSIVE = """{ products(first: 250) { nodes { variants(first: 250) { nodes {
  product { seo { title } category { id } variants(first: 250) { nodes { id } } } } } } } }"""


def test_a_write_is_charged_and_reported(store: Store) -> None:
    gid = store.product()
    cost = store.run(WRITE, {"product": {"id": gid, "title": "New"}})["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (11, 11)
    assert cost["throttleStatus"] == {"maximumAvailable": 2000.0, "currentlyAvailable": 1989, "restoreRate": 100.0}


def test_what_was_not_found_is_refunded(store: Store) -> None:
    answer = store.run(READ, {"id": "gid://shopify/Product/1"})
    assert answer["data"] == {"product": None}
    cost = answer["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (2, 1)


def test_an_empty_bucket_throttles_and_does_nothing(store: Store) -> None:
    gid = store.product()
    store.control("PATCH", "", {"bucket_max": 12, "bucket_restore": 1})
    store.write(gid, title="First")
    response = store.post(WRITE, {"product": {"id": gid, "title": "Second"}})
    answer = response.json()
    assert response.status_code == 200
    assert "data" not in answer
    assert answer["errors"][0]["message"] == "Throttled"
    assert answer["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert answer["extensions"]["cost"]["requestedQueryCost"] == 11
    assert answer["extensions"]["cost"]["actualQueryCost"] is None
    calls = store.ledger()["calls"]
    assert [call["throttled"] for call in calls] == [False, True]
    assert [call["charged"] for call in calls] == [11, 0]
    assert [change["after"] for change in store.ledger()["changes"]] == ["First"]


def test_a_throttled_call_costs_nothing(store: Store) -> None:
    gid = store.product()
    store.control("PATCH", "", {"bucket_max": 10.5, "bucket_restore": 0})
    store.post(WRITE, {"product": {"id": gid, "title": "New"}})
    assert store.control("GET", "bucket")["currentlyAvailable"] == 10


def test_a_query_over_a_thousand_points_is_refused_before_it_runs(store: Store) -> None:
    answer = store.run(EXPENSIVE)
    assert answer["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert answer["extensions"]["cost"]["requestedQueryCost"] > 1000
    assert store.control("GET", "bucket")["currentlyAvailable"] == 2000


def test_the_bucket_refills_with_time() -> None:
    bucket = Bucket(100, 200)
    assert bucket.take(100)
    time.sleep(0.1)
    assert bucket.available() == pytest.approx(20, abs=10)


def test_a_refund_does_not_overflow() -> None:
    bucket = Bucket(100, 0)
    bucket.refund(50)
    assert bucket.available() == 100
