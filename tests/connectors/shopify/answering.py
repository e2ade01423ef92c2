"""A Shopify that answers what a test tells it, and a client before it with a real rate limit and a real database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests
import responses

from bridge import http, shops
from bridge.db import Database
from bridge.deadline import Deadline
from bridge.models import Connection
from bridge.ratelimit import Level
from bridge.ratelimit.sql import SqlLimiter
from bridge.settings import Settings
from bridge.vault import Vault
from connectors.protocol import Tools
from connectors.shopify.api import API_VERSION, Client
from connectors.shopify.listings import Listings

DOMAIN = "nordlicht.myshopify.com"
URL = f"https://{DOMAIN}/admin/api/{API_VERSION}/graphql.json"
TOKEN_URL = f"https://{DOMAIN}/admin/oauth/access_token"
CREDENTIALS = {"access_token": "old", "client_id": "id", "client_secret": "hush"}
ROOM = 1000.0  # points in the bucket when a test begins; it refills slowly, so that figures stand still
STATUS = {"maximumAvailable": ROOM, "currentlyAvailable": 900, "restoreRate": 1.0}
COST = {"requestedQueryCost": 3, "actualQueryCost": 3, "throttleStatus": STATUS}


class Answering:
    """What is answered, what was sent, what the limiter knows, what is stored."""

    def __init__(self, mock: responses.RequestsMock, settings: Settings, db: Database, vault: Vault) -> None:
        self.mock = mock
        with db.writing() as session:
            shop = shops.create(session, "Nordlicht")
            self.connection = shops.connect(session, vault, shop.id, "shopify", DOMAIN, CREDENTIALS).id
        self.tools = Tools(settings, db, vault, http.session(4), SqlLimiter(db))
        self.client = Client(self.live(), self.tools)
        probe = self.tools.limiter.take(self.client.key, 1)
        self.tools.limiter.settle(probe, available=ROOM, maximum=ROOM, rate=1)

    def live(self) -> shops.Live:
        """The connection as it is stored now."""
        with self.tools.db.reading() as session:
            return shops.open_connection(session, self.tools.vault, self.connection)

    def keep(self, **credentials: Any) -> None:
        """Replace what is stored, as another worker would."""
        with self.tools.db.writing() as session:
            row = session.get_one(Connection, self.connection)
            row.credentials = self.tools.vault.seal_json({**credentials, "account": DOMAIN})

    @property
    def listings(self) -> Listings:
        return Listings(self.live(), self.tools)

    @property
    def level(self) -> Level:
        return self.tools.limiter.state(self.client.key)

    def answer(self, body: Any = None, status: int = 200, **more: Any) -> None:
        """The next answer of the API; the last one is given again and again."""
        self.mock.post(
            URL, body=body if isinstance(body, (str, Exception)) else json.dumps(body), status=status, **more
        )

    def grant_token(self, body: Any, status: int = 200) -> None:
        """What is answered to a request for a token."""
        self.mock.post(TOKEN_URL, body=body if isinstance(body, str) else json.dumps(body), status=status)

    def run(self, document: str = "who_am_i", variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self.client.run(document, variables or {}, Deadline(5))

    @property
    def sent(self) -> list[requests.PreparedRequest]:
        return [call.request for call in self.mock.calls]
