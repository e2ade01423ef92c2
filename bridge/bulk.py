"""Bulk runs: many jobs asked for at once, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bridge import jobs
from bridge.db import now_ms
from bridge.models import BulkRun, Connection, Job, Subject
from bridge.priority import REFRESH


@dataclass(frozen=True)
class Progress:
    """How many jobs of a run still work, wait for a person, are finished, or failed."""

    working: int
    waiting: int
    finished: int
    failed: int

    @property
    def total(self) -> int:
        """All jobs of the run."""
        return self.working + self.waiting + self.finished + self.failed


def refresh(session: Session, connection: Connection, user_id: int | None = None) -> int:
    """Ask for new texts for every known product of a connection, at the lowest priority. Returns the run's id."""
    run = BulkRun(
        shop_id=connection.shop_id, connection_id=connection.id, reason="refresh", state="running",
        started_at=session.scalar(now_ms().select()),
    )  # fmt: skip
    session.add(run)
    session.flush()
    products = select(Subject.id).where(
        Subject.connection_id == connection.id, Subject.kind == "product", Subject.deleted_at.is_(None)
    )
    for subject_id in session.scalars(products):
        jobs.add(
            session,
            shop_id=connection.shop_id,
            connection_id=connection.id,
            subject_id=subject_id,
            kind="listing",
            priority=REFRESH,
            input={"asked": True},
            asked_by=user_id,
            bulk_run_id=run.id,
        )
    return run.id


def progress(session: Session, run_id: int) -> Progress:
    """Where the jobs of a run stand now."""
    found = select(Job.state, func.count()).where(Job.bulk_run_id == run_id).group_by(Job.state)
    counts = dict(session.execute(found).all())
    waiting = sum(counts.pop(state, 0) for state in jobs.WAITING)
    failed = counts.pop("failed", 0)
    finished = sum(counts.pop(state, 0) for state in jobs.FINAL)
    return Progress(sum(counts.values()), waiting, finished, failed)
