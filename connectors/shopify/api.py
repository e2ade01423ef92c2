"""The data plane: Shopify's Admin GraphQL API over one pooled session, paid for from one rate limit per connection.

ShopifyAPI's own GraphQL class has no timeout, no keep-alive and no notion of THROTTLED, so it is not used for calls.
https://shopify.dev/docs/api/admin-graphql
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import requests

from bridge import http
from bridge.deadline import Deadline
from bridge.errors import GiveUp, TryLater, Unclear
from bridge.priority import NEW, PERSON
from bridge.ratelimit import Grant
from bridge.shops import Live
from connectors.protocol import Tools
from connectors.shopify import answers, install
from connectors.shopify.grants import base_url

# Supported for a year: https://shopify.dev/docs/api/usage/versioning
API_VERSION = "2026-10"
API_VERSION_ENDS = date(2027, 10, 1)

DOCUMENTS = {path.stem: path.read_text() for path in (Path(__file__).parent / "queries").glob("*.graphql")}
# requestedQueryCost by the verified formula (a test computes them anew); the first reply corrects the bucket.
COSTS: dict[str, float] = {
    "product_facts": 22,
    "product_texts": 3,
    "product_texts_and_images": 9,
    "write_product": 11,
    "add_tags": 10,
    "remove_tags": 10,
    "write_alts": 10,
    "who_am_i": 3,
    "products_changed": 11,
    "product_announced": 26,
    "subscriptions": 11,
    "subscribe": 10,
    "resubscribe": 10,
}
# Mutations of which nobody may know whether they happened; a subscription asked for twice is refused the second time.
WRITES = frozenset({"write_product", "add_tags", "remove_tags", "write_alts"})


class Client:
    """Calls for one connection. Cheap to make; the session and the limiter are shared by the process."""

    def __init__(self, live: Live, tools: Tools) -> None:
        self.live = live
        self.tools = tools
        self.key = f"connection:{live.id}"

    def take(self, document: str, priority: int) -> Grant:
        """Reserve capacity for a document; raises TryLater with the seconds to wait when there is none."""
        grant = self.tools.limiter.take(self.key, COSTS[document], priority)
        if grant.wait > 0:
            raise TryLater("Waiting for the shop's rate limit.", after=grant.wait, counts=False)
        return grant

    def take_all(self, documents: Sequence[str], priority: int) -> list[Grant]:
        """Reserve capacity for several documents, or for none and raise TryLater."""
        grants: list[Grant] = []
        try:
            for document in documents:
                grants.append(self.take(document, priority))
        except TryLater:
            for grant in grants:
                self.tools.limiter.release(grant)
            raise
        return grants

    def learn(self, deadline: Deadline) -> bool:
        """Where nothing is known about the rate limit, find out with one cheap question. True when that was needed.

        An unknown bucket lets a single call through. A write needs two at once, so it would never come to make the
        call whose answer tells how many there are.
        """
        if self.tools.limiter.state(self.key).learnt:
            return False
        self.run("who_am_i", {}, deadline, priority=PERSON)
        return True

    def run(
        self,
        document: str,
        variables: Mapping[str, Any],
        deadline: Deadline,
        *,
        priority: int = NEW,
        grant: Grant | None = None,
    ) -> dict[str, Any]:
        """Send one document; returns its ``data``. Errors come sorted; userErrors are left to the caller.

        A mutation whose fate is unknown raises Unclear; everything else that raises did not change anything.
        """
        taken = grant or self.take(document, priority)
        try:
            answer = self._post(document, variables, deadline)
        except Unclear:
            raise  # it may have been charged: let the reservation run out by itself
        except BaseException:
            self.tools.limiter.release(taken)
            raise
        return self._sort(document, taken, answer)

    def _post(self, document: str, variables: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
        writes = document in WRITES
        token = install.token(self.live, self.tools, deadline)
        response = self._send(document, variables, deadline, token)
        if response.status_code == 401:
            token = install.token(self.live, self.tools, deadline, refused=token)
            response = self._send(document, variables, deadline, token)
        error = answers.for_status(response, writes)
        if error is not None:
            raise error
        return _json(response, writes)

    def _send(self, document: str, variables: Mapping[str, Any], deadline: Deadline, token: str) -> requests.Response:
        return http.send(
            self.tools.http,
            "POST",
            f"{base_url(self.tools.settings, self.live.account)}/admin/api/{API_VERSION}/graphql.json",
            deadline=deadline,
            repeatable=document not in WRITES,
            headers={"X-Shopify-Access-Token": token},
            json={"query": DOCUMENTS[document], "variables": dict(variables)},
        )

    def _sort(self, document: str, grant: Grant, answer: dict[str, Any]) -> dict[str, Any]:
        cost = _figures(answer)
        reported = {
            "available": cost.get("currentlyAvailable"),
            "maximum": cost.get("maximumAvailable"),
            "rate": cost.get("restoreRate"),
        }
        errors = answer.get("errors")
        if answers.code_of(answers.first(errors)) == "THROTTLED":
            wait = self.tools.limiter.throttled(grant, requested=cost.get("requestedQueryCost"), **reported)
            raise TryLater("Waiting for the shop's rate limit.", after=wait, counts=False)
        # The call is made: a store of the limits that is away must not turn it into one that never was. The
        # reservation runs out by itself.
        with suppress(TryLater):
            self.tools.limiter.settle(grant, charged=cost.get("actualQueryCost"), **reported)
        data = answer.get("data")
        if errors:
            if document in WRITES and isinstance(data, dict) and any(value is not None for value in data.values()):
                raise Unclear("Shopify carried a change out and could not say how.", after=5)
            raise answers.for_errors(errors, document in WRITES)
        if not isinstance(data, dict):
            raise _nonsense(document in WRITES)
        return data


def _figures(answer: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of ``extensions.cost``, as far as the answer holds any."""
    cost = _part(_part(answer, "extensions"), "cost")
    found = {**cost, **_part(cost, "throttleStatus")}
    return {name: value for name, value in found.items() if isinstance(value, (int, float))}


def _part(of: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def _json(response: requests.Response, writes: bool) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError as error:
        raise _nonsense(writes) from error
    if not isinstance(answer, dict):
        raise _nonsense(writes)
    return answer


def _nonsense(writes: bool) -> TryLater | GiveUp:
    # A 200 with something else than the documented shape: a proxy's page, or a cut body.
    return (Unclear if writes else TryLater)("Shopify's answer could not be read.", after=10)
