"""How the client acts on an answer: what it raises, how often it asks, and what the rate limit learns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from structlog.testing import capture_logs

from bridge.db import Database
from bridge.deadline import Deadline
from bridge.errors import AskHuman, Disconnected, GiveUp, TryLater, Unclear
from bridge.models import Base
from bridge.priority import NEW
from bridge.ratelimit.sql import SqlLimiter
from connectors.shopify.api import COSTS, DOCUMENTS, WRITES
from tests.connectors.shopify.answering import COST, ROOM, STATUS, URL, Answering

READ, WRITE = "who_am_i", "write_product"
EMPTY = {**STATUS, "currentlyAvailable": 0}
# What becomes of the points that were reserved for a call.
BACK, CHARGED, KEPT, BELIEVED = "given back", "taken as charged", "kept until they run out", "as reported"


def coded(code: str, data: Any = None) -> dict[str, Any]:
    return {"data": data, "errors": [{"message": "m", "extensions": {"code": code}}], "extensions": {"cost": COST}}


def test_a_good_answer_is_returned_and_its_figures_believed(shopify: Answering) -> None:
    shopify.answer({"data": {"shop": {"name": "N"}}, "extensions": {"cost": COST}})
    assert shopify.run(READ, {"id": "1"}) == {"shop": {"name": "N"}}
    assert shopify.level.available == pytest.approx(900, abs=3)
    assert shopify.level.outstanding == 0
    (request,) = shopify.sent
    assert request.headers["X-Shopify-Access-Token"] == "old"
    assert json.loads(request.body or b"") == {"query": DOCUMENTS[READ], "variables": {"id": "1"}}


# What is answered, what that is for a read and for a write, and what becomes of the points of each.
ANSWERS: list[tuple[Any, int, type, type, str, str]] = [
    (coded("MAX_COST_EXCEEDED"), 200, GiveUp, GiveUp, BELIEVED, BELIEVED),
    (coded("ACCESS_DENIED"), 200, AskHuman, AskHuman, BELIEVED, BELIEVED),
    (coded("INTERNAL_SERVER_ERROR"), 200, TryLater, Unclear, BELIEVED, BELIEVED),
    (coded("", {"shop": None}), 200, GiveUp, GiveUp, BELIEVED, BELIEVED),
    (coded("", {"shop": {"name": "half"}}), 200, GiveUp, Unclear, BELIEVED, BELIEVED),
    ({"data": None, "extensions": {"cost": COST}}, 200, TryLater, Unclear, BELIEVED, BELIEVED),
    ({"data": [], "extensions": {"cost": COST}}, 200, TryLater, Unclear, BELIEVED, BELIEVED),
    ({}, 200, TryLater, Unclear, CHARGED, CHARGED),
    ({"errors": "Not Found"}, 200, GiveUp, GiveUp, CHARGED, CHARGED),
    ({"errors": [None]}, 200, GiveUp, GiveUp, CHARGED, CHARGED),
    ({"errors": ["no"], "extensions": []}, 200, GiveUp, GiveUp, CHARGED, CHARGED),
    ({"extensions": {"cost": [1]}}, 200, TryLater, Unclear, CHARGED, CHARGED),
    ({"extensions": {"cost": {"throttleStatus": "full"}}}, 200, TryLater, Unclear, CHARGED, CHARGED),
    ({"extensions": {"cost": {"actualQueryCost": "3"}}}, 200, TryLater, Unclear, CHARGED, CHARGED),
    ("<html>a proxy's page</html>", 200, TryLater, Unclear, BACK, KEPT),
    ('{"data": {"sho', 200, TryLater, Unclear, BACK, KEPT),
    ("", 200, TryLater, Unclear, BACK, KEPT),
    ("[1]", 200, TryLater, Unclear, BACK, KEPT),
    ("{}", 302, GiveUp, GiveUp, BACK, BACK),
    ("{}", 402, AskHuman, AskHuman, BACK, BACK),
    ("{}", 403, AskHuman, AskHuman, BACK, BACK),
    ("{}", 404, GiveUp, GiveUp, BACK, BACK),
    ("{}", 423, AskHuman, AskHuman, BACK, BACK),
    ("{}", 429, TryLater, TryLater, BACK, BACK),
    ("{}", 430, AskHuman, AskHuman, BACK, BACK),
    ("<html>502</html>", 502, TryLater, Unclear, BACK, KEPT),
    ("{}", 503, TryLater, Unclear, BACK, KEPT),
]


@pytest.mark.parametrize("document", [READ, WRITE])
@pytest.mark.parametrize(("body", "status", "read", "write", "points_of_read", "points_of_write"), ANSWERS)
def test_every_answer_is_sorted_and_told_to_the_rate_limit(
    shopify: Answering, document: str, body: Any, status: int,
    read: type, write: type, points_of_read: str, points_of_write: str,
) -> None:  # fmt: skip
    kind, points = (read, points_of_read) if document == READ else (write, points_of_write)
    shopify.answer(body, status)
    with pytest.raises((TryLater, GiveUp, AskHuman)) as told:
        shopify.run(document)
    assert type(told.value) is kind
    assert len(shopify.sent) == 1, "it is not tried again on the spot"
    left = {BACK: ROOM, CHARGED: ROOM - COSTS[document], KEPT: ROOM - COSTS[document], BELIEVED: 900}[points]
    assert shopify.level.available == pytest.approx(left, abs=2)
    assert shopify.level.outstanding == (COSTS[document] if points == KEPT else 0)


def test_a_throttled_call_waits_as_long_as_the_platform_needs(shopify: Answering) -> None:
    cost = {"requestedQueryCost": 20, "actualQueryCost": None, "throttleStatus": EMPTY}
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    shopify.answer({"errors": errors, "extensions": {"cost": cost}})
    with pytest.raises(TryLater) as told:
        shopify.run(WRITE)
    assert not isinstance(told.value, Unclear) and not told.value.counts
    assert told.value.after == pytest.approx(20, abs=2)
    assert shopify.level.outstanding == 0 and shopify.level.available <= 3
    with pytest.raises(TryLater):
        shopify.run(WRITE)
    assert len(shopify.sent) == 1  # the second was not even sent


def test_a_throttled_call_without_figures_waits_a_moment(shopify: Answering) -> None:
    shopify.answer({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})
    with pytest.raises(TryLater) as told:
        shopify.run(WRITE)
    assert not isinstance(told.value, Unclear) and 0 < told.value.after < 60
    assert shopify.level.outstanding == 0


def test_user_errors_are_left_to_the_caller(shopify: Answering) -> None:
    data = {"productUpdate": {"product": None, "userErrors": [{"message": "no"}]}}
    shopify.answer({"data": data, "extensions": {"cost": COST}})
    assert shopify.run(WRITE) == data


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_a_broken_connection_is_tried_again_for_a_read_and_never_for_a_write(shopify: Answering, document: str) -> None:
    shopify.answer(requests.ConnectionError("reset by peer"))
    with pytest.raises(TryLater) as told:
        shopify.run(document)
    assert isinstance(told.value, Unclear) is (document in WRITES)
    assert len(shopify.sent) == (1 if document in WRITES else 3)
    assert shopify.level.outstanding == (COSTS[document] if document in WRITES else 0)


def test_a_refused_token_is_renewed_once_and_the_call_repeated(shopify: Answering) -> None:
    shopify.answer("{}", 401)
    shopify.answer({"data": {"shop": {}}, "extensions": {"cost": COST}})
    shopify.grant_token({"access_token": "new", "expires_in": 86_399})
    assert shopify.run() == {"shop": {}}
    assert [request.headers.get("X-Shopify-Access-Token") for request in shopify.sent] == ["old", None, "new"]
    assert shopify.live().credentials["access_token"] == "new"
    assert shopify.live().credentials["client_secret"] == "hush"


def test_a_token_that_is_refused_twice_disconnects(shopify: Answering) -> None:
    shopify.answer("{}", 401)
    shopify.grant_token({"access_token": "new"})
    with pytest.raises(Disconnected):
        shopify.run(WRITE)
    assert len(shopify.sent) == 3
    assert shopify.level.outstanding == 0


def test_without_room_nothing_is_sent_and_nothing_reserved(shopify: Answering) -> None:
    limiter = shopify.tools.limiter
    held = limiter.take(shopify.client.key, ROOM - 60, NEW)
    with pytest.raises(TryLater) as told:
        shopify.client.take_all([READ, WRITE], NEW)
    assert not told.value.counts and told.value.after > 0
    assert shopify.level.outstanding == held.cost
    assert shopify.sent == []


def test_an_unknown_rate_limit_is_learnt_with_one_cheap_question_and_a_known_one_with_none(
    shopify: Answering,
) -> None:
    shopify.answer({"data": {"shop": {}}, "extensions": {"cost": COST}})
    assert not shopify.client.learn(Deadline(5))
    assert shopify.sent == []
    shopify.client.key = "connection:unheard of"
    assert shopify.client.learn(Deadline(5))
    assert len(shopify.sent) == 1
    assert shopify.level.learnt and shopify.level.available == pytest.approx(900, abs=2)


def test_a_write_that_was_answered_is_done_even_if_the_store_of_the_limits_went_away_meanwhile(
    shopify: Answering, tmp_path: Path
) -> None:
    store = Database(f"sqlite:///{tmp_path}/limits.db")
    Base.metadata.create_all(store.engine)
    shopify.client.tools = replace(shopify.tools, limiter=SqlLimiter(store))
    data = {"productUpdate": {"product": None, "userErrors": []}}

    def answer_and_lose_the_store(_: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        Base.metadata.drop_all(store.engine)
        return 200, {}, json.dumps({"data": data, "extensions": {"cost": COST}})

    shopify.mock.add_callback("POST", URL, answer_and_lose_the_store)
    assert shopify.run(WRITE) == data
    with pytest.raises(TryLater):
        shopify.run(WRITE)
    assert len(shopify.sent) == 1
    store.close()


def test_neither_token_nor_text_is_logged(shopify: Answering) -> None:
    shopify.answer(requests.ConnectionError("https://host/path?token=old"))
    with capture_logs() as told, pytest.raises(Unclear) as raised:
        shopify.run(WRITE, {"product": {"title": "a private title"}})
    assert told, "that it failed is logged"
    for secret in ("old", "private", "hush", "?"):
        assert secret not in str(told) and secret not in str(raised.value)
