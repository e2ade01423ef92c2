"""Who sent a webhook, and what does it say? Bytes in, values out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from bridge.catalog import DESCRIPTION, TAGS, TITLE
from bridge.errors import NotAuthentic
from connectors.shopify import hooks
from tests.payloads import names, payload

SECRET, OLD = "hush", "hush of last week"
DOMAIN = "werkstatt-lindgruen.myshopify.com"


def sign(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def headers(topic: str, **more: str) -> dict[str, str]:
    found = {"x-shopify-topic": topic, "x-shopify-shop-domain": DOMAIN, "x-shopify-webhook-id": "w-1"}
    return found | {name.replace("_", "-"): value for name, value in more.items()}


def events(topic: str, body: Any) -> list[Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(hooks.read(headers(topic), raw))


@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_the_present_and_the_last_secret_are_good(secret: str) -> None:
    body = b'{"id": 1}\n'
    hooks.verify({"x-shopify-hmac-sha256": sign(body, secret)}, body, (SECRET, OLD))


BODY = b'{"id": 1}'
FORGED = [
    {},
    {"x-shopify-hmac-sha256": ""},
    {"x-shopify-hmac-sha256": "nonsense ä\udc80"},
    {"x-shopify-hmac-sha256": sign(BODY, "other")},
    {"x-shopify-hmac-sha256": sign(BODY + b" ")},
    {"x-shopify-hmac-sha256": sign(BODY).lower()},
    {"x-shopify-hmac-sha256": hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()},
    {"X-Shopify-Hmac-Sha256": ""},
]


@pytest.mark.parametrize("given", FORGED)
def test_everything_else_is_not_authentic(given: dict[str, str]) -> None:
    with pytest.raises(NotAuthentic):
        hooks.verify(given, BODY, (SECRET,))


def test_without_secrets_nothing_is_authentic() -> None:
    with pytest.raises(NotAuthentic):
        hooks.verify({"x-shopify-hmac-sha256": sign(BODY, "")}, BODY, ())


@pytest.mark.parametrize(
    "domain", ["", "evil.example", "a.myshopify.com.evil.example", "a.myshopify.com/../x", "a b.myshopify.com"]
)
def test_an_account_that_cannot_exist_is_not_authentic(domain: str) -> None:
    with pytest.raises(NotAuthentic):
        hooks.envelope(headers("products/create", x_shopify_shop_domain=domain), BODY)


def test_the_envelope_names_account_delivery_and_topic() -> None:
    found = hooks.envelope(headers("products/create", x_shopify_shop_domain=DOMAIN.upper()), BODY)
    assert (found.account, found.delivery_id, found.topic) == (DOMAIN, "w-1", "products/create")


def test_a_delivery_without_an_id_is_known_by_its_content() -> None:
    def delivery_id(topic: str, body: bytes) -> str:
        return hooks.envelope(headers(topic, x_shopify_webhook_id=""), body).delivery_id

    assert delivery_id("t", BODY) == delivery_id("t", BODY)
    assert len({delivery_id("t", BODY), delivery_id("u", BODY), delivery_id("t", BODY + b" ")}) == 3


def test_a_new_product_is_read() -> None:
    topic, body = payload("shopify", "products-create")
    (event,) = events(topic, body)
    assert event.kind == "product.created"
    assert event.subject.startswith("gid://shopify/Product/")
    assert (event.title, event.source_id, event.waiting) == ("Schneidebrett Alma", "w-1", False)
    assert (event.texts[DESCRIPTION], event.texts[TAGS]) == ("<p>Aus Eiche, geölt.</p>", "Eiche, Küche")
    assert [text for name, text in event.texts.items() if name.startswith("alt:")] == ["Brett von oben", ""]
    assert event.occurred_at and event.occurred_at % 1000 == 0


def test_stock_and_prices_change_nothing_that_may_become_a_fact() -> None:
    topic, raw = payload("shopify", "products-create")
    body = json.loads(raw)
    (before,) = events(topic, body)
    body["variants"][0].update(inventory_quantity=99, price="1.00", updated_at="2026-11-25T00:00:00Z")
    (after,) = events(topic, body)
    assert after.rest == before.rest
    body["variants"][0]["sku"] = "OTHER"
    (other,) = events(topic, body)
    assert other.rest != before.rest


def test_a_draft_is_waiting_and_nulls_are_empty() -> None:
    (draft,) = events(*payload("shopify", "products-create-draft"))
    assert draft.waiting
    (nulls,) = events(*payload("shopify", "products-update-nulls"))
    assert nulls.texts == {TITLE: "Löffel", DESCRIPTION: "", TAGS: ""}
    assert nulls.occurred_at is None


def test_a_deletion_and_an_uninstall_are_read() -> None:
    (deleted,) = events(*payload("shopify", "products-delete"))
    (created,) = events(*payload("shopify", "products-create"))
    assert (deleted.kind, deleted.subject) == ("product.deleted", created.subject)
    (revoked,) = events(*payload("shopify", "app-uninstalled"))
    assert (revoked.kind, revoked.subject) == ("connection.revoked", None)


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("products/create", b""),
        ("products/create", b"\xff\xfe"),
        ("products/create", b"null"),
        ("products/create", b"[]"),
        ("products/create", {}),
        ("products/create", {"id": True}),
        ("products/create", {"id": 1.5}),
        ("products/create", {"id": "1"}),
        ("products/create", {"id": 1, "title": 7}),
        ("products/create", {"id": 1, "media": [{}]}),
        ("products/create", {"id": 1, "updated_at": "2026-11-24T10:00:00"}),
        ("products/create", {"id": 1, "updated_at": "soon"}),
        ("products/create", b'{"id": 1e400}'),
        ("products/create", b'{"id": NaN}'),
        ("products/create", b'{"id": ' + b"9" * 5000 + b"}"),
        ("products/create", {"id": 1, "tags": ["a"]}),
        ("products/create", {"id": 1, "options": [None]}),
        ("products/create", {"id": 1, "variants": {"sku": "a"}}),
        ("products/create", {"id": 1, "media": [{"admin_graphql_api_id": None}]}),
        ("products/delete", b"[1]"),
        ("products/delete", {"id": None}),
        ("products/delete", {"id": 1, "title": "x"}),
        ("products/delete", {}),
        ("products/delete", {"id": "1"}),
        ("products/delete", {"id": True}),
        ("products/delete", {"id": 0}),
        ("products/delete", {"id": -1}),
        ("products/delete", {"id": 2**63}),
        ("products/create", {"id": 10**300}),
        ("products/create", b"[" * 100_000),
        ("app/uninstalled", {"myshopify_domain": "other.myshopify.com"}),
        ("app/uninstalled", {"myshopify_domain": None}),
        ("app/uninstalled", {"domain": DOMAIN}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence(topic: str, body: Any) -> None:
    with pytest.raises(ValueError) as told:
        events(topic, body)
    assert str(told.value).endswith(".")


def test_a_whole_product_under_the_topic_of_a_deletion_deletes_nothing() -> None:
    _, body = payload("shopify", "products-create")
    with pytest.raises(ValueError, match="an id and nothing else"):
        events("products/delete", body)


# Those that the law demands are believed by their whole shape; test_compliance.py looks at them.
TOPICS = {name: payload("shopify", name) for name in names("shopify") if "redact" not in name and "data" not in name}
NEEDED = {("products/create", "id"), ("products/update", "id"), ("products/delete", "id"),
          ("app/uninstalled", "myshopify_domain")}  # fmt: skip


@pytest.mark.parametrize("name", TOPICS)
def test_any_field_may_be_missing_or_null_but_the_one_that_says_what_it_is_about(name: str) -> None:
    topic, raw = TOPICS[name]
    body = json.loads(raw)
    for field in body:
        without = {key: value for key, value in body.items() if key != field}
        for changed in (without, {**body, field: None}):
            if (topic, field) in NEEDED:
                with pytest.raises(ValueError):
                    events(topic, changed)
            else:
                assert len(events(topic, changed)) == 1, field


def test_a_field_of_a_variant_an_option_or_an_image_may_be_null() -> None:
    topic, raw = TOPICS["products-create"]
    for part in ("variants", "options", "media", "images"):
        for field in json.loads(raw)[part][0]:
            body = json.loads(raw)
            body[part][0][field] = None
            if (part, field) == ("media", "admin_graphql_api_id"):
                continue  # an alternative text that belongs to no image cannot be compared with anything
            assert len(events(topic, body)) == 1, (part, field)


def test_a_time_says_when_it_happened_whatever_the_zone_of_the_shop() -> None:
    topic, raw = TOPICS["products-create"]
    body = json.loads(raw)
    body["updated_at"] = "2026-11-24T04:41:09-05:00"
    assert events(topic, body)[0].occurred_at == events(topic, raw)[0].occurred_at == 1795513269000


def test_a_topic_nobody_acts_on_gives_nothing_whatever_its_body() -> None:
    assert events("carts/update", b"not json") == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01T01:00:01+01:00", 1000),
        ("1969-12-31T19:00:01-05:00", 1000),
        ("1970-01-01T00:00:01.500Z", 1500),
        ("", None),
        (None, None),
    ],
)
def test_times_are_placed_by_their_zone(text: str | None, moment: int | None) -> None:
    assert hooks.milliseconds(text) == moment
