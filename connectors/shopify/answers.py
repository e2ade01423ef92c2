"""What Shopify's answers mean, in one place: HTTP statuses, error codes, user errors.

https://shopify.dev/docs/api/usage/response-codes and https://shopify.dev/docs/api/admin-graphql#status_and_error_codes
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import requests

from bridge.errors import AskHuman, Disconnected, GiveUp, StorebridgeError, TryLater, Unclear

_PAUSED = "Shopify says: {what}. Work on this shop is paused until somebody resumes it."


def for_status(response: requests.Response, writes: bool) -> StorebridgeError | None:
    """The error an HTTP status stands for; None for 200. 401 is the client's own affair (it renews the token once)."""
    status = response.status_code
    if status == 200:
        return None
    if status >= 500:
        # The mutation may have been committed before the gateway gave up.
        kind = Unclear if writes else TryLater
        return kind(f"Shopify answered {status}.", after=5)
    table: dict[int, StorebridgeError] = {
        401: Disconnected("Shopify no longer accepts our access token. Connect the shop again."),
        402: AskHuman(_PAUSED.format(what="the shop is frozen because of its bill"), pause=True),
        403: AskHuman(_PAUSED.format(what="the app lacks a permission, or the shop is disabled"), pause=True),
        404: GiveUp("Shopify does not know this shop or this API version."),
        423: AskHuman(_PAUSED.format(what="the shop is locked"), pause=True),
        429: TryLater("Shopify asked us to slow down.", retry_after(response.headers), counts=False),
        430: AskHuman(_PAUSED.format(what="our requests were rejected for security reasons"), pause=True),
    }
    return table.get(status, GiveUp(f"Shopify refused the request with status {status}."))


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait. Shopify sends a float ("2.0"); nonsense means two seconds."""
    try:
        seconds = float(headers.get("Retry-After", "2"))
    except ValueError:
        return 2.0
    return 2.0 if math.isnan(seconds) else min(max(seconds, 0.1), 300.0)


def for_errors(errors: Any, writes: bool) -> StorebridgeError:
    """The error that a GraphQL ``errors`` member stands for. THROTTLED is sorted before, by the client."""
    code = code_of(first(errors))
    message = str(first(errors).get("message", errors))[:300]
    if code == "ACCESS_DENIED":
        return AskHuman(f"The app lacks a permission at Shopify: {message}", pause=True)
    if code == "INTERNAL_SERVER_ERROR":
        return (Unclear if writes else TryLater)("Shopify had an internal error.", after=5)
    if code == "MAX_COST_EXCEEDED":
        return GiveUp("The request was too expensive for Shopify.")
    return GiveUp(f"Shopify refused the request: {message}")


def first(errors: Any) -> Mapping[str, Any]:
    """The first of the ``errors``, empty where none is to be seen."""
    found = errors[0] if isinstance(errors, list) and errors else None
    return found if isinstance(found, dict) else {}


def code_of(error: Mapping[str, Any]) -> str:
    """The code of a top-level GraphQL error, empty where there is none."""
    extensions = error.get("extensions")
    return str(extensions.get("code", "")) if isinstance(extensions, dict) else ""


def for_user_errors(found: list[dict[str, Any]]) -> StorebridgeError | None:
    """What Shopify objects to in a mutation's input; the mutation changed nothing."""
    if not found:
        return None
    codes = {str(item.get("code", "")) for item in found}
    if codes & {"NON_READY_STATE", "FILE_LOCKED"}:
        return TryLater("Shopify is still processing an image of this product.", after=20)
    return GiveUp("Shopify refused the text: " + "; ".join(str(item.get("message", ""))[:200] for item in found))
