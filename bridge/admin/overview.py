"""The numbers of the first page: what waits, what failed, what it costs, and whether the workers are alive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bridge import heartbeats, privacy
from bridge.admin import chart, scope
from bridge.admin.chart import Day
from bridge.admin.desk import Desk
from bridge.ai import spend
from bridge.errors import TryLater
from bridge.models import BulkRun, Connection, Delivery, Job, PrivacyRequest, Shop, Subject

SILENT_MS = 60_000  # workers beat every ten seconds when all is well
SHOWN = 5
_WAITS_FOR_A_PERSON = (PrivacyRequest.state == privacy.OPEN, PrivacyRequest.made_at.is_not(None))


@dataclass(frozen=True)
class LimitView:
    """A platform's rate limit: how much of it is in use now; ``known`` is false when its store is away."""

    connection: Connection
    known: bool
    used: float = 0.0
    maximum: float = 0.0
    rate: float = 0.0


@dataclass(frozen=True)
class SpendView:
    """What a shop spent on the model this month, in micro-dollars."""

    shop: Shop
    spent: int


@dataclass(frozen=True)
class Overview:
    """All of it."""

    shops: Sequence[Shop]
    connections: Sequence[Connection]
    reviews: int
    conflicts: int
    runs: int
    failed: int
    unreadable: int
    to_hand_over: int  # exports that a customer waits for
    moving: int
    next_up: Sequence[Any]
    failures: Sequence[Any]
    limits: Sequence[LimitView]
    spends: Sequence[SpendView]
    days: Sequence[Day]
    beats: dict[str, int]
    jobs_ever: bool

    @property
    def silent(self) -> list[str]:
        """Which kinds of process have not been heard of for too long."""
        return [kind for kind, age in self.beats.items() if age > SILENT_MS]


def gather(session: Session, desk: Desk) -> Overview:
    """The overview of the signed-in person, of one shop when one is chosen."""
    shops = [shop for shop in scope.shops(session) if scope.chosen_shop() in (None, shop.id)]
    connections = list(session.scalars(scope.only(select(Connection), Connection).order_by(Connection.id)))
    return Overview(
        shops=shops,
        connections=connections,
        reviews=count_jobs(session, "review"),
        conflicts=count_jobs(session, "conflict"),
        runs=_count(session, select(func.count()).where(BulkRun.state == "waiting"), BulkRun),
        failed=count_jobs(session, "failed"),
        unreadable=_count(session, select(func.count()).where(Delivery.state == "unreadable"), Delivery),
        to_hand_over=_count(session, select(func.count()).where(*_WAITS_FOR_A_PERSON), PrivacyRequest),
        moving=count_jobs(session, "queued", "thinking", "approved", "writing"),
        next_up=_some(session, "review", "conflict"),
        failures=_some(session, "failed"),
        limits=[_limit(desk, connection) for connection in connections if connection.status == "connected"],
        spends=[SpendView(shop, spend.spent(session, shop.id)) for shop in shops],
        days=chart.days(session),
        beats=_beats(session),
        jobs_ever=session.scalar(scope.only(select(Job.id), Job).limit(1)) is not None,
    )


def count_jobs(session: Session, *states: str) -> int:
    """Jobs in these states."""
    return _count(session, select(func.count()).where(Job.state.in_(states)), Job)


def _count(session: Session, statement: Any, model: Any) -> int:
    return session.scalar(scope.only(statement, model)) or 0


def _some(session: Session, *states: str) -> Sequence[Any]:
    """The oldest jobs that wait for a person, or the newest that failed."""
    order = Job.id.desc() if states == ("failed",) else Job.id
    found = select(Job, Subject).join(Subject, Subject.id == Job.subject_id).where(Job.state.in_(states))
    return session.execute(scope.only(found, Job).order_by(order).limit(SHOWN)).all()


def _limit(desk: Desk, connection: Connection) -> LimitView:
    try:
        level = desk.limits.state(f"connection:{connection.id}")
    except TryLater:
        return LimitView(connection, known=False)
    if not level.learnt:
        return LimitView(connection, known=False)
    used = max(level.maximum - level.available, 0.0) + max(level.outstanding, 0.0)
    return LimitView(connection, True, min(used, level.maximum), level.maximum, level.rate)


def _beats(session: Session) -> dict[str, int]:
    """Age of the freshest sign of life by kind of process; one that was never seen is as old as can be."""
    youngest = {"dispatcher": 2**53, "think": 2**53, "write": 2**53}
    for name, age in heartbeats.ages(session).items():
        kind = name.partition("@")[0]
        if kind in youngest:
            youngest[kind] = min(youngest[kind], age)
    return youngest
