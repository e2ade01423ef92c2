"""What a person decides on the page, and what the database says afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from bridge import jobs
from bridge.catalog import DESCRIPTION, SEO_TITLE
from bridge.db import Database, now_ms
from bridge.models import Audit, Connection, DraftRow, Job, Subject, Write
from tests.bridge.admin import seed
from tests.bridge.admin.conftest import Visitor
from tests.bridge.admin.seed import Seeded

Visit = Callable[..., Visitor]


def _job(db: Database, number: int) -> Job:
    with db.reading() as session:
        return session.get_one(Job, number)


def _deeds(db: Database, number: int) -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(Audit.action).where(Audit.job_id == number).order_by(Audit.id)))


def _review(db: Database, seeded: Seeded, key: str = "north-review") -> tuple[int, dict[str, Any]]:
    number = seeded.jobs[key]
    return number, {"draft_id": str(_job(db, number).draft_id)}


def test_approving_makes_the_draft_due_and_leads_to_the_next(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, form = _review(db, seeded)
    answer = visit("owner-north").post(f"/review/{number}/approve", form)
    assert answer.headers["Location"] == f"/review/{seeded.jobs['north-blocked']}"
    found = _job(db, number)
    assert found.state == "approved" and found.due_at <= db.now()
    assert _deeds(db, number) == ["draft.approved"]


def test_a_blocked_draft_needs_a_word_of_honour(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, form = _review(db, seeded, "north-blocked")
    owner = visit("owner-north")
    owner.post(f"/review/{number}/approve", form)
    assert _job(db, number).state == "review" and _deeds(db, number) == []
    assert "must not be published" in owner.get(f"/review/{number}").text
    owner.post(f"/review/{number}/approve", {**form, "confirmed": "yes"})
    assert _job(db, number).state == "approved"


def test_no_word_of_honour_is_asked_for_markup(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, form = _review(db, seeded, "north-blocked")
    with db.writing() as session:
        row = session.get_one(DraftRow, int(form["draft_id"]))
        row.findings = [{**row.findings[0], "check": "markup"}]
    owner = visit("owner-north")
    page = owner.get(f"/review/{number}").text
    assert "Blocked: edit the text" in page and 'name="confirmed"' not in page
    owner.post(f"/review/{number}/approve", {**form, "confirmed": "yes"})
    assert _job(db, number).state == "review"


def test_a_draft_that_changed_meanwhile_is_not_approved(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, form = _review(db, seeded)
    owner, colleague = visit("owner-north"), visit("operator")
    colleague.post(f"/review/{number}/edit", {**form, "field:seo_title": "Salad servers, olive wood"})
    newer = _job(db, number).draft_id
    assert newer != int(form["draft_id"])
    for action, extra in (("approve", {}), ("reject", {}), ("ask", {"wish": "x"}), ("edit", {"field:seo_title": "y"})):
        owner.post(f"/review/{number}/{action}", {**form, **extra})
        assert (_job(db, number).state, _job(db, number).draft_id) == ("review", newer), action
    assert _deeds(db, number) == ["draft.edited"]


def test_an_edit_is_checked_and_waits_on(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, form = _review(db, seeded)
    owner = visit("owner-north")
    answer = owner.post(f"/review/{number}/edit", {**form, "field:seo_title": "Line one\r\nline two"})
    assert answer.status_code == 303
    found = _job(db, number)
    with db.reading() as session:
        row = session.get_one(DraftRow, found.draft_id)
    assert (found.state, row.author, row.fields[SEO_TITLE]) == ("review", "person", "Line one\nline two")


def test_an_edit_that_changes_nothing_keeps_what_was_typed(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, form = _review(db, seeded)
    with db.reading() as session:
        row = session.get_one(DraftRow, int(form["draft_id"]))
    typed = {f"field:{name}": row.base.get(name, "") for name in row.fields}
    answer = visit("owner-north").post(f"/review/{number}/edit", {**form, **typed})
    assert answer.status_code == 200
    assert "After this edit nothing differs" in answer.text and "Nice and handy" in answer.text
    assert _job(db, number).draft_id == int(form["draft_id"])


def test_a_change_asked_for_goes_back_with_the_wish(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, form = _review(db, seeded)
    visit("owner-north").post(f"/review/{number}/ask", {**form, "wish": " Shorter, please. "})
    found = _job(db, number)
    assert (found.state, found.input["wish"], found.priority) == ("queued", "Shorter, please.", 0)


def test_an_empty_wish_is_not_sent(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, form = _review(db, seeded)
    visit("owner-north").post(f"/review/{number}/ask", {**form, "wish": "  "})
    assert _job(db, number).state == "review"


def test_a_rejection_keeps_its_reason(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, form = _review(db, seeded)
    visit("owner-north").post(f"/review/{number}/reject", {**form, "reason": "Not our tone."})
    assert (_job(db, number).state, _job(db, number).problem) == ("rejected", "Not our tone.")


def test_clean_drafts_are_approved_together_and_others_are_not(visit: Visit, db: Database, seeded: Seeded) -> None:
    operator = visit("operator")
    page = operator.get("/review/clean").text
    pairs = []
    for key in ("north-review", "north-blocked", "kontor-review"):
        number, form = _review(db, seeded, key)
        pairs.append(f"{number}:{form['draft_id']}")
        assert (pairs[-1] in page) == (key != "north-blocked")
    operator.post("/review/clean", {"draft": [*pairs, f"{seeded.jobs['north-review']}:999"]})
    states = {key: _job(db, seeded.jobs[key]).state for key in ("north-review", "north-blocked", "kontor-review")}
    assert states == {"north-review": "approved", "north-blocked": "review", "kontor-review": "approved"}


def test_a_conflict_is_decided_field_by_field(visit: Visit, db: Database, seeded: Seeded) -> None:
    number = seeded.jobs["north-conflict"]
    page = visit("owner-north").get(f"/jobs/{number}").text
    assert "Hand-poured by Ruth since 1987." in page and "Which text should stand?" in page
    visit("owner-north").post(f"/jobs/{number}/resolve", {f"choice:{DESCRIPTION}": "ours"})
    found = _job(db, number)
    with db.reading() as session:
        row = session.get_one(DraftRow, found.draft_id)
        states = set(session.scalars(select(Write.state).where(Write.job_id == number)))
    assert (found.state, set(row.fields), states) == ("approved", {DESCRIPTION}, {"resolved"})
    assert "Hand-poured" in row.base[DESCRIPTION]


def test_keeping_theirs_writes_nothing(visit: Visit, db: Database, seeded: Seeded) -> None:
    number = seeded.jobs["north-conflict"]
    visit("owner-north").post(f"/jobs/{number}/resolve", {f"choice:{DESCRIPTION}": "theirs"})
    assert _job(db, number).state == "rejected"
    visit("owner-north").post(f"/jobs/{number}/resolve", {f"choice:{DESCRIPTION}": "ours"})
    assert _job(db, number).state == "rejected"


def test_an_undo_is_a_job_of_its_own(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, owner = seeded.jobs["north-done"], visit("owner-north")
    owner.post(f"/jobs/{number}/undo")
    owner.post(f"/jobs/{number}/undo")
    with db.reading() as session:
        found = list(session.scalars(select(Job).where(Job.kind == "undo")))
    assert [(job.state, job.input, job.priority) for job in found] == [("queued", {"job_id": number}, 0)]
    assert _job(db, number).state == "done"


def test_only_what_was_written_can_be_undone(visit: Visit, db: Database, seeded: Seeded) -> None:
    visit("owner-north").post(f"/jobs/{seeded.jobs['north-review']}/undo")
    with db.reading() as session:
        assert session.scalar(select(Job.id).where(Job.kind == "undo")) is None


def test_a_dry_run_is_asked_for_once(visit: Visit, db: Database, seeded: Seeded) -> None:
    number, owner = seeded.jobs["north-review"], visit("owner-north")
    for _time in range(2):
        owner.post(f"/jobs/{number}/dry-run")
    with db.reading() as session:
        found = session.scalars(select(Job).where(Job.kind == "dry_run", Job.state == "queued")).all()
    assert [(job.input, job.priority) for job in found] == [({"job_id": number}, 0)]
    assert "The result appears here by itself" in owner.get(f"/jobs/{number}").text


def test_a_dry_run_shows_the_exact_call(visit: Visit, seeded: Seeded) -> None:
    page = visit("owner-north").get(f"/jobs/{seeded.jobs['north-done']}").text
    assert "Nothing was written." in page and "mutation WriteProduct" in page and "&#34;descriptionHtml&#34;" in page


def test_a_failed_job_starts_again(visit: Visit, db: Database, seeded: Seeded) -> None:
    number = seeded.jobs["north-failed"]
    visit("owner-north").post(f"/jobs/{number}/retrigger")
    assert (_job(db, number).state, _deeds(db, number)) == ("queued", ["job.retriggered"])


def test_a_job_under_way_is_not_started_twice(visit: Visit, db: Database, seeded: Seeded) -> None:
    number = seeded.jobs["kontor-approved"]
    before = db.now()
    visit("owner-kontor").post(f"/jobs/{number}/retrigger")
    with db.reading() as session:
        assert session.scalar(select(Job.id).where(Job.created_at >= before)) is None
    assert _job(db, number).state == "approved"


def test_several_jobs_start_again_at_once(visit: Visit, db: Database, seeded: Seeded) -> None:
    chosen = [seeded.jobs["north-failed"], seeded.jobs["kontor-rejected"], seeded.jobs["kontor-approved"]]
    operator = visit("operator")
    answer = operator.post("/jobs/retrigger", {"job": [str(number) for number in chosen], "state": "failed"})
    assert answer.headers["Location"] == "/jobs?state=failed"
    page = operator.get("/jobs").text
    assert "2 jobs were started again." in page and "1 could not be" in page
    assert _job(db, chosen[0]).state == "queued"


def test_the_story_is_sent_again_only_when_it_changed(visit: Visit, db: Database, seeded: Seeded) -> None:
    with db.writing() as session:
        row = seed.subject(session, seeded, "north", "Fresh product", 7_777)
        made = seed.job(session, row, "queued", session.scalar(now_ms().select()) or 0)
    owner = visit("owner-north")
    page = owner.get(f"/jobs/{made.id}").text
    seen = page.split("seen=")[1].split('"')[0]
    asked = {"query_string": {"seen": seen}, "headers": {"HX-Request": "true"}}
    assert owner.get(f"/jobs/{made.id}", **asked).status_code == 204
    with db.writing() as session:
        assert jobs.move(session, made.id, 0, "queued", "cancelled")
    answer = owner.get(f"/jobs/{made.id}", **asked)
    assert answer.status_code == 200 and "hx-trigger" not in answer.text


def test_writing_is_stopped_and_allowed_with_one_switch(visit: Visit, db: Database, seeded: Seeded) -> None:
    owner, shop = visit("owner-north"), seeded.shops["north"].id
    owner.post(f"/shops/{shop}/writes", {"stopped": "yes"})
    assert "Writing is stopped for Northern Kitchen." in owner.get("/").text
    with db.reading() as session:
        assert list(session.scalars(select(Audit.action).where(Audit.action.like("writes.%")))) == ["writes.stopped"]
    owner.post(f"/shops/{shop}/writes", {"stopped": "no"})
    assert "Writing is stopped" not in owner.get("/").text.replace("Nothing of", "")


def test_a_bulk_run_starts_with_the_owners_word(visit: Visit, db: Database, seeded: Seeded) -> None:
    run, owner = seeded.rows["north-run"], visit("owner-north")
    page = owner.get("/bulk-runs").text
    assert "168 points" in page and "$27.72" in page
    owner.post(f"/bulk-runs/{run}/start")
    with db.reading() as session:
        due = session.scalars(select(Job.due_at).where(Job.bulk_run_id == run)).all()
    assert len(due) == 12 and max(due) <= db.now()
    assert "This run does not wait any more." in owner.post(f"/bulk-runs/{run}/start", follow_redirects=True).text


def test_a_cancelled_run_begins_nothing(visit: Visit, db: Database, seeded: Seeded) -> None:
    run = seeded.rows["north-run"]
    visit("owner-north").post(f"/bulk-runs/{run}/cancel")
    with db.reading() as session:
        assert set(session.scalars(select(Job.state).where(Job.bulk_run_id == run))) == {"cancelled"}


def test_a_delivery_is_replayed(visit: Visit, db: Database, seeded: Seeded) -> None:
    owner, number = visit("owner-north"), seeded.rows["north-unreadable"]
    assert "This could not be read" in owner.get("/deliveries").text
    owner.post(f"/deliveries/{number}/replay")
    assert "Everything was understood" in owner.get("/deliveries").text
    with db.reading() as session:
        noted = session.scalar(select(Audit.shop_id).where(Audit.action == "delivery.replayed"))
    assert noted == seeded.shops["north"].id


def test_a_connection_is_checked_paused_resumed_and_ended(visit: Visit, db: Database, seeded: Seeded) -> None:
    owner, number = visit("owner-north"), seeded.connections["north"].id

    def status() -> tuple[str, bool]:
        with db.reading() as session:
            row = session.get_one(Connection, number)
            return row.status, row.credentials is not None

    owner.post(f"/connections/{number}/check")
    with db.reading() as session:
        waiting = select(Subject.ref).join(Job, Job.subject_id == Subject.id).where(Job.state == "queued")
        queued = session.scalars(waiting.where(Job.kind == "check")).all()
    assert queued == ["north.myshopify.com"]
    owner.post(f"/connections/{number}/pause")
    assert status() == ("paused", True)
    assert "Paused by hand." in owner.get("/connections").text
    owner.post(f"/connections/{number}/resume")
    assert status() == ("connected", True)
    owner.post(f"/connections/{number}/disconnect")
    assert status() == ("disconnected", False)
    assert _job(db, seeded.jobs["north-review"]).state == "cancelled"
