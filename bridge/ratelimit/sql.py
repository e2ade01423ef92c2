"""The bucket in one SQL row, for installations without a Valkey or Redis. The database's clock counts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bridge.db import Database, insert, now_ms
from bridge.errors import TryLater
from bridge.models import Bucket as Row
from bridge.priority import NEW
from bridge.ratelimit.bucket import MARKS, Bucket, Grant, Level, dump, room

_AWAY = "The store of the rate limits cannot be reached."


class SqlLimiter:
    """See ``Limiter``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def take(self, key: str, cost: float, priority: int = NEW, ttl: float = 60.0) -> Grant:
        name = uuid.uuid4().hex
        with self._bucket(key) as (bucket, now):
            wait = bucket.take(name, cost, MARKS[priority], ttl, now)
        return Grant(key, name, cost, wait)

    def settle(
        self,
        grant: Grant,
        charged: float | None = None,
        available: float | None = None,
        maximum: float | None = None,
        rate: float | None = None,
    ) -> None:
        with self._bucket(grant.key) as (bucket, now):
            reported = {"available": available, "maximum": maximum, "rate": rate}
            bucket.settle(grant.id, now, charged, reported)

    def throttled(
        self,
        grant: Grant,
        available: float | None = None,
        maximum: float | None = None,
        rate: float | None = None,
        requested: float | None = None,
    ) -> float:
        with self._bucket(grant.key) as (bucket, now):
            reported = {"available": available, "maximum": maximum, "rate": rate}
            return bucket.throttled(grant.id, now, grant.cost if requested is None else requested, reported)

    def release(self, grant: Grant) -> None:
        with self._bucket(grant.key) as (bucket, now):
            bucket.release(grant.id, now)

    def room(self, key: str, priority: int = NEW) -> float:
        return room(self.state(key), priority)

    def state(self, key: str) -> Level:
        try:
            with self._db.reading() as session:
                stored = session.scalar(select(Row.state).where(Row.key == key))
                now = session.scalar(now_ms().select()) or 0
        except (SQLAlchemyError, OSError) as error:
            raise TryLater(_AWAY, counts=False) from error
        bucket = Bucket(**stored) if stored else Bucket()
        bucket.turn(now)
        return bucket.level()

    @contextmanager
    def _bucket(self, key: str) -> Iterator[tuple[Bucket, float]]:
        try:
            with self._db.writing() as session:
                session.execute(insert(session, Row).values(key=key, state={}).on_conflict_do_nothing())
                row = session.scalars(select(Row).where(Row.key == key).with_for_update()).one()
                bucket = Bucket(**row.state)
                yield bucket, float(session.scalar(now_ms().select()) or 0)
                row.state = dump(bucket)
        except (SQLAlchemyError, OSError) as error:
            raise TryLater(_AWAY, counts=False) from error
