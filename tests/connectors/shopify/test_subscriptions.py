"""Webhooks of a shop with an app of its own, against the simulated Shopify: made, kept, repaired, never doubled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge import http, shops
from bridge.db import Database
from bridge.deadline import Deadline
from bridge.models import Base
from bridge.ratelimit.sql import SqlLimiter
from bridge.settings import Settings
from bridge.vault import Vault
from connectors.protocol import Subscribed, Tools
from connectors.shopify.listings import Listings
from connectors.shopify.topics import ACTED_ON
from connectors.simulators import shopify
from connectors.simulators.shopify.shop import Shop
from tests.connectors.simulators.receiver import wait_for

DOMAIN = "nordlicht.myshopify.com"
OWN = {"client_id": "its own", "client_secret": "hush"}


class Store:
    """A store and our view of it."""

    def __init__(self, shop: Shop, tools: Tools, db: Database) -> None:
        self.shop, self.tools, self.db = shop, tools, db

    def keep(self, known: dict[str, str] | None = None, **settings: Any) -> Subscribed:
        tools = replace(self.tools, settings=replace(self.tools.settings, **settings))
        with self.db.reading() as session:
            live = shops.open_connection(session, tools.vault, 1)
        return Listings(live, tools).subscribe(known or {}, Deadline(20))

    def sent_to(self) -> dict[str, str]:
        return {each.topic: each.uri for each in self.shop.subscriptions.values()}


@pytest.fixture
def store(tmp_path: Path, settings: Settings, vault: Vault) -> Iterator[Store]:
    db = Database(f"sqlite:///{tmp_path}/subscriptions.db")
    Base.metadata.create_all(db.engine)
    with shopify.start() as simulator:
        reached = replace(settings, shopify_url=simulator.url + "/{shop}", public_url="https://bridge.example.com")
        shop = simulator.control.add(DOMAIN, dict(OWN))
        with db.writing() as session:
            owner = shops.create(session, "Nordlicht")
            shops.connect(session, vault, owner.id, "shopify", DOMAIN, OWN)
        yield Store(shop, Tools(reached, db, vault, http.session(2), SqlLimiter(db)), db)
    db.close()


HERE = "https://bridge.example.com/hooks/shopify"


def test_every_topic_we_act_on_comes_to_our_door(store: Store) -> None:
    found = store.keep()
    assert found.made == ACTED_ON
    assert found.vanished == ()
    assert store.sent_to() == {topic.replace("/", "_").upper(): HERE for topic in ACTED_ON}


def test_a_second_look_changes_nothing(store: Store) -> None:
    first = store.keep()
    before = dict(store.shop.subscriptions)
    again = store.keep(dict(first.ids))
    assert (again.made, again.corrected, again.ids) == ((), (), first.ids)
    assert store.shop.subscriptions == before


def test_what_vanished_is_made_again_and_told(store: Store) -> None:
    first = store.keep()
    gone = store.shop.subscribed("products/update")[0]
    del store.shop.subscriptions[gone.number]
    again = store.keep(dict(first.ids))
    assert again.vanished == again.made == ("products/update",)
    assert store.sent_to()["PRODUCTS_UPDATE"] == HERE


def test_a_topic_that_was_never_made_has_not_vanished(store: Store) -> None:
    first = store.keep()
    del store.shop.subscriptions[store.shop.subscribed("products/update")[0].number]
    known = {topic: id for topic, id in first.ids.items() if topic != "products/update"}
    assert store.keep(known).vanished == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uri", "https://elsewhere.example.com/hooks/shopify"),
        ("filter", "vendor:x"),
        ("include_fields", ["id"]),
        ("format", "XML"),
    ],
)
def test_one_of_ours_that_was_bent_is_set_right(store: Store, field: str, value: Any) -> None:
    first = store.keep()
    bent = store.shop.subscribed("products/update")[0]
    setattr(bent, field, value)
    again = store.keep(dict(first.ids))
    assert again.corrected == ("products/update",)
    assert (bent.uri, bent.filter, bent.include_fields, bent.format) == (HERE, "", [], "JSON")
    assert len(store.shop.subscriptions) == len(ACTED_ON)


def test_a_new_address_of_ours_moves_our_subscriptions(store: Store) -> None:
    first = store.keep()
    moved = store.keep(dict(first.ids), public_url="https://new.example.com")
    assert set(moved.corrected) == set(ACTED_ON)
    assert set(store.sent_to().values()) == {"https://new.example.com/hooks/shopify"}


def test_what_another_program_of_the_shop_made_is_left_alone(store: Store) -> None:
    other = store.keep(public_url="https://other.example.com").ids
    ours = store.keep()
    assert ours.made == ACTED_ON
    assert set(ours.ids.values()).isdisjoint(other.values())
    assert len(store.shop.subscriptions) == 2 * len(ACTED_ON)


def test_an_address_that_shopify_refuses_is_told_once_in_its_words(store: Store) -> None:
    found = store.keep(public_url="http://127.0.0.1:8700")
    assert store.shop.subscriptions == {}
    assert len(found.problems) == 1
    assert "Address protocol http:// is not supported" in found.problems[0]


def test_an_app_for_many_shops_needs_none_for_each(store: Store) -> None:
    found = store.keep(shopify_client_id=OWN["client_id"])
    assert found.declared
    assert store.shop.subscriptions == {}
    assert store.shop.ledger.calls == []


def test_eight_failures_in_a_row_end_a_subscription_and_none_of_the_configuration(store: Store) -> None:
    store.keep()
    options = {"webhook_url": "http://127.0.0.1:9/", "webhook_retries": [0.01] * 8}
    store.shop.update(options)
    for each in store.shop.subscriptions.values():
        each.uri = "http://127.0.0.1:9/"
    with store.shop.lock:
        store.shop.emit("app/uninstalled", None, "merchant", None)
    wait_for(lambda: not store.shop.subscribed("app/uninstalled"))
    assert len(store.shop.subscriptions) == len(ACTED_ON) - 1
    assert store.shop.options.webhook_url == "http://127.0.0.1:9/"
