"""The bucket in Valkey or Redis: one Lua script, atomic, on the server's own clock, shared by every machine."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import redis

from bridge.errors import TryLater
from bridge.priority import NEW
from bridge.ratelimit.bucket import MARKS, PROBE_SECONDS, PROBE_WAIT, SLACK, Grant, Level, room

_SCRIPT = Path(__file__).with_name("bucket.lua").read_text()
_PREFIX = "storebridge:ratelimit:"


class ValkeyLimiter:
    """See ``Limiter``. A store that lost its memory starts every bucket at nothing and learns from one probe."""

    def __init__(self, url: str) -> None:
        self._store = redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=2, max_connections=64)
        self._script = self._store.register_script(_SCRIPT)

    def take(self, key: str, cost: float, priority: int = NEW, ttl: float = 60.0) -> Grant:
        name = uuid.uuid4().hex
        wait = self._run(key, "take", name, cost, MARKS[priority], ttl, PROBE_SECONDS, PROBE_WAIT)
        return Grant(key, name, cost, float(wait))

    def settle(
        self,
        grant: Grant,
        charged: float | None = None,
        available: float | None = None,
        maximum: float | None = None,
        rate: float | None = None,
    ) -> None:
        self._run(grant.key, "settle", grant.id, *_said(charged, available, maximum, rate), SLACK)

    def throttled(
        self,
        grant: Grant,
        available: float | None = None,
        maximum: float | None = None,
        rate: float | None = None,
        requested: float | None = None,
    ) -> float:
        needed = grant.cost if requested is None else requested
        return float(self._run(grant.key, "throttled", grant.id, needed, *_said(available, maximum, rate), SLACK))

    def release(self, grant: Grant) -> None:
        self._run(grant.key, "release", grant.id)

    def room(self, key: str, priority: int = NEW) -> float:
        return room(self.state(key), priority)

    def state(self, key: str) -> Level:
        available, maximum, rate, outstanding, learnt = self._run(key, "state")
        return Level(float(available), float(maximum), float(rate), float(outstanding), bool(learnt))

    def _run(self, key: str, *args: Any) -> Any:
        try:
            return self._script(keys=[_PREFIX + key], args=args)
        except redis.RedisError as error:
            raise TryLater("The store of the rate limits cannot be reached.", counts=False) from error


def _said(*figures: float | None) -> list[float | str]:
    return ["" if figure is None else figure for figure in figures]
