"""The arithmetic of a bucket, for the SQL row; ``bucket.lua`` is the same for Valkey, proven by the same tests.

``available`` is what may still be granted: the platform's figure less what is granted and not answered yet. The truth
lies between the reported figure less all open grants (none of them charged yet) and the reported figure itself (all of
them charged); our own running estimate is kept while it lies within, and gives way when it does not.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bridge.priority import NEW, PERSON, REFRESH

# The part of the bucket that a priority leaves for the more urgent ones. Marks, not rates: the sustained rate is whole.
MARKS = {PERSON: 0.0, NEW: 0.05, REFRESH: 0.10}
PROBE_SECONDS = 15.0  # an unknown bucket lets one call through; without an answer the next may try after this
PROBE_WAIT = 0.1  # seconds until the others look again
SLACK = 1.0  # points by which figures may differ without meaning anything (platforms report whole points)


@dataclass(frozen=True)
class Grant:
    """Permission for one call. ``wait`` > 0: not granted, nothing reserved; ask again after that many seconds."""

    key: str
    id: str
    cost: float
    wait: float = 0.0


@dataclass(frozen=True)
class Level:
    """A bucket now. ``learnt`` is false until the platform has reported its figures."""

    available: float = 0.0
    maximum: float = 0.0
    rate: float = 0.0
    outstanding: float = 0.0
    learnt: bool = False


class Limiter(Protocol):
    """Safe to share between threads. Every method raises TryLater when the store cannot be reached."""

    def take(self, key: str, cost: float, priority: int = NEW, ttl: float = 60.0) -> Grant:
        """Reserve ``cost`` points for one call; the reservation ends by itself after ``ttl`` seconds."""

    def settle(
        self,
        grant: Grant,
        charged: float | None = None,
        available: float | None = None,
        maximum: float | None = None,
        rate: float | None = None,
    ) -> None:
        """The call was answered: end the reservation, believe the platform's figures as far as it gave any."""

    def throttled(
        self,
        grant: Grant,
        available: float | None = None,
        maximum: float | None = None,
        rate: float | None = None,
        requested: float | None = None,
    ) -> float:
        """The platform refused for want of points: nothing was charged. Returns the seconds to wait."""

    def release(self, grant: Grant) -> None:
        """The call was not made: give the points back. Harmless for a grant that is settled or has ended."""

    def room(self, key: str, priority: int = NEW) -> float:
        """Points that may be granted to this priority now; for an unknown bucket one call's worth of nothing: 0."""

    def state(self, key: str) -> Level:
        """The bucket now, for people."""


@dataclass
class Bucket:
    """The stored state. ``grants``: id -> [cost, end in ms]."""

    available: float = 0.0
    at: float = 0.0  # ms
    maximum: float = 0.0
    rate: float = 0.0
    grants: MutableMapping[str, list[float]] = field(default_factory=dict)

    @property
    def learnt(self) -> bool:
        return self.rate > 0

    @property
    def outstanding(self) -> float:
        return sum(cost for cost, _ in self.grants.values())

    def turn(self, now: float) -> None:
        """Bring the bucket to the present: refill, forget grants that ended (they count as charged)."""
        self.grants = {name: grant for name, grant in self.grants.items() if grant[1] > now}
        if self.learnt:
            refilled = self.available + self.rate * max(0.0, now - self.at) / 1000
            self.available = min(refilled, self.maximum - self.outstanding)
        self.at = now

    def take(self, name: str, cost: float, mark: float, ttl: float, now: float) -> float:
        """Seconds to wait; 0 when granted."""
        self.turn(now)
        if not self.learnt:
            return self._probe(name, cost, ttl, now)
        needed = cost + min(self.maximum * mark, max(0.0, self.maximum - cost))
        if self.available < needed:
            return max(0.001, (needed - self.available) / self.rate)
        self.available -= cost
        self.grants[name] = [cost, now + ttl * 1000]
        return 0.0

    def _probe(self, name: str, cost: float, ttl: float, now: float) -> float:
        if self.grants:
            return PROBE_WAIT
        self.grants[name] = [cost, now + min(ttl, PROBE_SECONDS) * 1000]
        return 0.0

    def settle(self, name: str, now: float, charged: float | None, reported: dict[str, float | None]) -> None:
        """End a grant; the difference to what was charged comes back; reported figures are believed."""
        self.turn(now)
        grant = self.grants.pop(name, None)
        if grant and self.learnt and charged is not None:
            self.available += grant[0] - charged
        self._believe(**reported)

    def _believe(self, available: float | None, maximum: float | None, rate: float | None) -> None:
        first = not self.learnt
        self.maximum = maximum if maximum else self.maximum
        self.rate = rate if rate else self.rate
        if available is None:
            return
        least = available - self.outstanding
        if first or self.available < least or self.available > available + SLACK:
            self.available = least
        self.available = min(self.available, available, self.maximum - self.outstanding)

    def throttled(self, name: str, now: float, requested: float, reported: dict[str, float | None]) -> float:
        """Seconds to wait after a refusal."""
        self.turn(now)
        grant = self.grants.pop(name, None)
        if grant and self.learnt:
            self.available += grant[0]
        if reported["available"] is not None:
            self.available = min(self.available, reported["available"])
        self._believe(**reported)
        lacking = requested - self.available
        return max(0.05, lacking / self.rate if self.learnt else 1.0)

    def release(self, name: str, now: float) -> None:
        """Undo a grant."""
        self.turn(now)
        grant = self.grants.pop(name, None)
        if grant and self.learnt:
            self.available = min(self.available + grant[0], self.maximum - self.outstanding)

    def level(self) -> Level:
        """For people."""
        return Level(self.available, self.maximum, self.rate, self.outstanding, self.learnt)


def room(level: Level, priority: int) -> float:
    """What a level leaves for a priority."""
    return max(0.0, level.available - level.maximum * MARKS[priority])


def dump(bucket: Bucket) -> dict[str, Any]:
    """A bucket as JSON-able data."""
    return {
        "available": bucket.available,
        "at": bucket.at,
        "maximum": bucket.maximum,
        "rate": bucket.rate,
        "grants": dict(bucket.grants),
    }
