"""Stores each delivery once, on disk, before anybody answers 2xx.

One writer thread per process collects what arrives while the disk is busy and commits it together (group commit):
a commit costs about a millisecond whether it holds one row or a hundred. No parsing, no broker, no ORM here.
"""

from __future__ import annotations

import hashlib
import json
import queue
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from sqlalchemy import PoolProxiedConnection

from bridge.db import Database
from bridge.vault import Vault

_SQL = """
INSERT INTO deliveries (platform, account, delivery_id, topic, headers, body, body_hash, state, problem, received_at)
{rows} ON CONFLICT (platform, account, delivery_id) DO NOTHING
"""
_ONE_ROW = _SQL.format(rows="VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
# A batch in one statement. %b: as bytes; psycopg would otherwise send them as hexadecimal text, twice as long.
_MANY_ROWS = _SQL.format(
    rows="SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %b::bytea[], %b::bytea[], %s::text[],"
    " %s::text[], %s::text[], %s::bigint[])"
)
_BATCH = 256


@dataclass(frozen=True)
class Arrival:
    """A verified request, as it came."""

    platform: str
    account: str
    delivery_id: str
    topic: str
    headers: Mapping[str, str]
    body: bytes


class Inbox:
    """``store`` may be called from many threads; one per process."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db = db
        self._vault = vault
        self._waiting: queue.SimpleQueue[tuple[tuple[object, ...], Future[None]] | None] = queue.SimpleQueue()
        self._kept: PoolProxiedConnection | None = None  # used by the one writer thread alone
        self._writer = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._writer.start()

    def store(self, arrival: Arrival, timeout: float = 4.0) -> None:
        """Return once the delivery is committed; a repeat leaves no second row and is no error.

        Raises whatever the database raised, or TimeoutError (platforms wait five seconds; the caller answers 503
        and the platform delivers again; if the row was stored after all, that repeat is recognised).
        """
        done: Future[None] = Future()
        self._waiting.put((self._row(arrival), done))
        done.result(timeout)

    def close(self) -> None:
        """Store what waits, give the connection back, end the writer. Nothing may be stored afterwards."""
        self._waiting.put(None)
        self._writer.join()

    def _row(self, arrival: Arrival) -> tuple[object, ...]:
        return (
            arrival.platform,
            arrival.account,
            arrival.delivery_id,
            arrival.topic,
            self._vault.seal(json.dumps(dict(arrival.headers)).encode()),
            self._vault.seal(arrival.body),
            hashlib.sha256(arrival.body).hexdigest(),
            "stored",
            "",
            # The web server's clock: this one is shown, it decides nothing.
            time.time_ns() // 1_000_000,
        )

    def _run(self) -> None:
        closing = False
        while not closing:
            batch = [self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            closing = None in batch
            self._commit([each for each in batch if each is not None])
        self._drop()

    def _commit(self, batch: list[tuple[tuple[object, ...], Future[None]]]) -> None:
        try:
            self._insert([row for row, _ in batch])
        except Exception as error:  # noqa: BLE001 - every waiting request must learn of it, whatever it was
            for _, done in batch:
                done.set_exception(error)
        else:
            for _, done in batch:
                done.set_result(None)

    def _insert(self, rows: list[tuple[object, ...]]) -> None:
        if self._db.lock is None:
            self._insert_now(rows)
            return
        with self._db.lock.held():
            self._insert_now(rows)

    def _insert_now(self, rows: list[tuple[object, ...]]) -> None:
        """On the connection of the batch before; one that broke since is replaced. Repeating is harmless."""
        if self._kept is not None:
            try:
                self._insert_on(self._kept, rows)
                return
            except self._db.engine.dialect.loaded_dbapi.Error:
                self._drop()
        self._kept = self._db.engine.raw_connection()
        try:
            self._insert_on(self._kept, rows)
        except BaseException:
            self._drop()
            raise

    def _insert_on(self, connection: PoolProxiedConnection, rows: list[tuple[object, ...]]) -> None:
        cursor = connection.cursor()
        try:
            if self._db.sqlite:
                cursor.execute("BEGIN IMMEDIATE")
                cursor.executemany(_ONE_ROW, rows)
            else:
                cursor.execute(_MANY_ROWS, [list(column) for column in zip(*rows, strict=True)])
            connection.commit()
        finally:
            cursor.close()

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.invalidate()
