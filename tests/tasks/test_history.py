"""Earlier texts come back from the history; a voice is tried on a product without a trace."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from bridge import jobs
from bridge.catalog import DESCRIPTION, Voice
from bridge.models import FieldText, Subject
from tasks import steps
from tests.tasks.road import Road


def ask(road: Road, kind: str, gid: str, **given: object) -> int:
    with road.db.writing() as session:
        subject = session.scalars(select(Subject).where(Subject.ref == gid)).one()
        added = jobs.add(
            session, shop_id=subject.shop_id, connection_id=subject.connection_id, subject_id=subject.id, kind=kind,
            priority=0, input=given, asked_by=road.user_id,
        )  # fmt: skip
    assert added
    return added


def text_id(road: Road, value: str) -> int:
    with road.db.reading() as session:
        return session.scalars(select(FieldText.id).where(FieldText.value == value).order_by(FieldText.id)).first() or 0


def test_an_earlier_text_is_put_back_and_is_the_merchants_own_again(road: Road) -> None:
    gid = road.product(body_html="<p>By hand.</p>")
    road.think()
    road.edit(gid, body_html="<p>By another hand.</p>")
    road.think()
    ask(road, "revert", gid, texts=[text_id(road, "<p>By hand.</p>")])
    steps.think(road.house, road.job("revert").id)
    assert road.job("revert").state == "approved"
    steps.write(road.house, road.job("revert").id)
    assert road.at_store(gid)["body_html"] == "<p>By hand.</p>"


def test_an_edit_made_meanwhile_is_not_run_over(road: Road) -> None:
    gid = road.product(body_html="<p>By hand.</p>")
    road.think()
    road.edit(gid, body_html="<p>By another hand.</p>")
    road.think()
    ask(road, "revert", gid, texts=[text_id(road, "<p>By hand.</p>")])
    steps.think(road.house, road.job("revert").id)
    road.edit(gid, body_html="<p>A third.</p>")
    steps.write(road.house, road.job("revert").id)
    assert road.job("revert").state == "conflict"
    assert road.at_store(gid)["body_html"] == "<p>A third.</p>"


def test_a_text_of_another_product_is_never_put_here(road: Road) -> None:
    one = road.product(title="Kettle", body_html="<p>Of the kettle.</p>")
    road.think()
    two = road.product(title="Mug", body_html="<p>Of the mug.</p>")
    road.think()
    ask(road, "revert", two, texts=[text_id(road, "<p>Of the kettle.</p>")])
    steps.think(road.house, road.job("revert").id)
    assert road.job("revert").state == "skipped"
    assert road.at_store(two)["body_html"] == "<p>Of the mug.</p>" and one


def test_a_voice_is_tried_on_a_product_and_nothing_is_kept_but_the_result(road: Road) -> None:
    gid = road.product()
    road.plan()
    voice = {**asdict(Voice("de")), "forbidden": ["Camp"]}
    job_id = ask(road, "preview", gid, locale="de", voice=voice)
    steps.think(road.house, job_id)
    job = road.job("preview")
    assert job.state == "skipped" and job.draft_id is None
    assert job.result["texts"][DESCRIPTION] and job.result["author"] == "template"
    assert any(each["check"] == "lengths" or "Camp" in each["quote"] for each in job.result["findings"])
    assert road.at_store(gid)["body_html"] in ("", None)


def test_the_quality_of_a_product_is_known_after_a_look_and_rises_with_a_write(road: Road) -> None:
    gid = road.product()
    road.think()

    def quality() -> int:
        with road.db.reading() as session:
            return session.scalars(select(Subject.quality).where(Subject.ref == gid)).one() or 0

    before = quality()
    road.approve()
    assert road.write().state == "done"
    assert quality() > before
