"""Money: reserved before, settled after, and never more than the shop's cap."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.ai import prices, spend
from bridge.ai.client import Answer, Prompt, Tokens, Unusable
from bridge.ai.schema import for_schema
from bridge.db import Database
from bridge.deadline import Deadline
from bridge.errors import AskHuman, TryLater
from bridge.models import Shop, Usage
from bridge.vault import Vault
from tests.bridge import rows
from tests.bridge.ai.questions import PROMPT


class Paid:
    """A model that costs money and does as it is told."""

    def __init__(self, outcome: Any = None, free: bool = False, name: str = "gpt-6-sol") -> None:
        self.name, self.free = name, free
        self.outcome = outcome or Answer({}, name, Tokens(read=1000, cached=0, written=100))
        self.asked = 0

    def ask(self, prompt: Prompt, deadline: Deadline) -> Answer:
        self.asked += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome  # type: ignore[no-any-return]


@pytest.fixture
def job_id(db: Database, vault: Vault) -> int:
    with db.writing() as session:
        found = rows.connection(session, vault)
        session.get_one(Shop, found.shop_id).spend_cap = 1_000_000
        return rows.job(session, rows.subject(session, found)).id


def ask(db: Database, job_id: int, model: Paid) -> Answer:
    return spend.ask(db, 1, job_id, model, PROMPT, Deadline(5))


def usage(db: Database) -> list[Usage]:
    with db.reading() as session:
        return list(session.scalars(select(Usage).order_by(Usage.id)))


def test_what_was_reserved_is_settled_at_the_real_cost(db: Database, job_id: int) -> None:
    ask(db, job_id, Paid())
    (row,) = usage(db)
    assert (row.state, row.tokens_in, row.tokens_out) == ("settled", 1000, 100)
    assert row.micros == prices.micros("gpt-6-sol", Tokens(1000, 0, 100)) == 3500
    with db.reading() as session:
        assert spend.spent(session, 1) == 3500
        assert spend.spent(session, 2) == spend.spent(session, 1, "2001-01") == 0


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Unusable("cut", Tokens(1000, 0, 100)), "settled"),
        (AskHuman("no key"), "released"),
        (TryLater("no credit", counts=False), "released"),
        (TryLater("time-out"), "reserved"),
    ],
)
def test_what_failed_is_paid_only_where_it_may_have_been_charged(
    db: Database, job_id: int, outcome: Exception, state: str
) -> None:
    with pytest.raises(type(outcome)):
        ask(db, job_id, Paid(outcome))
    (row,) = usage(db)
    assert row.state == state
    with db.reading() as session:
        assert (spend.spent(session, 1) > 0) is (state != "released")


def test_without_a_budget_nothing_is_asked(db: Database, job_id: int) -> None:
    with db.writing() as session:
        session.get_one(Shop, 1).spend_cap = 0
    model = Paid()
    with pytest.raises(spend.CapReached):
        ask(db, job_id, model)
    assert model.asked == 0 and usage(db) == []


def test_a_server_of_the_shops_own_needs_no_budget(db: Database, job_id: int) -> None:
    with db.writing() as session:
        session.get_one(Shop, 1).spend_cap = 0
    ask(db, job_id, Paid(free=True))
    assert [row.micros for row in usage(db)] == [0]


def test_many_workers_together_do_not_pass_the_cap(db: Database, job_id: int) -> None:
    most = prices.estimate("gpt-6-sol", len(PROMPT.system + PROMPT.user) + 1000, PROMPT.max_tokens)
    with db.writing() as session:
        session.get_one(Shop, 1).spend_cap = cap = 3 * most

    def one(_: int) -> bool:
        try:
            ask(db, job_id, Paid(TryLater("time-out")))
        except TryLater:
            return True
        except spend.CapReached:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        asked = sum(pool.map(one, range(16)))
    with db.reading() as session:
        assert 0 < spend.spent(session, 1) <= cap
    assert asked == len(usage(db)) < 16


def test_an_unknown_model_is_counted_at_the_dearest_price() -> None:
    tokens = Tokens(1000, 500, 1000)
    assert prices.micros("of-tomorrow", tokens) >= max(prices.micros(name, tokens) for name in prices.PRICES)
    assert prices.micros("of-tomorrow", tokens, free=True) == 0


def test_an_estimate_is_never_less_than_the_answer_costs() -> None:
    for name in [*prices.PRICES, "of-tomorrow"]:
        assert prices.estimate(name, 3000, 500) >= prices.micros(name, Tokens(read=1000, written=500))


def test_the_price_table_is_read_again_before_it_is_old() -> None:
    today = datetime.now(UTC).date()
    assert today >= prices.READ_ON
    if today - prices.READ_ON > timedelta(days=120):
        warnings.warn(f"The price table is of {prices.READ_ON}: read it again.", stacklevel=1)
    for name, price in prices.PRICES.items():
        assert price.cached <= price.read <= price.written
        if price.ends and price.ends - today < timedelta(days=60):
            warnings.warn(f"{name} is shut down on {price.ends}.", stacklevel=1)
        assert price.ends is None or price.ends > date(2026, 11, 22)


def test_a_schema_asks_for_every_property_and_for_nothing_else() -> None:
    found = for_schema(PROMPT.schema)
    assert found["type"] == "object" and found["additionalProperties"] is False
    assert found["required"] == list(found["properties"]) == ["title", "tone", "pictures", "note", "score", "sure"]
    assert found["properties"]["tone"] == {"type": "string", "enum": ["warm", "cool"]}
    assert found["properties"]["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    picture = found["properties"]["pictures"]["items"]
    assert picture["additionalProperties"] is False
    assert picture["properties"]["alt"]["description"] == "What is seen"
    assert "maxLength" not in str(found)
