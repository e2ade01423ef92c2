"""The servers a whole installation can be built from: what is found here, or a reason why it is not."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from kombu import Connection
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

RABBITMQ = os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")


class Parts:
    """Fresh databases and brokers; everything made here is removed by ``close``."""

    def __init__(self, postgresql: str | None) -> None:
        self._postgresql = postgresql
        self._made: list[str] = []

    def settings(self, database: str, broker: str, home: Path) -> dict[str, str]:
        """Settings for a combination; skips the test, with the reason, where a part is missing."""
        found = {}
        if database == "postgresql":
            found["DATABASE_URL"] = self._fresh_postgresql()
        if broker == "rabbitmq":
            found |= {"BROKER_URL": rabbitmq(), "EMBEDDED_BROKER": "false", "RATE_LIMIT_STORE": "sql"}
        return found

    def _fresh_postgresql(self) -> str:
        if self._postgresql is None:
            pytest.skip("No PostgreSQL: none at TEST_POSTGRESQL_URL, none on this machine, none that could be started.")
        name = f"storebridge_e2e_{uuid.uuid4().hex[:12]}"
        with _admin(self._postgresql) as run:
            run(f'CREATE DATABASE "{name}"')
        self._made.append(name)
        return make_url(self._postgresql).set(database=name).render_as_string(hide_password=False)

    def close(self) -> None:
        """Drop what was made."""
        for name in self._made:
            with _admin(self._postgresql or "") as run:
                run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def _admin(url: str) -> Iterator[object]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield lambda statement: connection.execute(text(statement))
    except SQLAlchemyError as error:
        raise RuntimeError("The PostgreSQL for tests does not let us make databases.") from error
    finally:
        engine.dispose()


def rabbitmq() -> str:
    """A virtual host's URL at a reachable RabbitMQ, its queues emptied; skips where there is none."""
    where = urlsplit(RABBITMQ)
    try:
        socket.create_connection((where.hostname or "127.0.0.1", where.port or 5672), timeout=1).close()
        with Connection(RABBITMQ, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
            channel = connection.default_channel
            for queue in ("think", "write"):
                channel.queue_delete(queue)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, there is none to test with
        pytest.skip(f"No RabbitMQ at {where.hostname}:{where.port or 5672} ({type(error).__name__}).")
    return RABBITMQ
