"""The life of a job: the table of moves, the one function that moves, claims with leases, and what is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, and_, bindparam, func, or_, select, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from bridge.db import Database, insert, now_ms
from bridge.models import Attempt, BulkRun, Connection, Job, Shop
from bridge.priority import NEW

MOVES: dict[str, tuple[str, ...]] = {
    "queued": ("thinking", "superseded", "cancelled"),
    "thinking": ("review", "approved", "queued", "skipped", "failed", "superseded", "cancelled"),
    "review": ("approved", "rejected", "queued", "superseded", "cancelled"),  # queued: a change was asked for
    "approved": ("writing", "review", "superseded", "cancelled"),
    "writing": ("done", "approved", "conflict", "failed"),  # approved: only while there is no intent
    "conflict": ("approved", "rejected"),  # approved: with a new base
    "failed": ("queued", "approved"),
    "done": ("undone",),
    "skipped": (),
    "rejected": (),
    "superseded": (),
    "cancelled": (),
    "undone": (),
}
WAITING = ("review", "conflict")  # for a person
ACTIVE = ("queued", "thinking", "review", "approved", "writing", "conflict")
FINAL = ("done", "skipped", "rejected", "superseded", "cancelled", "undone", "failed")

MAX_TRIES = 5
EVEN_PAUSED = ("check",)  # kinds of work that find out whether a pause may end
NEVER = 2**53  # a due time that does not come by itself: the job waits for somebody's word
TOO_OFTEN = "This was tried five times and failed every time."


@dataclass(frozen=True)
class Claim:
    """The right to work on a job until ``lease_until``; every later move must present its ``attempt``."""

    job: Job
    attempt: int
    attempt_id: int
    resumed: bool  # a write whose worker was lost: read back before anything else


def move(session: Session, job_id: int, attempt: int, old: str, new: str, **changes: Any) -> bool:
    """Move a job if it is still in state ``old`` with this ``attempt``; False means that somebody was first.

    Raises ValueError for a move that the table does not know. Extra columns change in the same statement.
    """
    if new not in MOVES[old]:
        raise ValueError(f"A job cannot go from {old} to {new}.")
    changes.setdefault("lease_until", 0)
    changes.setdefault("offered_until", 0)
    statement = (
        update(Job)
        .where(Job.id == job_id, Job.state == old, Job.attempt == attempt)
        .values(state=new, updated_at=now_ms(), **changes)
    )
    return changed(session, statement)


def claim(db: Database, job_id: int, step: str, lease_ms: int) -> Claim | None:
    """Claim a due job for ``step`` ("think" or "write"); None when it is not our turn.

    Counts the try. The unique index on writing rows lets one writer per subject through; the loser is put off.
    A job found in ``writing`` with a lost lease is claimed again, marked ``resumed``.
    """
    old, new = ("queued", "thinking") if step == "think" else ("approved", "writing")
    try:
        with db.writing() as session:
            fresh = and_(Job.state == old, Job.due_at <= now_ms())
            lost = and_(Job.state == new, Job.lease_until < now_ms()) if step == "write" else None
            statement = (
                update(Job)
                .where(Job.id == job_id, fresh if lost is None else or_(fresh, lost))
                .values(
                    state=new,
                    attempt=Job.attempt + 1,
                    tries=Job.tries + 1,
                    lease_until=now_ms() + lease_ms,
                    offered_until=0,
                    updated_at=now_ms(),
                )
                .returning(Job.attempt)
            )
            before = session.scalar(select(Job.state).where(Job.id == job_id))
            attempt = session.scalar(statement)
            if attempt is None:
                return None
            row = Attempt(job_id=job_id, number=attempt, step=step)
            session.add(row)
            session.flush()
            job = session.get_one(Job, job_id, populate_existing=True)
            return Claim(job, attempt, row.id, resumed=before == new)
    except IntegrityError:
        put_off(db, job_id, 2_000)
        return None


def put_off(db: Database, job_id: int, ms: int) -> None:
    """Let an unclaimed job wait a little longer."""
    with db.writing() as session:
        session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state.in_(("queued", "approved")))
            .values(due_at=now_ms() + ms, offered_until=0)
        )


def finish(session: Session, claim: Claim, new: str, problem: str = "", **changes: Any) -> bool:
    """End a claim with a move; closes the attempt row too. False when the lease was lost to somebody else."""
    old = claim.job.state
    changes.setdefault("problem", problem)
    moved = move(session, claim.job.id, claim.attempt, old, new, **changes)
    session.execute(
        update(Attempt)
        .where(Attempt.id == claim.attempt_id)
        .values(ended_at=now_ms(), outcome=new if moved else "lost", problem=problem)
    )
    return moved


def retry_later(session: Session, claim: Claim, problem: str, after_s: float, *, counts: bool) -> bool:
    """Back to the waiting state with a due time; the fifth counted try fails the job instead."""
    old = claim.job.state
    if counts and claim.job.tries >= MAX_TRIES:
        return finish(session, claim, "failed", f"{problem} {TOO_OFTEN}")
    tries = Job.tries if counts else Job.tries - 1
    back = "queued" if old == "thinking" else "approved"
    due = now_ms() + int(after_s * 1000)
    if back == "queued" and _queued_twin(session, claim.job):
        return finish(session, claim, "superseded")
    return finish(session, claim, back, problem, due_at=due, tries=tries)


def go_on(session: Session, claim: Claim, given: dict[str, Any], after_s: float = 0) -> bool:
    """Back to the queue with what is left to do; long work is done in parts. A newer job of the kind takes over."""
    if _queued_twin(session, claim.job):
        return finish(session, claim, "superseded")
    return finish(session, claim, "queued", input=given, due_at=now_ms() + int(after_s * 1000), tries=0)


def hold(session: Session, claim: Claim, problem: str, after_s: float) -> bool:
    """Keep a write whose fate is unknown in ``writing``; it is claimed again for a read-back after ``after_s``."""
    if claim.job.tries >= MAX_TRIES:
        return finish(session, claim, "failed", f"{problem} Nobody knows whether the text arrived. {TOO_OFTEN}")
    session.execute(
        update(Attempt)
        .where(Attempt.id == claim.attempt_id)
        .values(ended_at=now_ms(), outcome="unclear", problem=problem)
    )
    statement = (
        update(Job)
        .where(Job.id == claim.job.id, Job.state == "writing", Job.attempt == claim.attempt)
        .values(lease_until=now_ms() + int(after_s * 1000), problem=problem)
    )
    return changed(session, statement)


def _queued_twin(session: Session, job: Job) -> bool:
    twin = select(Job.id).where(Job.subject_id == job.subject_id, Job.kind == job.kind, Job.state == "queued")
    return session.scalar(twin.limit(1)) is not None


def extend_lease(session: Session, claim: Claim, lease_ms: int) -> bool:
    """Hold a claim longer; False when it was lost."""
    statement = (
        update(Job)
        .where(Job.id == claim.job.id, Job.state == claim.job.state, Job.attempt == claim.attempt)
        .values(lease_until=now_ms() + lease_ms)
    )
    return changed(session, statement)


def add(
    session: Session,
    *,
    shop_id: int,
    connection_id: int,
    subject_id: int,
    kind: str,
    event_id: int | None = None,
    priority: int = NEW,
    due_in_ms: int = 0,
    input: dict[str, Any] | None = None,  # noqa: A002 - the column's name
    asked_by: int | None = None,
    bulk_run_id: int | None = None,
    waits: bool = False,
) -> int | None:
    """Queue a job; None when one is already queued for this subject and kind, or this event already made one."""
    statement = (
        insert(session, Job)
        .values(
            shop_id=shop_id,
            connection_id=connection_id,
            subject_id=subject_id,
            kind=kind,
            event_id=event_id,
            priority=priority,
            due_at=NEVER if waits else now_ms() + due_in_ms,
            input=input or {},
            asked_by=asked_by,
            bulk_run_id=bulk_run_id,
        )
        .on_conflict_do_nothing()
        .returning(Job.id)
    )
    return session.scalar(statement)


def settle_again(session: Session, subject_id: int, kind: str, due_in_ms: int) -> bool:
    """Let a queued job rest again because its subject moved; False when none is queued."""
    statement = (
        update(Job)
        .where(Job.subject_id == subject_id, Job.kind == kind, Job.state == "queued", Job.due_at < NEVER)
        .values(due_at=now_ms() + due_in_ms, updated_at=now_ms())
    )
    return changed(session, statement)


def extend_queued(session: Session, subject_id: int, kind: str, name: str, items: Sequence[object]) -> bool:
    """Append to a list in the input of the queued job of a subject and kind; False when none is queued any more."""
    found = select(Job).where(Job.subject_id == subject_id, Job.kind == kind, Job.state == "queued")
    job = session.scalar(found.with_for_update())
    if job is None:
        return False
    given = {**job.input, name: [*job.input.get(name, []), *items]}
    return changed(session, update(Job).where(Job.id == job.id, Job.state == "queued").values(input=given))


def mark_stale(session: Session, subject_id: int, kind: str) -> bool:
    """Mark a draft in review or approved as older than its subject; False when there is none.

    A draft under a person's eyes is not taken away; an approved one is checked again before it is written.
    """
    statement = (
        update(Job)
        .where(Job.subject_id == subject_id, Job.kind == kind, Job.state.in_(("review", "approved")))
        .values(stale=True, updated_at=now_ms())
    )
    return changed(session, statement)


def cancel_all(session: Session, *conditions: Any, problem: str) -> int:
    """Cancel every waiting job that meets the conditions; running ones notice at their next move."""
    statement = (
        update(Job)
        .where(Job.state.in_(("queued", "review", "approved")), *conditions)
        .values(state="cancelled", problem=problem, updated_at=now_ms())
    )
    return count(session, statement)


def retrigger(session: Session, job_id: int, user_id: int | None) -> int | None:
    """Ask for the same work once more: a failed job goes back, any other gets a fresh job. Returns the job's id.

    A failed write goes back to ``approved`` (its draft still counts), a failed thought to ``queued``.
    """
    job = session.get_one(Job, job_id)
    if job.state == "failed":
        last = select(Attempt.step).where(Attempt.job_id == job_id).order_by(Attempt.id.desc()).limit(1)
        target = "approved" if session.scalar(last) == "write" else "queued"
        if target == "approved" or not _queued_twin(session, job):
            anew = {"due_at": now_ms(), "tries": 0, "problem": "", "priority": 0}
            return job_id if move(session, job_id, job.attempt, "failed", target, **anew) else None
    asked = {**job.input, "asked": True}
    return add(
        session,
        shop_id=job.shop_id,
        connection_id=job.connection_id,
        subject_id=job.subject_id,
        kind=job.kind,
        priority=0,
        input=asked,
        asked_by=user_id,
    )


# --- what the dispatcher asks ----------------------------------------------------------------------------------


def _in(*states: str, of: Any = Job) -> Any:
    """``state IN (…)`` in so many words: a partial index serves only a query that repeats its condition literally."""
    return of.state.in_(bindparam(None, states, expanding=True, literal_execute=True))


def due(session: Session, step: str, per_connection: int, limit: int) -> list[Job]:
    """Due jobs for a step, at most ``per_connection`` of each connection, round robin over connections.

    Leaves out paused connections and, for writes, shops whose writes are stopped and subjects being written.
    """
    state = "queued" if step == "think" else "approved"
    turn = func.row_number().over(partition_by=Job.connection_id, order_by=(Job.priority, Job.due_at, Job.id))
    ranked = (
        select(Job.id, Job.priority, turn.label("turn"))
        .join(Connection, Connection.id == Job.connection_id)
        .join(Shop, Shop.id == Job.shop_id)
        .where(
            _in("queued", "approved"),
            Job.state == state,
            Job.due_at <= now_ms(),
            Job.offered_until <= now_ms(),
            or_(Connection.status == "connected", and_(Connection.status == "paused", Job.kind.in_(EVEN_PAUSED))),
        )
    )
    if step == "write":
        other = aliased(Job)
        being_written = select(other.id).where(other.subject_id == Job.subject_id, _in("writing", of=other)).exists()
        ranked = ranked.where(Shop.writes_stopped.is_(False), ~being_written)
    inner = ranked.subquery()
    chosen = (
        select(Job)
        .join(inner, inner.c.id == Job.id)
        .where(inner.c.turn <= per_connection)
        .order_by(inner.c.turn, Job.priority, Job.due_at)
        .limit(limit)
    )
    return list(session.scalars(chosen))


def in_flight(session: Session, step: str) -> dict[int, int]:
    """Jobs of a step that run or were offered a moment ago, by connection."""
    waiting, running = ("queued", "thinking") if step == "think" else ("approved", "writing")
    runs = select(Job.connection_id).where(_in("thinking", "writing"), Job.state == running)
    offered = select(Job.connection_id).where(
        _in("queued", "approved"), Job.state == waiting, Job.due_at <= now_ms(), Job.offered_until > now_ms()
    )
    both = union_all(runs, offered).subquery()
    rows = session.execute(select(both.c.connection_id, func.count()).group_by(both.c.connection_id))
    return dict(rows.all())


def mark_offered(session: Session, ids: Iterable[int], for_ms: int) -> None:
    """Remember that a worker was told; when nobody takes it by then it is offered again."""
    session.execute(update(Job).where(Job.id.in_(list(ids))).values(offered_until=now_ms() + for_ms))


def reap(session: Session, grace_ms: int) -> tuple[int, list[int]]:
    """Return lost thoughts to the queue and name the lost writes that must be read back.

    A lost write stays ``writing``: only a read-back may say what became of it.
    """
    lost = select(Job).where(_in("thinking", "writing"), Job.state == "thinking", Job.lease_until < now_ms() - grace_ms)
    returned = 0
    for job in session.scalars(lost.limit(100)).all():
        claim = Claim(job, job.attempt, _attempt_id(session, job), resumed=False)
        returned += retry_later(session, claim, "The worker was lost while it worked on this.", 0, counts=True)
    writes = select(Job.id).where(
        _in("thinking", "writing"),
        Job.state == "writing",
        Job.lease_until < now_ms() - grace_ms,
        Job.offered_until <= now_ms(),
    )
    return returned, list(session.scalars(writes.limit(100)))


def _attempt_id(session: Session, job: Job) -> int:
    found = select(Attempt.id).where(Attempt.job_id == job.id, Attempt.number == job.attempt)
    return session.scalar(found) or 0


def start_bulk_run(session: Session, run_id: int) -> int:
    """The owner's word: all jobs of a waiting run become due. Returns how many."""
    started = update(BulkRun).where(BulkRun.id == run_id, BulkRun.state == "waiting")
    if not changed(session, started.values(state="running", started_at=now_ms())):
        return 0
    return count(session, update(Job).where(Job.bulk_run_id == run_id, Job.state == "queued").values(due_at=now_ms()))


def cancel_bulk_run(session: Session, run_id: int) -> int:
    """The owner does not want it: its queued jobs are cancelled. Returns how many."""
    changed(session, update(BulkRun).where(BulkRun.id == run_id).values(state="cancelled"))
    return cancel_all(session, Job.bulk_run_id == run_id, Job.state == "queued", problem="The bulk run was cancelled.")


def count(session: Session, statement: Any) -> int:
    """Run an UPDATE or DELETE; the number of rows it met."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount


def total(session: Session, *conditions: Any) -> int:
    """How many rows meet the conditions."""
    return session.scalar(select(func.count()).where(*conditions)) or 0


def changed(session: Session, statement: Any) -> bool:
    """Run a conditional UPDATE; True when it met a row, that is: when we were first."""
    return count(session, statement) > 0
