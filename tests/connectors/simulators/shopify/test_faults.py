"""Failures on demand, and what had happened by then."""

from __future__ import annotations

import time

import pytest
import requests

from tests.connectors.simulators.receiver import Receiver
from tests.connectors.simulators.shopify.conftest import WRITE, Store


def new_title(store: Store, gid: str) -> requests.Response:
    return store.post(WRITE, {"product": {"id": gid, "title": "New"}})


@pytest.mark.parametrize("kind", ["401", "402", "403", "423", "429", "430", "500", "502", "503"])
def test_a_status_is_answered_once_and_nothing_is_done(store: Store, kind: str) -> None:
    gid = store.product()
    store.fault(kind=kind)
    assert new_title(store, gid).status_code == int(kind)
    assert store.read(gid)["title"] == "Mug"


def test_429_says_for_how_long_as_a_float(store: Store) -> None:
    store.fault(kind="429", retry_after=0.5)
    assert store.post("{ shop { name } }").headers["Retry-After"] == "0.5"


def test_502_after_the_commit_hides_what_was_done(store: Store) -> None:
    gid = store.product()
    store.fault(kind="502_after_commit", on="productUpdate")
    response = new_title(store, gid)
    assert response.status_code == 502
    assert response.headers["Content-Type"] == "text/html"
    assert store.read(gid)["title"] == "New"


def test_a_cut_after_the_commit_leaves_no_answer(store: Store) -> None:
    gid = store.product()
    store.fault(kind="cut_after_commit", on="mutation")
    with pytest.raises(requests.ConnectionError):
        new_title(store, gid)
    assert store.read(gid)["title"] == "New"


def test_a_cut_before_leaves_nothing_done(store: Store) -> None:
    gid = store.product()
    store.fault(kind="cut_before")
    with pytest.raises(requests.ConnectionError):
        new_title(store, gid)
    assert store.read(gid)["title"] == "Mug"


def test_a_page_of_html_comes_with_status_200(store: Store) -> None:
    gid = store.product()
    store.fault(kind="html_body")
    response = new_title(store, gid)
    assert (response.status_code, response.text[:9]) == (200, "<!DOCTYPE")
    assert store.read(gid)["title"] == "Mug"


def test_a_slow_answer_is_slow_and_right(store: Store) -> None:
    store.fault(kind="slow", seconds=0.2)
    started = time.monotonic()
    assert store.run("{ shop { name } }")["data"]["shop"]["name"] == "nordlicht"
    assert time.monotonic() - started > 0.2


def test_a_drained_bucket_throttles_one_call(store: Store) -> None:
    store.control("PATCH", "", {"bucket_restore": 0})
    store.fault(kind="throttle")
    answer = store.run("{ shop { name } }")
    assert answer["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert store.control("GET", "bucket")["currentlyAvailable"] == 0


def test_an_internal_error_is_said_in_graphql(store: Store) -> None:
    gid = store.product()
    store.fault(kind="internal_error")
    answer = new_title(store, gid).json()
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert store.read(gid)["title"] == "Mug"


def test_a_merchants_edit_lands_between_read_and_write(store: Store) -> None:
    gid = store.product()
    store.read(gid)
    store.fault(kind="edit_before_commit", on="productUpdate", fields={"title": "Merchant's", "seo": {"title": "S"}})
    assert new_title(store, gid).json()["data"]["productUpdate"]["userErrors"] == []
    changes = store.ledger()["changes"]
    assert [(change["actor"], change["field"], change["after"]) for change in changes] == [
        ("merchant", "title", "Merchant's"),
        ("merchant", "seo_title", "S"),
        ("api", "title", "New"),
    ]
    lost = changes[-1]
    assert (lost["before"], lost["before_actor"]) == ("Merchant's", "merchant")
    assert lost["before_version"] > lost["read_version"]


def test_the_echo_comes_before_the_answer(hooked: Store, receiver: Receiver) -> None:
    hooked.control("PATCH", "", {"webhook_delay_ms": 60_000})
    gid = hooked.product()
    hooked.fault(kind="echo_first")
    new_title(hooked, gid)
    assert len(receiver.requests) == 1
    assert hooked.ledger()["webhooks"][0]["acknowledged"]


def test_a_fault_strikes_only_what_it_is_for(store: Store) -> None:
    gid = store.product()
    store.fault(kind="500", on="Write", times=2, skip=1)
    assert store.post("{ shop { name } }").status_code == 200
    assert [new_title(store, gid).status_code for _ in range(4)] == [200, 500, 500, 200]


def test_an_unknown_fault_is_refused(store: Store) -> None:
    with pytest.raises(AssertionError, match="There is no fault nonsense"):
        store.fault(kind="nonsense")


def test_planned_faults_can_be_forgotten(store: Store) -> None:
    store.fault(kind="500", times=9)
    assert store.control("GET", "faults")["faults"][0]["times"] == 9
    store.control("DELETE", "faults")
    assert store.post("{ shop { name } }").status_code == 200
