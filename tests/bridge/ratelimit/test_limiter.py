"""One rate limit, whatever keeps it: SQLite, PostgreSQL or Valkey do the same arithmetic."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.db import Database
from bridge.errors import TryLater
from bridge.models import Base
from bridge.priority import NEW, PERSON, REFRESH
from bridge.ratelimit import Grant, Limiter, room
from bridge.ratelimit.sql import SqlLimiter
from bridge.ratelimit.valkey import ValkeyLimiter

SLOW = 0.001  # points a second: nothing refills while a test runs


@pytest.fixture(params=["sqlite", "postgresql", "valkey"])
def limiter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Limiter]:
    if request.param == "valkey":
        made = ValkeyLimiter(request.getfixturevalue("valkey_url"))
        made._store.flushdb()
        yield made
        return
    if request.param == "sqlite":
        db = Database(f"sqlite:///{tmp_path / 'limits.db'}")
        Base.metadata.create_all(db.engine)
        yield SqlLimiter(db)
        db.close()
        return
    shared = request.getfixturevalue("_postgresql_database")
    if shared is None:
        pytest.skip("No PostgreSQL.")
    limiter = SqlLimiter(shared)
    with shared.engine.begin() as connection:
        connection.execute(Base.metadata.tables["rate_limits"].delete())
    yield limiter


def learn(limiter: Limiter, available: float = 100, maximum: float = 100, rate: float = SLOW) -> None:
    """One probe whose answer tells the figures."""
    probe = limiter.take("k", 1)
    assert probe.wait == 0
    limiter.settle(probe, charged=1, available=available, maximum=maximum, rate=rate)


def level(limiter: Limiter) -> tuple[float, float]:
    """What may still be granted, and what is granted and unanswered; whole points."""
    state = limiter.state("k")
    return round(state.available), round(state.outstanding)


def test_an_unknown_bucket_lets_one_call_through(limiter: Limiter) -> None:
    assert not limiter.state("k").learnt
    first, second = limiter.take("k", 10), limiter.take("k", 10)
    assert first.wait == 0 and second.wait > 0
    limiter.settle(first, charged=10, available=990, maximum=1000, rate=50)
    state = limiter.state("k")
    assert state.learnt and (state.maximum, state.rate) == (1000, 50)
    assert limiter.take("k", 10).wait == 0


def test_a_probe_that_was_not_made_lets_the_next_one_through(limiter: Limiter) -> None:
    limiter.release(limiter.take("k", 10))
    assert limiter.take("k", 10).wait == 0


def test_points_are_reserved_settled_and_given_back(limiter: Limiter) -> None:
    learn(limiter)
    one, two = limiter.take("k", 30), limiter.take("k", 30)
    assert level(limiter) == (40, 60)
    limiter.settle(one, charged=10)
    assert level(limiter) == (60, 30)
    limiter.release(two)
    limiter.release(two)
    assert level(limiter) == (90, 0)


def test_who_is_not_granted_learns_how_long_to_wait_and_reserves_nothing(limiter: Limiter) -> None:
    learn(limiter, available=10, rate=1)
    refused = limiter.take("k", 60, PERSON)
    assert 45 < refused.wait <= 50
    assert level(limiter)[1] == 0


def test_priorities_are_marks_below_which_others_wait(limiter: Limiter) -> None:
    learn(limiter, available=14)
    assert limiter.take("k", 5, REFRESH).wait > 0  # leaves 10 of 100
    assert limiter.take("k", 5, NEW).wait == 0  # leaves 5
    assert limiter.take("k", 5, NEW).wait > 0
    assert limiter.take("k", 5, PERSON).wait == 0
    state = limiter.state("k")
    assert [room(state, each) for each in (PERSON, NEW, REFRESH)] == [pytest.approx(4, abs=0.1), 0, 0]


def test_a_call_as_large_as_the_bucket_is_granted_to_everybody_when_it_is_full(limiter: Limiter) -> None:
    learn(limiter)
    assert limiter.take("k", 99.5, REFRESH).wait == 0


def test_a_bucket_refills_up_to_its_maximum(limiter: Limiter) -> None:
    learn(limiter, available=0, rate=10_000)
    time.sleep(0.05)
    assert level(limiter) == (100, 0)


def test_the_platforms_figures_overwrite_ours(limiter: Limiter) -> None:
    learn(limiter)
    limiter.settle(limiter.take("k", 10), charged=10, available=20)  # somebody else uses the same bucket
    assert level(limiter)[0] == 20
    limiter.settle(limiter.take("k", 10), charged=10, available=70)
    assert level(limiter)[0] == 70


def test_answers_out_of_order_do_not_give_points_away_twice(limiter: Limiter) -> None:
    learn(limiter)
    first, second = limiter.take("k", 40), limiter.take("k", 40)
    limiter.settle(second, charged=40, available=20)  # both were charged when this was said
    assert level(limiter)[0] <= 20
    limiter.settle(first, charged=40, available=60)  # this was said before the second was charged
    assert level(limiter)[0] <= 60
    assert limiter.take("k", 90, PERSON).wait > 0


def test_a_refusal_by_the_platform_is_believed(limiter: Limiter) -> None:
    learn(limiter, rate=1)
    grant = limiter.take("k", 50)
    wait = limiter.throttled(grant, available=0, maximum=100, rate=1, requested=50)
    assert 45 < wait <= 51
    assert level(limiter) == (0, 0)


def test_a_grant_of_a_process_that_died_ends_by_itself(limiter: Limiter) -> None:
    learn(limiter)
    limiter.take("k", 60, ttl=0.05)
    assert level(limiter) == (40, 60)
    time.sleep(0.1)
    assert level(limiter)[1] == 0
    assert limiter.take("k", 60, PERSON).wait > 0  # it counts as charged until the platform says otherwise


def test_many_threads_are_never_granted_more_than_there_is(limiter: Limiter) -> None:
    learn(limiter)
    with ThreadPoolExecutor(8) as pool:
        granted = sum(grant.wait == 0 for grant in pool.map(lambda _: limiter.take("k", 7, PERSON), range(40)))
    assert granted == 14


def test_every_connection_has_its_own(limiter: Limiter) -> None:
    learn(limiter)
    limiter.take("k", 90)
    assert not limiter.state("other").learnt


def test_a_store_that_is_away_means_try_later_at_no_cost(tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path / 'none.db'}")  # has no tables
    for limiter in (ValkeyLimiter("redis://127.0.0.1:1/0"), SqlLimiter(away)):
        asks: list[tuple[Any, ...]] = [(limiter.take, "k", 1), (limiter.state, "k")]
        asks.append((limiter.release, Grant("k", "i", 1)))
        for ask, *words in asks:
            with pytest.raises(TryLater) as told:
                ask(*words)
            assert not told.value.counts


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(1, 60), st.sampled_from([PERSON, NEW, REFRESH])),
        st.tuples(st.just("settle"), st.integers(0, 60), st.one_of(st.none(), st.integers(0, 100))),
        st.tuples(st.just("throttled"), st.integers(0, 60), st.integers(0, 100)),
        st.tuples(st.just("release"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_script_and_the_python_arithmetic_agree_on_every_history(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int | None]]
) -> None:
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('history') / 'limits.db'}")
    Base.metadata.create_all(db.engine)
    script = ValkeyLimiter(valkey_url)
    script._store.flushdb()
    told = [_play(SqlLimiter(db), steps), _play(script, steps)]
    db.close()
    assert told[0] == told[1]


def _play(limiter: Limiter, steps: list[tuple[str, int, int | None]]) -> list[object]:
    learn(limiter)
    grants: list[Grant] = []
    told: list[object] = []
    for step, amount, more in steps:
        if step == "take":
            grant = limiter.take("k", amount, more or 0, ttl=1000)
            told.append(grant.wait == 0)
            grants += [grant] if grant.wait == 0 else []
        elif grants and step == "settle":
            limiter.settle(grants.pop(0), charged=amount, available=more, maximum=100, rate=SLOW)
        elif grants and step == "throttled":
            limiter.throttled(grants.pop(0), available=more, maximum=100, rate=SLOW, requested=amount)
        elif grants:
            limiter.release(grants.pop(0))
        told.append(level(limiter))
    return told
