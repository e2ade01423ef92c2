"""From deliveries to jobs: what is news, what is noise, and what bad input gets."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from bridge import jobs, shops
from bridge.models import BulkRun, Delivery, Event, Job, Subject
from tasks import planning
from tests.tasks.road import DOMAIN, Road


def deliver(road: Road, **asked: Any) -> None:
    """Send something with a valid signature, and plan it."""
    road.control("POST", "deliver", asked)
    road.plan()


def test_a_delivery_that_comes_twice_causes_one_job(road: Road) -> None:
    gid = road.product()
    number = int(gid.rsplit("/", 1)[-1])
    road.control("POST", "deliver", {"product": number, "topic": "products/create", "times": 3, "webhook_id": "same"})
    road.plan()
    assert len(road.deliveries()) == 2
    assert len(road.jobs()) == 1


def test_a_product_that_changes_again_rests_again_and_has_one_job(road: Road) -> None:
    road.policy(settle_seconds=60)
    gid = road.product()
    road.plan()
    first = road.job().due_at
    road.edit(gid, vendor="Other Goods")
    road.plan()
    assert road.outcomes() == ["job", "coalesced"]
    assert len(road.jobs()) == 1
    assert road.job().due_at > first
    with road.db.reading() as session:
        assert jobs.due(session, "think", 6, 10) == []


def test_an_order_that_moves_the_stock_is_no_news(road: Road) -> None:
    gid = road.product()
    road.plan()
    road.control("POST", f"products/{gid.rsplit('/', 1)[-1]}/order")
    road.arrived()
    road.plan()
    assert road.outcomes() == ["job", "unchanged"]


def test_an_old_snapshot_that_comes_late_is_stale(road: Road) -> None:
    gid = road.product()
    road.edit(gid, title="Newer")
    road.plan()
    body = {"id": int(gid.rsplit("/", 1)[-1]), "title": "Older", "updated_at": "2001-01-01T00:00:00Z"}
    deliver(road, topic="products/update", body=body)
    assert road.outcomes()[-1] == "stale"
    with road.db.reading() as session:
        assert session.scalars(select(Subject.title)).one() == "Newer"


def test_a_deleted_product_cancels_what_waits(road: Road) -> None:
    gid = road.product()
    road.think()
    road.control("DELETE", f"products/{gid.rsplit('/', 1)[-1]}")
    road.arrived()
    road.plan()
    assert road.job().state == "cancelled"
    assert road.subject().deleted_at is not None


def test_drafts_become_a_bulk_run_that_waits_for_a_word(road: Road) -> None:
    road.product(status="draft")
    road.plan()
    with road.db.writing() as session:
        run = session.scalars(select(BulkRun)).one()
        assert (run.reason, run.state) == ("drafts", "waiting")
        assert jobs.due(session, "think", 6, 10) == []
        assert jobs.start_bulk_run(session, run.id) == 1
        assert len(jobs.due(session, "think", 6, 10)) == 1


def test_a_flood_of_new_products_waits_for_a_word(road: Road) -> None:
    few = replace(road.house.settings, flood_creates_per_hour=2)
    road.house = replace(road.house, tools=replace(road.house.tools, settings=few))
    for number in range(4):
        road.product(title=f"Kettle {number}")
    road.plan()
    assert [job.bulk_run_id is None for job in road.jobs()] == [True, True, False, False]
    with road.db.reading() as session:
        assert session.scalars(select(BulkRun)).one().reason == "flood"


@pytest.mark.parametrize(
    ("topic", "body", "sentence"),
    [
        ("products/create", "not json", "not JSON"),
        ("products/create", ["a", "list"], "not a JSON object"),
        ("products/create", {"title": "no id"}, "lacks or garbles: id"),
        ("products/update", {"id": "12"}, "lacks or garbles: id"),
        ("products/update", {"id": 12, "media": [{"alt": "x"}]}, "lacks or garbles: media"),
        ("products/update", {"id": 12, "updated_at": "yesterday"}, ""),
        ("products/delete", {"id": 12, "title": "a whole product"}, "an id and nothing else"),
        ("app/uninstalled", {"myshopify_domain": "other.myshopify.com"}, "not the shop in the header"),
        ("app/uninstalled", {}, "lacks or garbles: myshopify_domain"),
    ],
)
def test_what_cannot_be_read_is_kept_with_a_sentence(road: Road, topic: str, body: Any, sentence: str) -> None:
    gid = road.product()
    road.think()
    before = road.job().state
    deliver(road, topic=topic, body=body)
    last = road.deliveries()[-1]
    assert last.state == "unreadable"
    assert sentence in last.problem and last.problem
    assert road.house.tools.vault.open(last.body or b"")
    assert (road.job().state, road.connection().status) == (before, "connected")
    assert road.at_store(gid)


def test_one_that_cannot_be_read_does_not_hold_up_the_others(road: Road) -> None:
    road.control("POST", "deliver", {"topic": "products/create", "body": "<html>"})
    road.product()
    assert road.plan() == 2
    assert [row.state for row in road.deliveries()] == ["unreadable", "planned"]
    assert len(road.jobs()) == 1


def test_odd_text_in_a_payload_is_planned(road: Road) -> None:
    deliver(road, topic="products/create", body={"id": 7, "title": "NUL \0 and half \ud83d", "body_html": "\0"})
    assert [row.state for row in road.deliveries()] == ["planned"]
    assert road.subject().title == "NUL \ufffd and half \ufffd"


def test_a_topic_nobody_acts_on_is_kept_as_ignored(road: Road) -> None:
    deliver(road, topic="collections/update", body={"id": 1})
    deliver(road, topic="themes/publish", body={"id": 1})
    known, unknown = road.deliveries()
    assert (known.state, unknown.state) == ("ignored", "ignored")
    assert known.problem == "Texts of collections are not written yet; the change was kept for later."
    assert unknown.problem == planning.IGNORED_TOPIC


def test_changed_permissions_are_looked_at_with_our_own_token(road: Road) -> None:
    deliver(road, topic="app/scopes_update", body={"id": 1, "previous": [], "current": ["write_products"]})
    assert [job.kind for job in road.jobs("check")] == ["check"]
    assert road.connection().status == "connected", "what the webhook says is only a hint"


def test_a_shop_that_is_not_connected_causes_nothing(road: Road) -> None:
    with road.db.writing() as session:
        shops.disconnect(session, road.connection_id, "gone")
    secret = (road.house.settings.shopify_client_secret, "hush")
    assert "" in secret  # without an app-wide secret nobody can sign for a shop that is gone
    road.control("POST", "deliver", {"topic": "products/create", "body": {"id": 1}})
    road.plan()
    assert road.jobs() == []


def test_a_replayed_delivery_is_not_planned_twice(road: Road) -> None:
    road.product()
    road.plan()
    with road.db.writing() as session:
        session.execute(update(Delivery).values(state="stored"))
    assert road.plan() == 1
    assert len(road.jobs()) == 1
    with road.db.reading() as session:
        assert len(session.scalars(select(Event)).all()) == 1


def test_a_job_in_review_is_marked_stale_instead_of_taken_away(road: Road) -> None:
    gid = road.product()
    road.think()
    road.edit(gid, vendor="Other Goods")
    road.plan()
    assert (road.job().state, road.job().stale) == ("review", True)
    assert len(road.jobs()) == 1


def test_an_edit_by_the_merchant_is_remembered_as_a_persons(road: Road) -> None:
    gid = road.product()
    road.written()
    road.plan()
    time.sleep(1)  # the store's clock counts whole seconds; in the same one nobody could say who was first
    road.edit(gid, body_html="<p>Better words</p>")
    road.plan()
    assert road.outcomes()[-1] == "job"
    job = road.think()
    assert job.state == "skipped", job.problem
    with road.db.reading() as session:
        assert session.scalars(select(Job).where(Job.kind == "restore")).all() == []
    assert road.at_store(gid)["body_html"] == "<p>Better words</p>"


def test_the_account_in_the_header_decides_whose_product_it_is(road: Road) -> None:
    road.product()
    road.plan()
    assert road.deliveries()[0].account == DOMAIN
    assert road.subject().connection_id == road.connection_id
