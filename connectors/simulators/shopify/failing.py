"""Where faults strike: before the call, between our read and our write, after the commit, on the way out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.simulators.serving import Response
from connectors.simulators.shopify.faults import STATUSES, Fault
from connectors.simulators.shopify.merchant import edit
from connectors.simulators.shopify.products import Product
from connectors.simulators.shopify.shop import Shop
from connectors.simulators.shopify.webhooks import Outbox, Parcel

_PAGE = b"<!DOCTYPE html><html><head><title>Something went wrong</title></head><body>Try again.</body></html>"


def status(kind: str, retry_after: float | None = None) -> Response:
    """The answer that stands for a status."""
    number, body = STATUSES[kind]
    html = body.startswith("<")
    headers = {"Content-Type": "text/html" if html else "application/json; charset=utf-8"}
    if retry_after is not None:
        headers["Retry-After"] = str(float(retry_after))  # a float in text, as Shopify sends it
    return Response(number, body.encode(), headers)


def before(faults: Sequence[Fault]) -> Response | None:
    """Answers given instead of doing anything; slowness is only time."""
    for fault in faults:
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        elif fault.kind == "cut_before":
            return Response(cut=True)
        elif fault.kind == "html_body":
            return Response(200, _PAGE, {"Content-Type": "text/html"})
        elif fault.kind in STATUSES:
            return status(fault.kind, fault.retry_after if fault.kind == "429" else None)
    return None


def after(faults: Sequence[Fault]) -> Response | None:
    """Answers given although everything was done."""
    for fault in faults:
        if fault.kind == "502_after_commit":
            return status("502")
        if fault.kind == "cut_after_commit":
            return Response(cut=True)
    return None


def internal_error() -> dict[str, Any]:
    """Shopify's own word for a bug of theirs."""
    message = (
        "Internal error. Looks like something went wrong on our end.\n"
        "Request ID: sim (include this in support requests)."
    )
    return {"message": message, "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "sim"}}


def deliver(outbox: Outbox, parcels: Sequence[Parcel], first: bool) -> None:
    """Send what the call caused: by the threads, or (echo first) here and now, before the API answers."""
    for parcel in parcels:
        if first and 200 <= outbox.courier.send(parcel) < 300:
            continue
        outbox.dispatch(parcel)


def edit_before_commit(shop: Shop, fault: Fault | None, variables: Mapping[str, Any]) -> None:
    """The merchant saves the very product the call is about to change."""
    if fault is None:
        return
    item = shop.find(fault.product) if fault.product else _meant(shop, variables)
    if item is not None:
        edit(shop, item, fault.fields)


def _meant(shop: Shop, value: Any) -> Product | None:
    """The first product that the variables speak of, by its own id or by one of its files."""
    if isinstance(value, str):
        return shop.find(value) or (shop.owner_of(value) if value.startswith("gid:") else None)
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return next((found for each in inner if (found := _meant(shop, each)) is not None), None)
