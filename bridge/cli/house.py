"""What most commands need: the settings, the database, a shop found by its domain."""

from __future__ import annotations

from dataclasses import dataclass

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from bridge import installation, migrations
from bridge.db import Database
from bridge.errors import GiveUp
from bridge.models import Connection
from bridge.settings import Settings, load
from bridge.vault import Vault


@dataclass(frozen=True)
class House:
    """The parts a command works with."""

    settings: Settings
    db: Database
    vault: Vault


def enter() -> House:
    """Open the installation. Raises WrongSettings, or GiveUp when the database is not ready."""
    settings = load(installation.environment())
    db = Database(settings.database_url)
    try:
        if migrations.current(db) != migrations.newest():
            raise GiveUp("The database is not up to date. Run: storebridge migrate")
    except (OperationalError, ProgrammingError) as error:
        raise GiveUp("The database does not answer. Run: storebridge doctor") from error
    return House(settings, db, Vault(settings.encryption_keys))


def connection_named(session: Session, account: str) -> Connection:
    """The connection of a shop domain."""
    found = session.scalar(select(Connection).where(Connection.account == account.strip().lower()))
    if found is None:
        raise click.ClickException(f"No shop {account} is connected. See: storebridge shop list")
    return found
