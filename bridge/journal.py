"""The write journal: the intent before the call, the outcome after it, how our own echoes look, what can be undone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bridge import copies, texts
from bridge.catalog import DESCRIPTION, TAGS, fingerprint, split_tags
from bridge.db import now_ms
from bridge.models import FieldText, Job, Subject, Write


@dataclass(frozen=True)
class Change:
    """One field's way from ``before`` (the text it is compared with) to ``after``."""

    field: str
    before: str
    after: str


def new_intent() -> str:
    """An id for the changes that travel in one call."""
    return str(uuid.uuid4())


def edits_since(session: Session, subject_id: int, changes: Sequence[Change], read_at: int) -> dict[str, str]:
    """Edits that the merchant's own webhooks announced after we read: field -> their text.

    Closes the hole between our read and the intent: such an edit was not in what we compared with.
    """
    rows = session.scalars(
        select(FieldText)
        .where(
            FieldText.subject_id == subject_id,
            FieldText.field.in_([change.field for change in changes]),
            FieldText.author == texts.PERSON,
            FieldText.at >= read_at,
        )
        .order_by(FieldText.id)
    )
    known = {change.field: (change.before, change.after) for change in changes}
    return {row.field: row.value for row in rows if row.value not in known[row.field] and row.field != TAGS}


def intend(
    session: Session, job: Job, intent: str, changes: Sequence[Change], locale: str, read_at: int
) -> list[Write]:
    """Store what is about to be written, before the call is made; the echo is recognised by these rows."""
    rows = [
        Write(
            shop_id=job.shop_id,
            job_id=job.id,
            subject_id=job.subject_id,
            intent=intent,
            field=change.field,
            locale=locale,
            before=change.before,
            after=change.after,
            after_hash=fingerprint(change.after),
            read_at=read_at,
        )
        for change in changes
    ]
    session.add_all(rows)
    session.flush()
    return rows


def confirm(session: Session, intent: str, current: Mapping[str, str], updated_at: int | None) -> None:
    """The platform says that the write happened; ``current`` are the texts as it stored them."""
    now = session.scalar(select(now_ms()))
    for row in _intended(session, intent):
        stored = current.get(row.field, row.after)
        row.state, row.confirmed_at, row.platform_updated_at = "confirmed", now, updated_at
        row.stored = stored if stored != row.after else None
        for value in dict.fromkeys((row.after, stored)):
            session.add(texts.written(row.subject_id, row.field, row.locale, value, row.id))
        if row.field == DESCRIPTION:
            copies.remember(session, session.get_one(Subject, row.subject_id), stored)


def refuse(session: Session, intent: str) -> None:
    """The platform said no, or a read-back showed that the write never happened."""
    for row in _intended(session, intent):
        row.state = "refused"


def note(session: Session, job: Job, change: Change, state: str, locale: str, theirs: str | None = None) -> None:
    """A field that needed no call: ``already`` as we want it, or in ``conflict`` with the merchant's text."""
    session.add(
        Write(
            shop_id=job.shop_id,
            job_id=job.id,
            subject_id=job.subject_id,
            intent="",
            field=change.field,
            locale=locale,
            before=change.before,
            after=change.after,
            after_hash=fingerprint(change.after),
            theirs=theirs,
            state=state,
        )
    )


def open_intents(session: Session, job_id: int) -> dict[str, list[Write]]:
    """Intents of a job whose outcome is unknown, by intent id, oldest first."""
    found: dict[str, list[Write]] = {}
    for row in session.scalars(
        select(Write).where(Write.job_id == job_id, Write.state == "intended").order_by(Write.id)
    ):
        found.setdefault(row.intent, []).append(row)
    return found


def newest(session: Session, subject_id: int, field: str) -> Write | None:
    """The last write of a field that reached, or may have reached, the platform."""
    return session.scalar(
        select(Write)
        .where(
            Write.subject_id == subject_id,
            Write.field == field,
            Write.state.in_(("intended", "confirmed", "undone", "overwrote")),
        )
        .order_by(Write.id.desc())
        .limit(1)
    )


def is_ours(row: Write, value: str) -> bool:
    """True when a text is what this write put there, also as the platform stored it."""
    return fingerprint(value) == row.after_hash or (row.stored is not None and value == row.stored)


def conflicts(session: Session, job_id: int) -> list[Write]:
    """The open conflicts of a job, one per field, the newest."""
    rows = session.scalars(select(Write).where(Write.job_id == job_id, Write.state == "conflict").order_by(Write.id))
    return list({row.field: row for row in rows}.values())


def undoable(session: Session, job_id: int) -> dict[str, list[Write]]:
    """Confirmed writes of a job by field, oldest first; a job writes a field again when a conflict was decided so."""
    found: dict[str, list[Write]] = {}
    confirmed = select(Write).where(Write.job_id == job_id, Write.state == "confirmed").order_by(Write.id)
    for row in session.scalars(confirmed):
        found.setdefault(row.field, []).append(row)
    return found


def restore_text(rows: Sequence[Write], live: str) -> str | None:
    """What undoing the writes of a field would put there, or None when it no longer holds our text.

    A text goes back to what stood there before the last write, which a person decided to write over. Tags were only
    added, so undoing takes away just those of every write, whatever the merchant did to the others.
    """
    last = rows[-1]
    if last.field == TAGS:
        added = {tag for row in rows for tag in set(split_tags(row.after)) - set(split_tags(row.before))}
        kept = [tag for tag in split_tags(live) if tag not in added]
        return ", ".join(kept) if len(kept) != len(split_tags(live)) else None
    return last.before if is_ours(last, live) else None


def mark_undone(session: Session, job_id: int) -> None:
    """Another job took these writes back."""
    session.execute(update(Write).where(Write.job_id == job_id, Write.state == "confirmed").values(state="undone"))


def _intended(session: Session, intent: str) -> list[Write]:
    return list(session.scalars(select(Write).where(Write.intent == intent, Write.state == "intended")))
