"""The door: verify over the raw bytes, store, answer. Nothing is parsed, planned or published here."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from bridge import shops
from bridge.db import Database
from bridge.errors import NotAuthentic, StorebridgeError
from bridge.inbox import Arrival, Inbox
from bridge.settings import Settings
from bridge.vault import Vault
from connectors import CONNECTORS
from connectors.protocol import Envelope, Platform

log = structlog.get_logger()

_SECRETS_KEPT = 5.0  # seconds; a rotated or removed secret takes effect within this time


class Secrets:
    """The secrets that may have signed for an account: the installation's and the connection's own."""

    def __init__(self, settings: Settings, db: Database, vault: Vault) -> None:
        self._settings, self._db, self._vault = settings, db, vault
        self._own: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {}

    def of(self, platform: str, account: str) -> Sequence[str]:
        """Current and previous secrets; empty when nobody could have signed."""
        kept = self._own.get((platform, account))
        if kept is None or kept[0] < time.monotonic():
            kept = (time.monotonic() + _SECRETS_KEPT, self._look_up(platform, account))
            if len(self._own) > 10_000:
                self._own.clear()
            self._own[platform, account] = kept
        return (*self._settings.secrets(platform), *kept[1])

    def _look_up(self, platform: str, account: str) -> tuple[str, ...]:
        with self._db.reading() as session:
            row = shops.find(session, platform, account)
            if row is None or row.credentials is None:
                return ()
            stored = self._vault.open_json(row.credentials)
        return tuple(s for s in (stored.get("client_secret"), stored.get("client_secret_previous")) if s)


def blueprint(settings: Settings, db: Database, vault: Vault, inbox: Inbox) -> Blueprint:
    """``POST /hooks/<platform>``."""
    hooks = Blueprint("hooks", __name__)
    secrets = Secrets(settings, db, vault)

    @hooks.post("/hooks/<platform>")
    def receive(platform: str) -> Response:
        connector = CONNECTORS.get(platform)
        if connector is None:
            abort(404)
        body = _body(settings.max_delivery_bytes)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            envelope = _authentic(connector, secrets, headers, body)
            inbox.store(_arrival(connector, envelope, headers, body))
        except NotAuthentic:
            return _answer("not authentic", 401)
        except (SQLAlchemyError, OSError, TimeoutError, StorebridgeError) as error:
            # The platform delivers again later; a 2xx now would be a lie.
            log.error("delivery not stored", platform=platform, error=type(error).__name__)
            return _answer("not stored, deliver again", 503)
        except Exception:
            log.exception("delivery not stored", platform=platform)
            return _answer("not stored, deliver again", 503)
        return _answer("stored", 200)

    return hooks


def _authentic(connector: Platform, secrets: Secrets, headers: Mapping[str, str], body: bytes) -> Envelope:
    envelope = connector.hooks.envelope(headers, body)
    connector.hooks.verify(headers, body, secrets.of(connector.NAME, envelope.account))
    return envelope


def _arrival(connector: Platform, envelope: Envelope, headers: Mapping[str, str], body: bytes) -> Arrival:
    kept = {name: value for name, value in headers.items() if name in connector.hooks.HEADERS}
    return Arrival(connector.NAME, envelope.account, envelope.delivery_id, envelope.topic, kept, body)


def _body(limit: int) -> bytes:
    """The raw body, at most ``limit`` bytes: a longer one is answered with 413 and not read to its end."""
    if (request.content_length or 0) > limit:
        raise RequestEntityTooLarge
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise RequestEntityTooLarge
    return body


def _answer(text: str, status: int) -> Response:
    return Response(text + "\n", status, mimetype="text/plain")
