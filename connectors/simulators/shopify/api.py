"""The Admin GraphQL endpoint: refuse, charge, execute, answer, the way Shopify does."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, OperationType, execute_sync

from connectors.simulators.serving import Response, answer
from connectors.simulators.shopify import cost, failing, roots, variables
from connectors.simulators.shopify.calls import Asked, NotSimulated
from connectors.simulators.shopify.documents import Documents, Prepared, schema
from connectors.simulators.shopify.faults import Fault
from connectors.simulators.shopify.shop import Shop
from connectors.simulators.shopify.webhooks import API_VERSION, Parcel

_LIMITS_PAGE = "https://shopify.dev/api/usage/rate-limits"


@dataclass
class Asking:
    """One request, taken apart."""

    shop: Shop
    prepared: Prepared
    operation: OperationDefinitionNode | None
    name: str
    variables: dict[str, Any]
    faults: list[Fault]

    @property
    def mutates(self) -> bool:
        return bool(self.operation and self.operation.operation == OperationType.MUTATION)

    def has(self, kind: str) -> Fault | None:
        """The fault of that kind this call met, if it did."""
        return next((fault for fault in self.faults if fault.kind == kind), None)


class Api:
    """One per simulator; documents are remembered across shops."""

    def __init__(self) -> None:
        self.documents = Documents()

    def serve(self, shop: Shop, token: str, body: bytes) -> Response:
        """Answer one POST to graphql.json."""
        started = time.monotonic()
        try:
            given = json.loads(body)
            text, said = str(given["query"]), given.get("variables") or {}
        except (ValueError, TypeError, KeyError):
            return answer({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        prepared = self.documents.prepare(text)
        operation, name = _chosen(prepared, given.get("operationName"))
        asking = Asking(shop, prepared, operation, name, said, [])
        with shop.lock:
            call = shop.ledger.call()
            call.operation, call.variables = name, said
            call.kind = operation.operation.value if operation else ""
            call.roots = _roots(operation)
            asking.faults = shop.faults.strike([name, call.kind, *call.roots])
            call.faults = [fault.kind for fault in asking.faults]
        asked = Asked(shop, call)
        try:
            response = self._answer(asking, asked, token)
        except NotSimulated as error:
            response = Response(501, str(error).encode(), {"Content-Type": "text/plain"})
        if shop.options.latency_ms:
            time.sleep(shop.options.latency_ms / 1000)
        call.status, call.took_ms = (0 if response.cut else response.status), int((time.monotonic() - started) * 1000)
        return response

    def _answer(self, asking: Asking, asked: Asked, token: str) -> Response:
        if early := failing.before(asking.faults):
            return early
        if not asking.shop.accepts(token):
            return failing.status("401")
        with asking.shop.lock:
            outbox = asking.shop.outbox
            parcels: list[Parcel] = []
            outbox.held = parcels
            try:
                result = self._execute(asking, asked)
            finally:
                outbox.held = None
        failing.deliver(outbox, parcels, first=asking.has("echo_first") is not None)
        return failing.after(asking.faults) or answer(result, X_Shopify_API_Version=API_VERSION)

    def _execute(self, asking: Asking, asked: Asked) -> dict[str, Any]:
        """Errors of the document cost nothing; from there on the bucket is charged."""
        errors = _unexecutable(asking)
        if errors:
            asked.call.errors = [_code(error) for error in errors]
            return {"errors": errors}
        assert asking.operation is not None
        meter = cost.Meter(schema(), asking.prepared.fragments, asking.variables)
        requested = meter.requested(asking.operation)
        asked.call.requested = requested
        bucket = asking.shop.bucket
        if asking.has("throttle"):
            bucket.drain()
        if requested > cost.MAXIMUM:
            return self._refuse(asked, requested, _too_expensive(requested))
        if not bucket.take(requested):
            asked.call.throttled = True
            return self._refuse(asked, requested, _throttled())
        asked.call.charged = requested
        failing.edit_before_commit(asking.shop, asking.has("edit_before_commit"), asking.variables)
        if asking.has("internal_error"):
            return self._refuse(asked, requested, failing.internal_error())
        return self._run(asking, asked, meter, requested)

    def _run(self, asking: Asking, asked: Asked, meter: cost.Meter, requested: int) -> dict[str, Any]:
        operation = asking.operation
        assert operation is not None and asking.prepared.document is not None
        oversized = roots.oversized(operation, asking.variables)
        if oversized:
            return self._refuse(asked, requested, oversized)
        done = execute_sync(
            schema(), asking.prepared.document, context_value=asked, variable_values=asking.variables,
            operation_name=operation.name.value if operation.name else None,
        )  # fmt: skip
        actual = meter.actual(operation, done.data)
        asked.call.charged = actual
        asking.shop.bucket.refund(requested - actual)
        answer: dict[str, Any] = {}
        if done.errors:
            answer["errors"] = [_formatted(error) for error in done.errors]
            asked.call.errors = [_code(error) for error in answer["errors"]]
        return {**answer, "data": done.data, "extensions": _cost(asked, requested, actual)}

    def _refuse(self, asked: Asked, requested: int, error: dict[str, Any]) -> dict[str, Any]:
        asked.call.errors = [_code(error)]
        return {"errors": [error], "extensions": _cost(asked, requested, None)}


def _chosen(prepared: Prepared, wanted: Any) -> tuple[OperationDefinitionNode | None, str]:
    operations = prepared.operations
    if wanted:
        return operations.get(str(wanted)), str(wanted)
    if len(operations) == 1:
        name, operation = next(iter(operations.items()))
        return operation, name
    return None, ""


def _roots(operation: OperationDefinitionNode | None) -> list[str]:
    selections = operation.selection_set.selections if operation else ()
    return [node.name.value for node in selections if isinstance(node, FieldNode)]


def _unexecutable(asking: Asking) -> list[dict[str, Any]]:
    if asking.prepared.errors:
        return asking.prepared.errors
    if asking.operation is None:
        return [{"message": "No operation named " + json.dumps(asking.name)}]
    if not isinstance(asking.variables, Mapping):
        return [{"message": "Variables must be an object."}]
    return variables.refused(asking.operation, schema(), asking.variables)


def _cost(asked: Asked, requested: int, actual: int | None) -> dict[str, Any]:
    return {
        "cost": {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": asked.shop.bucket.status(),
        }
    }


def _throttled() -> dict[str, Any]:
    return {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _LIMITS_PAGE}}


def _too_expensive(requested: int) -> dict[str, Any]:
    limit = cost.MAXIMUM
    return {
        "message": f"Query cost is {requested}, which exceeds the single query max cost limit ({limit}).",
        "extensions": {
            "code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": limit, "documentation": _LIMITS_PAGE,
        },
    }  # fmt: skip


def _formatted(error: GraphQLError) -> dict[str, Any]:
    shown: dict[str, Any] = dict(error.formatted)
    if not shown.get("extensions"):
        # Not a refusal of ours: neither a bug nor a gap of the simulator must pass for a platform's error.
        raise error.original_error or error
    return shown


def _code(error: Mapping[str, Any]) -> str:
    return str((error.get("extensions") or {}).get("code") or error["message"])
