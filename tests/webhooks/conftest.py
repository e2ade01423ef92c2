"""The whole web side as one application, with a Shopify that answers what a test tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import responses
from werkzeug.test import Client

from bridge import shops, users
from bridge.db import Database
from bridge.models import Shop, User
from bridge.settings import Settings
from tests.webhooks.arriving import CLIENT_ID, SECRET
from webhooks.app import create_app

PASSWORD = "a long enough password"


@pytest.fixture
def shopify() -> Iterator[responses.RequestsMock]:
    """Shopify's token endpoint; a test that names no answer reaches nobody."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def web(db: Database, settings: Settings, shopify: responses.RequestsMock) -> Iterator[Client]:
    """The web process with an app at Shopify."""
    url = db.url.render_as_string(hide_password=False)
    given = {"database_url": url, "shopify_client_id": CLIENT_ID, "shopify_client_secret": SECRET}
    made = create_app(replace(settings, **given, public_url="https://bridge.example"))
    made.page.testing = True
    yield Client(made)
    made.close()


@pytest.fixture
def shop(db: Database) -> Shop:
    with db.writing() as session:
        return shops.create(session, "Nordlicht")


@pytest.fixture
def owner(db: Database, shop: Shop) -> User:
    with db.writing() as session:
        return users.add(session, "owner", PASSWORD, users.OWNER, shop.id)
