"""When to look for what webhooks may have missed: after every outage, nightly, and by all ids weekly."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from bridge import reconciling, shops
from bridge.db import now_ms
from bridge.models import Connection, Heartbeat, Outage
from bridge.settings import Settings

DEAF_MS = 90_000  # the door is silent for so long: an outage; it beats every 20 s
CLOCKS_APART_MS = 30_000  # by which our clock and a platform's may differ
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
AT_ONCE = 20  # connections asked about in one round


def plan(session: Session, settings: Settings) -> int:
    """Ask for what is due. Returns the number of jobs made; safe to repeat."""
    watch(session)
    made = 0
    for row in _due(session, Connection.checked_at < now_ms() - DAY_MS, ("connected", "paused")):
        if row.checked_at:  # a new connection was checked when it was made
            made += shops.check_soon(session, row.id, None) is not None
        _set(session, row, checked_at=now_ms())
    if not settings.reconcile_hours:
        return made
    nightly = Connection.reconciled_at < now_ms() - int(settings.reconcile_hours * HOUR_MS)
    for row in _due(session, nightly, ("connected",)):
        made += reconciling.ask(session, row, reason="nightly" if row.reconciled_at else "first") is not None
        _set(session, row, reconciled_at=now_ms())
    weekly = Connection.compared_at < now_ms() - int(settings.compare_days * DAY_MS)
    for row in _due(session, weekly, ("connected",)):
        if row.compared_at == 0:  # everything is new to us: there is nothing to compare with yet
            _set(session, row, compared_at=now_ms())
        elif reconciling.ask(session, row, reason="nightly", ids=True) is not None:
            made += 1
            _set(session, row, compared_at=now_ms())
    return made


def watch(session: Session) -> None:
    """Note when no door is open, and look for what was missed once one opens again."""
    last_beat = session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.name.like("web@%")))
    if last_beat is None:
        return  # no door has ever been open, or not within living memory
    silent = (session.scalar(select(now_ms())) or 0) - last_beat > DEAF_MS
    going_on = session.scalar(select(Outage).where(Outage.until.is_(None)).limit(1))
    if silent and going_on is None:
        session.add(Outage(since=last_beat))
    elif not silent and going_on is not None:
        going_on.until = last_beat
        for row in session.scalars(select(Connection).where(Connection.status == "connected")):
            doubt_from = going_on.since - CLOCKS_APART_MS
            reconciling.ask(session, row, reason="outage", outage_id=going_on.id, doubt_from=doubt_from)


def _due(session: Session, condition: ColumnElement[bool], states: tuple[str, ...]) -> list[Connection]:
    usable = or_(*(Connection.status == state for state in states))
    return list(session.scalars(select(Connection).where(condition, usable).order_by(Connection.id).limit(AT_ONCE)))


def _set(session: Session, row: Connection, **values: Any) -> None:
    session.execute(update(Connection).where(Connection.id == row.id).values(**values))
