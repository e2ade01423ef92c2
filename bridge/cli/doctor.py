"""``doctor``: looks at everything Storebridge needs; says what is wrong and what to do."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click
from cryptography.fernet import Fernet
from kombu import Connection as BrokerConnection
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bridge import heartbeats, http, installation, migrations, shops
from bridge.ai import prices
from bridge.db import Database
from bridge.deadline import Deadline
from bridge.errors import StorebridgeError, WrongSettings
from bridge.models import Connection, Job
from bridge.nudge import THINK, WRITE
from bridge.settings import Settings, load

GOOD, LOOK, BAD = "good", "look", "bad"
_COLOURS = {GOOD: "green", LOOK: "yellow", BAD: "red"}
_CHECK_SECONDS = 20.0
_SILENT_MS = 30_000
_LITTLE_DISK = 1_000_000_000


@dataclass(frozen=True)
class Line:
    """One thing looked at. ``advice`` says what to do when it is not good."""

    state: str
    about: str
    says: str
    advice: str = ""


@click.command()
@click.option("--new-key", is_flag=True, help="Only print a fresh key for ENCRYPTION_KEYS.")
def doctor(new_key: bool) -> None:
    """Look at settings, database, broker, workers, model, connections, clock and disk."""
    if new_key:
        click.echo(Fernet.generate_key().decode())
        return
    worst = GOOD
    for line in _examine():
        click.secho(f"{line.state:5}", fg=_COLOURS[line.state], bold=True, nl=False)
        click.echo(f" {line.about:12} {line.says}")
        if line.advice:
            click.echo(f"      {'':12} → {line.advice}")
        worst = BAD if BAD in (line.state, worst) else worst
    sys.exit(1 if worst == BAD else 0)


def _examine() -> Iterator[Line]:
    try:
        settings = load(installation.environment())
    except WrongSettings as error:
        yield Line(BAD, "settings", str(error), "Set them in the environment, or run: storebridge up")
        return
    yield Line(GOOD, "settings", "complete")
    db = Database(settings.database_url)
    checks: tuple[Callable[[Settings, Database], Iterator[Line]], ...]
    checks = (_database, _clock, _disk, _broker, _processes, _model, _connections)
    for check in checks:
        try:
            yield from check(settings, db)
        except SQLAlchemyError:
            yield Line(BAD, "database", "does not answer", "Start it, or check DATABASE_URL.")
            return


def _database(settings: Settings, db: Database) -> Iterator[Line]:
    kind = "SQLite" if db.sqlite else "PostgreSQL"
    if migrations.current(db) == migrations.newest():
        yield Line(GOOD, "database", f"{kind}, up to date")
    else:
        yield Line(BAD, "database", f"{kind}, not up to date", "Run: storebridge migrate")


def _clock(settings: Settings, db: Database) -> Iterator[Line]:
    off = abs(db.now() - time.time() * 1000) / 1000
    if off < 5:
        yield Line(GOOD, "clock", f"differs from the database by {off:.1f} s")
    else:
        yield Line(BAD, "clock", f"differs from the database by {off:.0f} s", "Let both machines follow a time server.")


def _disk(settings: Settings, db: Database) -> Iterator[Line]:
    folder = Path(db.url.database or ".").absolute().parent if db.sqlite else Path(settings.data_dir).absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    state = GOOD if free > _LITTLE_DISK else BAD
    advice = "" if state == GOOD else "Make room: deliveries can only be accepted while they can be stored."
    yield Line(state, "disk", f"{free / 1e9:.1f} GB free for the data", advice)


def _broker(settings: Settings, db: Database) -> Iterator[Line]:
    where = urlsplit(settings.broker_url)
    name = f"{where.scheme}://{where.hostname}:{where.port or ''}"
    try:
        with BrokerConnection(settings.broker_url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
        yield Line(GOOD, "broker", f"answers at {name}")
    except Exception as error:  # noqa: BLE001 - every transport has errors of its own, and each means the same here
        advice = "Run: storebridge up" if settings.embedded_broker else "Start it, or check BROKER_URL."
        yield Line(BAD, "broker", f"does not answer at {name} ({type(error).__name__})", advice)


def _processes(settings: Settings, db: Database) -> Iterator[Line]:
    with db.reading() as session:
        ages = heartbeats.ages(session)
    for step in ("dispatcher", THINK, WRITE):
        beats = [age for name, age in ages.items() if name.split("@")[0] == step]
        if beats and min(beats) < _SILENT_MS:
            yield Line(GOOD, step, f"last heard {min(beats) / 1000:.0f} s ago")
        else:
            yield Line(BAD, step, "silent", "Run: storebridge up (or start this process where it should run).")


def _model(settings: Settings, db: Database) -> Iterator[Line]:
    if not settings.model_name:
        yield Line(GOOD, "model", "none: the template writer works, at no cost")
        return
    price = prices.PRICES.get(settings.model_name)
    if price and price.ends:
        yield Line(LOOK, "model", f"{settings.model_name} is shut down on {price.ends}", "Choose another MODEL_NAME.")
    url = (settings.model_url or "https://api.openai.com/v1").rstrip("/") + "/models"
    headers = {"Authorization": f"Bearer {settings.model_key}"}
    try:
        answer = http.send(http.session(1), "GET", url, deadline=Deadline(10), repeatable=True, headers=headers)
    except StorebridgeError as error:
        yield Line(BAD, "model", str(error), "Check MODEL_URL and the network.")
        return
    if answer.status_code == 200:
        yield Line(GOOD, "model", f"{settings.model_name} at {urlsplit(url).hostname}")
    else:
        yield Line(BAD, "model", f"the server answers {answer.status_code}", "Check MODEL_KEY, MODEL_URL, MODEL_NAME.")


def _connections(settings: Settings, db: Database) -> Iterator[Line]:
    """Ask the workers, who alone speak to platforms, and wait a little for their answer."""
    with db.writing() as session:
        rows = list(session.scalars(select(Connection).order_by(Connection.account)))
        asked = {row.id: shops.check_soon(session, row.id, None) for row in rows if row.status == shops.CONNECTED}
    if not rows:
        yield Line(LOOK, "shops", "none connected", "storebridge shop connect my-shop.myshopify.com")
    end = time.monotonic() + _CHECK_SECONDS
    for row in rows:
        if row.status != shops.CONNECTED:
            yield Line(BAD, row.account, f"{row.status}: {row.problem}", f"storebridge shop go {row.account}")
        else:
            yield _answer(db, row.account, asked[row.id], end)


def _answer(db: Database, account: str, job_id: int | None, end: float) -> Line:
    while job_id and time.monotonic() < end:
        with db.reading() as session:
            job = session.get_one(Job, job_id)
        if job.state in ("skipped", "failed", "cancelled"):
            lines = job.result.get("lines", [job.problem] if job.problem else [])
            healthy = job.state == "skipped" and job.result.get("ok")
            return Line(GOOD if healthy else BAD, account, "works" if healthy else " ".join(lines))
        time.sleep(0.2)
    return Line(LOOK, account, "no answer yet", "The workers answer when they run; look again then.")
