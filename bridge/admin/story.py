"""Everything that happened to a job, gathered for one page: the stations of its road, its draft, its writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge import journal, shops
from bridge.admin import fieldviews
from bridge.admin.fieldviews import FieldView
from bridge.jobs import MOVES
from bridge.models import (
    Attempt,
    Audit,
    Connection,
    Delivery,
    DraftRow,
    Event,
    Job,
    Shop,
    Subject,
    Usage,
    User,
    Write,
)

RUNNING = ("queued", "thinking", "approved", "writing")
_ROAD = {"queued": 1, "thinking": 2, "review": 3, "conflict": 3, "approved": 4, "writing": 4, "done": 5}


@dataclass(frozen=True)
class Station:
    """One thing that happened, at one time; the template has a line for every ``what``."""

    at: int
    what: str
    row: Any
    extra: Any = None


@dataclass(frozen=True)
class Story:
    """A job with all that belongs to it."""

    job: Job
    subject: Subject
    shop: Shop
    connection: Connection
    drafts: Sequence[DraftRow]
    writes: Sequence[Write]
    stations: Sequence[Station]
    fields: Sequence[FieldView] = ()
    draft: DraftRow | None = None
    conflicts: Sequence[Write] = ()
    undoable: bool = False
    dry_run: Job | None = None
    cost: int = 0
    relatives: Sequence[Job] = field(default_factory=tuple)

    @property
    def moves(self) -> bool:
        """True while the page should look again by itself."""
        waits_for_dry_run = self.dry_run is not None and self.dry_run.state in RUNNING
        return self.job.state in RUNNING or waits_for_dry_run

    @property
    def version(self) -> str:
        """Changes whenever the page would look different."""
        dry = f"{self.dry_run.id}.{self.dry_run.state}" if self.dry_run else ""
        parts = (self.job.state, self.job.attempt, self.job.updated_at, len(self.stations), self.job.stale, dry)
        return "-".join(str(part) for part in parts)

    @property
    def can_retrigger(self) -> bool:
        """A finished job may be asked for once more; one under way may not."""
        return self.job.state == "failed" or not MOVES[self.job.state] or self.job.state == "done"


def gather(session: Session, job: Job) -> Story:
    """The story of a job that the caller has already found visible."""
    drafts = list(session.scalars(select(DraftRow).where(DraftRow.job_id == job.id).order_by(DraftRow.id)))
    writes = list(session.scalars(select(Write).where(Write.job_id == job.id).order_by(Write.id)))
    shop = session.get_one(Shop, job.shop_id)
    draft = next((row for row in drafts if row.id == job.draft_id), None)
    return Story(
        job=job,
        subject=session.get_one(Subject, job.subject_id),
        shop=shop,
        connection=session.get_one(Connection, job.connection_id),
        drafts=drafts,
        writes=writes,
        stations=_stations(session, job, drafts, writes),
        fields=fieldviews.of_draft(draft, shops.read_voice(draft.locale, shop.voices)) if draft else (),
        draft=draft,
        conflicts=journal.conflicts(session, job.id) if job.state == "conflict" else (),
        undoable=job.state == "done" and job.kind != "undo" and bool(journal.undoable(session, job.id)),
        dry_run=_dry_run(session, job),
        cost=_cost(session, job.id),
        relatives=_relatives(session, job),
    )


def road(state: str) -> int:
    """How many of the five stations (heard, queued, drafted, decided, live) a job has reached."""
    return _ROAD.get(state, 0)


def _stations(session: Session, job: Job, drafts: Sequence[DraftRow], writes: Sequence[Write]) -> list[Station]:
    found = [*_causes(session, job)]
    for attempt in session.scalars(select(Attempt).where(Attempt.job_id == job.id).order_by(Attempt.id)):
        found.append(Station(attempt.started_at, "attempt", attempt))
    found += [Station(row.created_at, "draft", row, number) for number, row in enumerate(drafts, 1)]
    by_intent: dict[str, list[Write]] = {}
    for row in writes:
        by_intent.setdefault(row.intent or f"note-{row.id}", []).append(row)
    found += [Station(rows[0].confirmed_at or rows[0].intended_at, "writes", rows) for rows in by_intent.values()]
    deeds = select(Audit, User.name).outerjoin(User, User.id == Audit.user_id).where(Audit.job_id == job.id)
    found += [Station(deed.at, "deed", deed, name) for deed, name in session.execute(deeds.order_by(Audit.id))]
    return sorted(found, key=lambda station: station.at)


def _causes(session: Session, job: Job) -> list[Station]:
    asked = [Station(job.created_at, "asked", job, _name(session, job.asked_by))] if job.event_id is None else []
    event = session.get(Event, job.event_id) if job.event_id else None
    if event is None:
        return asked
    delivery = session.get(Delivery, event.delivery_id) if event.delivery_id else None
    found = [Station(event.created_at, "event", event)]
    return [Station(delivery.received_at, "delivery", delivery), *found] if delivery else found


def _name(session: Session, user_id: int | None) -> str:
    user = session.get(User, user_id) if user_id else None
    return user.name if user else ""


def _dry_run(session: Session, job: Job) -> Job | None:
    """The newest dry run of this job."""
    recent = (
        select(Job).where(Job.subject_id == job.subject_id, Job.kind == "dry_run").order_by(Job.id.desc()).limit(20)
    )
    return next((found for found in session.scalars(recent) if found.input.get("job_id") == job.id), None)


def _relatives(session: Session, job: Job) -> Sequence[Job]:
    """Other recent jobs of the same subject."""
    others = select(Job).where(Job.subject_id == job.subject_id, Job.id != job.id).order_by(Job.id.desc()).limit(8)
    return list(session.scalars(others))


def _cost(session: Session, job_id: int) -> int:
    rows = session.scalars(select(Usage.micros).where(Usage.job_id == job_id, Usage.state != "released"))
    return sum(rows)
