"""Approved texts waiting to be written: what the benchmarks of the write road have in common."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from bridge import jobs
from bridge.catalog import SEO_DESCRIPTION, SEO_TITLE
from bridge.db import Database
from bridge.models import DraftRow, Job, Subject
from bridge.priority import PERSON
from demo.world import Store

BUCKET, RATE = 1000.0, 100.0  # the standard plan


def approve(db: Database, store: Store, connection: int, count: int) -> None:
    """Products at the store, and a draft for each that a person approved and that needs one mutation; not due yet."""
    gids = [store.make({"title": f"Bench {number}", "silent": True}) for number in range(count)]
    texts = {"description": "<p>Bench</p>", SEO_TITLE: "Bench", SEO_DESCRIPTION: "A bench."}
    with db.writing() as session:
        shop_id = connection  # one shop per connection, made in the same order
        for gid in gids:
            subject = Subject(shop_id=shop_id, connection_id=connection, ref=gid, title="Bench", seen={})
            session.add(subject)
            session.flush()
            job = Job(
                shop_id=shop_id, connection_id=connection, subject_id=subject.id, kind="listing", state="approved",
                priority=PERSON, due_at=jobs.NEVER,
            )  # fmt: skip
            session.add(job)
            session.flush()
            base = dict.fromkeys(texts, "")
            draft = DraftRow(job_id=job.id, locale="en", base=base, fields=texts, author="template")
            session.add(draft)
            session.flush()
            job.draft_id = draft.id


def release(db: Database) -> int:
    """All of them are due from now on. Returns that moment, ms."""
    with db.writing() as session:
        for job in session.scalars(select(Job)):
            job.due_at = 0
    return db.now()


def wait(db: Database) -> None:
    """Until every job is done."""
    while True:
        with db.reading() as session:
            if not session.scalar(select(func.count()).select_from(Job).where(Job.state != "done")):
                return
        time.sleep(0.1)


def ends(db: Database) -> dict[int, int]:
    """When the last job of each connection was done, ms."""
    with db.reading() as session:
        rows = session.execute(select(Job.connection_id, func.max(Job.updated_at)).group_by(Job.connection_id))
        return dict(rows.all())


def account(store: Store) -> dict[str, Any]:
    """What the store charged and refused, by its own ledger."""
    calls: Iterable[dict[str, Any]] = store.ledger()["calls"]
    return {
        "charged": sum(call["charged"] for call in calls),
        "throttled": sum(1 for call in calls if call["throttled"]),
    }
