"""The schema through time, on every database we support."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from bridge import migrations
from bridge.db import Database
from bridge.models import Base


def test_migrations_go_up_and_down_and_up_again_and_end_at_the_models(empty_db: Database) -> None:
    migrations.upgrade(empty_db)
    assert migrations.current(empty_db) == migrations.newest()
    migrations.downgrade(empty_db, "base")
    assert set(inspect(empty_db.engine).get_table_names()) <= {"alembic_version"}
    assert migrations.current(empty_db) is None
    migrations.upgrade(empty_db)
    with empty_db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(empty_db: Database) -> None:
    migrations.upgrade(empty_db)
    before = sorted(inspect(empty_db.engine).get_table_names())
    migrations.upgrade(empty_db)
    assert sorted(inspect(empty_db.engine).get_table_names()) == before
