"""What webhooks may have missed: which products changed, and what a webhook would have said about one of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.catalog import DESCRIPTION, TAGS, TITLE, Event, join_tags
from bridge.deadline import Deadline
from bridge.errors import TryLater
from bridge.priority import REFRESH
from connectors.protocol import Listed, Page
from connectors.shopify.api import Client
from connectors.shopify.hooks import milliseconds, product_event


def listed(client: Client, since: int | None, cursor: str, deadline: Deadline) -> Page:
    """A page of products, by the time of their last change where ``since`` is given, else by id.

    A product that changes while the pages are turned moves towards the end: it may come twice, it is never lost.
    """
    given = {"query": None, "sort": "ID", "after": cursor or None}
    if since is not None:
        moment = datetime.fromtimestamp(since / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        given |= {"query": f"updated_at:>='{moment}'", "sort": "UPDATED_AT"}
    found = client.run("products_changed", given, deadline, priority=REFRESH).get("products") or {}
    page = found.get("pageInfo") or {}
    items = tuple(_listed(node) for node in found.get("nodes") or [] if node)
    more = bool(page.get("hasNextPage"))
    if more and not page.get("endCursor"):
        raise TryLater("Shopify's answer could not be read.", after=10)
    return Page(items, str(page["endCursor"]) if more else "")


def announced(client: Client, ref: str, kind: str, deadline: Deadline) -> Event | None:
    """The event that a webhook would have brought about a product as it is now; None when it is gone."""
    product = client.run("product_announced", {"id": ref}, deadline, priority=REFRESH).get("product")
    if not product:
        return None
    return product_event(kind, f"seen:{ref}:{product.get('updatedAt')}", _as_payload(product))


def _listed(node: Mapping[str, Any]) -> Listed:
    waiting = str(node.get("status") or "").upper() == "DRAFT"
    texts = {
        TITLE: node.get("title") or "",
        DESCRIPTION: node.get("descriptionHtml") or "",
        TAGS: join_tags(node.get("tags") or []),
    }
    return Listed(str(node["id"]), texts, milliseconds(node.get("updatedAt")) or 0, waiting)


def _as_payload(product: Mapping[str, Any]) -> dict[str, Any]:
    """The product in the shape of a webhook's body, as far as we read that."""
    return {
        "id": int(str(product["id"]).rpartition("/")[2]),
        "title": product.get("title"),
        "body_html": product.get("descriptionHtml"),
        "vendor": product.get("vendor"),
        "product_type": product.get("productType"),
        "status": (product.get("status") or "").lower(),
        "tags": ", ".join(product.get("tags") or []),
        "updated_at": product.get("updatedAt"),
        "options": [{"name": each["name"], "values": each["values"]} for each in product.get("options") or []],
        "variants": _nodes(product, "variants"),
        "media": [{"admin_graphql_api_id": node["id"], "alt": node.get("alt")} for node in _nodes(product, "media")],
    }


def _nodes(product: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return list((product.get(name) or {}).get("nodes") or [])
