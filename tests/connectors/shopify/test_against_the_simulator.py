"""The connector and the simulated Shopify, over real HTTP: what is read, written, refused and left unclear."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import delete

from bridge import http, shops
from bridge.catalog import ALT, DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, TITLE, join_tags
from bridge.db import Database
from bridge.deadline import Deadline
from bridge.errors import AskHuman, Disconnected, GiveUp, StorebridgeError, TryLater, Unclear
from bridge.journal import Change, new_intent
from bridge.models import Base, Bucket
from bridge.priority import NEW
from bridge.ratelimit.sql import SqlLimiter
from bridge.settings import Settings
from bridge.vault import Vault
from connectors.protocol import Tools
from connectors.shopify.listings import Listings
from connectors.simulators import shopify
from connectors.simulators.shopify import Simulator

DOMAIN = "nordlicht.myshopify.com"
CREDENTIALS = {"client_id": "id", "client_secret": "hush"}


class Store:
    """A connection to a simulated store, and the merchant on the other side."""

    def __init__(self, simulator: Simulator, listings: Listings) -> None:
        self.simulator = simulator
        self.listings = listings

    def control(self, method: str, path: str, body: Any = None) -> Any:
        response = requests.request(method, f"{self.simulator.url}/_sim/{DOMAIN}/{path}", json=body, timeout=10)
        assert response.ok, response.text
        return response.json()

    def product(self, **fields: Any) -> str:
        return str(self.control("POST", "products", {"title": "Mug", "silent": True, **fields})["gid"])

    def shown(self, gid: str) -> dict[str, Any]:
        """The product as the merchant sees it."""
        return dict(self.control("GET", f"products/{gid.split('/')[-1]}"))

    def write(self, gid: str, **after: str) -> None:
        """Read, then write, as a worker does."""
        writing = self.listings.begin(gid, tuple(after), Deadline(20), NEW)
        product = writing.read()
        assert product is not None
        now = product.texts()
        changes = [Change(name, now[name], text) for name, text in after.items()]
        for call in self.listings.calls(product, changes, new_intent()):
            writing.write(call)
        writing.close()

    def texts(self, gid: str) -> dict[str, str]:
        product = self.listings.fetch(gid, Deadline(20), NEW)
        assert product is not None
        return dict(product.texts())


@pytest.fixture
def store(tmp_path: Path, settings: Settings, vault: Vault) -> Iterator[Store]:
    db = Database(f"sqlite:///{tmp_path}/connector.db")
    Base.metadata.create_all(db.engine)
    with shopify.start(shops={DOMAIN: CREDENTIALS}) as simulator:
        reached = replace(settings, shopify_url=simulator.url + "/{shop}")
        with db.writing() as session:
            shop = shops.create(session, "Nordlicht")
            connection = shops.connect(session, vault, shop.id, "shopify", DOMAIN, CREDENTIALS).id
        with db.reading() as session:
            live = shops.open_connection(session, vault, connection)
        tools = Tools(reached, db, vault, http.session(4), SqlLimiter(db))
        store = Store(simulator, Listings(live, tools))
        assert (
            store.listings.check(Deadline(20)).problems == ()
        )  # an unknown bucket lets one call through: learn it first
        yield store
    db.engine.dispose()


def test_the_facts_of_a_product_arrive(store: Store) -> None:
    gid = store.product(
        title="Wool hat",
        body_html="<p>Warm</p>",
        vendor="Coast",
        tags="winter, hats",
        seo={"title": "Hat", "description": "A hat"},
        options=[{"name": "Size", "values": ["S", "M"]}],
        variants=[{"sku": "H-S", "options": ["S"]}, {"sku": "H-M", "options": ["M"]}],
        images=[{"alt": "front"}],
        metafields=[{"namespace": "custom", "key": "material", "value": "merino"}],
    )
    product = store.listings.fetch(gid, Deadline(20), NEW)
    assert product is not None
    assert (product.title, product.vendor, product.status) == ("Wool hat", "Coast", "active")
    assert product.tags == ("hats", "winter")
    values = {attribute.label: attribute.value for attribute in product.attributes}
    assert values["Size"] == "S, M"
    assert values["Material"] == "merino"
    assert [image.alt for image in product.images] == ["front"]


def test_a_product_that_is_gone_is_none(store: Store) -> None:
    assert store.listings.fetch("gid://shopify/Product/1", Deadline(20), NEW) is None


def test_texts_tags_and_alternatives_are_written(store: Store) -> None:
    gid = store.product(images=[{"alt": "old"}], tags="a", seo={"title": "T", "description": "D"})
    image = store.shown(gid)["images"][0]["admin_graphql_api_id"]
    store.write(
        gid, **{DESCRIPTION: "<p>New</p>", SEO_TITLE: "Better", TAGS: join_tags(["a", "b"]), ALT + image: "new"}
    )
    texts = store.texts(gid)
    assert (texts[TITLE], texts[DESCRIPTION]) == ("Mug", "<p>New</p>")
    assert (texts[SEO_TITLE], texts[SEO_DESCRIPTION]) == ("Better", "D")
    assert (texts[TAGS], texts[ALT + image]) == (join_tags(["a", "b"]), "new")


def test_a_tag_that_is_only_spelled_otherwise_is_not_lost(store: Store) -> None:
    gid = store.product(tags="Winter, hats, old")
    store.write(gid, **{TAGS: "winter, Hats, new"})
    assert store.shown(gid)["tags"] == "hats, new, Winter"


def test_an_image_that_is_not_ready_yet_is_waited_for(store: Store) -> None:
    gid = store.product(images=[{"alt": "old", "status": "PROCESSING"}])
    image = store.shown(gid)["images"][0]["admin_graphql_api_id"]
    with pytest.raises(TryLater, match="still processing") as told:
        store.write(gid, **{ALT + image: "new"})
    assert not isinstance(told.value, Unclear)
    assert store.shown(gid)["images"][0]["alt"] == "old"


def test_the_intent_is_found_after_an_unclear_write(store: Store) -> None:
    gid = store.product()
    store.control("POST", "faults", [{"kind": "502_after_commit", "on": "productUpdate"}])
    writing = store.listings.begin(gid, (TITLE,), Deadline(20), NEW)
    product = writing.read()
    assert product is not None
    intent, changes = new_intent(), [Change(TITLE, "Mug", "New")]
    (call,) = store.listings.calls(product, changes, intent)
    with pytest.raises(Unclear):
        writing.write(call)
    after = store.listings.begin(gid, (TITLE,), Deadline(20), NEW).read()
    assert after is not None
    assert store.listings.holds(after, intent, changes)
    assert not store.listings.holds(product, intent, changes)


@pytest.mark.parametrize(
    ("kind", "error", "title"),
    [
        ("cut_before", Unclear, "Mug"),
        ("cut_after_commit", Unclear, "New"),
        ("500", Unclear, "Mug"),
        ("502_after_commit", Unclear, "New"),
        ("503", Unclear, "Mug"),
        ("internal_error", Unclear, "Mug"),
        ("html_body", Unclear, "Mug"),
        ("429", TryLater, "Mug"),
        ("throttle", TryLater, "Mug"),
        ("402", AskHuman, "Mug"),
        ("403", AskHuman, "Mug"),
        ("423", AskHuman, "Mug"),
        ("430", AskHuman, "Mug"),
    ],
)
def test_failures_are_sorted_by_what_to_do_next(store: Store, kind: str, error: type[Exception], title: str) -> None:
    gid = store.product()
    store.control("PATCH", "", {"bucket_restore": 1})
    store.control("POST", "faults", [{"kind": kind, "on": "WriteProduct"}])
    with pytest.raises(StorebridgeError) as told:
        store.write(gid, **{TITLE: "New"})
    assert type(told.value) is error
    assert store.shown(gid)["title"] == title
    sent = [call for call in store.control("GET", "ledger")["calls"] if call["operation"] == "WriteProduct"]
    assert len(sent) == 1, "a write is never repeated blindly"


def test_a_refused_text_is_given_up_with_shopifys_words(store: Store) -> None:
    gid = store.product()
    with pytest.raises(GiveUp, match="Title is too long"):
        store.write(gid, **{TITLE: "x" * 256})
    assert store.texts(gid)[TITLE] == "Mug"


def test_a_token_that_ended_is_renewed_once(store: Store) -> None:
    gid = store.product()
    store.control("POST", "revoke")
    store.texts(gid)
    calls = store.control("GET", "ledger")["calls"]
    assert [call["status"] for call in calls if call["kind"] == "oauth"] == [200, 200]
    assert [call["status"] for call in calls if call["operation"] == "ProductFacts"] == [401, 200]


def test_a_wrong_secret_disconnects(store: Store) -> None:
    store.control("PATCH", "", {"client_secret": "rotated"})
    store.control("POST", "revoke")
    with pytest.raises(Disconnected):
        store.texts(store.product())


def test_a_shop_that_took_the_app_away_disconnects(store: Store) -> None:
    gid = store.product()
    store.control("POST", "uninstall")
    with pytest.raises(Disconnected):
        store.texts(gid)


def test_neither_token_nor_secret_nor_text_is_logged_by_any_library(
    store: Store, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    gid = store.product()
    with caplog.at_level(logging.DEBUG):
        store.control("POST", "revoke")
        store.write(gid, **{TITLE: "a private title"})
    with store.listings.client.tools.db.reading() as session:
        live = shops.open_connection(session, store.listings.client.tools.vault, store.listings.client.live.id)
    told = caplog.text + "".join(capfd.readouterr())
    assert "graphql.json" in told, "the calls themselves are logged"
    for secret in (live.credentials["access_token"], CREDENTIALS["client_secret"], "a private title"):
        assert secret not in told


def test_the_check_names_what_is_missing(store: Store) -> None:
    store.control("PATCH", "", {"scopes": ["read_products", "write_products"]})
    assert store.listings.check(Deadline(20)).problems == ("The app lacks the permission write_files.",)


def test_nothing_is_throttled_while_the_limiter_is_asked(store: Store) -> None:
    store.control("PATCH", "", {"bucket_max": 60, "bucket_restore": 100})
    gid = store.product()
    store.texts(gid)
    waits = 0
    for n in range(12):
        try:
            store.write(gid, **{TITLE: f"Mug {n}"})
        except TryLater:
            waits += 1
    assert not any(call["throttled"] for call in store.control("GET", "ledger")["calls"])
    assert waits > 0


def test_a_write_alone_learns_an_unknown_rate_limit(store: Store) -> None:
    gid = store.product()
    with store.listings.client.tools.db.writing() as session:
        session.execute(delete(Bucket))  # what is left after the store of the limits was lost
    store.write(gid, **{TITLE: "New"})
    assert store.texts(gid)[TITLE] == "New"
