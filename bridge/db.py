"""Engine, sessions and the one way to write.

On SQLite every write of every process goes through ``Database.writing()``: one blocking ``flock`` on a file beside
the database, BEGIN IMMEDIATE inside it, no I/O while it is held. Measured: with only ``busy_timeout`` two writing
processes starve each other (p99 near a second); with the lock the door stays under 100 ms. On PostgreSQL the same
call is an ordinary transaction.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.functions import FunctionElement


class now_ms(FunctionElement[int]):  # noqa: N801 - reads as an SQL function
    """The database's own clock as integer UTC milliseconds; the only clock that decides anything."""

    type = BigInteger()
    inherit_cache = True


@compiles(now_ms, "sqlite")
def _sqlite_now(element: Any, compiler: Any, **kw: Any) -> str:
    # unixepoch('subsec') needs SQLite 3.42; julianday is exact to well under a millisecond until the year 3000.
    return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(now_ms, "postgresql")
def _postgresql_now(element: Any, compiler: Any, **kw: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


class FileLock:
    """A lock between processes and threads; every holder opens its own descriptor, so that threads exclude too."""

    def __init__(self, path: str) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock, hold it for the block."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)  # gives the lock back, too


class Database:
    """The SQL database, truth of everything. One per process; safe to share between threads."""

    def __init__(self, url: str, pool_size: int = 20) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.sqlite:
            path = Path(self.url.database or "storebridge.db").absolute()
            path.parent.mkdir(parents=True, exist_ok=True)
            self.engine = create_engine(self.url, connect_args={"timeout": 30}, pool_size=pool_size, max_overflow=20)
            self.lock: FileLock | None = FileLock(str(path) + ".lock")
            event.listen(self.engine, "connect", _prepare_sqlite)
        else:
            if self.url.drivername == "postgresql":
                self.url = self.url.set(drivername="postgresql+psycopg")
            self.engine = create_engine(self.url, pool_size=pool_size, max_overflow=20, pool_pre_ping=True)
            self.lock = None

        event.listen(self.engine, "before_cursor_execute", _storable_parameters, retval=True)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that may change things; commits at the end, rolls back on any exception. No I/O inside."""
        if self.lock is None:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
            return
        with self.lock.held(), Session(self.engine, expire_on_commit=False) as session:
            connection = session.connection()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view that changes nothing."""
        with Session(self.engine, expire_on_commit=False) as session:
            if self.sqlite:
                session.connection().exec_driver_sql("BEGIN")
            yield session

    def now(self) -> int:
        """The database's clock, UTC milliseconds."""
        with self.reading() as session:
            return session.scalar(now_ms().select()) or 0

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def storable(text: str) -> str:
    """A text without what databases refuse: NUL (PostgreSQL) and halves of surrogate pairs, which JSON may carry."""
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _broken(text) else text
    return text.replace("\0", "\ufffd")


def _broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _storable_parameters(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> tuple[str, Any]:
    # Text comes from platforms, models and address bars; whatever it holds must be stored or looked for, not raise.
    return statement, [_clean(each) for each in parameters] if isinstance(parameters, list) else _clean(parameters)


def _clean(parameters: Any) -> Any:
    if isinstance(parameters, dict):
        return {name: storable(value) if isinstance(value, str) else value for name, value in parameters.items()}
    return tuple(storable(value) if isinstance(value, str) else value for value in parameters)


def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions on its own: we say BEGIN (IMMEDIATE) ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL, not NORMAL: NORMAL may lose the last commits on power failure, and those were acknowledged.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def insert(bound: Engine | Connection | Session, table: Any) -> Any:
    """The dialect's INSERT, which knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    dialect = bound.get_bind().dialect if isinstance(bound, Session) else bound.dialect
    return (sqlite if dialect.name == "sqlite" else postgresql).insert(table)
