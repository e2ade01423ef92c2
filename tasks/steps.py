"""The road of a job. READ THIS FIRST.

A delivery was stored by bridge.inbox and planned into a job by tasks.planning; tasks.dispatcher offered the job; a
worker runs one of the two functions below. Either may run twice, or die at any line, without harm: the claim says
whose turn it is, the journal says what may have happened.

    think   queued → thinking → review | approved | skipped     platform read, facts, draft, checks
    write   approved → writing → done | conflict                read, compare, intend, write, confirm
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from bridge import copies, jobs, journal, privacy, quality, review, shops, texts
from bridge.ai import checks
from bridge.catalog import Draft, Event, Facts, Product
from bridge.db import now_ms
from bridge.deadline import Deadline
from bridge.errors import AskHuman, Disconnected, GiveUp, StorebridgeError, TryLater
from bridge.jobs import Claim
from bridge.models import Connection, DraftRow, Job, Subject
from bridge.shops import Live
from tasks import KINDS, planning
from tasks.compare import Comparison, compare
from tasks.house import House
from tasks.kinds import Desk, Proposal
from tasks.sending import LostClaim, Sender

log = structlog.get_logger()

READ_BACK_AFTER = 5.0  # seconds after an unclear write; the platform may still be busy with it
GONE = "The product no longer exists at the shop."


def think(house: House, job_id: int) -> None:
    """From what is on the platform now to a checked draft, or to the knowledge that none is needed."""
    claim = jobs.claim(house.db, job_id, "think", house.lease_ms)
    if claim is None:
        return  # somebody else has it, or it is not due: the message was only a hint
    with _ending(house, claim):
        deadline = Deadline(house.settings.job_seconds)
        live, ref = _connection(house, claim.job)
        kind = KINDS[claim.job.kind]
        product = house.catalog(live).fetch(ref, deadline, claim.job.priority) if kind.needs_product else None
        if kind.needs_product and product is None:
            _gone(house, claim)
            return
        facts = _facts(house, claim.job, product, live)
        proposal = kind.propose(Desk(house, claim.job, live, product, facts, deadline, _planner(house, live)))
        _settle(house, claim, proposal, facts)


def write(house: House, job_id: int) -> None:
    """Put an approved draft on the platform, unless somebody changed there what it was written for."""
    if not _still_true(house, job_id):
        return
    claim = jobs.claim(house.db, job_id, "write", house.lease_ms)
    if claim is None:
        return
    with _ending(house, claim):
        deadline = Deadline(house.settings.job_seconds)
        live, ref = _connection(house, claim.job)
        draft = _draft(house, claim.job)
        catalog = house.catalog(live)
        writing = catalog.begin(ref, list(draft.fields), deadline, claim.job.priority)
        try:
            product = writing.read()
            if product is None:
                raise GiveUp(GONE)
            # What was announced since the claim may be younger than what was read.
            sender = Sender(house, claim, catalog, writing, product, claim.job.updated_at, draft.locale, deadline)
            sender.settle_unclear()
            found = sender.send(compare(draft, product.texts()))
        finally:
            writing.close()
        _finish(house, claim, found, draft.locale, live)


# --- thinking ---------------------------------------------------------------------------------------------------


def _connection(house: House, job: Job) -> tuple[Live, str]:
    with house.db.reading() as session:
        live = shops.open_connection(session, house.tools.vault, job.connection_id)
        ref = session.get_one(Subject, job.subject_id).ref
    if live.status == shops.DISCONNECTED:
        raise Disconnected("This shop is disconnected.")
    if live.status == shops.PAUSED and job.kind not in jobs.EVEN_PAUSED:
        raise TryLater("This shop is paused.", after=30, counts=False)
    return live, ref


def _planner(house: House, live: Live) -> Callable[[Event], str]:
    def plan(event: Event) -> str:
        with house.db.writing() as session:
            connection = session.get_one(Connection, live.id)
            return planning.take(session, house.settings, connection, None, event)

    return plan


def _facts(house: House, job: Job, product: Product | None, live: Live) -> Facts:
    if product is None:
        return Facts((), live.locale)
    with house.db.writing() as session:
        subject = session.get_one(Subject, job.subject_id)
        subject.title = product.title
        # Whatever stands there and was not written by us is the shop's own word, and the first version to go back to.
        for name, author in texts.authors(session, subject.id, product.texts()).items():
            if author == texts.PERSON:
                texts.record(session, subject.id, name, live.locale, product.texts()[name], texts.PERSON)
        copies.remember(session, subject, product.description)
        quality.remember(subject, product.texts(), live.voice(), all_of_them=True)
        return texts.facts(session, subject.id, product, live.locale)


def _settle(house: House, claim: Claim, proposal: Proposal, facts: Facts) -> None:
    """Store the draft and move the job, in one transaction; a lost claim leaves nothing behind."""
    with house.db.writing() as session:
        if proposal.route == "queued":
            jobs.go_on(session, claim, dict(proposal.rest), proposal.after)
            return
        changes: dict[str, object] = {"tries": 0, "result": dict(proposal.result), "stale": False}
        if proposal.draft is not None:
            mark = proposal.fingerprint
            wish = str(claim.job.input.get("wish", ""))
            row = review.store_draft(session, claim.job, proposal.draft, proposal.verdict, facts, mark, wish)
            changes["draft_id"] = row.id
        if proposal.route == "approved":
            changes["due_at"] = now_ms()
        if not jobs.finish(session, claim, proposal.route, proposal.note, **changes):
            session.rollback()
            return
        if proposal.fingerprint:
            session.get_one(Subject, claim.job.subject_id).fingerprint = proposal.fingerprint


def _gone(house: House, claim: Claim) -> None:
    with house.db.writing() as session:
        session.get_one(Subject, claim.job.subject_id).deleted_at = house.db.now()
        jobs.finish(session, claim, "cancelled", GONE)


# --- writing ----------------------------------------------------------------------------------------------------


def _draft(house: House, job: Job) -> Draft:
    with house.db.reading() as session:
        return review.as_draft(session.get_one(DraftRow, job.draft_id))


def _still_true(house: House, job_id: int) -> bool:
    """When the facts changed since the draft, the checks run again before anything is written."""
    with house.db.reading() as session:
        job = session.get(Job, job_id)
        if job is None or job.state != "approved" or not job.stale or job.draft_id is None:
            return True
        draft = review.as_draft(session.get_one(DraftRow, job.draft_id))
    try:
        live, ref = _connection(house, job)
        product = house.catalog(live).fetch(ref, Deadline(house.settings.job_seconds), job.priority)
    except TryLater as error:
        jobs.put_off(house.db, job_id, int(error.after * 1000))
        return False
    except (GiveUp, AskHuman):
        return True  # the writing itself meets the same answer and knows how to end
    if product is None:
        return True
    facts = _facts(house, job, product, live)
    with house.db.reading() as session:
        others = copies.like(session, job.shop_id, job.subject_id, draft)
    verdict = checks.run(draft, facts, live.voice(draft.locale), others)
    changes = {"stale": False, "problem": "The product changed after approval, and the checks object now."}
    with house.db.writing() as session:
        if verdict.blocked:
            row = review.store_draft(session, job, draft, verdict, facts)
            jobs.move(session, job.id, job.attempt, "approved", "review", draft_id=row.id, **changes)
            return False
        session.get_one(Job, job.id).stale = False
    return True


def _finish(house: House, claim: Claim, found: Comparison, locale: str, live: Live) -> None:
    with house.db.writing() as session:
        wrote_now = journal.undoable(session, claim.job.id)
        for change in found.already:
            if change.field not in wrote_now:  # else it is there because an earlier attempt of this job put it there
                journal.note(session, claim.job, change, "already", locale)
        for change, theirs in found.conflicts.values():
            journal.note(session, claim.job, change, "conflict", locale, theirs)
        if found.conflicts:
            jobs.finish(session, claim, "conflict", "The text was changed at the shop after this draft was written.")
        elif jobs.finish(session, claim, "done", tries=0):
            now_there = {change.field: change.after for change in (*found.to_write, *found.already)}
            subject = session.get_one(Subject, claim.job.subject_id)
            quality.remember(subject, now_there, live.voice(), all_of_them=False)
            wrote = KINDS[claim.job.kind].wrote
            if wrote is not None:
                wrote(session, claim.job)


# --- endings that are not the happy one -------------------------------------------------------------------------


@contextmanager
def _ending(house: House, claim: Claim) -> Iterator[None]:
    """Turn an error into the job's next state; nothing is swallowed without a sentence on the job."""
    try:
        yield
    except LostClaim:
        log.warning("claim lost", job=claim.job.id)
    except StorebridgeError as error:
        log.info("job interrupted", job=claim.job.id, error=type(error).__name__)
        _interrupt(house, claim, error)
    except Exception:
        log.exception("job failed unexpectedly", job=claim.job.id)
        _interrupt(house, claim, TryLater("Something unexpected went wrong; the log tells more.", after=30))


def _interrupt(house: House, claim: Claim, error: StorebridgeError) -> None:
    with house.db.writing() as session:
        if claim.job.state == "writing" and journal.open_intents(session, claim.job.id):
            jobs.hold(session, claim, str(error), READ_BACK_AFTER)
        elif isinstance(error, TryLater):
            jobs.retry_later(session, claim, str(error), error.after, counts=error.counts)
        elif isinstance(error, AskHuman) and error.pause:
            shops.pause(session, claim.job.connection_id, str(error))
            jobs.retry_later(session, claim, str(error), 30, counts=False)
        else:
            jobs.finish(session, claim, "failed", str(error))
            if isinstance(error, Disconnected):
                shops.disconnect(session, claim.job.connection_id, str(error))
                if claim.job.input.get("revoked"):
                    privacy.shop_left(session, house.tools.vault, house.settings, claim.job.connection_id)
