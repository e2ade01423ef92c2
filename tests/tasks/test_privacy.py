"""People and shops that want to know or to be forgotten: found, handed over, erased, reported; nothing else changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, text, update

from bridge import privacy, shops
from bridge.db import now_ms
from bridge.models import Base, Connection, Delivery, PrivacyRequest, Shop, Subject
from tasks import steps
from tests.tasks.road import DOMAIN, Road
from tests.webhooks.arriving import everything

HOUR = 3_600_000
EMAIL, PHONE, CUSTOMER, ORDER = "kundin.unverwechselbar@example.com", "+49 30 5550 1234", 7000000000001, 5000000000001
PERSON = {"id": CUSTOMER, "email": EMAIL, "phone": PHONE}
ABOUT = {
    "by address": {"id": 1, "note": f"Write to {EMAIL.upper()}!"},
    "by number": {"id": 2, "customer": {"id": CUSTOMER}},
    "by order": {"id": ORDER, "line_items": []},
    "by telephone": {"id": 3, "shipping_address": {"phone": "030 55501234"}},
    "by gid": {"id": 4, "admin_graphql_api_id": f"gid://shopify/Customer/{CUSTOMER}"},
}
NOT_ABOUT = {
    "somebody else": {"id": 5, "email": "jemand@example.com", "phone": "+49 40 1"},
    "a number in a text": {"id": 6},
}


@pytest.fixture
def known(road: Road) -> dict[str, int]:
    """Deliveries that speak of a person, and some that do not, by what they say."""
    return {name: deliver(road, "orders/updated", body) for name, body in {**ABOUT, **NOT_ABOUT}.items()}


def deliver(road: Road, topic: str, body: Any, **more: Any) -> int:
    road.control("POST", "deliver", {"topic": topic, "body": body, **more})
    road.plan()
    return road.deliveries()[-1].id


def ask(road: Road, topic: str, **body: Any) -> int:
    return deliver(road, topic, {"shop_id": 1, "shop_domain": DOMAIN, **body})


def redact(road: Road) -> int:
    return ask(road, "customers/redact", customer=PERSON, orders_to_redact=[ORDER])


def act(road: Road) -> int:
    return privacy.act(road.db, road.house.tools.vault, road.house.settings)


def requests(road: Road) -> list[PrivacyRequest]:
    with road.db.reading() as session:
        return list(session.scalars(select(PrivacyRequest).order_by(PrivacyRequest.id)))


def everything_said(road: Road) -> str:
    """Every value of every table, opened where it is sealed."""
    said = []
    with road.db.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(text(f"SELECT * FROM {table.name}")):
                for value in row:
                    raw = bytes(value) if isinstance(value, (bytes, memoryview)) else None
                    said.append(road.house.tools.vault.open(raw).decode() if raw else str(value))
    return "\n".join(said)


def test_a_person_is_forgotten_wherever_deliveries_speak_of_them(road: Road, known: dict[str, int]) -> None:
    request = redact(road)
    assert EMAIL in everything_said(road)
    assert act(road) == 1
    with road.db.reading() as session:
        kept = set(session.scalars(select(Delivery.id).where(Delivery.body.is_not(None))))
    assert kept == {known[name] for name in NOT_ABOUT}
    assert request not in kept, "the request itself speaks of the person"
    (row,) = requests(road)
    assert (row.state, row.person, row.report["erased"]) == ("done", None, {"deliveries": len(ABOUT) + 1})
    said = everything_said(road)
    for trace in (EMAIL, EMAIL.upper(), "5550 1234", "55501234", str(CUSTOMER), str(ORDER)):
        assert trace not in said
    assert act(road) == 0


def test_an_erased_delivery_is_still_known_when_it_comes_again(road: Road) -> None:
    body = {"id": 1, "email": EMAIL}
    deliver(road, "orders/updated", body, webhook_id="w-1")
    redact(road)
    act(road)
    before = len(road.deliveries())
    deliver(road, "orders/updated", body, webhook_id="w-1")
    assert len(road.deliveries()) == before
    assert EMAIL not in everything_said(road)


def test_what_is_kept_about_a_person_is_exported_and_handed_over(road: Road, known: dict[str, int]) -> None:
    ask(road, "customers/data_request", customer=PERSON, orders_requested=[ORDER], data_request={"id": 1})
    assert act(road) == 0, "it is done when a person has handed it over"
    (row,) = requests(road)
    assert row.export and row.state == "open" and row.report["found"] == {"deliveries": len(ABOUT) + 1}
    found = road.house.tools.vault.open_json(row.export)
    assert [each["content"] for each in found["found"]][: len(ABOUT)] == list(ABOUT.values())
    assert row.due_at - row.received_at == pytest.approx(30 * 24 * HOUR, abs=5_000)
    with road.db.writing() as session:
        privacy.hand_over(session, session.get_one(PrivacyRequest, row.id))
    (row,) = requests(road)
    assert (row.state, row.person) == ("done", None)
    with road.db.writing() as session:
        session.execute(update(PrivacyRequest).values(made_at=PrivacyRequest.made_at - 31 * 24 * HOUR))
    act(road)
    (row,) = requests(road)
    assert row.export is None


def test_a_person_nobody_knows_is_reported_as_such(road: Road, known: dict[str, int]) -> None:
    ask(road, "customers/redact", customer={"id": 9, "email": "fremd@example.com", "phone": ""}, orders_to_redact=[])
    assert act(road) == 1
    (row,) = requests(road)
    assert row.report["erased"] == {"deliveries": 1}, "the request itself"


def test_the_shops_own_texts_are_counted_and_left_to_a_person(road: Road) -> None:
    gid = road.product(body_html=f"<p>Ask {EMAIL}.</p>")
    road.plan()
    redact(road)
    act(road)
    (row,) = requests(road)
    assert row.report["mentions"] == 1
    assert EMAIL in str(road.at_store(gid)["body_html"])


# --- a shop -----------------------------------------------------------------------------------------------------


def leave(road: Road) -> None:
    """The merchant removes the app, and we find out by our own token."""
    road.control("POST", "uninstall")
    road.arrived()
    road.plan()
    steps.think(road.house, road.job("check").id)


def later(road: Road, hours: float) -> None:
    """Let so many hours pass for a connection that ended, and for requests."""
    ms = int(hours * HOUR)
    with road.db.writing() as session:
        session.execute(update(Connection).values(disconnected_at=Connection.disconnected_at - ms))
        session.execute(update(PrivacyRequest).values(received_at=PrivacyRequest.received_at - ms))


def rows(road: Road) -> dict[str, int]:
    with road.db.reading() as session:
        counts = {
            table.name: session.scalar(text(f"SELECT COUNT(*) FROM {table.name}")) or 0
            for table in Base.metadata.sorted_tables
        }
    return {name: number for name, number in counts.items() if number}


def test_a_shop_that_left_is_forgotten_two_days_later_and_not_before(road: Road) -> None:
    road.product()
    road.written()
    leave(road)
    assert road.connection().status == "disconnected"
    (row,) = requests(road)
    assert (row.kind, row.state, row.source.startswith("left:")) == ("erase_shop", "open", True)
    before = everything(road.db)
    later(road, 0)
    assert act(road) == 0 and everything(road.db) == before
    later(road, 49)
    assert act(road) == 1
    assert set(rows(road)) <= {"privacy_requests", "audit", "rate_limits", "heartbeats", "outages"}
    (row,) = requests(road)
    assert row.state == "done" and row.report["erased"]["texts"] and row.report["erased"]["shops"] == 1


def test_a_store_that_came_by_an_installation_and_left_is_found_out(road: Road) -> None:
    token = {"grant": "exchange", "access_token": "x", "refresh_token": "gone", "refresh_expires_at": 2**40}
    with road.db.writing() as session:
        row = session.get_one(Connection, road.connection_id)
        secret = {"client_secret_previous": "hush"}  # only so that the door still knows who signs
        row.credentials = road.house.tools.vault.seal_json({**token, **secret, "account": DOMAIN})
    road.control("POST", "uninstall")
    road.arrived()
    road.plan()
    steps.think(road.house, road.job("check").id)
    assert road.connection().status == "disconnected"
    assert [row.kind for row in requests(road)] == ["erase_shop"]


def test_access_that_ended_without_a_word_only_pauses(road: Road) -> None:
    token = {"grant": "exchange", "access_token": "x", "refresh_token": "gone", "refresh_expires_at": 2**40}
    with road.db.writing() as session:
        row = session.get_one(Connection, road.connection_id)
        row.credentials = road.house.tools.vault.seal_json({**token, "account": DOMAIN})
        shops.check_soon(session, row.id, None)
    steps.think(road.house, road.job("check").id)
    found = road.connection()
    assert found.status == "paused" and "Open the app once" in found.problem
    assert requests(road) == []


def test_shopifys_own_request_says_it_again_and_finds_nothing_left(road: Road) -> None:
    road.product()
    leave(road)
    later(road, 49)
    act(road)
    ask(road, "shop/redact")
    # Without an app-wide secret nobody can sign for a shop that is gone; with one the request is stored and answered.
    assert act(road) in (0, 1)
    assert not [row for row in requests(road) if row.state == "open"]


def test_a_shop_that_comes_back_keeps_everything(road: Road) -> None:
    road.product()
    leave(road)
    road.control("POST", "install")
    with road.db.writing() as session:
        shop_id = session.scalars(select(Shop.id)).one()
        shops.connect(session, road.house.tools.vault, shop_id, "shopify", DOMAIN, {"access_token": "new"})
    before = rows(road)
    with road.db.writing() as session:
        session.execute(update(PrivacyRequest).values(received_at=PrivacyRequest.received_at - 49 * HOUR))
    assert act(road) == 1
    assert rows(road) == before
    assert [row.state for row in requests(road)] == ["kept"]


def test_a_replayed_request_does_not_erase_a_shop_that_is_connected(road: Road) -> None:
    road.product()
    ask(road, "shop/redact")
    steps.think(road.house, road.job("check").id)
    assert road.connection().status == "connected"
    before = rows(road)
    assert act(road) == 0
    with road.db.writing() as session:
        session.execute(update(PrivacyRequest).values(received_at=PrivacyRequest.received_at - 25 * HOUR))
    assert act(road) == 1
    assert rows(road) == before
    assert [row.state for row in requests(road)] == ["kept"]


def test_a_shop_that_left_unheard_is_found_out_and_then_forgotten(road: Road) -> None:
    road.product()
    road.control("PATCH", "", {"topics": ["products/create"]})
    road.control("POST", "uninstall")
    ask(road, "shop/redact")
    steps.think(road.house, road.job("check").id)
    assert road.connection().status == "disconnected"
    assert act(road) == 0
    later(road, 49)
    assert act(road) >= 1
    assert not [row for row in requests(road) if row.state == "open"]
    with road.db.reading() as session:
        assert session.scalars(select(Subject)).all() == []


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("shop/redact", {"shop_domain": "other.myshopify.com"}),
        ("shop/redact", {"customer": PERSON, "orders_to_redact": []}),
        ("customers/redact", {"customer": PERSON, "orders_requested": [], "data_request": {"id": 1}}),
        ("customers/redact", {"shop_domain": "other.myshopify.com", "customer": PERSON, "orders_to_redact": []}),
        ("customers/data_request", {"customer": PERSON, "orders_to_redact": []}),
    ],
)
def test_a_request_that_is_not_what_it_says_changes_nothing(
    road: Road, known: dict[str, int], topic: str, body: Any
) -> None:
    deliver(road, topic, {"shop_id": 1, "shop_domain": DOMAIN, **body})
    (row,) = [each for each in road.deliveries() if each.topic == topic]
    assert row.state == "unreadable" and row.problem.endswith(".")
    assert requests(road) == []
    before = everything(road.db)
    assert act(road) == 0
    assert everything(road.db) == before


def test_a_forged_request_is_refused_at_the_door(road: Road, known: dict[str, int]) -> None:
    before = everything(road.db)
    body = json.dumps({"shop_id": 1, "shop_domain": DOMAIN})
    answer = road.control("POST", "deliver", {"topic": "shop/redact", "body": body, "forged": True})
    assert answer["statuses"] == [401]
    assert everything(road.db) == before


def test_a_request_that_comes_twice_is_one(road: Road) -> None:
    for _ in range(2):
        deliver(road, "shop/redact", {"shop_id": 1, "shop_domain": DOMAIN}, webhook_id="w-1")
    assert len(requests(road)) == 1
    with road.db.reading() as session:
        assert session.scalar(select(now_ms())) is not None
