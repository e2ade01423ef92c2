"""Looks for what webhooks may have missed, as the page and the dispatcher ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge import jobs, subjects
from bridge.models import Connection, Job, Outage
from bridge.priority import PERSON, REFRESH

KIND = "reconcile"


def ask(session: Session, row: Connection, *, user_id: int | None = None, **work: Any) -> int | None:
    """Ask for a look at one connection. Returns the job's id, or None when one is queued already."""
    return jobs.add(
        session,
        shop_id=row.shop_id,
        connection_id=row.id,
        subject_id=subjects.of_connection(session, row).id,
        kind=KIND,
        priority=REFRESH if user_id is None else PERSON,
        input=work,
        asked_by=user_id,
    )


def outages(session: Session, limit: int = 5) -> Sequence[tuple[Outage, int]]:
    """The last times in which no door was open, each with the number of events recovered after it, newest first."""
    found = session.scalars(select(Outage).order_by(Outage.id.desc()).limit(limit)).all()
    since = min((each.since for each in found), default=0)
    results = session.scalars(
        select(Job.result).where(Job.kind == KIND, Job.state == "skipped", Job.created_at >= since)
    ).all()
    recovered: dict[int, int] = {}
    for result in results:
        outage = int(result.get("outage_id") or 0)
        recovered[outage] = recovered.get(outage, 0) + int(result.get("recovered", 0))
    return [(each, recovered.get(each.id, 0)) for each in found]
