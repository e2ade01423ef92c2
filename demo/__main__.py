"""``python -m demo [--once] [--port N]``."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from bridge import logs
from bridge.supervisor import reachable
from demo.scenario import Scenario
from demo.world import LEAVING, STORES, DemoFailed, World, build, products

# What a complete run must have met at least once; otherwise it proved less than it claims.
_MUST_HAPPEN = (
    "duplicates_ignored", "forged_refused", "unreadable", "listings_written", "skipped_unchanged", "conflicts",
    "echoes_silenced", "throttled", "undone", "installs", "tokens_refreshed", "recovered", "erased",
)  # fmt: skip
_MUST_NOT_HAPPEN = ("lost", "double_writes", "overwritten_edits")


@click.command()
@click.option("--once", is_flag=True, help="Play the scenario, print one line of JSON, end.")
@click.option("--port", type=int, help="Where the page listens; a free port by default.")
def main(once: bool, port: int | None) -> None:
    """Two simulated stores, real webhooks, real workers, and accidents on purpose."""
    logs.configure("text", "ERROR")
    for name in (signal.SIGINT, signal.SIGTERM):  # either way the processes of the demo are ended with it
        signal.signal(name, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="storebridge-demo-") as home:
        sys.exit(_run(Path(home), once, port or (None if once else _usual_port())))


def _usual_port() -> int | None:
    """The address that the README names, where it is free."""
    return None if reachable("127.0.0.1", 8700) else 8700


def _run(home: Path, once: bool, port: int | None) -> int:
    began = time.time()
    say = _teller(began)
    try:
        world = build(home, port)
    except DemoFailed as error:
        click.secho(str(error), fg="red", err=True)
        return 1
    try:
        say("broker, web, workers, dispatcher and two simulated stores are running")
        verdict = _play(world, began, say)
        if not once:
            _leave_open(world)
        return 0 if _held(verdict) else 1
    finally:
        world.close()


def _play(world: World, began: float, say: object) -> dict[str, object]:
    broken = ""
    try:
        Scenario(world, say).play()  # type: ignore[arg-type]
    except DemoFailed as error:
        broken = str(error)
    verdict = _judge(world, began)
    if broken:
        verdict["broken"] = [broken, *list(verdict.get("broken", []))]  # type: ignore[call-overload]
    for sentence in verdict["broken"]:  # type: ignore[attr-defined]
        click.secho(f"✗ {sentence}", fg="red", err=True)
    click.echo(json.dumps(verdict, ensure_ascii=False))
    return verdict


def _judge(world: World, began: float) -> dict[str, object]:
    """Another process, which knows only the database and the stores' ledgers."""
    asked = {
        "database": make_url(world.settings.database_url).render_as_string(hide_password=False),
        "store": next(iter(world.stores.values())).url,
        "domains": list(STORES),
        "left": LEAVING,
        "started": began,
        "ended": time.time(),
    }
    command = [sys.executable, "-m", "demo.judge", json.dumps(asked)]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _held(verdict: dict[str, object]) -> bool:
    missing = [name for name in _MUST_HAPPEN if not verdict[name]]
    for name in missing:
        click.secho(f"✗ {name} is 0: this run proved nothing about it.", fg="red", err=True)
    return not verdict["broken"] and not missing and not any(verdict[name] for name in _MUST_NOT_HAPPEN)


def _leave_open(world: World) -> None:
    for domain, made in products(to_decide=True).items():
        for product in made:
            world.wait_job(world.stores[domain].make(product), "review")
    click.echo()
    click.secho(f"The page is open at {world.settings.public_url}", fg="green", bold=True, err=True)
    click.secho(f"Sign in as demo with the password {world.password}. Ctrl-C ends the demo.", err=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("", err=True)


def _teller(began: float):  # type: ignore[no-untyped-def]
    def say(sentence: str) -> None:
        click.echo(f"{time.time() - began:5.1f} s  {sentence}", err=True)

    return say


if __name__ == "__main__":
    main()
