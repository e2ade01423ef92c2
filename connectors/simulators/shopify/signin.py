"""How an app gets into a store: the merchant's consent, and the four grants of access tokens.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

from connectors.simulators.serving import Request, Response, answer
from connectors.simulators.shopify import failing, tokens
from connectors.simulators.shopify.shop import Shop

_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - the name of a kind of token
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
_UNKNOWN = "<h1>Oauth error invalid_request</h1><p>The application or the redirect_uri is not known.</p>"
_ONLINE = "urn:shopify:params:oauth:token-type:online-access-token"


def serve(shop: Shop, request: Request) -> Response:
    """Answer POST /admin/oauth/access_token, JSON or form encoded."""
    with shop.lock:
        call = shop.ledger.call()
        call.operation, call.kind = "access_token", "oauth"
        faults = shop.faults.strike(["oauth"])
        call.faults = [fault.kind for fault in faults]
        given = _fields(request)
        call.variables = {"grant_type": given.get("grant_type", "code")}
    response = failing.before(faults) or _grant(shop, given)
    call.status = 0 if response.cut else response.status
    return failing.after(faults) or response


def consent(shop: Shop, request: Request) -> Response:
    """GET /admin/oauth/authorize: the page that asks the merchant, or the way back where consent is automatic."""
    asked = request.query
    if asked.get("client_id") != shop.options.client_id or not _allowed(shop, asked.get("redirect_uri", "")):
        return _page(
            400, "<h1>Oauth error invalid_request</h1><p>The application or the redirect_uri is not known.</p>"
        )
    if shop.options.consent == "auto":
        return _back(shop, asked["redirect_uri"], asked.get("state", ""))
    scopes = "".join(f"<li>{html.escape(scope)}</li>" for scope in asked.get("scope", "").split(","))
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(asked.get(name, ""))}">'
        for name in ("client_id", "redirect_uri", "state")
    )
    form = f'<form method="post" action="/{shop.domain}/admin/oauth/agree">{kept}<button>Install app</button></form>'
    return _page(200, f"<h1>Install app</h1><ul>{scopes}</ul>{form}")


def agree(shop: Shop, request: Request) -> Response:
    """The merchant pressed the button."""
    given = _fields(request)
    if given.get("client_id") != shop.options.client_id or not _allowed(shop, given.get("redirect_uri", "")):
        return _page(400, _UNKNOWN)
    return _back(shop, given["redirect_uri"], given.get("state", ""))


def _allowed(shop: Shop, target: str) -> bool:
    wanted = shop.options.redirects
    return target in wanted if wanted else urlsplit(target).hostname in ("127.0.0.1", "localhost")


def _back(shop: Shop, target: str, state: str) -> Response:
    with shop.lock:
        shop.installed = True
        given = {
            "code": shop.tokens.code(), "host": host(shop), "shop": shop.domain, "state": state,
            "timestamp": str(int(time.time())),
        }  # fmt: skip
    return Response(302, b"", {"Location": f"{target}?{urlencode(signed(shop, given))}"})


def host(shop: Shop) -> str:
    """The ``host`` parameter: where in the admin the store is, base64 without padding."""
    where = f"admin.shopify.com/store/{shop.domain.split('.')[0]}"
    return base64.b64encode(where.encode()).decode().rstrip("=")


def signed(shop: Shop, given: dict[str, str]) -> dict[str, str]:
    """The parameters with their ``hmac``: hex HMAC-SHA256 over the sorted others."""
    message = "&".join(f"{name}={value}" for name, value in sorted(given.items()))
    return {
        **given,
        "hmac": hmac.new(shop.options.client_secret.encode(), message.encode(), hashlib.sha256).hexdigest(),
    }


def _page(status: int, body: str) -> Response:
    return Response(status, f"<!doctype html><title>Shopify</title>{body}".encode(), {"Content-Type": "text/html"})


def _fields(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode("utf-8", "replace")))
    try:
        given = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return {name: str(value) for name, value in given.items()} if isinstance(given, dict) else {}


# --- grants -----------------------------------------------------------------------------------------------------


def _grant(shop: Shop, given: dict[str, str]) -> Response:
    options = shop.options
    known = given.get("client_id") == options.client_id
    proven = hmac.compare_digest(given.get("client_secret", "").encode(), options.client_secret.encode())
    kind = given.get("grant_type") or ("code" if "code" in given else "")
    if kind not in _GRANTS:
        return _refused("unsupported_grant_type", "The grant type is not supported.")
    if not (known and proven):
        return _refused("invalid_client", "The client id or the client secret is wrong.")
    with shop.lock:
        return _GRANTS[kind](shop, given)


def _by_credentials(shop: Shop, given: dict[str, str]) -> Response:
    if not shop.installed:
        return _refused("shop_not_permitted", "Client credentials cannot be performed on this shop.")
    return answer(_access(shop))


def _by_code(shop: Shop, given: dict[str, str]) -> Response:
    if not shop.tokens.redeem(given.get("code", "")):
        return _refused("invalid_request", "The authorization code was not found or was already used.")
    return _offline(shop, given)


def _by_session_token(shop: Shop, given: dict[str, str]) -> Response:
    options = shop.options
    if given.get("subject_token_type") != _ID_TOKEN or given.get("requested_token_type") not in (_OFFLINE, _ONLINE):
        return _refused("invalid_request", "The token types do not fit together.")
    good = tokens.is_session_token(
        given.get("subject_token", ""), shop.domain, options.client_id, options.client_secret
    )
    if not good:
        return _refused("invalid_subject_token", "The subject token is invalid or expired.")
    shop.installed = True
    return _offline(shop, given)


def _by_refresh(shop: Shop, given: dict[str, str]) -> Response:
    successor = shop.tokens.next_refresh(given.get("refresh_token", ""), shop.options.refresh_seconds)
    if not successor or not shop.installed:
        return _refused("invalid_grant", "The refresh token is invalid or expired.", 401)
    return answer({**_access(shop), **_refreshable(shop, successor)})


def _offline(shop: Shop, given: dict[str, str]) -> Response:
    if given.get("expiring") != "1":
        return _refused("invalid_request", "Apps made since 2026-04-01 get expiring tokens only.")
    first = shop.tokens.first_refresh(shop.options.refresh_seconds)
    return answer({**_access(shop), **_refreshable(shop, first)})


def _access(shop: Shop) -> dict[str, object]:
    seconds = shop.options.token_seconds
    return {"access_token": shop.grant(), "scope": ",".join(shop.options.scopes), "expires_in": seconds}


def _refreshable(shop: Shop, token: str) -> dict[str, object]:
    return {"refresh_token": token, "refresh_token_expires_in": shop.options.refresh_seconds}


_GRANTS: dict[str, Callable[[Shop, dict[str, str]], Response]] = {
    "client_credentials": _by_credentials,
    "code": _by_code,
    "authorization_code": _by_code,
    _EXCHANGE: _by_session_token,
    "refresh_token": _by_refresh,
}


def _refused(error: str, description: str, status: int = 400) -> Response:
    return answer({"error": error, "error_description": description}, status)
