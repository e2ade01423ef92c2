"""The life of a job: who may move it, who may claim it, when it is due, what happens when nobody finishes it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError

from bridge import jobs, shops
from bridge.db import Database
from bridge.models import Attempt, BulkRun, Job
from bridge.vault import Vault
from tests.bridge import rows

LEASE = 60_000


def make(db: Database, vault: Vault, state: str = "queued", **more: object) -> int:
    with db.writing() as session:
        found = rows.subject(session, rows.connection(session, vault))
        return rows.job(session, found, state, **more).id


def read(db: Database, job_id: int) -> Job:
    with db.reading() as session:
        return session.get_one(Job, job_id)


def test_the_table_of_moves_is_closed_and_every_state_is_reached() -> None:
    reached = {"queued"}
    for _ in jobs.MOVES:
        reached |= {new for old in reached for new in jobs.MOVES[old]}
    assert reached == set(jobs.MOVES)
    assert set(jobs.ACTIVE) | set(jobs.FINAL) == set(jobs.MOVES)
    assert not set(jobs.ACTIVE) & set(jobs.FINAL)
    for name in set(jobs.FINAL) - {"failed", "done"}:
        assert jobs.MOVES[name] == ()


@pytest.mark.parametrize("old", list(jobs.MOVES))
def test_only_the_moves_of_the_table_happen(db: Database, vault: Vault, old: str) -> None:
    job_id = make(db, vault, old)
    for new in jobs.MOVES:
        if new in jobs.MOVES[old]:
            continue
        with db.writing() as session, pytest.raises(ValueError, match="cannot go"):
            jobs.move(session, job_id, 0, old, new)
    assert read(db, job_id).state == old


def test_a_move_with_an_old_attempt_or_state_changes_nothing(db: Database, vault: Vault) -> None:
    job_id = make(db, vault)
    with db.writing() as session:
        assert not jobs.move(session, job_id, 7, "queued", "thinking")
        assert not jobs.move(session, job_id, 0, "review", "approved")
    assert read(db, job_id).state == "queued"


def test_only_one_of_many_claims_succeeds(db: Database, vault: Vault) -> None:
    job_id = make(db, vault)
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: jobs.claim(db, job_id, "think", LEASE), range(8)))
    (claim,) = [each for each in claims if each]
    assert (claim.attempt, claim.resumed, claim.job.state, claim.job.tries) == (1, False, "thinking", 1)
    assert claim.job.lease_until > db.now()


@pytest.mark.parametrize(
    ("state", "step"), [("review", "think"), ("queued", "write"), ("done", "write"), ("thinking", "think")]
)
def test_a_claim_out_of_turn_is_none_and_counts_nothing(db: Database, vault: Vault, state: str, step: str) -> None:
    job_id = make(db, vault, state)
    assert jobs.claim(db, job_id, step, LEASE) is None
    assert (read(db, job_id).attempt, read(db, job_id).tries) == (0, 0)
    with db.reading() as session:
        assert session.scalars(select(Attempt)).all() == []


def test_a_job_that_is_not_due_is_not_claimed(db: Database, vault: Vault) -> None:
    assert jobs.claim(db, make(db, vault, due_at=jobs.NEVER), "think", LEASE) is None


def test_one_subject_has_one_writer_and_the_other_waits(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.subject(session, rows.connection(session, vault))
        first, second = (rows.job(session, found, "approved", kind).id for kind in ("listing", "undo"))
    assert jobs.claim(db, first, "write", LEASE)
    assert jobs.claim(db, second, "write", LEASE) is None
    assert (read(db, second).state, read(db, second).tries) == ("approved", 0)
    assert read(db, second).due_at > db.now()


def test_a_lost_write_is_claimed_again_for_a_read_back(db: Database, vault: Vault) -> None:
    job_id = make(db, vault, "approved")
    jobs.claim(db, job_id, "write", LEASE)
    assert jobs.claim(db, job_id, "write", LEASE) is None
    with db.writing() as session:
        session.execute(update(Job).values(lease_until=0))
    again = jobs.claim(db, job_id, "write", LEASE)
    assert again is not None and again.resumed and again.attempt == 2


def test_a_claim_that_was_lost_ends_nothing(db: Database, vault: Vault) -> None:
    job_id = make(db, vault, "approved")
    old = jobs.claim(db, job_id, "write", LEASE)
    with db.writing() as session:
        session.execute(update(Job).values(lease_until=0))
    new = jobs.claim(db, job_id, "write", LEASE)
    assert old and new
    with db.writing() as session:
        assert not jobs.extend_lease(session, old, LEASE)
        assert not jobs.finish(session, old, "done")
        assert jobs.finish(session, new, "done")
    assert read(db, job_id).state == "done"
    with db.reading() as session:
        assert list(session.scalars(select(Attempt.outcome).order_by(Attempt.id))) == ["lost", "done"]


def test_the_fifth_counted_failure_fails_the_job(db: Database, vault: Vault) -> None:
    job_id = make(db, vault)
    for number in range(1, 6):
        claim = jobs.claim(db, job_id, "think", LEASE)
        assert claim, number
        with db.writing() as session:
            jobs.retry_later(session, claim, "The store is away.", 0, counts=True)
    assert read(db, job_id).state == "failed"
    assert read(db, job_id).problem == f"The store is away. {jobs.TOO_OFTEN}"


def test_waiting_for_a_rate_limit_is_no_failure(db: Database, vault: Vault) -> None:
    job_id = make(db, vault, "approved")
    for _ in range(9):
        claim = jobs.claim(db, job_id, "write", LEASE)
        assert claim
        with db.writing() as session:
            jobs.retry_later(session, claim, "Waiting.", 0, counts=False)
    assert (read(db, job_id).state, read(db, job_id).tries) == ("approved", 0)


def test_an_unclear_write_stays_writing_until_its_read_back(db: Database, vault: Vault) -> None:
    job_id = make(db, vault, "approved")
    claim = jobs.claim(db, job_id, "write", LEASE)
    assert claim
    with db.writing() as session:
        assert jobs.hold(session, claim, "No answer.", 30)
    job = read(db, job_id)
    assert (job.state, job.problem) == ("writing", "No answer.")
    assert db.now() < job.lease_until <= db.now() + 30_000
    with db.reading() as session:
        assert jobs.reap(session, 0) == (0, [])


def test_lost_thoughts_go_back_and_lost_writes_are_named(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.connection(session, vault)
        thought, written = (rows.job(session, rows.subject(session, found, ref), state).id
                            for ref, state in (("a", "queued"), ("b", "approved")))  # fmt: skip
    jobs.claim(db, thought, "think", LEASE)
    jobs.claim(db, written, "write", LEASE)
    with db.writing() as session:
        assert jobs.reap(session, 0) == (0, [])
        session.execute(update(Job).values(lease_until=0))
        assert jobs.reap(session, 0) == (1, [written])
    assert (read(db, thought).state, read(db, written).state) == ("queued", "writing")


def test_one_job_is_queued_per_subject_and_kind_and_per_event(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.subject(session, rows.connection(session, vault))
        ids = {"shop_id": found.shop_id, "connection_id": found.connection_id, "subject_id": found.id}
        assert jobs.add(session, kind="listing", **ids)
        assert jobs.add(session, kind="listing", **ids) is None
        assert jobs.add(session, kind="undo", **ids)


def test_a_second_queued_job_is_refused_by_the_database_itself(db: Database, vault: Vault) -> None:
    with pytest.raises(IntegrityError), db.writing() as session:
        found = rows.subject(session, rows.connection(session, vault))
        rows.job(session, found)
        rows.job(session, found)


def test_due_jobs_alternate_between_connections_and_follow_their_priority(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        busy, small = rows.connection(session, vault), rows.connection(session, vault, "b.myshopify.com")
        for number in range(5):
            rows.job(session, rows.subject(session, busy, f"p{number}"), priority=number % 3)
        rows.job(session, rows.subject(session, small), priority=2)
    with db.reading() as session:
        found = jobs.due(session, "think", 4, 10)
    assert [job.connection_id for job in found[:2]] == [1, 2]
    assert [job.priority for job in found if job.connection_id == 1] == [0, 0, 1, 1]


def test_what_is_paused_stopped_offered_or_not_due_is_not_offered(db: Database, vault: Vault) -> None:
    def offered(step: str) -> int:
        with db.reading() as session:
            return len(jobs.due(session, step, 5, 10))

    with db.writing() as session:
        found = rows.connection(session, vault)
        for ref, state in (("a", "queued"), ("b", "approved")):
            rows.job(session, rows.subject(session, found, ref), state)
    assert (offered("think"), offered("write")) == (1, 1)
    with db.writing() as session:
        shops.stop_writes(session, found.shop_id, True, None)
    assert (offered("think"), offered("write")) == (1, 0)
    with db.writing() as session:
        shops.pause(session, found.id, "A pause.")
        shops.stop_writes(session, found.shop_id, False, None)
    assert (offered("think"), offered("write")) == (0, 0)
    with db.writing() as session:
        shops.resume(session, found.id)
        jobs.mark_offered(session, [1, 2], 60_000)
        assert jobs.in_flight(session, "think") == {found.id: 1}
    assert (offered("think"), offered("write")) == (0, 0)


def test_what_is_written_for_a_subject_now_lets_its_next_text_wait(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.connection(session, vault)
        busy, free = rows.subject(session, found, "busy"), rows.subject(session, found, "free")
        rows.job(session, busy, "writing", lease_until=2**53)
        rows.job(session, busy, "approved")
        next_one = rows.job(session, free, "approved").id
    with db.reading() as session:
        assert [job.id for job in jobs.due(session, "write", 5, 10)] == [next_one]


def test_the_dispatchers_questions_are_answered_by_small_indexes(db: Database, vault: Vault) -> None:
    asked: list[str] = []
    with db.writing() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]), named=False)
        for step in ("think", "write"):
            jobs.due(session, step, 5, 10)
            jobs.in_flight(session, step)
        jobs.reap(session, 0)
        if not db.sqlite:
            return  # PostgreSQL decides by its statistics, and a table this small is read whole
        for statement in list(asked):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (0,) * statement.count("?")).all()
            assert not [row for row in plan if "SCAN jobs" in row[3] and "USING" not in row[3]], statement


def test_a_resting_job_rests_again_but_one_that_waits_for_a_word_does_not(db: Database, vault: Vault) -> None:
    job_id = make(db, vault)
    with db.writing() as session:
        assert jobs.settle_again(session, 1, "listing", 60_000)
    assert read(db, job_id).due_at > db.now() + 50_000
    with db.writing() as session:
        session.execute(update(Job).values(due_at=jobs.NEVER))
        assert not jobs.settle_again(session, 1, "listing", 60_000)


def test_a_list_in_a_queued_job_grows_and_in_a_running_one_does_not(db: Database, vault: Vault) -> None:
    job_id = make(db, vault, input={"edits": [1], "other": True})
    with db.writing() as session:
        assert jobs.extend_queued(session, 1, "listing", "edits", [2, 3])
    assert read(db, job_id).input == {"edits": [1, 2, 3], "other": True}
    jobs.claim(db, job_id, "think", LEASE)
    with db.writing() as session:
        assert not jobs.extend_queued(session, 1, "listing", "edits", [4])


def test_cancelling_leaves_running_and_ended_jobs_alone(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.connection(session, vault)
        for state in jobs.MOVES:
            rows.job(session, rows.subject(session, found, state), state)
        assert jobs.cancel_all(session, Job.connection_id == found.id, problem="Gone.") == 3
    with db.reading() as session:
        left = set(session.scalars(select(Job.state).where(Job.problem == "")))
        cancelled = set(session.scalars(select(Job.state).where(Job.problem == "Gone.")))
    assert cancelled == {"cancelled"}
    assert left == set(jobs.MOVES) - {"queued", "review", "approved"}


@pytest.mark.parametrize(("step", "back"), [("think", "queued"), ("write", "approved")])
def test_a_failed_job_goes_back_to_the_step_that_failed(db: Database, vault: Vault, step: str, back: str) -> None:
    job_id = make(db, vault, "queued" if step == "think" else "approved")
    claim = jobs.claim(db, job_id, step, LEASE)
    assert claim
    with db.writing() as session:
        jobs.finish(session, claim, "failed", "No.")
        assert jobs.retrigger(session, job_id, None) == job_id
    job = read(db, job_id)
    assert (job.state, job.tries, job.priority, job.problem) == (back, 0, 0, "")


def test_a_finished_job_is_asked_for_anew(db: Database, vault: Vault) -> None:
    job_id = make(db, vault, "done")
    with db.writing() as session:
        again = jobs.retrigger(session, job_id, None)
        assert jobs.retrigger(session, job_id, None) is None
    assert again and again != job_id
    assert read(db, again).input == {"asked": True}
    assert read(db, job_id).state == "done"


def test_a_bulk_run_waits_for_a_word_and_starts_once(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.connection(session, vault)
        run = BulkRun(shop_id=found.shop_id, connection_id=found.id, reason="flood")
        session.add(run)
        session.flush()
        for ref in "ab":
            rows.job(session, rows.subject(session, found, ref), due_at=jobs.NEVER, bulk_run_id=run.id)
        run_id = run.id
    with db.writing() as session:
        assert jobs.due(session, "think", 5, 10) == []
        assert jobs.start_bulk_run(session, run_id) == 2
        assert jobs.start_bulk_run(session, run_id) == 0
        assert len(jobs.due(session, "think", 5, 10)) == 2
        assert jobs.cancel_bulk_run(session, run_id) == 2


def test_writers_of_different_subjects_do_not_wait_for_each_other(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.connection(session, vault)
        ids = [rows.job(session, rows.subject(session, found, str(number)), "approved").id for number in range(6)]
    barrier = threading.Barrier(6)

    def claim(job_id: int) -> bool:
        barrier.wait()
        return jobs.claim(db, job_id, "write", LEASE) is not None

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(claim, ids))
