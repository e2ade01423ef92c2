"""Plan, offer, reap: what is told to workers, to whom first, and what happens when nobody listens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from bridge import heartbeats, jobs, shops
from bridge.db import Database
from bridge.models import Delivery, Job
from bridge.nudge import THINK, WRITE
from bridge.ratelimit.sql import SqlLimiter
from bridge.settings import Settings
from bridge.vault import Vault
from tasks.dispatcher import OFFER_MS, Dispatcher, _fairest_first
from tests.bridge import rows
from tests.tasks.road import Road


class Told:
    """A producer that remembers what it was told to publish."""

    def __init__(self) -> None:
        self.hints: list[tuple[str, int]] = []
        self.pings: list[str] = []

    def tell(self, step: str, job_id: int) -> None:
        self.hints.append((step, job_id))

    def ping(self, step: str) -> None:
        self.pings.append(step)


def dispatcher(db: Database, settings: Settings, vault: Vault, **more: Any) -> Dispatcher:
    return Dispatcher(settings, db, vault, SqlLimiter(db), Told(), **more)  # type: ignore[arg-type]


def hints(made: Dispatcher) -> list[tuple[str, int]]:
    assert isinstance(made.producer, Told)
    found, made.producer.hints = made.producer.hints, []
    return found


@pytest.fixture
def made(db: Database, settings: Settings, vault: Vault) -> Dispatcher:
    return dispatcher(db, settings, vault)


def know(db: Database, connection: int, available: float, rate: float = 0.001) -> None:
    """The rate limit of a connection, as if the platform had just told it."""
    limiter = SqlLimiter(db)
    probe = limiter.take(f"connection:{connection}", 1)
    limiter.settle(probe, available=available, maximum=1000, rate=rate)


def seed(db: Database, vault: Vault, state: str, count: int, account: str = "a.myshopify.com") -> int:
    with db.writing() as session:
        found = rows.connection(session, vault, account)
        for number in range(count):
            rows.job(session, rows.subject(session, found, f"p{number}"), state, priority=0)
        return found.id


def test_one_leads_and_the_others_wait(db: Database, settings: Settings, vault: Vault) -> None:
    first, second = (dispatcher(db, settings, vault, name=name) for name in ("first", "second"))
    seed(db, vault, "queued", 1)
    assert first.turn()
    assert not second.turn()
    assert hints(first) and not hints(second)
    with db.writing() as session:
        row = heartbeats.Heartbeat
        session.execute(update(row).where(row.name == "dispatcher").values(lease_until=0))
        session.execute(update(Job).values(offered_until=0))
    second._next.clear()
    assert second.turn()
    assert hints(second)


def test_a_stored_delivery_becomes_a_hint_in_one_turn(road: Road) -> None:
    road.product()
    made = dispatcher(road.db, road.house.settings, road.house.tools.vault)
    assert made.turn()
    assert hints(made) == [(THINK, road.job().id)]
    assert [row.state for row in road.deliveries()] == ["planned"]


def test_an_offer_is_made_once_and_again_when_nobody_took_it(made: Dispatcher, db: Database, vault: Vault) -> None:
    seed(db, vault, "queued", 1)
    made.turn()
    made.turn()
    assert hints(made) == [(THINK, 1)]
    with db.reading() as session:
        assert 0 < session.get_one(Job, 1).offered_until - db.now() <= OFFER_MS
    with db.writing() as session:
        session.execute(update(Job).values(offered_until=0))
    made.turn()
    assert hints(made) == [(THINK, 1)]


def test_no_more_is_offered_than_a_shop_may_have_in_flight(made: Dispatcher, db: Database, vault: Vault) -> None:
    seed(db, vault, "queued", 20)
    for _ in range(4):
        made.turn()
    assert len(hints(made)) == made.settings.calls_in_flight_per_shop


def test_writes_are_offered_only_as_the_rate_limit_has_room(made: Dispatcher, db: Database, vault: Vault) -> None:
    know(db, seed(db, vault, "approved", 20), available=45)
    for _ in range(4):
        made.turn()
    assert len(hints(made)) == 3  # fourteen points each


def test_an_unknown_rate_limit_lets_one_write_find_out(made: Dispatcher, db: Database, vault: Vault) -> None:
    seed(db, vault, "approved", 5)
    for _ in range(4):
        made.turn()
    assert len(hints(made)) == 1


def test_without_the_store_of_the_limits_nothing_is_written(db: Database, settings: Settings, vault: Vault) -> None:
    from bridge.ratelimit.valkey import ValkeyLimiter

    away = Dispatcher(settings, db, vault, ValkeyLimiter("redis://127.0.0.1:1/0"), Told())  # type: ignore[arg-type]
    seed(db, vault, "approved", 2)
    away.turn()
    assert hints(away) == []


def test_a_busy_shop_does_not_make_the_small_ones_wait(made: Dispatcher, db: Database, vault: Vault) -> None:
    seed(db, vault, "queued", 50)
    for number in range(5):
        seed(db, vault, "queued", 1, f"small-{number}.myshopify.com")
    made.turn()
    first = [job_id for _, job_id in hints(made)][:6]
    with db.reading() as session:
        assert len({session.get_one(Job, job_id).connection_id for job_id in first}) == 6


def test_the_shop_with_the_least_under_way_comes_first_and_priority_decides_within() -> None:
    def job(number: int, connection: int, priority: int) -> Job:
        return Job(id=number, connection_id=connection, priority=priority)

    found = [job(1, 1, 0), job(2, 1, 0), job(3, 2, 2), job(4, 3, 1)]
    assert [each.id for each in _fairest_first(found, {1: 2})] == [4, 3, 1, 2]


def test_lost_work_is_picked_up(made: Dispatcher, db: Database, vault: Vault) -> None:
    seed(db, vault, "queued", 1)
    seed(db, vault, "approved", 1, "b.myshopify.com")
    jobs.claim(db, 1, "think", 60_000)
    jobs.claim(db, 2, "write", 60_000)
    made.turn()
    assert hints(made) == []
    with db.writing() as session:
        session.execute(update(Job).values(lease_until=0))
    made._next.clear()
    made.turn()
    assert (WRITE, 2) in hints(made)
    with db.reading() as session:
        assert (session.get_one(Job, 1).state, session.get_one(Job, 2).state) == ("queued", "writing")
    made.turn()
    assert (WRITE, 2) not in hints(made)  # offered a moment ago


def test_workers_are_pinged_and_only_the_dispatchers_lease_counts_as_its_life(made: Dispatcher) -> None:
    made.turn()
    made.turn()
    assert isinstance(made.producer, Told)
    assert made.producer.pings == [THINK, WRITE]


def test_raw_deliveries_are_forgotten_after_their_time_and_their_hashes_stay(road: Road) -> None:
    road.product()
    road.plan()
    short = replace(road.house.settings, deliveries_kept_days=1)
    made = dispatcher(road.db, short, road.house.tools.vault)
    made.turn()
    assert road.deliveries()[0].body is not None
    with road.db.writing() as session:
        session.execute(update(Delivery).values(planned_at=Delivery.planned_at - 2 * 86_400_000))
    made._next.clear()
    made.turn()
    with road.db.reading() as session:
        row = session.scalars(select(Delivery)).one()
    assert row.body is None and row.headers is None
    assert len(row.body_hash) == 64 and row.delivery_id


def test_unreadable_deliveries_are_kept_until_somebody_looked(road: Road) -> None:
    road.control("POST", "deliver", {"topic": "products/create", "body": "<html>"})
    road.plan()
    with road.db.writing() as session:
        session.execute(update(Delivery).values(planned_at=0))
    dispatcher(road.db, road.house.settings, road.house.tools.vault).turn()
    assert road.deliveries()[0].body is not None


def test_a_paused_shop_is_offered_again_after_it_resumed(made: Dispatcher, db: Database, vault: Vault) -> None:
    connection = seed(db, vault, "queued", 1)
    with db.writing() as session:
        shops.pause(session, connection, "A pause.")
    made.turn()
    assert hints(made) == []
    with db.writing() as session:
        shops.resume(session, connection)
    made.turn()
    assert hints(made) == [(THINK, 1)]
