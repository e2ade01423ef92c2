"""The webhooks of a shop with an app of its own: made through the API, looked after, made again when they are gone.

Shopify deletes such a subscription after eight failed deliveries in a row and tells nobody; those of an app's
configuration (deploy/shopify/shopify.app.toml) stay and are never listed, so there is nothing to do for them.
https://shopify.dev/docs/apps/build/webhooks/subscribe
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bridge.deadline import Deadline
from bridge.errors import GiveUp
from bridge.priority import PERSON
from connectors.protocol import Subscribed
from connectors.shopify.api import Client
from connectors.shopify.topics import ACTED_ON

_TAKEN = "already been taken"


def keep(client: Client, known: Mapping[str, str], deadline: Deadline) -> Subscribed:
    """See that every topic we act on comes to our door. Safe to repeat; ``known`` are the ids of the last time."""
    if not _of_its_own(client):
        return Subscribed(declared=True, topics=ACTED_ON)
    uri = f"{client.tools.settings.public_url}/hooks/shopify"
    nodes = _listed(client, deadline)
    ids: dict[str, str] = {}
    made: list[str] = []
    corrected: list[str] = []
    refused: dict[str, list[str]] = {}  # why -> topics
    for topic in ACTED_ON:
        ours = _ours(nodes, topic, uri, known.get(topic, ""))
        if ours and _right(ours, uri):
            ids[topic] = str(ours["id"])
            continue
        if ours:
            found, problem = _ask(client, "resubscribe", {"id": ours["id"], "uri": uri}, deadline)
        else:
            found, problem = _ask(client, "subscribe", {"topic": _as_enum(topic), "uri": uri}, deadline)
        if problem:
            refused.setdefault(problem, []).append(topic)
        else:
            ids[topic] = found
            (corrected if ours else made).append(topic)
    return Subscribed(
        ids=ids,
        topics=tuple(ids),
        made=tuple(made),
        corrected=tuple(corrected),
        vanished=tuple(topic for topic in made if topic in known),
        problems=tuple(_refusal(topics, uri, why) for why, topics in refused.items()),
    )


def _of_its_own(client: Client) -> bool:
    credentials, settings = client.live.credentials, client.tools.settings
    return bool(credentials.get("client_secret")) and credentials.get("client_id") != settings.shopify_client_id


def _listed(client: Client, deadline: Deadline) -> list[Mapping[str, Any]]:
    found = client.run("subscriptions", {}, deadline, priority=PERSON).get("webhookSubscriptions") or {}
    return [node for node in found.get("nodes") or [] if isinstance(node, dict)]


def _ours(nodes: Iterable[Mapping[str, Any]], topic: str, uri: str, known: str) -> Mapping[str, Any] | None:
    """Ours is what we made, or what comes to our door; what another program of the shop made is left alone."""
    same = [node for node in nodes if node.get("topic") == _as_enum(topic)]
    mine = [node for node in same if node.get("id") == known] + [node for node in same if node.get("uri") == uri]
    return mine[0] if mine else None


def _right(node: Mapping[str, Any], uri: str) -> bool:
    whole = not node.get("filter") and not node.get("includeFields")
    return whole and node.get("uri") == uri and node.get("format") == "JSON"


def _as_enum(topic: str) -> str:
    return topic.replace("/", "_").upper()


def _ask(client: Client, document: str, variables: Mapping[str, Any], deadline: Deadline) -> tuple[str, str]:
    """The id, or what Shopify has against it. One that was made meanwhile is found by the next look."""
    data = client.run(document, variables, deadline, priority=PERSON)
    answer = next(iter(data.values()), None) or {}
    errors = [str(each.get("message", "")) for each in answer.get("userErrors") or []]
    if errors:
        return "", "" if any(_TAKEN in error for error in errors) else " ".join(errors)
    made = answer.get("webhookSubscription") or {}
    if not made.get("id"):
        raise GiveUp("Shopify did not say whether it will send webhooks.")
    return str(made["id"]), ""


def _refusal(topics: Sequence[str], uri: str, why: str) -> str:
    return f"Shopify does not send {', '.join(topics)} to {uri}. Its words: “{why}”."
