"""Acknowledging: 2 web processes, 32 connections, signed bodies of 6 KB, every id new; ours against a plain Flask door.

Both verify, store durably and only then answer; SQLite runs with synchronous=FULL on both sides.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bridge import migrations
from bridge.db import Database
from bridge.supervisor import reachable
from demo.world import free_port
from tests.benchmarks.installation import SECRET, Table
from tests.benchmarks.load import Load

POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1/test")
ROUNDS, SECONDS = 3, 5.0
SERVERS = {
    "ours (granian)": [
        "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "16", "--http", "1", "--no-ws",
        "--log-level", "error", "webhooks.app:app", "--port",
    ],
    "plain Flask (gunicorn gthread)": [
        "gunicorn", "-w", "2", "-k", "gthread", "--threads", "16", "--log-level", "error",
        "tests.benchmarks.baseline:app", "-b",
    ],
}  # fmt: skip


def run() -> Table:
    """Interleaved rounds; the middle one of each counts."""
    rows = []
    for kind in ("SQLite", "PostgreSQL"):
        results: dict[str, list[Load]] = {name: [] for name in SERVERS}
        for _ in range(ROUNDS):
            for name in SERVERS:
                found = _measure(kind, name)
                if found is None:
                    break
                results[name].append(found)
        if all(results.values()):
            rows += _rows(kind, results)
    header = ("database", "door", "acknowledged/s", "ratio", "p50 ms", "p99 ms", "p99 ratio", "refused")
    return Table("Acknowledging deliveries: 2 processes, 32 connections, 6 KB, durable", header, rows)


def _rows(kind: str, results: dict[str, list[Load]]) -> list[tuple[str, ...]]:
    rates = {name: statistics.median(load.per_second for load in loads) for name, loads in results.items()}
    p99s = {name: statistics.median(load.p99 for load in loads) for name, loads in results.items()}
    base = list(results)[-1]
    return [
        (
            kind, name, f"{rates[name]:.0f}", f"{rates[name] / rates[base]:.2f}",
            f"{statistics.median(load.p50 for load in loads):.0f}", f"{p99s[name]:.0f}",
            f"{p99s[name] / p99s[base]:.2f}", str(sum(load.refused for load in loads)),
        )
        for name, loads in results.items()
    ]  # fmt: skip


def _measure(kind: str, name: str) -> Load | None:
    with tempfile.TemporaryDirectory() as home, _database(kind, Path(home)) as url:
        if url is None:
            return None
        migrations.upgrade(Database(url))
        port = free_port()
        last = str(port) if "granian" in name else f"127.0.0.1:{port}"
        environ = {
            **os.environ, "DATABASE_URL": url, "SECRET_KEY": "x" * 40,
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(), "SHOPIFY_CLIENT_SECRET": SECRET,
            "RATE_LIMIT_STORE": "sql", "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        server = subprocess.Popen([sys.executable, "-m", *SERVERS[name], last], env=environ)
        try:
            while not reachable("127.0.0.1", port):
                time.sleep(0.1)
            time.sleep(1.5)  # until the second process listens, too
            fire(port, 1.0)
            return fire(port, SECONDS)
        finally:
            server.terminate()
            server.wait()


def fire(port: int, seconds: float, topic: str = "orders/paid") -> Load:
    """Load from a process of its own."""
    asked = json.dumps({"port": port, "secret": SECRET, "connections": 32, "seconds": seconds, "topic": topic})
    command = [sys.executable, "-m", "tests.benchmarks.load", asked]
    return Load(**json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


@contextmanager
def _database(kind: str, home: Path) -> Iterator[str | None]:
    if kind == "SQLite":
        yield f"sqlite:///{home / 'bench.db'}"
        return
    admin = create_engine(make_url(POSTGRESQL).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"storebridge_bench_{uuid.uuid4().hex[:8]}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError:
        yield None
        return
    yield make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


if __name__ == "__main__":
    print(run())
