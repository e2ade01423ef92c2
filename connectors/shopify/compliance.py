"""The three topics that the law demands. Only the body is signed, so its shape must fit its topic to be believed.

https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bridge.catalog import Event
from connectors.protocol import Envelope
from connectors.shopify.schemas import CustomerRequest, ShopRedact, load

_EXPORT, _ERASE = {"orders_requested", "data_request"}, {"orders_to_redact"}


def data_request(given: Envelope, payload: dict[str, Any]) -> Event:
    """A customer wants to know what is kept. Raises ValueError with a sentence."""
    _shape(payload, has=_EXPORT, has_not=_ERASE)
    return _about_a_person("privacy.export", given, payload, "orders_requested")


def redact_customer(given: Envelope, payload: dict[str, Any]) -> Event:
    """A customer wants to be forgotten. Raises ValueError with a sentence."""
    _shape(payload, has=_ERASE, has_not=_EXPORT)
    return _about_a_person("privacy.erase_person", given, payload, "orders_to_redact")


def redact_shop(given: Envelope, payload: dict[str, Any]) -> Event:
    """A shop that left two days ago is to be forgotten. Raises ValueError with a sentence."""
    _shape(payload, has={"shop_id", "shop_domain"}, has_not=_EXPORT | _ERASE | {"customer"})
    _same_shop(given, load(ShopRedact, payload))
    return Event("privacy.erase_shop", given.delivery_id)


def _about_a_person(kind: str, given: Envelope, payload: dict[str, Any], orders: str) -> Event:
    found = load(CustomerRequest, payload)
    _same_shop(given, found)
    customer = found["customer"] or {}
    person = {
        "email": customer.get("email") or "",
        "phone": customer.get("phone") or "",
        "ids": [number for number in (customer.get("id"), *(found[orders] or [])) if number],
    }
    return Event(kind, given.delivery_id, person=person)


def _shape(payload: dict[str, Any], has: Iterable[str], has_not: Iterable[str]) -> None:
    if not set(has) <= set(payload) or set(has_not) & set(payload):
        raise ValueError("The body does not belong to this topic.")


def _same_shop(given: Envelope, found: dict[str, Any]) -> None:
    if (found["shop_domain"] or "").lower() != given.account:
        raise ValueError("The shop in the body is not the shop in the header.")
