"""What a person may do with a draft: approve, edit, ask for a change in words, reject; and who may skip review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge import copies, jobs, journal
from bridge.ai import checks
from bridge.catalog import TAGS, Draft, Fact, Facts, Finding, Verdict, plain
from bridge.db import now_ms
from bridge.errors import AskHuman
from bridge.models import DraftRow, Job, Shop
from bridge.priority import PERSON
from bridge.shops import Policy, audit, read_voice

CHANGED = "Somebody else was faster: this job is no longer waiting for you."
BLOCKED = "The checks found something that must not be published as it is. Edit the text, or confirm that it is true."
NEVER_CONFIRMABLE = ("markup", "lengths")  # what a platform or a browser would choke on, no word of honour helps


def route(verdict: Verdict, policy: Policy, authors: Mapping[str, str], draft: Draft) -> str:
    """The state a checked draft goes to: ``approved`` only when policy allows it and nothing needs a person.

    A field last written by a person is never replaced without a person's word.
    """
    touches_a_person = any(authors.get(name) == "person" for name in draft.fields if name != TAGS)
    return "approved" if policy.auto_approve and verdict.clean and not touches_a_person else "review"


def store_draft(
    session: Session, job: Job, draft: Draft, verdict: Verdict, facts: Facts, fingerprint: str = "", wish: str = ""
) -> DraftRow:
    """Add a draft to the job's thread; it becomes the one that counts with the move that follows."""
    row = DraftRow(
        job_id=job.id,
        locale=draft.locale,
        base=dict(draft.base),
        fields=dict(draft.fields),
        author=draft.author,
        findings=[plain(finding) for finding in verdict.findings],
        evidence=[plain(item) for item in verdict.evidence],
        facts=[plain(fact) for fact in facts.items],
        fingerprint=fingerprint,
        wish=wish,
        channels=dict(draft.channels),
    )
    session.add(row)
    session.flush()
    return row


def as_draft(row: DraftRow) -> Draft:
    """The stored draft as a value."""
    return Draft(locale=row.locale, base=row.base, fields=row.fields, author=row.author, channels=row.channels)


def as_facts(row: DraftRow) -> Facts:
    """The facts a stored draft was written from."""
    return Facts(tuple(Fact(**fact) for fact in row.facts), row.locale)


def as_findings(row: DraftRow) -> tuple[Finding, ...]:
    """The findings of a stored draft."""
    return tuple(Finding(**finding) for finding in row.findings)


def check(session: Session, row: DraftRow) -> Verdict:
    """Run all checks over a stored draft."""
    return _checked(session, session.get_one(Job, row.job_id), as_draft(row), as_facts(row))


def _checked(session: Session, job: Job, draft: Draft, facts: Facts) -> Verdict:
    voice = read_voice(draft.locale, session.get_one(Shop, job.shop_id).voices)
    return checks.run(draft, facts, voice, copies.like(session, job.shop_id, job.subject_id, draft))


def approve(session: Session, job_id: int, draft_id: int, user_id: int, confirmed: bool = False) -> None:
    """Let the draft a person looked at be written. Raises AskHuman when it changed meanwhile or must not be written.

    ``confirmed`` is the person's word that a claim is true although the shop's facts do not say so.
    """
    job, row = _waiting(session, job_id, draft_id)
    serious = [finding for finding in as_findings(row) if finding.severity == "block"]
    if any(finding.check in NEVER_CONFIRMABLE for finding in serious) or (serious and not confirmed):
        raise AskHuman(BLOCKED)
    _move(session, job, "approved", priority=PERSON, due_at=now_ms(), tries=0, problem="", stale=False)
    audit(session, "draft.approved", shop_id=job.shop_id, user_id=user_id, job_id=job_id,
          draft=draft_id, confirmed=bool(serious))  # fmt: skip


def edit(session: Session, job_id: int, draft_id: int, changed: Mapping[str, str], user_id: int) -> DraftRow:
    """Store a person's version of the draft, checked; the machine's stays in the thread. The job goes on waiting."""
    job, row = _waiting(session, job_id, draft_id)
    fields = {**row.fields, **{name: text for name, text in changed.items() if name in row.fields}}
    draft = replace(as_draft(row), fields=_without_unchanged(fields, row.base), author="person")
    facts = as_facts(row)
    edited = store_draft(session, job, draft, _checked(session, job, draft, facts), facts, row.fingerprint)
    job.draft_id = edited.id
    audit(session, "draft.edited", shop_id=job.shop_id, user_id=user_id, job_id=job_id, draft=edited.id)
    return edited


def ask(session: Session, job_id: int, draft_id: int, wish: str, user_id: int) -> None:
    """Send the draft back with a change asked for in words; earlier drafts stay as a thread."""
    job, _row = _waiting(session, job_id, draft_id)
    given = {**job.input, "wish": wish.strip()[:2000], "asked": True}
    if session.scalar(
        select(Job.id).where(Job.subject_id == job.subject_id, Job.kind == job.kind, Job.state == "queued")
    ):
        raise AskHuman("A newer job for this product is already waiting to start.")
    _move(session, job, "queued", input=given, due_at=now_ms(), priority=PERSON, tries=0, asked_by=user_id, stale=False)
    audit(session, "draft.change_asked", shop_id=job.shop_id, user_id=user_id, job_id=job_id)


def reject(session: Session, job_id: int, draft_id: int, reason: str, user_id: int) -> None:
    """Nothing of the draft is written; the reason stays with the job."""
    job, _row = _waiting(session, job_id, draft_id)
    _move(session, job, "rejected", problem=reason.strip()[:500])
    audit(session, "draft.rejected", shop_id=job.shop_id, user_id=user_id, job_id=job_id)


def resolve(session: Session, job_id: int, keep_ours: list[str], user_id: int) -> str:
    """Decide a conflict: fields in ``keep_ours`` are written over the merchant's text, the others stay theirs.

    Returns the new state: ``approved``, or ``rejected`` when theirs stays everywhere.
    """
    job = session.get_one(Job, job_id, with_for_update=True)
    if job.state != "conflict" or job.draft_id is None:
        raise AskHuman(CHANGED)
    row = session.get_one(DraftRow, job.draft_id)
    theirs = {write.field: write.theirs or "" for write in journal.conflicts(session, job_id)}
    wanted = {name: row.fields[name] for name in row.fields if name in keep_ours and name in theirs}
    for write in journal.conflicts(session, job_id):
        write.state = "resolved"
    if not wanted:
        _move(session, job, "rejected", problem="The merchant's text was kept.")
    else:
        base = {name: theirs[name] for name in wanted}
        draft = replace(as_draft(row), base=base, fields=wanted)
        again = store_draft(session, job, draft, check(session, row), as_facts(row), row.fingerprint)
        _move(session, job, "approved", draft_id=again.id, priority=PERSON, due_at=now_ms(), tries=0, problem="")
    audit(session, "conflict.resolved", shop_id=job.shop_id, user_id=user_id, job_id=job_id, ours=sorted(wanted))
    return "approved" if wanted else "rejected"


def undo(session: Session, job_id: int, user_id: int | None) -> int:
    """Ask for a job of kind ``undo`` that takes the writes of a done job back. Returns its id."""
    job = session.get_one(Job, job_id)
    if job.state != "done" or not journal.undoable(session, job_id):
        raise AskHuman("There is nothing left to undo here.")
    added = jobs.add(
        session,
        shop_id=job.shop_id,
        connection_id=job.connection_id,
        subject_id=job.subject_id,
        kind="undo",
        priority=0,
        input={"job_id": job_id},
        asked_by=user_id,
    )
    if added is None:
        raise AskHuman("An undo for this product is already on its way.")
    audit(session, "job.undo_asked", shop_id=job.shop_id, user_id=user_id, job_id=job_id)
    return added


def _waiting(session: Session, job_id: int, draft_id: int) -> tuple[Job, DraftRow]:
    job = session.get_one(Job, job_id, with_for_update=True)  # nobody may edit what is being approved
    if job.state != "review" or job.draft_id != draft_id:
        raise AskHuman(CHANGED)
    return job, session.get_one(DraftRow, draft_id)


def _move(session: Session, job: Job, new: str, **changes: Any) -> None:
    if not jobs.move(session, job.id, job.attempt, job.state, new, **changes):
        raise AskHuman(CHANGED)
    session.expire(job)


def _without_unchanged(fields: Mapping[str, str], base: Mapping[str, str]) -> dict[str, str]:
    kept = {name: text for name, text in fields.items() if text != base.get(name, "")}
    if not kept:
        raise AskHuman("After this edit nothing differs from the shop's present text. Reject the draft instead.")
    return kept
