"""Access tokens by the client credentials grant.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
"""

from __future__ import annotations

import hmac
import json
from urllib.parse import parse_qsl

from connectors.simulators.serving import Request, Response, answer
from connectors.simulators.shopify import failing
from connectors.simulators.shopify.shop import Shop


def serve(shop: Shop, request: Request) -> Response:
    """Answer POST /admin/oauth/access_token, JSON or form encoded."""
    with shop.lock:
        call = shop.ledger.call()
        call.operation, call.kind = "access_token", "oauth"
        faults = shop.faults.strike(["oauth"])
        call.faults = [fault.kind for fault in faults]
    response = failing.before(faults) or _grant(shop, _fields(request))
    call.status = 0 if response.cut else response.status
    return response


def _fields(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode("utf-8", "replace")))
    try:
        given = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return {name: str(value) for name, value in given.items()} if isinstance(given, dict) else {}


def _grant(shop: Shop, given: dict[str, str]) -> Response:
    options = shop.options
    if given.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "The grant type is not supported.")
    known = given.get("client_id") == options.client_id
    proven = hmac.compare_digest(given.get("client_secret", "").encode(), options.client_secret.encode())
    if not (known and proven):
        return _refused("invalid_client", "The client id or the client secret is wrong.")
    if not shop.installed:
        return _refused("shop_not_permitted", "Client credentials cannot be performed on this shop.")
    with shop.lock:
        token = shop.grant()
    scopes = ",".join(options.scopes)
    return answer({"access_token": token, "scope": scopes, "expires_in": options.token_seconds})


def _refused(error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, 400)
