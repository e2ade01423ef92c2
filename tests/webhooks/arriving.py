"""What a merchant's browser and Shopify's servers send, as tests need it: signed right, or wrong in one way."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
from sqlalchemy import text

from bridge.db import Database
from bridge.models import Base

CLIENT_ID, SECRET = "the-app", "the secret of the app, long enough for a key"
DOMAIN, OTHER = "nordlicht.myshopify.com", "suedwind.myshopify.com"
TOKENS = {
    "access_token": "shpat_new", "expires_in": 3600, "refresh_token": "shprt_new",
    "refresh_token_expires_in": 7_776_000, "scope": "write_products,write_files",
}  # fmt: skip


def id_token(account: str = DOMAIN, secret: str = SECRET, without: str = "", **claims: Any) -> str:
    """A session token of the admin."""
    now = int(time.time())
    given = {
        "iss": f"https://{account}/admin", "dest": f"https://{account}", "aud": CLIENT_ID, "sub": "42",
        "exp": now + 60, "nbf": now - 1, "iat": now - 1, "jti": "one", "sid": "two", **claims,
    }  # fmt: skip
    given.pop(without, None)
    return jwt.encode(given, secret, algorithm="HS256")


def callback(state: str, account: str = DOMAIN, secret: str = SECRET, **more: str) -> dict[str, str]:
    """The parameters of an installation's callback, signed as Shopify signs them."""
    given = {
        "code": "once",
        "host": "aG9zdA",
        "shop": account,
        "state": state,
        "timestamp": str(int(time.time())),
        **more,
    }
    return {**given, "hmac": sign(given, secret)}


def sign(params: Mapping[str, str], secret: str = SECRET) -> str:
    """Hex HMAC-SHA256 over the sorted parameters."""
    message = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def everything(db: Database) -> str:
    """A hash of every row of every table: equal when nothing was stored or changed."""
    found = {}
    with db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(text(f"SELECT * FROM {table.name}")).all()
            found[table.name] = sorted(repr(tuple(row)) for row in rows)
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()
