"""Webhook subscriptions, as the API makes, shows, changes and deletes them; refusals are worded as recorded.

https://shopify.dev/docs/api/admin-graphql/latest/mutations/webhookSubscriptionCreate
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from graphql import GraphQLResolveInfo

from connectors.simulators.shopify import clock, reading
from connectors.simulators.shopify.calls import Asked, NotSimulated, need, only, payload
from connectors.simulators.shopify.shop import Shop
from connectors.simulators.shopify.subscriptions import Subscription

Value = dict[str, Any]
Objection = tuple[list[str], str]

MOST_FILTER_BYTES = 65_535
_ADDRESS = ["webhookSubscription", "callbackUrl"]
_NAME, _FORMAT = ["webhookSubscription", "name"], ["webhookSubscription", "format"]
_JSON_ONLY = frozenset({"RETURNS_APPROVE"})  # as recorded; there are more
_CLOUD = ("pubsub:", "arn:", "kafka:")
_SIMULATED = frozenset({"uri", "format", "filter", "includeFields", "name", "metafieldNamespaces"})
_TIMES = re.compile(r"(created_at|updated_at):([<>]=?)'?([0-9TZ:.+-]+)'?$")


# --- queries ----------------------------------------------------------------------------------------------------


def one(_: Any, info: GraphQLResolveInfo, id: str) -> Value | None:
    """A subscription by its id."""
    found = _find(info.context.shop, id)
    return _shown(found) if found else None


def several(_: Any, info: GraphQLResolveInfo, **page: Any) -> Value:
    """A page of them: only those made through the API, never those of the app's configuration."""
    found = list(info.context.shop.subscriptions.values())
    if page.get("topics"):
        found = [each for each in found if each.topic in page["topics"]]
    if page.get("format"):
        found = [each for each in found if each.format == page["format"]]
    if wanted := page.get("uri") or page.get("callbackUrl"):
        found = [each for each in found if each.uri == wanted]
    found = [each for each in found if _meets(each, page.get("query") or "")]
    found.sort(key=lambda each: each.number)  # made one after the other: by id is by time
    return reading.connection([_shown(each) for each in found], page)


def _meets(item: Subscription, query: str) -> bool:
    for term in query.split():
        match = _TIMES.match(term)
        if match is None:
            raise NotSimulated(f"webhookSubscriptions with the query {term} is not simulated.")
        moment = item.created_at if match[1] == "created_at" else item.updated_at
        bound = datetime.fromisoformat(match[3])
        given = int((bound if bound.tzinfo else bound.replace(tzinfo=UTC)).timestamp())
        right = moment >= given if match[2].startswith(">") else moment <= given
        if not right:
            return False
    return True


# --- mutations --------------------------------------------------------------------------------------------------


def create(_: Any, info: GraphQLResolveInfo, topic: str, webhookSubscription: Mapping[str, Any]) -> Value:  # noqa: N803
    """A new one; refused where the same topic already goes to the same address."""
    asked: Asked = info.context
    wanted = _Wanted(asked.shop, None, topic, webhookSubscription)
    if objections := wanted.objections():
        return payload(asked, objections, webhookSubscription=None)
    if topic.startswith("PRODUCTS_"):
        need(asked, "read_products", "webhookSubscriptionCreate")
    made = Subscription(asked.shop.next_number(), topic, wanted.uri)
    wanted.put(made)
    asked.shop.subscriptions[made.number] = made
    return payload(asked, [], webhookSubscription=_shown(made))


def update(_: Any, info: GraphQLResolveInfo, id: str, webhookSubscription: Mapping[str, Any]) -> Value:  # noqa: N803
    """What is given changes, the rest stays."""
    asked: Asked = info.context
    known = _find(asked.shop, id)
    if known is None:
        return payload(asked, [(["id"], "Webhook subscription does not exist")], webhookSubscription=None)
    wanted = _Wanted(asked.shop, known, known.topic, webhookSubscription)
    if objections := wanted.objections():
        return payload(asked, objections, webhookSubscription=None)
    wanted.put(known)
    known.updated_at = clock.now()
    return payload(asked, [], webhookSubscription=_shown(known))


def delete(_: Any, info: GraphQLResolveInfo, id: str) -> Value:
    """Gone, and its deliveries that wait are still made."""
    asked: Asked = info.context
    known = _find(asked.shop, id)
    if known is None:
        objection = (["id"], "Webhook subscription does not exist")
        return payload(asked, [objection], deletedWebhookSubscriptionId=None)
    del asked.shop.subscriptions[known.number]
    return payload(asked, [], deletedWebhookSubscriptionId=known.gid)


class _Wanted:
    """What was asked for, and what speaks against it."""

    def __init__(self, shop: Shop, known: Subscription | None, topic: str, given: Mapping[str, Any]) -> None:
        only(given, _SIMULATED, "A webhook subscription")
        self.shop, self.known, self.topic, self.given = shop, known, topic, given
        said = given.get("uri")
        self.uri = str(said).strip() if said is not None else (known.uri if known else "")
        self.format = str(given.get("format") or (known.format if known else "JSON"))
        self.filter = given.get("filter", known.filter if known else None)

    def put(self, item: Subscription) -> None:
        item.uri, item.format, item.filter = self.uri, self.format, self.filter
        item.name = self.given.get("name", item.name)
        for name, attribute in (("includeFields", "include_fields"), ("metafieldNamespaces", "metafield_namespaces")):
            if self.given.get(name) is not None:
                setattr(item, attribute, list(self.given[name]))

    def objections(self) -> list[Objection]:
        """In the order in which the platform looks."""
        cloud = self.uri.startswith(_CLOUD)
        if self.format == "XML" and cloud:
            return [(_FORMAT, "Format can only be used with format: 'json'")]
        if cloud:
            raise NotSimulated("Webhooks into a cloud's own queues are not simulated.")
        found = self._of_address() + self._of_name()
        if self.format == "XML" and self.topic in _JSON_ONLY:
            found.append((_FORMAT, "Format 'xml' is invalid for this webhook topic. Allowed formats: json"))
        if len((self.filter or "").encode()) > MOST_FILTER_BYTES:
            found.append((["webhookSubscription"], "The specified filter exceeds the maximum allowed size."))
        return found

    def _of_address(self) -> list[Objection]:
        if not self.uri:
            return [(_ADDRESS, "Address can't be blank")]
        scheme, _, rest = self.uri.partition("://")
        host = urlsplit(self.uri).hostname or ""
        if scheme != "https" and not (self.shop.options.loopback and _on_this_machine(host)):
            return [(_ADDRESS, f"Address protocol {scheme}:// is not supported")]
        if not rest or not host:
            return [(_ADDRESS, "Address is invalid")]
        if not self.shop.options.loopback and _internal(host):
            return [(_ADDRESS, "Address cannot be a Shopify or an internal domain")]
        if self._taken():
            return [(_ADDRESS, "Address for this topic has already been taken")]
        return []

    def _taken(self) -> bool:
        return any(
            (each.topic, each.uri, each.format, each.filter or "")
            == (self.topic, self.uri, self.format, self.filter or "")
            for each in self.shop.subscriptions.values()
            if each is not self.known
        )

    def _of_name(self) -> list[Objection]:
        name = self.given.get("name")
        if name is None:
            return []
        found = [] if name else [(_NAME, "Name is too short (minimum is 1 character)")]
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            found.append((_NAME, "Name name field can only contain alphanumeric characters, underscores, and hyphens"))
        others = (each.name or "" for each in self.shop.subscriptions.values() if each is not self.known)
        if not found and name.lower() in {other.lower() for other in others}:
            found.append((_NAME, "Name already exists, no duplicate allowed"))
        return found


def _on_this_machine(host: str) -> bool:
    return host in ("127.0.0.1", "localhost", "::1")


def _internal(host: str) -> bool:
    if host.endswith((".myshopify.com", ".shopify.com", ".local", ".internal")) or host in ("shopify.com", "localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _find(shop: Shop, gid: str) -> Subscription | None:
    kind, _, number = gid.removeprefix("gid://shopify/").partition("/")
    return shop.subscriptions.get(int(number)) if kind == "WebhookSubscription" and number.isdigit() else None


def _shown(item: Subscription) -> Value:
    return {
        "__typename": "WebhookSubscription",
        "id": item.gid,
        "legacyResourceId": str(item.number),
        "topic": item.topic,
        "uri": item.uri,
        "callbackUrl": item.uri,
        "endpoint": {"__typename": "WebhookHttpEndpoint", "callbackUrl": item.uri},
        "format": item.format,
        "filter": item.filter,
        "includeFields": item.include_fields,
        "metafieldNamespaces": item.metafield_namespaces,
        "name": item.name,
        "createdAt": clock.utc(item.created_at),
        "updatedAt": clock.utc(item.updated_at),
    }
