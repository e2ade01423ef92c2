"""Finds what no webhook told: changes since the last known time, and now and then products that are gone.

Long catalogues are looked through in parts: a part ends in time, says where it stopped, and goes back to the queue.
What is found takes the same way as a webhook (tasks.planning), so echoes, unchanged products and noise end there too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bridge import jobs, subjects
from bridge.catalog import TITLE, Event, fingerprint
from bridge.db import now_ms
from bridge.errors import TryLater
from bridge.models import BulkRun, Connection, Subject
from bridge.priority import REFRESH
from connectors.protocol import Listed, Page
from tasks.kinds import Desk, Kind, Proposal

OVERLAP_MS = 600_000  # looked at again before the last known time: platforms' lists lag behind their clocks
PART = 0.5  # of a job's time; then it makes room for others
NEWS = ("job", "coalesced", "overwritten", "deleted")  # outcomes of an event that nobody had told us
AT_ONCE = 50  # rows in one transaction, so that the door is not kept waiting


@dataclass
class Work:
    """What is to be looked through, how far it is, and what was found so far; the job's input."""

    reason: str = "nightly"  # first | nightly | outage | asked
    ids: bool = False  # compare all ids, to find deletions
    since: int | None = None  # ms, the platform's clock; set at the first part
    begun_at: int = 0  # ms, our clock
    cursor: str = ""
    newest: int = 0
    seen: int = 0
    recovered: int = 0
    deleted: int = 0
    outage_id: int | None = None
    doubt_from: int = 2**53  # ms; from here on an equal time proves nothing, the platform's clock counts whole seconds

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Work:
        """From a job's input; names of tomorrow are ignored."""
        return cls(**{name: value for name, value in given.items() if name in cls.__dataclass_fields__})

    @property
    def first(self) -> bool:
        """Nothing is known yet: all there is comes in."""
        return self.since is None and not self.ids


def propose(desk: Desk) -> Proposal:
    """Turn pages until the end, or until this part's time is over."""
    work = Work.of(desk.job.input)
    try:
        if not work.begun_at:
            _begin(desk, work)
        finished = _turn_pages(desk, work)
        if finished and work.ids:
            _confirm_gone(desk, work)
    except TryLater as error:
        if error.counts:
            raise
        return Proposal("queued", rest=asdict(work), after=error.after)  # waiting for the rate limit; nothing is lost
    if not finished:
        return Proposal("queued", rest=asdict(work))
    _remember(desk, work)
    return Proposal("skipped", result={"ok": True, "lines": [_said(work)], **asdict(work)})


def _begin(desk: Desk, work: Work) -> None:
    with desk.house.db.reading() as session:
        known_to = session.get_one(Connection, desk.live.id).known_to
    work.since = None if known_to is None else known_to - OVERLAP_MS
    work.begun_at = desk.house.db.now()


def _turn_pages(desk: Desk, work: Work) -> bool:
    """True at the last page; False when this part's time is over before it."""
    stop_at = desk.deadline.left() * (1 - PART)
    catalog = desk.house.catalog(desk.live)
    while True:
        page = catalog.listed(None if work.ids else work.since, work.cursor, desk.deadline)
        _take_in(desk, work, page)
        work.seen += len(page.items)
        work.newest = max(work.newest, *(item.updated_at for item in page.items), 0)
        work.cursor = page.cursor
        if not page.cursor or desk.deadline.left() < stop_at:
            return not page.cursor


def _take_in(desk: Desk, work: Work, page: Page) -> None:
    """What a page shows; a page that is taken in again changes nothing more."""
    if work.ids:
        _note_listed(desk, page.items)
        return
    unknown = _unknown(desk, page.items, work.doubt_from)
    if work.first:
        for items in _in_parts([item for item, _ in unknown]):
            _enter(desk, items)
        return
    for item, known in unknown:
        work.recovered += _announce(desk, item, known)


# --- changes ----------------------------------------------------------------------------------------------------


def _unknown(desk: Desk, items: Sequence[Listed], doubt_from: int) -> list[tuple[Listed, bool]]:
    """Products that may not be known as they are, each with whether it is known at all."""
    with desk.house.db.reading() as session:
        rows = session.execute(
            select(Subject.ref, Subject.platform_updated_at, Subject.deleted_at, Subject.seen).where(
                Subject.connection_id == desk.live.id,
                Subject.kind == "product",
                Subject.ref.in_([item.ref for item in items]),
            )
        ).all()
    known = {ref: rest for ref, *rest in rows}
    found = []
    for item in items:
        updated_at, deleted_at, seen = known.get(item.ref, (None, None, {}))
        older = updated_at is None or updated_at < item.updated_at
        if older or item.updated_at >= doubt_from or deleted_at is not None or _reads_otherwise(item, seen):
            found.append((item, item.ref in known))
    return found


def _reads_otherwise(item: Listed, seen: Mapping[str, str]) -> bool:
    """An edit in the second of the last known one has its time, but not its text."""
    return any(name in seen and seen[name] != fingerprint(text) for name, text in item.texts.items())


def _announce(desk: Desk, item: Listed, known: bool) -> bool:
    """Plan what a webhook would have said; True when it was news."""
    kind = "product.updated" if known else "product.created"
    event = desk.house.catalog(desk.live).announced(item.ref, kind, desk.deadline)
    return desk.plan(event or _gone(item.ref, item.updated_at)) in NEWS


def _enter(desk: Desk, items: Sequence[Listed]) -> None:
    """A catalogue seen for the first time: its products become known, and one bulk run waits for the owner's word."""
    with desk.house.db.writing() as session:
        connection = session.get_one(Connection, desk.live.id)
        run_id = _run(session, connection)
        for item in items:
            subject = subjects.product(session, connection, item.ref, item.texts[TITLE])
            subject.platform_updated_at = max(item.updated_at, subject.platform_updated_at or 0)
            jobs.add(
                session,
                shop_id=connection.shop_id,
                connection_id=connection.id,
                subject_id=subject.id,
                kind="listing",
                priority=REFRESH,
                bulk_run_id=run_id,
                waits=True,
            )


def _run(session: Session, connection: Connection) -> int:
    waiting = select(BulkRun.id).where(
        BulkRun.connection_id == connection.id, BulkRun.state == "waiting", BulkRun.reason == "catalogue"
    )
    found = session.scalar(waiting)
    if found is None:
        run = BulkRun(shop_id=connection.shop_id, connection_id=connection.id, reason="catalogue")
        session.add(run)
        session.flush()
        found = run.id
    return found


# --- deletions --------------------------------------------------------------------------------------------------


def _note_listed(desk: Desk, items: Sequence[Listed]) -> None:
    with desk.house.db.writing() as session:
        session.execute(
            update(Subject)
            .where(
                Subject.connection_id == desk.live.id,
                Subject.kind == "product",
                Subject.ref.in_([item.ref for item in items]),
            )
            .values(listed_at=now_ms())
        )


def _confirm_gone(desk: Desk, work: Work) -> None:
    """Products that no page showed, each asked for by name before it counts as deleted."""
    with desk.house.db.reading() as session:
        refs = session.scalars(
            select(Subject.ref).where(
                Subject.connection_id == desk.live.id,
                Subject.kind == "product",
                Subject.deleted_at.is_(None),
                Subject.created_at < work.begun_at,
                Subject.listed_at < work.begun_at,
            )
        ).all()
    catalog = desk.house.catalog(desk.live)
    for ref in refs:
        if catalog.announced(ref, "product.updated", desk.deadline) is None:
            work.deleted += desk.plan(_gone(ref, work.begun_at)) in NEWS


def _gone(ref: str, at: int) -> Event:
    return Event("product.deleted", f"gone:{ref}:{at}", ref)


# --- the end ----------------------------------------------------------------------------------------------------


def _remember(desk: Desk, work: Work) -> None:
    if not work.ids:
        with desk.house.db.writing() as session:
            row = session.get_one(Connection, desk.live.id)
            row.known_to = max(work.newest, row.known_to or 0)


def _said(work: Work) -> str:
    if work.first:
        return f"Found {work.seen} products in the shop. They wait as a bulk run for your word."
    if work.ids:
        return f"Compared {work.seen} products; {work.deleted} had been deleted without a word."
    return f"Looked at {work.seen} changed products; {work.recovered} events had been missed and are recovered."


def _in_parts(items: list[Listed]) -> Iterator[list[Listed]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


KIND = Kind("reconcile", propose, needs_product=False)
