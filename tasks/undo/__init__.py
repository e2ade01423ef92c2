"""Takes the writes of a done job back, wherever the field still holds our text."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bridge import jobs, journal
from bridge.catalog import Draft
from bridge.models import Job
from tasks.kinds import Desk, Kind, Proposal


def propose(desk: Desk) -> Proposal:
    """A person asked for it, so it is approved; fields that somebody changed since stay as they are."""
    assert desk.product is not None
    current = desk.product.texts()
    with desk.house.db.reading() as session:
        writes = journal.undoable(session, desk.job.input["job_id"])
    restored = {name: journal.restore_text(rows, current.get(name, "")) for name, rows in writes.items()}
    fields = {name: text for name, text in restored.items() if text is not None}
    if not fields:
        return Proposal("skipped", note="Nothing was undone: every text was changed since, or is already back.")
    left = sorted(set(restored) - set(fields))
    draft = Draft(desk.facts.locale, {name: current[name] for name in fields}, fields, "undo")
    return Proposal("approved", draft, note=f"Left alone, changed since: {', '.join(left)}." if left else "")


def wrote(session: Session, job: Job) -> None:
    """The undone job and its writes are marked."""
    undone = job.input["job_id"]
    journal.mark_undone(session, undone)
    attempt = session.get_one(Job, undone).attempt
    jobs.move(session, undone, attempt, "done", "undone")


KIND = Kind("undo", propose, wrote=wrote)
