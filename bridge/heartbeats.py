"""Processes that prove they are alive by doing their work, and the lease by which one dispatcher leads."""

from __future__ import annotations

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from bridge import jobs
from bridge.db import Database, insert, now_ms
from bridge.models import Heartbeat


def beat(db: Database, name: str) -> None:
    """Remember that ``name`` worked just now."""
    with db.writing() as session:
        statement = insert(session, Heartbeat).values(name=name, at=now_ms())
        session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": now_ms()}))


def lead(db: Database, name: str, holder: str, lease_ms: int) -> bool:
    """Take or keep the lead; False while somebody else holds it."""
    with db.writing() as session:
        session.execute(insert(session, Heartbeat).values(name=name, at=now_ms()).on_conflict_do_nothing())
        return jobs.changed(
            session,
            update(Heartbeat)
            .where(Heartbeat.name == name, or_(Heartbeat.holder == holder, Heartbeat.lease_until < now_ms()))
            .values(holder=holder, lease_until=now_ms() + lease_ms, at=now_ms()),
        )


def ages(session: Session) -> dict[str, int]:
    """Milliseconds since each process last proved itself."""
    rows = session.execute(select(Heartbeat.name, now_ms() - Heartbeat.at))
    return dict(rows.all())


def forget_old(session: Session, older_than_ms: int) -> None:
    """Drop the rows of processes that are long gone."""
    session.execute(delete(Heartbeat).where(Heartbeat.at < now_ms() - older_than_ms))
