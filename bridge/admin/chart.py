"""Jobs per day as a stacked bar chart: plain numbers that the template draws as SVG and repeats as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bridge.admin import scope
from bridge.db import now_ms
from bridge.models import Job

DAYS = 14
_DAY_MS = 86_400_000
WIDTH, HEIGHT, GAP = 700.0, 160.0, 10.0

# What a state counts as, in drawing order.
OUTCOMES: dict[str, tuple[str, ...]] = {
    "live": ("done",),
    "waits": ("review", "conflict"),
    "moving": ("queued", "thinking", "approved", "writing"),
    "ended": ("skipped", "rejected", "superseded", "cancelled", "undone"),
    "failed": ("failed",),
}


@dataclass(frozen=True)
class Bar:
    """One outcome of one day."""

    outcome: str
    count: int
    y: float
    height: float


@dataclass(frozen=True)
class Day:
    """One day: its bars from the bottom up."""

    day: date
    x: float
    width: float
    bars: tuple[Bar, ...]

    @property
    def total(self) -> int:
        """All jobs of the day."""
        return sum(bar.count for bar in self.bars)


def days(session: Session) -> list[Day]:
    """The last two weeks, today last."""
    today = datetime.fromtimestamp((session.scalar(now_ms().select()) or 0) / 1000, UTC).date()
    counts = _counts(session, today)
    most = max((sum(found.values()) for found in counts.values()), default=0) or 1
    width = WIDTH / DAYS
    return [
        _day(today - timedelta(days=DAYS - 1 - place), place * width, width - GAP, counts, most)
        for place in range(DAYS)
    ]


def _day(day: date, x: float, width: float, counts: Mapping[date, Mapping[str, int]], most: int) -> Day:
    bars, y = [], HEIGHT
    for outcome in OUTCOMES:
        count = counts.get(day, {}).get(outcome, 0)
        height = HEIGHT * count / most
        y -= height
        bars.append(Bar(outcome, count, round(y, 2), round(height, 2)))
    return Day(day, round(x + GAP / 2, 2), round(width, 2), tuple(bars))


def _counts(session: Session, today: date) -> dict[date, dict[str, int]]:
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=DAYS - 1)
    since = int(midnight.timestamp() * 1000)
    day = (Job.created_at // _DAY_MS).label("day")
    # Ids grow with time, so the oldest id of the window lets the primary key do the filtering.
    asked = scope.only(
        select(day, Job.state, func.count()).where(Job.id >= _first_since(session, since), Job.created_at >= since),
        Job,
    ).group_by(day, Job.state)
    outcome_of = {state: outcome for outcome, states in OUTCOMES.items() for state in states}
    found: dict[date, dict[str, int]] = {}
    for number, state, count in session.execute(asked):
        of_day = found.setdefault(datetime.fromtimestamp(number * _DAY_MS / 1000, UTC).date(), {})
        of_day[outcome_of[state]] = of_day.get(outcome_of[state], 0) + count
    return found


def _first_since(session: Session, since: int) -> int:
    """An id below which every job is older, found by halving over the primary key."""
    low, high = 0, session.scalar(select(func.max(Job.id))) or 0
    while low < high:
        middle = (low + high) // 2
        made = session.scalar(select(Job.created_at).where(Job.id > middle).order_by(Job.id).limit(1))
        if made is None or made >= since:
            high = middle
        else:
            low = middle + 1
    return low
