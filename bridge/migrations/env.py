"""Alembic asks this module for the connection to migrate; bridge.migrations hands one in."""

from alembic import context

from bridge.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
