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

from bridge.db import Database
from bridge.vault import Vault

_SQL = """
INSERT INTO deliveries (platform, account, delivery_id, topic, headers, body, body_hash, state, problem, received_at)
VALUES ({marks}) ON CONFLICT (platform, account, delivery_id) DO NOTHING
"""
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
        self._waiting: queue.SimpleQueue[tuple[tuple[object, ...], Future[None]]] = queue.SimpleQueue()
        self._sql = _SQL.format(marks=", ".join(["?" if db.sqlite else "%s"] * 10))
        threading.Thread(target=self._run, name="inbox", daemon=True).start()

    def store(self, arrival: Arrival, timeout: float = 4.0) -> None:
        """Return once the delivery is committed; a repeat leaves no second row and is no error.

        Raises whatever the database raised, or TimeoutError (platforms wait five seconds; the caller answers 503
        and the platform delivers again; if the row was stored after all, that repeat is recognised).
        """
        done: Future[None] = Future()
        self._waiting.put((self._row(arrival), done))
        done.result(timeout)

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
        while True:
            batch = [self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            self._commit(batch)

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
        connection = self._db.engine.raw_connection()
        try:
            cursor = connection.cursor()
            if self._db.sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(self._sql, rows)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            connection.close()
