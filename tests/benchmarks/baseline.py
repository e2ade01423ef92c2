"""The door as many build it: Flask, one INSERT and one COMMIT per request. For comparison only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import sqlite3
import threading

import psycopg
from flask import Flask, Response, request

from tests.benchmarks.installation import SECRET

app = Flask(__name__)
_own = threading.local()
_URL = os.environ["DATABASE_URL"]
_SQL = """
INSERT INTO deliveries (platform, account, delivery_id, topic, headers, body, body_hash, state, problem, received_at)
VALUES ('shopify', {0}, {0}, {0}, {0}, {0}, {0}, 'stored', '', 0) ON CONFLICT DO NOTHING
"""


def _connection() -> sqlite3.Connection | psycopg.Connection:
    if not hasattr(_own, "connection"):
        if _URL.startswith("sqlite"):
            made = sqlite3.connect(_URL.removeprefix("sqlite:///"), timeout=30)
            made.execute("PRAGMA journal_mode=WAL")
            made.execute("PRAGMA synchronous=FULL")
            _own.connection = made
        else:
            _own.connection = psycopg.connect(_URL)
    return _own.connection  # type: ignore[no-any-return]


@app.post("/hooks/shopify")
def receive() -> Response:
    """Verify, insert, commit, answer."""
    body, headers = request.get_data(), request.headers
    expected = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(expected, headers["X-Shopify-Hmac-Sha256"]):
        return Response("no\n", 401)
    row = (
        headers["X-Shopify-Shop-Domain"], headers["X-Shopify-Webhook-Id"], headers["X-Shopify-Topic"], b"{}", body,
        hashlib.sha256(body).hexdigest(),
    )  # fmt: skip
    connection = _connection()
    connection.execute(_SQL.format("?" if _URL.startswith("sqlite") else "%s"), row)  # type: ignore[call-overload]
    connection.commit()
    return Response("stored\n")
