"""Deliveries on their way out: signed, sent by threads of their own, tried again, doubled and reordered on demand.

https://shopify.dev/docs/apps/build/webhooks/subscribe/https
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import itertools
import json
import random
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from connectors.simulators.shopify import clock, payloads
from connectors.simulators.shopify.calls import NotSimulated
from connectors.simulators.shopify.ledger import Webhook
from connectors.simulators.shopify.products import Product
from connectors.simulators.shopify.shop import Shop
from connectors.simulators.shopify.subscriptions import Subscription

API_VERSION = "2026-10"
_PATIENCE = urllib3.Timeout(connect=1.0, total=5.0)  # Shopify's own: one second to connect, five in all


@dataclass
class Parcel:
    """One delivery: the same bytes under the same id, however often it is sent."""

    shop: Shop
    entry: Webhook
    url: str
    body: bytes
    headers: Mapping[str, str]
    tries: int = 0
    subscription: Subscription | None = None  # None: one of the app's configuration, which no failure ends


def sign(secret: str, body: bytes) -> str:
    """X-Shopify-Hmac-Sha256: base64 of HMAC-SHA256 over the raw body, and nothing else."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


class Courier:
    """Sends parcels when they are due, by a few threads; ``stop`` forgets what is still waiting."""

    def __init__(self, threads: int = 4) -> None:
        self._due: list[tuple[float, int, Parcel]] = []
        self._wake = threading.Condition()
        self._order = itertools.count()
        self._stopped = False
        self._pool = urllib3.PoolManager(num_pools=8, maxsize=threads * 4, retries=False)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No further attempts."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(6)
        self._pool.clear()

    def queue(self, parcel: Parcel, seconds: float) -> None:
        """Send it in so many seconds, and again until it is accepted or the retries are used up."""
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), parcel))
            self._wake.notify()

    def waiting(self) -> int:
        """How many parcels have not been accepted yet and will be tried (again)."""
        with self._wake:
            return len(self._due)

    def send(self, parcel: Parcel) -> int:
        """One attempt, now; the status, 0 for no answer."""
        started = time.monotonic()
        status = self._post(parcel)
        took = int((time.monotonic() - started) * 1000)
        with parcel.shop.lock:
            parcel.entry.attempts.append({"at_ms": clock.milliseconds(), "status": status, "took_ms": took})
            parcel.entry.acknowledged = parcel.entry.acknowledged or 200 <= status < 300
        return status

    def _post(self, parcel: Parcel) -> int:
        try:
            answer = self._pool.request(
                "POST", parcel.url, body=parcel.body, headers=dict(parcel.headers), timeout=_PATIENCE, redirect=False
            )
        except urllib3.exceptions.HTTPError:
            return 0
        return int(answer.status)

    def _work(self) -> None:
        while (parcel := self._next()) is not None:
            if 200 <= self.send(parcel) < 300:
                continue
            delays = parcel.shop.options.webhook_retries
            if parcel.tries < len(delays):
                parcel.tries += 1
                self.queue(parcel, delays[parcel.tries - 1])
            else:
                with parcel.shop.lock:
                    parcel.entry.given_up = True
                    if parcel.subscription is not None:
                        parcel.shop.subscriptions.pop(parcel.subscription.number, None)

    def _next(self) -> Parcel | None:
        with self._wake:
            while not self._stopped:
                if not self._due:
                    self._wake.wait()
                elif (rest := self._due[0][0] - time.monotonic()) > 0:
                    self._wake.wait(rest)
                else:
                    return heapq.heappop(self._due)[2]
        return None


class Outbox:
    """Makes the webhooks of one shop out of what happens in it. The shop's lock is held by the caller."""

    def __init__(self, shop: Shop, courier: Courier) -> None:
        self.shop = shop
        self.courier = courier
        self.held: list[Parcel] | None = None  # set while a call holds its webhooks back
        self._sent = 0

    def emit(self, topic: str, product: Product | None, actor: str, call: int | None) -> None:
        """Queue a delivery for everybody who subscribed."""
        options = self.shop.options
        wanted: list[Subscription | None] = list(self.shop.subscribed(topic))
        if options.webhook_url and topic in options.topics:
            wanted.append(None)
        event = str(uuid.uuid4())  # the same in all of them
        for subscription in wanted:
            body = _body(self.shop, topic, product, subscription)
            parcel = self.pack(topic, body, product, actor, call, event=event, subscription=subscription)
            if self.held is not None:
                self.held.append(parcel)
            else:
                self.dispatch(parcel)

    def dispatch(self, parcel: Parcel) -> None:
        """Queue a parcel with the shop's delay, jitter and duplicates."""
        options = self.shop.options
        self._sent += 1
        every = options.webhook_duplicate_every
        for _ in range(2 if every and self._sent % every == 0 else 1):
            wait = options.webhook_delay_ms + random.random() * options.webhook_jitter_ms
            self.courier.queue(parcel, wait / 1000)

    def pack(
        self,
        topic: str,
        body: bytes,
        product: Product | None = None,
        actor: str = "merchant",
        call: int | None = None,
        **overrides: Any,
    ) -> Parcel:
        """A delivery with all of Shopify's headers, noted in the ledger."""
        event = overrides.get("event") or str(uuid.uuid4())
        delivery = overrides.get("webhook_id") or str(uuid.uuid4())
        subscription: Subscription | None = overrides.get("subscription")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": overrides.get("shop_domain") or self.shop.domain,
            "X-Shopify-API-Version": API_VERSION,
            "X-Shopify-Webhook-Id": delivery,
            "X-Shopify-Event-Id": event,
            "X-Shopify-Triggered-At": clock.triggered(),
            "X-Shopify-Hmac-Sha256": sign(overrides.get("secret") or self.shop.options.client_secret, body),
        }
        if subscription and subscription.name:
            headers["X-Shopify-Name"] = subscription.name
        entry = Webhook(
            delivery, event, topic, product.gid if product else None, clock.milliseconds(), actor, call,
            product.version if product else None,
        )  # fmt: skip
        self.shop.ledger.webhook(entry)
        url = overrides.get("url") or (subscription.uri if subscription else self._address(topic))
        return Parcel(self.shop, entry, url, body, headers, subscription=subscription)

    def _address(self, topic: str) -> str:
        """Where a delivery by hand goes that names no address: where others go."""
        known = [*self.shop.subscribed(topic), *self.shop.subscriptions.values()]
        return self.shop.options.webhook_url or (known[0].uri if known else "")


def _body(shop: Shop, topic: str, product: Product | None, subscription: Subscription | None) -> bytes:
    if subscription and (subscription.filter or subscription.format != "JSON"):
        raise NotSimulated("A delivery by a filter, or as XML, is not simulated.")
    if product is None:
        value: Any = payloads.shop(shop)
    elif topic == "products/delete":
        value = payloads.deleted(product)
    else:
        value = payloads.product(shop, product)
    if subscription and subscription.include_fields:
        value = {name: part for name, part in value.items() if name in subscription.include_fields}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
