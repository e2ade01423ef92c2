"""What the pages work with: settings, database, vault and rate limits of this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, cast

from flask import current_app

from bridge.db import Database
from bridge.settings import Settings
from bridge.vault import Vault

KEY = "storebridge"


class Level(Protocol):
    """How full a rate limit is."""

    available: float
    maximum: float
    rate: float
    outstanding: float
    learnt: bool


class Limits(Protocol):
    """The rate limits of the platforms; may raise TryLater when their store is away."""

    def state(self, key: str) -> Any:
        """The Level of a key."""


@dataclass(frozen=True)
class Desk:
    """Made once by ``register``; every page reaches it with ``desk()``."""

    settings: Settings
    db: Database
    vault: Vault
    limits: Limits


def desk() -> Desk:
    """The desk of the running application."""
    return cast(Desk, current_app.extensions[KEY])
