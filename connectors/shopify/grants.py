"""The four ways to an access token, each one POST to the store. Nothing is stored here; install.py does that.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import requests

from bridge import http
from bridge.deadline import Deadline
from bridge.errors import AccessLost, AskHuman, Disconnected, StorebridgeError, TryLater
from bridge.settings import Settings
from connectors.shopify.answers import retry_after
from connectors.shopify.hooks import shop_domain

EXCHANGE, CODE, CLIENT_CREDENTIALS = "exchange", "code", "client_credentials"

_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - the name of a kind of token
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
_REOPEN = "Shopify no longer renews our access. Open the app once in the Shopify admin, or install it again."
_START_AGAIN = "Shopify did not confirm the installation. Please start it again."


def base_url(settings: Settings, account: str) -> str:
    """The store's own address; the domain is checked before it becomes part of any URL."""
    return settings.shopify_url.replace("{shop}", shop_domain(account)).rstrip("/")


class Grants:
    """Asks one store for tokens, in the name of the app of this installation.

    Every method returns credentials to keep: ``access_token``, ``expires_at`` (UTC seconds), and what renews it.
    Each raises TryLater when Shopify cannot answer now; what else it raises says what a refusal means.
    """

    def __init__(self, settings: Settings, session: requests.Session, account: str, deadline: Deadline) -> None:
        self._settings, self._session, self._account, self._deadline = settings, session, account, deadline

    def code(self, code: str) -> dict[str, Any]:
        """The authorization code of a callback, for an expiring offline token. Raises AskHuman on a refusal."""
        answer = self._ask({**self._app(), "code": code, "expiring": "1"}, AskHuman(_START_AGAIN))
        return {"grant": CODE, **_kept(answer)}

    def exchange(self, id_token: str) -> dict[str, Any]:
        """A session token of the admin, for an expiring offline token. Raises AskHuman on a refusal.

        https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/token-exchange
        """
        given = {
            **self._app(),
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": id_token,
            "subject_token_type": _ID_TOKEN,
            "requested_token_type": _OFFLINE,
            "expiring": 1,
        }
        return {"grant": EXCHANGE, **_kept(self._ask(given, AskHuman(_START_AGAIN)))}

    def renew(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """New credentials by what is stored.

        Shopify keeps the old refresh token good until the new one is first used, so a lost answer costs nothing: the
        next try sends the stored one again. Raises AccessLost when a refresh token is no longer accepted,
        Disconnected when a client id and secret are not.
        https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens
        """
        if stored.get("refresh_token"):
            given = {**self._app(), "grant_type": "refresh_token", "refresh_token": stored["refresh_token"]}
            return {**stored, **_kept(self._ask(given, AccessLost(_REOPEN)))}
        given = {
            "client_id": stored["client_id"],
            "client_secret": stored["client_secret"],
            "grant_type": CLIENT_CREDENTIALS,
        }
        refused = Disconnected("Shopify refused the client id and secret of this shop. Connect the shop again.")
        return {**stored, **_kept(self._ask(given, refused))}

    def _app(self) -> dict[str, str]:
        return {
            "client_id": self._settings.shopify_client_id,
            "client_secret": self._settings.shopify_client_secret,
        }

    def _ask(self, given: Mapping[str, Any], refused: StorebridgeError) -> dict[str, Any]:
        response = http.send(
            self._session,
            "POST",
            base_url(self._settings, self._account) + "/admin/oauth/access_token",
            deadline=self._deadline,
            repeatable=True,
            headers={"Accept": "application/json"},
            json=dict(given),
        )
        if response.status_code == 429 or response.status_code >= 500:
            raise TryLater("Shopify could not renew the access token.", retry_after(response.headers))
        try:
            answer = response.json() if response.status_code == 200 else {}
        except ValueError as error:  # a proxy's page; what we sent may be as good as ever
            raise TryLater("Shopify's answer could not be read.", after=10) from error
        if not isinstance(answer, dict) or not answer.get("access_token"):
            raise refused
        return answer


def _kept(answer: Mapping[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    found = {
        "access_token": str(answer["access_token"]),
        "expires_at": now + _lasts(answer.get("expires_in"), 86_400),
        "scope": str(answer.get("scope") or ""),
    }
    if answer.get("refresh_token"):
        found["refresh_token"] = str(answer["refresh_token"])
        found["refresh_expires_at"] = now + _lasts(answer.get("refresh_token_expires_in"), 7_776_000)
    return found


def _lasts(seconds: Any, documented: int) -> int:
    """How long a token is good for: as documented, where the answer has no sensible number."""
    sensible = isinstance(seconds, (int, float)) and 0 < seconds < 1e9
    return int(seconds) if sensible else documented
