"""One API call on its way through the simulator, and the errors a resolver can end it with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from connectors.simulators.shopify.ledger import Call
from connectors.simulators.shopify.shop import Shop


@dataclass
class Asked:
    """What resolvers work with; graphql-core hands it on as ``info.context``."""

    shop: Shop
    call: Call


class NotSimulated(Exception):
    """The real platform could do this and the simulator cannot: said aloud, answered with 501, never passed over."""


def refusal(message: str, code: str, **more: Any) -> GraphQLError:
    """A top-level error with a code."""
    return GraphQLError(message, extensions={"code": code, **more})


def need(asked: Asked, scope: str, field: str) -> None:
    """Raises ACCESS_DENIED where the app was not granted a scope (writing includes reading)."""
    granted = asked.shop.options.scopes
    if scope in granted or scope.replace("read_", "write_", 1) in granted:
        return
    wanted = f"`{scope}` access scope."
    raise refusal(
        f"Access denied for {field} field. Required access: {wanted}",
        "ACCESS_DENIED",
        documentation="https://shopify.dev/api/usage/access-scopes",
        requiredAccess=wanted,
    )


def only(given: Mapping[str, Any], simulated: frozenset[str], where: str) -> None:
    """Raises NotSimulated for a part of an input that would be passed over."""
    beyond = sorted(name for name, value in given.items() if name not in simulated and value)
    if beyond:
        raise NotSimulated(f"{where} with {', '.join(beyond)} is not simulated.")


def payload(asked: Asked, errors: Sequence[tuple[Any, ...]], **fields: Any) -> dict[str, Any]:
    """A mutation's payload; an error is (field, message) or (field, message, code)."""
    shown = [
        {"__typename": "UserError", "field": error[0], "message": error[1], "code": error[2] if error[2:] else None}
        for error in errors
    ]
    asked.call.user_errors += [error["message"] for error in shown]
    return {**fields, "userErrors": shown}
