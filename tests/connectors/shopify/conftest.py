from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from bridge.db import Database
from bridge.models import Base
from bridge.settings import Settings
from bridge.vault import Vault
from tests.connectors.shopify.answering import Answering


@pytest.fixture
def shopify(tmp_path: Path, settings: Settings, vault: Vault) -> Iterator[Answering]:
    """A connected store that answers what the test says."""
    db = Database(f"sqlite:///{tmp_path}/client.db")
    Base.metadata.create_all(db.engine)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Answering(mock, settings, db, vault)
    db.close()
