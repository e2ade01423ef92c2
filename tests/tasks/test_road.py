"""The road of a job, from a product's creation to its text in the store, and everything that may cross it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bridge import jobs, journal, review, shops
from bridge.catalog import DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE
from bridge.models import Attempt, FieldText, Job
from tasks import steps
from tests.tasks.road import DOMAIN, KETTLE, Road, body_html, our_description


def test_a_new_product_gets_its_text_exactly_once(road: Road) -> None:
    gid = road.product()
    assert road.think().state == "review"
    assert set(road.draft().fields) >= {DESCRIPTION, SEO_TITLE, SEO_DESCRIPTION}
    assert road.mutations() == []
    road.approve()
    assert road.write().state == "done"
    assert body_html(road, gid) == our_description(road)
    assert road.mutations().count("WriteProduct") == 1
    assert {row.state for row in road.writes()} == {"confirmed"}


def test_our_own_echo_causes_no_work(road: Road) -> None:
    road.product()
    road.written()
    road.plan()
    assert road.outcomes() == ["job", *["echo"] * (len(road.outcomes()) - 1)]
    assert len(road.outcomes()) > 1
    assert len(road.jobs()) == 1


def test_an_echo_that_overtakes_its_answer_causes_no_work(road: Road) -> None:
    road.product()
    road.think()
    road.approve()
    road.fault("echo_first", "WriteProduct")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(road.house.tools.http, "send", _planning_before_the_answer(road))
        assert road.write().state == "done"
    assert road.outcomes()[1:] and set(road.outcomes()[1:]) == {"echo"}
    assert len(road.jobs()) == 1


def _planning_before_the_answer(road: Road):  # type: ignore[no-untyped-def]
    """The session's ``send``, but the planner runs between the store's work and the arrival of its answer."""
    original = road.house.tools.http.send

    def send(*given, **more):  # type: ignore[no-untyped-def]
        answer = original(*given, **more)
        road.plan()
        return answer

    return send


def test_a_repeated_task_is_harmless(road: Road) -> None:
    road.product()
    road.think()
    steps.think(road.house, road.job().id)
    assert road.job().state == "review"
    road.approve()
    road.write()
    steps.write(road.house, road.job().id)
    assert road.mutations().count("WriteProduct") == 1


def test_nothing_is_asked_of_the_store_for_a_text_that_is_there_already(road: Road) -> None:
    road.product(body_html="<p>All there</p>", seo={"title": "Kettle", "description": "A kettle for camps."}, tags="x")
    job = road.think()
    assert job.state in ("skipped", "review")
    if job.state == "review":
        assert DESCRIPTION not in road.draft().fields


def test_an_edit_before_the_write_is_a_conflict_and_stays(road: Road) -> None:
    gid = road.product()
    road.think()
    road.approve()
    road.edit(gid, body_html="<p>The merchant's own</p>")
    job = road.write()
    assert job.state == "conflict"
    assert body_html(road, gid) == "<p>The merchant's own</p>"
    (conflict,) = [row for row in road.writes() if row.state == "conflict"]
    assert (conflict.field, conflict.theirs) == (DESCRIPTION, "<p>The merchant's own</p>")


def test_a_conflict_can_be_decided_either_way(road: Road) -> None:
    gid = road.product()
    road.think()
    road.approve()
    road.edit(gid, body_html="<p>The merchant's own</p>")
    road.write()
    ours = our_description(road)
    with road.db.writing() as session:
        assert review.resolve(session, road.job().id, [DESCRIPTION], road.user_id) == "approved"
    assert road.write().state == "done"
    assert body_html(road, gid) == ours


def test_an_edit_announced_between_read_and_intent_is_a_conflict(road: Road) -> None:
    gid = road.product()
    road.think()
    road.approve()
    original = steps.compare

    def edit_meanwhile(*given):  # type: ignore[no-untyped-def]
        road.edit(gid, body_html="<p>In the gap</p>")
        road.plan()
        return original(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "compare", edit_meanwhile)
        assert road.write().state == "conflict"
    assert body_html(road, gid) == "<p>In the gap</p>"


def test_an_edit_inside_the_gap_is_offered_back(road: Road) -> None:
    gid = road.product()
    road.think()
    road.approve()
    road.fault("edit_before_commit", "WriteProduct", fields={"body_html": "<p>In the gap</p>"})
    assert road.write().state == "done"
    ours = our_description(road)
    assert body_html(road, gid) == ours
    restore = road.think("restore")
    assert restore.state == "review"
    assert road.draft("restore").fields == {DESCRIPTION: "<p>In the gap</p>"}
    road.approve("restore")
    assert road.write("restore").state == "done"
    assert body_html(road, gid) == "<p>In the gap</p>"


def test_edits_of_several_fields_inside_the_gap_are_all_offered_back(road: Road) -> None:
    gid = road.product()
    road.policy(write_title=True)
    road.think()
    road.approve()
    theirs = {"body_html": "<p>In the gap</p>", "title": "Kettle of the gap"}
    job = road.job()
    with road.db.writing() as session:  # the draft also proposes a title
        row = session.get_one(type(road.draft()), job.draft_id)
        row.fields, row.base = {**row.fields, "title": "Our kettle"}, {**row.base, "title": "Camp Kettle"}
    road.fault("edit_before_commit", "WriteProduct", fields=theirs)
    assert road.write().state == "done"
    assert road.at_store(gid)["title"] == "Our kettle"
    assert road.think("restore").state == "review"
    assert road.draft("restore").fields == {DESCRIPTION: "<p>In the gap</p>", "title": "Kettle of the gap"}


def test_an_edit_that_survived_the_gap_is_left_in_peace(road: Road) -> None:
    gid = road.product()
    road.think()
    road.approve()
    road.fault("edit_before_commit", "WriteProduct", fields={"body_html": "<p>In the gap</p>"})
    road.write()
    road.plan()
    road.control("PATCH", f"products/{gid.rsplit('/', 1)[-1]}", {"body_html": "<p>In the gap</p>"})
    assert road.think("restore").state == "skipped"
    assert body_html(road, gid) == "<p>In the gap</p>"


@pytest.mark.parametrize("fault", ["502_after_commit", "cut_after_commit"])
def test_a_write_whose_answer_was_lost_is_not_done_again(road: Road, fault: str) -> None:
    gid = road.product()
    road.think()
    road.approve()
    road.fault(fault, "WriteProduct")
    assert road.write().state == "writing"
    road.due_now()
    assert road.write().state == "done"
    assert body_html(road, gid) == our_description(road)
    assert road.mutations().count("WriteProduct") == 1
    assert [row.state for row in road.writes() if row.field == DESCRIPTION] == ["confirmed"]


@pytest.mark.parametrize("fault", ["502", "internal_error", "cut_before"])
def test_a_write_that_never_happened_is_done_after_the_read_back(road: Road, fault: str) -> None:
    gid = road.product()
    road.think()
    road.approve()
    road.fault(fault, "WriteProduct")
    assert road.write().state == "writing"
    road.due_now()
    assert road.write().state == "done"
    assert body_html(road, gid) == our_description(road)
    assert [row.state for row in road.writes() if row.field == DESCRIPTION] == ["refused", "confirmed"]


@pytest.mark.parametrize("line", ["intend", "confirm"])
def test_a_worker_that_dies_around_the_call_leaves_nothing_doubled(road: Road, line: str) -> None:
    gid = road.product()
    road.think()
    road.approve()

    class Dead(BaseException):
        """What kill -9 looks like from inside: nothing is caught, nothing is tidied up."""

    def die(*_: object) -> None:
        raise Dead

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, line, die)
        with pytest.raises(Dead):
            steps.write(road.house, road.job().id)
    assert road.job().state == "writing"
    road.due_now()
    assert road.write().state == "done"
    assert body_html(road, gid) == our_description(road)
    assert road.mutations().count("WriteProduct") == 1


def test_a_text_the_store_refuses_fails_with_its_words_and_changes_nothing(road: Road) -> None:
    gid = road.product()
    road.think()
    road.approve()
    with road.db.writing() as session:
        row = session.get_one(type(road.draft()), road.job().draft_id)
        row.fields, row.base = {"title": "x" * 256}, {"title": "Camp Kettle"}
    job = road.write()
    assert job.state == "failed"
    assert "Title is too long" in job.problem
    assert road.at_store(gid)["title"] == "Camp Kettle"
    assert {row.state for row in road.writes()} == {"refused"}


def test_a_throttled_store_costs_no_try(road: Road) -> None:
    road.product()
    road.think()
    road.approve()
    road.fault("throttle", "WriteProduct")
    job = road.write()
    assert (job.state, job.tries) == ("approved", 0)
    road.due_now()
    road.control("PATCH", "", {"bucket_restore": 2000})
    jobs.put_off(road.db, job.id, 0)
    for _ in range(20):
        if road.write().state == "done":
            break
        road.due_now()
    assert road.job().state == "done"
    assert road.mutations().count("WriteProduct") == 1


def test_five_failures_fail_the_job_and_a_retry_brings_it_back(road: Road) -> None:
    road.product()
    road.plan()
    road.fault("500", "ProductFacts", times=100)
    for _ in range(5):
        road.due_now()
        steps.think(road.house, road.job().id)
    assert road.job().state == "failed"
    road.control("DELETE", "faults")
    with road.db.writing() as session:
        assert jobs.retrigger(session, road.job().id, road.user_id) == road.job().id
    assert road.think().state == "review"


def test_a_missing_permission_pauses_the_connection_and_the_job_waits(road: Road) -> None:
    road.product()
    road.plan()
    road.fault("403", "ProductFacts")
    job = road.think()
    assert job.state == "queued"
    assert road.connection().status == "paused"
    assert "permission" in road.connection().problem
    with road.db.writing() as session:
        shops.resume(session, road.connection_id)
    road.due_now()
    assert road.think().state == "review"


def test_a_refused_token_disconnects_and_forgets_the_credentials(road: Road) -> None:
    road.product()
    road.product(title="Second")
    road.plan()
    road.control("PATCH", "", {"client_secret": "rotated"})
    road.control("POST", "revoke")
    steps.think(road.house, road.jobs()[0].id)
    assert [job.state for job in road.jobs()] == ["failed", "cancelled"]
    assert road.connection().status == "disconnected"
    assert road.connection().credentials is None


def test_a_product_deleted_meanwhile_ends_its_job(road: Road) -> None:
    gid = road.product()
    road.plan()
    road.control("DELETE", f"products/{gid.rsplit('/', 1)[-1]}")
    steps.think(road.house, road.job().id)
    assert road.job().state == "cancelled"
    assert road.mutations() == []


def test_undo_restores_only_what_still_holds_our_text(road: Road) -> None:
    gid = road.product()
    job = road.written()
    road.edit(gid, seo={"title": "The merchant's title"})
    with road.db.writing() as session:
        review.undo(session, job.id, road.user_id)
    assert road.think("undo").state == "approved"
    assert road.write("undo").state == "done"
    assert body_html(road, gid) == ""
    assert road.at_store(gid)["seo"]["title"] == "The merchant's title"
    assert road.jobs()[0].state == "undone"


def test_undo_takes_away_only_the_tags_we_added(road: Road) -> None:
    gid = road.product()
    job = road.written()
    assert road.at_store(gid)["tags"] == "Ember Goods, Stainless steel"
    road.edit(gid, tags="Ember Goods, later, merchant, Stainless steel")
    with road.db.writing() as session:
        review.undo(session, job.id, road.user_id)
    road.think("undo")
    road.write("undo")
    assert road.at_store(gid)["tags"] == "later, merchant"


def test_an_undone_text_is_no_source_for_the_next_one(road: Road) -> None:
    road.product()
    job = road.written()
    with road.db.reading() as session:
        facts = {fact["key"] for fact in road.draft().facts}
        ours = session.scalars(select(FieldText).where(FieldText.author == "bridge")).all()
    assert DESCRIPTION not in facts
    assert {row.field for row in ours} >= {DESCRIPTION}
    with road.db.writing() as session:
        again = jobs.retrigger(session, job.id, road.user_id)
    steps.think(road.house, again or 0)
    assert road.job().state in ("review", "skipped")
    if road.job().draft_id:
        assert DESCRIPTION not in {fact["key"] for fact in road.draft().facts}


def test_a_dry_run_shows_the_mutations_and_sends_none(road: Road) -> None:
    gid = road.product()
    road.think()
    asked = road.job()
    with road.db.writing() as session:
        jobs.add(session, shop_id=asked.shop_id, connection_id=asked.connection_id, subject_id=asked.subject_id,
                 kind="dry_run", input={"job_id": asked.id})  # fmt: skip
    job = road.think("dry_run")
    assert job.state == "skipped"
    assert "mutation WriteProduct(" in job.result["calls"][0]["operation"]
    assert our_description(road) in str(job.result["calls"])
    assert road.mutations() == []
    assert body_html(road, gid) == ""


def test_clean_drafts_go_on_their_own_only_where_the_policy_says_so(road: Road) -> None:
    road.policy(auto_approve=True)
    gid = road.product()
    assert road.think().state == "approved"
    assert road.write().state == "done"
    assert body_html(road, gid)


def test_the_one_switch_stops_the_writes_of_a_shop(road: Road) -> None:
    road.product()
    road.think()
    road.approve()
    with road.db.writing() as session:
        shops.stop_writes(session, road.job().shop_id, True, road.user_id)
        assert jobs.due(session, "write", 6, 10) == []
    job = road.write()  # it was offered a moment before
    assert (job.state, job.tries) == ("approved", 0)
    assert road.mutations() == []
    assert road.writes() == []
    with road.db.writing() as session:
        shops.stop_writes(session, job.shop_id, False, road.user_id)
    road.due_now()
    assert road.write().state == "done"


def test_facts_that_changed_after_approval_are_checked_again(road: Road) -> None:
    gid = road.product()
    road.think()
    road.approve()
    metafields = [{**each, "value": "Copper"} if each["key"] == "material" else each for each in _kettle_facts()]
    road.edit(gid, metafields=metafields, vendor="Other Goods")
    road.plan()
    assert road.job().stale
    job = road.write()
    assert job.state == "review"
    assert "object" in job.problem
    assert road.mutations() == []


def _kettle_facts() -> list[dict[str, str]]:
    return list(KETTLE["metafields"])


def test_every_attempt_leaves_a_trace(road: Road) -> None:
    road.product()
    road.written()
    with road.db.reading() as session:
        rows = session.scalars(select(Attempt).order_by(Attempt.id)).all()
    assert [(row.step, row.outcome) for row in rows] == [("think", "review"), ("write", "done")]
    assert all(row.ended_at for row in rows)


def test_a_lost_lease_writes_nothing(road: Road) -> None:
    road.product()
    road.think()
    road.approve()
    original = steps.compare

    def lose_it(*given):  # type: ignore[no-untyped-def]
        with road.db.writing() as session:
            session.execute(update(Job).values(attempt=Job.attempt + 1))
        return original(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "compare", lose_it)
        steps.write(road.house, road.job().id)
    assert road.mutations() == []
    assert road.writes() == []


def test_a_paused_connection_makes_its_jobs_wait(road: Road) -> None:
    road.product()
    road.plan()
    with road.db.writing() as session:
        shops.pause(session, road.connection_id, "Somebody asked for it.")
        assert jobs.due(session, "think", 6, 10) == []
    calls = len(road.ledger()["calls"])
    steps.think(road.house, road.job().id)
    assert (road.job().state, road.job().tries) == ("queued", 0)
    assert len(road.ledger()["calls"]) == calls


def test_an_uninstalled_shop_is_disconnected_after_the_store_confirmed_it(road: Road) -> None:
    road.product()
    road.plan()
    road.control("POST", "uninstall")
    road.arrived()
    road.plan()
    assert road.connection().status == "connected"
    steps.think(road.house, road.job("check").id)
    assert road.connection().status == "disconnected"
    assert {job.state for job in road.jobs()} == {"cancelled"}


def test_an_uninstall_that_is_not_true_changes_nothing(road: Road) -> None:
    road.control("POST", "deliver", {"topic": "app/uninstalled", "body": {"myshopify_domain": DOMAIN}})
    road.plan()
    steps.think(road.house, road.job("check").id)
    assert road.connection().status == "connected"
    assert road.job("check").result["ok"] is True
