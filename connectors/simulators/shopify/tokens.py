"""What a store hands out and takes back: authorization codes, access tokens that end, refresh tokens, session tokens.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

import jwt

CODE_SECONDS = 60
REFRESH_SECONDS = 7_776_000  # 90 days
LEEWAY = 10


@dataclass
class _Refresh:
    ends: float
    before: str  # the refresh token that this one replaces; good until this one is used


class Tokens:
    """One per store; the store's lock is held by the caller."""

    def __init__(self) -> None:
        self._codes: dict[str, float] = {}
        self._access: dict[str, float] = {}
        self._refresh: dict[str, _Refresh] = {}

    def code(self) -> str:
        """An authorization code; good once, for a minute."""
        made = secrets.token_hex(16)
        self._codes[made] = time.time() + CODE_SECONDS
        return made

    def redeem(self, code: str) -> bool:
        """Use a code up. False when it was used before, is too old, or never was."""
        return self._codes.pop(code, 0.0) > time.time()

    def grant(self, seconds: float) -> str:
        """A new access token that ends after so many seconds."""
        made = "shpat_" + secrets.token_hex(16)
        self._access[made] = time.time() + seconds
        return made

    def accepts(self, token: str) -> bool:
        """Whether an access token is good now."""
        return self._access.get(token, 0.0) > time.time()

    def first_refresh(self, seconds: float = REFRESH_SECONDS) -> str:
        """A refresh token for a new grant."""
        return self._new_refresh("", seconds)

    def next_refresh(self, given: str, seconds: float = REFRESH_SECONDS) -> str:
        """The successor of a refresh token, or an empty string when that is not good.

        The one given stays good until its successor is used, so that a lost answer can be asked for again.
        """
        known = self._refresh.get(given)
        if known is None or known.ends < time.time():
            return ""
        self._refresh.pop(known.before, None)
        return self._new_refresh(given, seconds)

    def _new_refresh(self, before: str, seconds: float) -> str:
        made = "shprt_" + secrets.token_hex(16)
        self._refresh[made] = _Refresh(time.time() + seconds, before)
        return made

    def revoke(self) -> None:
        """Nothing handed out so far is good any more."""
        self._codes.clear()
        self._access.clear()
        self._refresh.clear()


def session_token(domain: str, client_id: str, secret: str, staff: str = "1", **claims: Any) -> str:
    """What App Bridge hands to an app in the admin; ``claims`` overrides any.

    https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens
    """
    now = int(time.time())
    given = {
        "iss": f"https://{domain}/admin", "dest": f"https://{domain}", "aud": client_id, "sub": staff,
        "exp": now + 60, "nbf": now, "iat": now, "jti": secrets.token_hex(8), "sid": secrets.token_hex(8), **claims,
    }  # fmt: skip
    return jwt.encode(given, secret, algorithm="HS256")


def is_session_token(token: str, domain: str, client_id: str, secret: str) -> bool:
    """Whether a token is a session token of this store for this app, and still good."""
    try:
        claims = jwt.decode(
            token, secret, algorithms=["HS256"], audience=client_id, leeway=LEEWAY,
            options={"require": ["exp", "nbf", "iss", "dest", "sub"]},
        )  # fmt: skip
    except jwt.PyJWTError:
        return False
    return bool(claims["dest"] == f"https://{domain}" and str(claims["iss"]).startswith(f"https://{domain}/"))
