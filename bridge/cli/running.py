"""``up``, ``demo`` and ``migrate``."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
import threading
from types import FrameType

import click
from sqlalchemy import select

from bridge import installation, logs, migrations, supervisor, users
from bridge.db import Database
from bridge.models import User
from bridge.settings import load


@click.command()
@click.option("--port", type=int, help="Where the page listens (default: WEB_PORT or 8700).")
def up(port: int | None) -> None:
    """Run everything on this machine: broker, web, workers, dispatcher. Ctrl-C stops it."""
    environ = installation.prepare()
    if port is not None:
        environ.update(WEB_PORT=str(port))
    settings = load(environ)
    logs.configure(settings.log_format, settings.log_level)
    if supervisor.reachable(settings.web_host, settings.web_port):
        raise click.ClickException(f"Port {settings.web_port} is taken. Is Storebridge running already? Try --port.")
    db = Database(settings.database_url)
    migrations.upgrade(db)
    _first_login(db)
    keeper = supervisor.Supervisor(settings, environ, db, supervisor.commands(settings))
    _stop_on_signals(keeper.stopping)
    threading.Thread(target=_announce, args=(keeper, settings.public_url), daemon=True).start()
    keeper.run()


def _first_login(db: Database) -> None:
    with db.writing() as session:
        if session.scalar(select(User.id).limit(1)) is not None:
            return
        password = secrets.token_urlsafe(12)
        users.add(session, "operator", password, "operator")
    click.secho("First run: sign in as operator with the password", nl=False)
    click.secho(f" {password}", fg="green", bold=True)
    click.echo("Write it down; it is shown only now. Change it with: storebridge user password operator")


def _announce(keeper: supervisor.Supervisor, url: str) -> None:
    if keeper.wait_ready():
        click.secho(f"Ready: {url}", fg="green", bold=True)


def _stop_on_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def demo(arguments: tuple[str, ...]) -> None:
    """Show everything with a simulated store; `--once` ends with one line of JSON."""
    sys.exit(subprocess.call([sys.executable, "-m", "demo", *arguments]))  # noqa: S603


@click.command()
@click.option("--to", "revision", default="head", help="A revision, or base to remove all tables.")
def migrate(revision: str) -> None:
    """Bring the database's schema up to date."""
    db = Database(load(installation.prepare()).database_url)
    if revision == "base":
        click.confirm("This removes all tables and everything in them. Go on?", abort=True)
        migrations.downgrade(db, revision)
    else:
        migrations.upgrade(db, revision)
    click.echo(f"The database is at revision {migrations.current(db) or 'none'}.")
