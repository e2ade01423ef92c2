"""What a worker process holds: made once, shared by its threads."""

from __future__ import annotations

from dataclasses import dataclass

from bridge import http
from bridge.ai.client import Model, model
from bridge.db import Database
from bridge.ratelimit import limiter
from bridge.settings import Settings, load
from bridge.shops import Live
from bridge.vault import Vault
from connectors import CONNECTORS
from connectors.protocol import Catalog, Tools


@dataclass(frozen=True)
class House:
    """The tools of the connectors, and the model (None: the template writer)."""

    tools: Tools
    model: Model | None

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        return self.tools.settings

    @property
    def db(self) -> Database:
        """The database of this process."""
        return self.tools.db

    @property
    def lease_ms(self) -> int:
        """How long a claim lasts."""
        return int(self.settings.lease_seconds * 1000)

    def catalog(self, live: Live) -> Catalog:
        """The platform's product side for a connection."""
        return CONNECTORS[live.platform].catalog(live, self.tools)


def build(settings: Settings | None = None) -> House:
    """Open everything a worker needs. Raises WrongSettings."""
    settings = settings or load()
    db = Database(settings.database_url)
    threads = settings.think_threads + settings.write_threads
    tools = Tools(settings, db, Vault(settings.encryption_keys), http.session(threads), limiter(settings, db))
    return House(tools, model(settings))
