"""A webhook subscription made through the API: a shop's own, beside those that come with the app's configuration.

One whose delivery fails eight times in a row is deleted, unlike those of the configuration.
https://shopify.dev/docs/apps/build/webhooks/subscribe
"""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.simulators.shopify import clock


@dataclass
class Subscription:
    """Where one topic is sent to."""

    number: int
    topic: str  # as the API names it: PRODUCTS_CREATE
    uri: str
    format: str = "JSON"
    filter: str | None = None
    include_fields: list[str] = field(default_factory=list)
    metafield_namespaces: list[str] = field(default_factory=list)
    name: str | None = None
    created_at: int = field(default_factory=clock.now)
    updated_at: int = field(default_factory=clock.now)

    @property
    def gid(self) -> str:
        return f"gid://shopify/WebhookSubscription/{self.number}"
