"""The topics that the law demands: believed only when the body fits the topic and names the shop of the header."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.catalog import Event
from connectors.shopify import hooks
from tests import payloads

DOMAIN = "werkstatt-lindgruen.myshopify.com"
NAMES = {
    "customers/data_request": "customers-data-request",
    "customers/redact": "customers-redact",
    "shop/redact": "shop-redact",
}
KINDS = {
    "customers/data_request": "privacy.export",
    "customers/redact": "privacy.erase_person",
    "shop/redact": "privacy.erase_shop",
}
OTHERS = ["app-uninstalled", "products-create", "products-delete", "app-scopes-update"]


def read(topic: str, body: Any, domain: str = DOMAIN) -> Event:
    headers = {"x-shopify-topic": topic, "x-shopify-shop-domain": domain, "x-shopify-webhook-id": "w-1"}
    (event,) = hooks.read(headers, body if isinstance(body, bytes) else json.dumps(body).encode())
    return event


def body_of(name: str) -> dict[str, Any]:
    return dict(json.loads(payloads.payload("shopify", name)[1]))


@pytest.mark.parametrize("topic", NAMES)
def test_a_request_is_read(topic: str) -> None:
    event = read(topic, body_of(NAMES[topic]))
    assert (event.kind, event.source_id, event.subject) == (KINDS[topic], "w-1", None)
    if topic != "shop/redact":
        assert event.person["ids"] == [7000000000001, 5000000000001]
        assert event.person["email"] == "kundin@example.com"
        assert "kundin" not in repr(event)


@pytest.mark.parametrize("topic", NAMES)
@pytest.mark.parametrize("name", [*NAMES.values(), *OTHERS])
def test_a_body_under_another_topic_is_not_believed(topic: str, name: str) -> None:
    if NAMES[topic] == name:
        return
    with pytest.raises(ValueError) as told:
        read(topic, body_of(name))
    assert str(told.value).endswith(".")


@pytest.mark.parametrize("topic", NAMES)
@pytest.mark.parametrize("domain", ["suedwind.myshopify.com", "werkstatt.myshopify.com"])
def test_a_body_of_another_shop_is_not_believed(topic: str, domain: str) -> None:
    with pytest.raises(ValueError, match="not the shop in the header"):
        read(topic, body_of(NAMES[topic]), domain)


@pytest.mark.parametrize("topic", ["customers/data_request", "customers/redact"])
@pytest.mark.parametrize(
    "customer", [None, {}, {"id": None}, {"email": None, "phone": None}, {"id": 1, "email": "", "phone": ""}]
)
def test_a_customer_of_whom_little_is_known_is_a_customer(topic: str, customer: Any) -> None:
    event = read(topic, {**body_of(NAMES[topic]), "customer": customer})
    assert (event.person["email"], event.person["phone"]) == ("", "")


@pytest.mark.parametrize("topic", NAMES)
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", {}, {"shop_domain": None}, {"shop_domain": DOMAIN, "customer": 7}]
)
def test_nonsense_is_refused_with_a_sentence(topic: str, body: Any) -> None:
    with pytest.raises(ValueError) as told:
        read(topic, body)
    assert str(told.value).endswith(".")
