"""The demo's world: a simulator process with two stores, a whole Storebridge under its supervisor, and a person."""

from __future__ import annotations

import json
import os
import random
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from bridge import installation, migrations, shops, supervisor, users
from bridge.db import Database
from bridge.models import DraftRow, Job, Subject
from bridge.review import approve
from bridge.settings import Settings, load
from bridge.shops import Policy
from bridge.vault import Vault

GERMAN, ENGLISH = "lindgruen-demo.myshopify.com", "northfold-demo.myshopify.com"
LEAVING = "hafenkante-demo.myshopify.com"  # installs the app, and leaves in the end; see leaving.py
STORES = {GERMAN: ("Lindgrün Wohnen", "de"), ENGLISH: ("Northfold Goods", "en")}
PATIENCE = 90.0


class DemoFailed(Exception):
    """Something the scenario waits for did not happen."""


def free_port() -> int:
    """A port that nobody uses at this moment, below those that are lent to outgoing connections."""
    for port in random.sample(range(15_000, 32_000), 200):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise DemoFailed("There is no free port on this machine.")


def wait_for(what: str, check: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first truthy answer of ``check``. Raises DemoFailed with what was waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    raise DemoFailed(f"This did not happen within {seconds:.0f} seconds: {what}.")


@dataclass
class Store:
    """A simulated store's control room: what the merchant and the weather do."""

    url: str
    domain: str

    def make(self, product: dict[str, Any]) -> str:
        """Create a product as the merchant; returns its gid. The store fires its webhook."""
        return str(self._call("POST", "products", product)["gid"])

    def edit(self, gid: str, **fields: Any) -> None:
        """Change a product as the merchant."""
        self._call("PATCH", f"products/{gid.rsplit('/', 1)[-1]}", fields)

    def deliver(self, **asked: Any) -> Any:
        """Send webhooks again, twice, forged, or with a strange body."""
        return self._call("POST", "deliver", asked)

    def break_down(self, **fault: Any) -> None:
        """Plan a fault."""
        self._call("POST", "faults", {"faults": [fault]})

    def product(self, gid: str) -> dict[str, Any]:
        """A product as the store keeps it."""
        return dict(self._call("GET", f"products/{gid.rsplit('/', 1)[-1]}"))

    def tune(self, **options: Any) -> None:
        """Change the store's own options: its plan, its webhooks."""
        self._call("PATCH", "", options)

    def uninstall(self) -> None:
        """Remove the app as the merchant."""
        self._call("POST", "uninstall")

    def ledger(self) -> dict[str, Any]:
        """Everything that happened here."""
        return dict(self._call("GET", "ledger"))

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        response = requests.request(method, f"{self.url}/_sim/{self.domain}/{path}".rstrip("/"), json=body, timeout=30)
        if response.status_code >= 400:
            raise DemoFailed(f"The simulator refused {method} {path}: {response.text[:300]}")
        return response.json()


@dataclass
class World:
    """Everything that runs; ``close`` ends it."""

    home: Path
    port: int
    settings: Settings
    environ: dict[str, str]
    db: Database
    simulator: subprocess.Popen[bytes]
    keeper: supervisor.Supervisor
    stores: dict[str, Store]
    password: str
    operator: int = 0
    started: float = field(default_factory=time.time)

    def child(self, name: str) -> supervisor.Child:
        """A process of the installation by its name."""
        return next(child for child in self.keeper.children if child.name == name)

    def kill(self, name: str) -> None:
        """kill -9, as an accident would."""
        process = self.child(name).process
        if process is not None:
            process.kill()

    def job_of(self, gid: str, kind: str = "listing") -> Job | None:
        """The newest job of a kind on a product."""
        with self.db.reading() as session:
            found = select(Job).join(Subject, Subject.id == Job.subject_id).where(Subject.ref == gid, Job.kind == kind)
            return session.scalar(found.order_by(Job.id.desc()).limit(1))

    def wait_job(self, gid: str, state: str, kind: str = "listing") -> Job:
        """The newest job of a kind on a product, once it has reached a state."""

        def reached() -> Job | None:
            job = self.job_of(gid, kind)
            return job if job is not None and job.state == state else None

        return wait_for(f"{kind} of {gid} {state}", reached)

    def approve(self, gid: str, kind: str = "listing") -> Job:
        """What a person does on the page, once the draft is there."""
        job = self.wait_job(gid, "review", kind)
        with self.db.writing() as session:
            approve(session, job.id, job.draft_id or 0, self.operator, confirmed=True)
        return job

    def draft_of(self, gid: str, kind: str = "listing") -> DraftRow:
        """The draft that counts."""
        job = self.job_of(gid, kind)
        with self.db.reading() as session:
            return session.get_one(DraftRow, job.draft_id if job else 0)

    def hears(self, domain: str) -> bool:
        """Whether a store was asked for its webhooks, and sends them."""
        with self.db.reading() as session:
            row = shops.find(session, "shopify", domain)
            return bool(row and (row.can.get("webhooks") or {}).get("topics"))

    def close(self) -> None:
        """End all processes."""
        self.keeper.stop()
        self.simulator.terminate()
        self.simulator.wait(10)


def build(home: Path, port: int | None = None, **settings: str) -> World:
    """Start the simulator, then a fresh installation with both stores connected; ``settings`` override the demo's."""
    port = port or free_port()
    simulator, url = _start_simulator(home)
    environ = {**_environment(home, port, url), **settings}
    read = load(environ)
    db = Database(read.database_url)
    migrations.upgrade(db)
    password = secrets.token_urlsafe(9)
    stores = {domain: Store(url, domain) for domain in (*STORES, LEAVING)}
    with db.writing() as session:
        operator = users.add(session, "demo", password, "operator").id
    for domain in STORES:
        _connect(db, Vault(read.encryption_keys), url, domain)
    keeper = supervisor.Supervisor(read, environ, db, supervisor.commands(read), home / "storebridge.log")
    threading.Thread(target=keeper.run, daemon=True).start()
    world = World(home, port, read, environ, db, simulator, keeper, stores, password, operator)
    if not keeper.wait_ready(60):
        world.close()
        raise DemoFailed(f"Storebridge did not start within a minute. Its log ends so:\n{_end_of(home)}")
    wait_for("webhooks from both stores", lambda: all(map(world.hears, STORES)))
    return world


def _end_of(home: Path) -> str:
    return "".join((home / "storebridge.log").read_text(errors="replace").splitlines(keepends=True)[-20:])


def _environment(home: Path, port: int, simulator: str) -> dict[str, str]:
    """Short leases, so that an accident is over within the demo; everything else as on a fresh machine."""
    keep = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "LOG_LEVEL")
    given = {name: value for name, value in os.environ.items() if name in keep}
    return installation.prepare(
        {
            **given,
            "DATA_DIR": str(home),
            "DATABASE_URL": f"sqlite:///{home / 'storebridge.db'}",
            "BROKER_URL": f"redis://127.0.0.1:{free_port()}/0",
            "EMBEDDED_BROKER": "true",
            "WEB_PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SHOPIFY_URL": simulator + "/{shop}",
            "SHOPIFY_CLIENT_ID": "demo-app-" + secrets.token_hex(8),
            "SHOPIFY_CLIENT_SECRET": "shpss_" + secrets.token_hex(24),
            "ERASE_SHOP_AFTER_HOURS": "0",
            "SETTLE_SECONDS": "0",
            "JOB_SECONDS": "15",
            "LEASE_SECONDS": "16",
            "LOG_LEVEL": given.get("LOG_LEVEL", "ERROR"),
        }
    )


def _start_simulator(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    log = (home / "simulator.log").open("wb")
    command = [sys.executable, "-m", "connectors.simulators.shopify", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise DemoFailed(f"The simulator did not start; see {home / 'simulator.log'}.")
    return process, str(json.loads(line)["url"])


def _connect(db: Database, vault: Vault, simulator: str, domain: str) -> None:
    """Make the store at the simulator, and connect it as its owner would."""
    name, locale = STORES[domain]
    identity, secret = "demo-" + secrets.token_hex(8), "shpss_" + secrets.token_hex(16)
    slow = domain == ENGLISH  # a small plan, so that the rate limit is felt
    made = requests.post(
        f"{simulator}/_sim/shops",
        json={
            "domain": domain, "client_id": identity, "client_secret": secret, "locale": locale, "loopback": True,
            "bucket_max": 300 if slow else 1000, "bucket_restore": 60 if slow else 200,
        },
        timeout=30,
    )  # fmt: skip
    made.raise_for_status()
    with db.writing() as session:
        shop = shops.create(session, name, locale)
        shop.policy = asdict(replace(Policy(), write_alts=True))
        shop.voices = {locale: {"role": name, "address": "du"}}
        keys = {"client_id": identity, "client_secret": secret}
        connection = shops.connect(session, vault, shop.id, "shopify", domain, keys)
        shops.check_soon(session, connection.id, None)  # which asks the store for its webhooks


def products(to_decide: bool = False) -> dict[str, Sequence[dict[str, Any]]]:
    """The demo's own products by store, as a merchant would enter them; or those that are left for the visitor."""
    found = json.loads(Path(__file__).with_name("products.json").read_text())
    found = found["to_decide"] if to_decide else found
    return {GERMAN: [_entered(each) for each in found["de"]], ENGLISH: [_entered(each) for each in found["en"]]}


def _entered(product: dict[str, Any]) -> dict[str, Any]:
    return {
        **product,
        "options": [{"name": name, "values": values} for name, values in product["options"].items()],
        "metafields": [
            {"namespace": "custom", "key": key, "type": "single_line_text_field", "value": value}
            for key, value in product["metafields"].items()
        ],
        "images": [{"alt": ""} for _ in range(product["images"])],
    }
