"""What no webhook told is found: changes, new products and deletions, once, whatever interrupts the search."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bridge import jobs, reconciling, shops
from bridge.db import now_ms
from bridge.deadline import Deadline
from bridge.models import BulkRun, Connection, Event, Heartbeat, Job, Outage, Subject
from connectors.protocol import Page
from connectors.shopify.listings import Listings
from connectors.shopify.topics import ACTED_ON
from tasks import steps
from tasks.reconcile import schedule
from tests.tasks.road import DOMAIN, KETTLE, Road


def ask(road: Road, **work: Any) -> int:
    with road.db.writing() as session:
        row = session.get_one(Connection, road.connection_id)
        assert reconciling.ask(session, row, **work)
    return road.job("reconcile").id


def look(road: Road, **work: Any) -> dict[str, Any]:
    """One whole look, in as many parts as it takes."""
    job_id = ask(road, **work)
    for part in range(60):
        time.sleep(0.2 if part else 0)
        steps.think(road.house, job_id)
        job = next(each for each in road.jobs("reconcile") if each.id == job_id)
        if job.state != "queued":
            break
        road.due_now()
    assert job.state == "skipped", job.problem
    return job.result


def deaf(road: Road) -> None:
    """No webhook arrives any more; the store's clock, which counts whole seconds, has moved on."""
    road.control("PATCH", "", {"webhook_url": ""})
    time.sleep(1.1)


@pytest.fixture
def known(road: Road) -> str:
    """A product that we know as it is, and a time up to which everything is known."""
    gid = road.product()
    road.think()
    look(road)
    return gid


def test_a_catalogue_seen_for_the_first_time_waits_as_one_bulk_run(road: Road) -> None:
    deaf(road)
    road.control("POST", "products", {"products": [{**KETTLE, "title": f"Kettle {n}"} for n in range(120)]})
    result = look(road, reason="first")
    assert (result["seen"], result["recovered"]) == (120, 0)
    with road.db.reading() as session:
        (run,) = session.scalars(select(BulkRun))
        assert (run.reason, run.state) == ("catalogue", "waiting")
        found = session.scalars(select(Job).where(Job.kind == "listing")).all()
        assert len(found) == 120 and {(job.state, job.due_at) for job in found} == {("queued", jobs.NEVER)}
        assert session.get_one(Connection, road.connection_id).known_to
    assert "a bulk run" in result["lines"][0]


def test_a_product_and_an_edit_that_no_webhook_told_are_recovered(road: Road, known: str) -> None:
    deaf(road)
    road.control("PATCH", f"products/{known.rpartition('/')[2]}", {"title": "Camp Kettle, large"})
    road.control("POST", "products", {**KETTLE, "title": "Tin Mug"})
    result = look(road, reason="outage")
    assert result["recovered"] == 2
    with road.db.reading() as session:
        kinds = session.execute(select(Event.kind, Event.outcome).where(Event.source_id.like("seen:%"))).all()
    assert sorted(map(tuple, kinds)) == [("product.created", "job"), ("product.updated", "coalesced")]
    assert look(road)["recovered"] == 0, "a second look finds nothing more"


@pytest.mark.parametrize(
    ("change", "work", "found"),
    [({"title": "Camp Kettle, large"}, {}, 1), ({"body_html": "<p>By hand.</p>"}, {}, 1), ({"tags": "new"}, {}, 1),
     ({"vendor": "Another"}, {}, 0), ({"vendor": "Another"}, {"reason": "outage", "doubt_from": 1}, 1)],
)  # fmt: skip
def test_an_edit_in_the_second_of_the_last_known_one_is_found_by_its_text(
    road: Road, known: str, change: dict[str, str], work: dict[str, Any], found: int
) -> None:
    road.control("PATCH", "", {"webhook_url": ""})
    road.control("PATCH", f"products/{known.rpartition('/')[2]}", change)
    now = road.house.catalog(live(road)).announced(known, "product.updated", Deadline(5))
    assert now is not None
    with road.db.writing() as session:  # whatever second it was: what we know has the time of what is there
        session.execute(update(Subject).where(Subject.ref == known).values(platform_updated_at=now.occurred_at))
    assert look(road, **work)["recovered"] == found


def live(road: Road) -> shops.Live:
    with road.db.reading() as session:
        return shops.open_connection(session, road.house.tools.vault, road.connection_id)


def test_what_the_webhooks_told_is_not_recovered_again(road: Road, known: str) -> None:
    road.edit(known, title="Camp Kettle, large")
    road.plan()
    assert look(road)["recovered"] == 0


def test_our_own_write_is_no_news_although_its_webhook_was_lost(road: Road, known: str) -> None:
    road.approve()
    deaf(road)
    assert road.write().state == "done"
    result = look(road)
    assert result["recovered"] == 0
    with road.db.reading() as session:
        assert session.scalars(select(Event.outcome).where(Event.source_id.like("seen:%"))).all() == ["echo"]


def test_an_edit_that_no_webhook_told_is_the_merchants(road: Road, known: str) -> None:
    deaf(road)
    road.control("PATCH", f"products/{known.rpartition('/')[2]}", {"body_html": "<p>By hand.</p>"})
    look(road)
    road.due_now()
    job = road.approve() if road.job().state == "review" else road.job()
    steps.write(road.house, job.id)
    assert road.at_store(known)["body_html"] == "<p>By hand.</p>"


def test_a_webhook_that_comes_after_all_is_not_news_again(road: Road, known: str) -> None:
    road.control("PATCH", "", {"webhook_delay_ms": 500})
    time.sleep(1.1)
    road.control("PATCH", f"products/{known.rpartition('/')[2]}", {"title": "Camp Kettle, large"})
    assert look(road)["recovered"] == 1
    road.arrived()
    road.plan()
    with road.db.reading() as session:
        newest = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        assert (newest.outcome, newest.delivery_id is not None) == ("unchanged", True)


def test_a_deletion_that_no_webhook_told_is_found_by_comparing_all_ids(road: Road, known: str) -> None:
    kept = road.product(title="Tin Mug")
    road.plan()
    deaf(road)
    road.control("DELETE", f"products/{known.rpartition('/')[2]}")
    result = look(road, ids=True)
    assert (result["seen"], result["deleted"]) == (1, 1)
    with road.db.reading() as session:
        gone = dict(session.execute(select(Subject.ref, Subject.deleted_at).where(Subject.kind == "product")).all())
        assert gone[known] is not None and gone[kept] is None
        states = dict(session.execute(select(Subject.ref, Job.state).join(Job, Job.subject_id == Subject.id)).all())
    assert states[known] == "cancelled"
    assert look(road, ids=True)["deleted"] == 0


def test_a_product_missing_from_the_list_but_alive_is_not_deleted(
    road: Road, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Listings, "listed", lambda *_: Page((), ""))
    assert look(road, ids=True)["deleted"] == 0
    with road.db.reading() as session:
        assert session.scalars(select(Subject.deleted_at).where(Subject.ref == known)).one() is None


def test_a_look_that_must_wait_for_the_rate_limit_goes_on_where_it_was(road: Road, known: str) -> None:
    deaf(road)
    road.control("POST", "products", {"products": [{**KETTLE, "title": f"Kettle {n}"} for n in range(30)]})
    road.control("PATCH", "", {"bucket_max": 200, "bucket_restore": 100})
    road.fault("throttle", on="ProductAnnounced")
    assert look(road)["recovered"] == 30
    with road.db.reading() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "product.created", Event.outcome == "job")) == 31


def test_a_long_look_is_done_in_parts(road: Road, known: str) -> None:
    deaf(road)
    road.control("POST", "products", {"products": [{**KETTLE, "title": f"Kettle {n}"} for n in range(260)]})
    with road.db.writing() as session:
        session.execute(update(Connection).values(known_to=None))
    road.house = replace(
        road.house, tools=replace(road.house.tools, settings=replace(road.house.settings, job_seconds=0.4))
    )
    job_id = ask(road)
    steps.think(road.house, job_id)
    job = road.job("reconcile")
    assert job.state in ("queued", "skipped")
    if job.state == "queued":
        assert job.input["seen"] in (100, 200) and job.input["cursor"]


# --- when -------------------------------------------------------------------------------------------------------


def plan(road: Road) -> list[tuple[str, dict[str, Any]]]:
    with road.db.writing() as session:
        schedule.plan(session, replace(road.house.settings, reconcile_hours=24))
    return [
        (job.kind, job.input) for kind in ("check", "reconcile") for job in road.jobs(kind) if job.state == "queued"
    ]


def finish_all(road: Road) -> None:
    with road.db.writing() as session:
        session.execute(update(Job).where(Job.state == "queued").values(state="skipped"))


def turn_back(road: Road, **columns: int) -> None:
    """Let so many milliseconds pass."""
    with road.db.writing() as session:
        changes = {name: getattr(Connection, name) - by for name, by in columns.items()}
        session.execute(update(Connection).values(**changes))


def test_a_new_connection_is_looked_through_at_once_and_then_nightly(road: Road) -> None:
    assert plan(road) == [("reconcile", {"reason": "first"})]
    finish_all(road)
    assert plan(road) == []
    turn_back(road, reconciled_at=25 * schedule.HOUR_MS, checked_at=25 * schedule.HOUR_MS)
    assert plan(road) == [("check", {}), ("reconcile", {"reason": "nightly"})]
    finish_all(road)
    turn_back(road, compared_at=8 * schedule.DAY_MS)
    assert plan(road) == [("reconcile", {"reason": "nightly", "ids": True})]


def test_paused_connections_are_checked_and_disconnected_ones_left_alone(road: Road) -> None:
    plan(road)
    finish_all(road)
    turn_back(road, reconciled_at=25 * schedule.HOUR_MS, checked_at=25 * schedule.HOUR_MS)
    with road.db.writing() as session:
        shops.pause(session, road.connection_id, "The shop is frozen.")
    assert plan(road) == [("check", {})]
    finish_all(road)
    with road.db.writing() as session:
        shops.disconnect(session, road.connection_id, "Gone.")
    turn_back(road, checked_at=25 * schedule.HOUR_MS)
    assert plan(road) == []


@pytest.fixture
def beat(road: Road) -> Callable[[int], None]:
    """The door's last sign of life was so many milliseconds ago."""

    def set_beat(ago: int) -> None:
        with road.db.writing() as session:
            session.query(Heartbeat).delete()
            session.flush()
            session.add(Heartbeat(name="web@here:1", at=(session.scalar(select(now_ms())) or 0) - ago))

    return set_beat


def test_after_an_outage_of_the_door_everything_is_looked_through(road: Road, beat: Callable[[int], None]) -> None:
    plan(road)
    finish_all(road)
    beat(5_000)
    assert plan(road) == []
    beat(120_000)
    assert plan(road) == []
    with road.db.reading() as session:
        (outage,) = session.scalars(select(Outage))
        assert outage.until is None
    assert plan(road) == []
    beat(1_000)
    ((kind, work),) = plan(road)
    assert (kind, work["reason"], work["outage_id"]) == ("reconcile", "outage", outage.id)
    assert work["doubt_from"] < outage.since
    with road.db.reading() as session:
        (ended,) = session.scalars(select(Outage))
        assert ended.until and ended.until > ended.since
    finish_all(road)
    assert plan(road) == []


def test_a_check_ends_a_pause_that_the_platform_caused_and_none_that_a_person_made(road: Road) -> None:
    def check() -> str:
        with road.db.writing() as session:
            shops.check_soon(session, road.connection_id, None)
        steps.think(road.house, road.job("check").id)
        with road.db.reading() as session:
            return session.get_one(Connection, road.connection_id).status

    with road.db.writing() as session:
        shops.pause(session, road.connection_id, "The shop is frozen.")
    assert check() == "connected"
    with road.db.writing() as session:
        shops.pause(session, road.connection_id, "By hand.", held=True)
    assert check() == "paused"


def test_a_permission_taken_away_pauses_and_its_return_resumes(road: Road) -> None:
    def check(scopes: list[str]) -> Connection:
        road.control("PATCH", "", {"scopes": scopes})
        with road.db.writing() as session:
            shops.check_soon(session, road.connection_id, None)
        steps.think(road.house, road.job("check").id)
        with road.db.reading() as session:
            return session.get_one(Connection, road.connection_id)

    without = check(["read_products", "write_files"])
    assert (without.status, without.held) == ("paused", False) and "write_products" in without.problem
    assert [each["name"] for each in without.can["permissions"] if not each["granted"]] == ["write_products"]
    again = check(["write_products", "write_files"])
    assert (again.status, again.problem) == ("connected", "")
    assert all(each["granted"] and each["why"] for each in again.can["permissions"])


def test_a_text_is_not_written_before_the_look_has_shown_the_merchants_edit(road: Road, known: str) -> None:
    deaf(road)
    road.approve()
    road.control("PATCH", f"products/{known.rpartition('/')[2]}", {"body_html": "<p>By hand.</p>"})
    assert road.write().state == "conflict"
    assert road.at_store(known)["body_html"] == "<p>By hand.</p>"


def test_webhooks_that_vanished_are_made_again_and_what_they_missed_is_recovered(road: Road) -> None:
    def check() -> Job:
        with road.db.writing() as session:
            shops.check_soon(session, road.connection_id, None)
        steps.think(road.house, road.job("check").id)
        return road.job("check")

    road.control("PATCH", "", {"webhook_url": ""})
    assert check().result["ok"]
    assert road.product() and len(road.ledger()["webhooks"]) == 1
    road.plan()
    look(road)
    store = road.simulator.control.shops[DOMAIN]
    store.subscriptions.clear()
    time.sleep(1.1)  # the store's clock counts whole seconds
    missed = road.product(title="Storm Lantern")
    assert len(road.ledger()["webhooks"]) == 1
    found = check()
    assert "vanished" in found.result["notes"][0]
    assert len(store.subscriptions) == len(ACTED_ON)
    (asked,) = [job for job in road.jobs("reconcile") if job.state == "queued"]
    assert asked.input["reason"] == "vanished"
    steps.think(road.house, asked.id)
    assert road.job("reconcile").result["recovered"] == 1
    with road.db.reading() as session:
        assert session.scalar(select(Subject.title).where(Subject.ref == missed)) == "Storm Lantern"
    assert check().result["notes"] == []


def test_a_store_that_will_not_send_webhooks_is_a_problem_and_no_pause(road: Road) -> None:
    road.control("PATCH", "", {"loopback": False})
    with road.db.writing() as session:
        shops.check_soon(session, road.connection_id, None)
    steps.think(road.house, road.job("check").id)
    result = road.job("check").result
    assert not result["ok"] and "is not supported" in result["lines"][0]
    with road.db.reading() as session:
        row = session.get_one(Connection, road.connection_id)
        assert row.status == "connected" and row.can["webhooks"]["problems"] == result["lines"]
