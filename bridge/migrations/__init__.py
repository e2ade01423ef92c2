"""The database's schema through time (Alembic). ``upgrade`` is safe to repeat and to run from several processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bridge.db import Database

_LOCK = 7_120_534_001  # any number that nobody else uses as an advisory lock in this database


def upgrade(db: Database, revision: str = "head") -> None:
    """Bring the schema to a revision, the newest by default."""
    _run(db, lambda config: command.upgrade(config, revision))


def downgrade(db: Database, revision: str) -> None:
    """Go back to a revision ("base": no tables at all). Data of dropped tables and columns is gone."""
    _run(db, lambda config: command.downgrade(config, revision))


def current(db: Database) -> str | None:
    """The revision the database is at; None when it is empty."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The newest revision we know."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _run(db: Database, action: Callable[[Config], None]) -> None:
    """One migration at a time: a file lock on SQLite, an advisory lock on PostgreSQL."""
    if db.lock is not None:
        with db.lock.held(), db.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            action(_config(connection))
            connection.commit()
        return
    with db.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        action(_config(connection))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
