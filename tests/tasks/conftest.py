"""The road, ready to be walked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bridge import http, shops, users
from bridge.db import Database
from bridge.ratelimit.sql import SqlLimiter
from bridge.settings import Settings
from bridge.vault import Vault
from connectors.protocol import Tools
from connectors.simulators import shopify
from tasks.house import House
from tests.tasks.road import CREDENTIALS, DOMAIN, Door, Road
from webhooks.app import create_app


@pytest.fixture
def road(db: Database, settings: Settings, vault: Vault) -> Iterator[Road]:
    """A connected store whose webhooks reach the door; the template writes."""
    url = db.url.render_as_string(hide_password=False)
    with shopify.start() as simulator:
        reached = replace(settings, shopify_url=simulator.url + "/{shop}", database_url=url)
        web = create_app(reached)
        door = Door(web.door)
        reached = replace(reached, public_url=door.url.removesuffix("/hooks/shopify"))
        house = House(Tools(reached, db, vault, http.session(4), SqlLimiter(db)), model=None)
        road = Road(db, house, simulator, door)
        simulator.control.add(DOMAIN, {**CREDENTIALS, "webhook_url": door.url, "loopback": True})
        with db.writing() as session:
            shop = shops.create(session, "Nordlicht")
            road.connection_id = shops.connect(session, vault, shop.id, "shopify", DOMAIN, CREDENTIALS).id
            road.user_id = users.add(session, "owner", "a long password 1", "owner", shop.id).id
        yield road
        door.stop()
        web.close()
