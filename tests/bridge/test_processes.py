"""Processes that prove they live, hints that may be lost, children that are started again."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from kombu import Connection

from bridge import heartbeats
from bridge.db import Database
from bridge.nudge import THINK, WRITE, Producer
from bridge.settings import Settings
from bridge.supervisor import Child, Supervisor, commands


def wait_for(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_lead_is_kept_by_its_holder_and_taken_over_when_it_ran_out(db: Database) -> None:
    assert heartbeats.lead(db, "d", "one", 60_000)
    assert heartbeats.lead(db, "d", "one", 60_000)
    assert not heartbeats.lead(db, "d", "two", 60_000)
    assert heartbeats.lead(db, "d", "one", -1)
    assert heartbeats.lead(db, "d", "two", 60_000)


def test_beats_are_remembered_by_name_and_forgotten_when_old(db: Database) -> None:
    heartbeats.beat(db, "think@a:1")
    heartbeats.beat(db, "think@a:1")
    heartbeats.beat(db, "write@a:2")
    with db.writing() as session:
        ages = heartbeats.ages(session)
        assert set(ages) == {"think@a:1", "write@a:2"} and all(0 <= age < 5000 for age in ages.values())
        heartbeats.forget_old(session, -1000)
        assert heartbeats.ages(session) == {}


# --- hints ------------------------------------------------------------------------------------------------------


def test_hints_carry_an_id_to_the_queue_of_their_step(valkey_url: str) -> None:
    with Connection(valkey_url) as connection:
        queues = {step: connection.SimpleQueue(step) for step in (THINK, WRITE)}
        for queue in queues.values():
            queue.clear()
        producer = Producer(valkey_url)
        producer.tell(WRITE, 7)
        producer.ping(THINK)
        write, ping = queues[WRITE].get(timeout=10), queues[THINK].get(timeout=10)
        assert (write.headers["task"], write.payload[0]) == ("tasks.execute.write", [7])
        assert (ping.headers["task"], ping.payload[0]) == ("tasks.execute.ping", [THINK])
        write.ack()
        ping.ack()


def test_a_broker_that_is_away_blocks_nobody() -> None:
    producer = Producer("redis://127.0.0.1:1/0")
    began = time.monotonic()
    for number in range(12_000):  # more than the queue holds
        producer.tell(THINK, number)
    assert time.monotonic() - began < 10


# --- children ---------------------------------------------------------------------------------------------------


class Nursery:
    """A supervisor over small processes that write their ids into a file."""

    def __init__(self, settings: Settings, db: Database, home: Path, code: str = "time.sleep(600)") -> None:
        self.born = home / "born"
        self.born.touch()
        program = f"import os, time\nopen({str(self.born)!r}, 'a').write(f'{{os.getpid()}}\\n')\n{code}"
        self.keeper = Supervisor(
            settings, dict(os.environ), db, [Child("child", [sys.executable, "-c", program])], home / "log"
        )
        self.thread = threading.Thread(target=self.keeper.run, daemon=True)
        self.thread.start()

    def ids(self) -> list[int]:
        return [int(line) for line in self.born.read_text().split()]

    def stop(self) -> None:
        self.keeper.stopping.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


def alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def quiet_db(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'quiet.db'}")


def test_a_child_that_was_killed_is_started_again(settings: Settings, quiet_db: Database, tmp_path: Path) -> None:
    nursery = Nursery(settings, quiet_db, tmp_path)
    wait_for(lambda: len(nursery.ids()) == 1)
    os.kill(nursery.ids()[0], 9)
    wait_for(lambda: len(nursery.ids()) == 2)
    nursery.stop()
    assert not any(alive(process_id) for process_id in nursery.ids())


def test_what_a_dead_child_left_running_is_ended(settings: Settings, quiet_db: Database, tmp_path: Path) -> None:
    leftover = tmp_path / "leftover"
    code = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(leftover)!r}, 'a').write(f'{{p.pid}}\\n')\ntime.sleep(600)"
    )
    nursery = Nursery(settings, quiet_db, tmp_path, code)
    wait_for(lambda: leftover.exists() and bool(leftover.read_text()))
    first = int(leftover.read_text().split()[0])
    os.kill(nursery.ids()[0], 9)
    wait_for(lambda: len(nursery.ids()) == 2)
    wait_for(lambda: _zombie_or_gone(first))
    nursery.stop()


def _zombie_or_gone(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_child_that_dies_at_once_is_started_ever_more_slowly(
    settings: Settings, quiet_db: Database, tmp_path: Path
) -> None:
    nursery = Nursery(settings, quiet_db, tmp_path, "raise SystemExit(3)")
    wait_for(lambda: len(nursery.ids()) >= 3)
    (child,) = nursery.keeper.children
    assert child.deaths >= 2
    wait_for(lambda: child.not_before > time.monotonic() + 1)
    nursery.stop()


def test_a_machine_runs_every_part_and_a_broker_only_where_it_is_its_own(settings: Settings) -> None:
    names = [child.name for child in commands(settings)]
    assert names == ["broker", "web", "dispatcher", "think", "write"]
    assert "broker" not in [child.name for child in commands(replace(settings, embedded_broker=False))]
    assert {child.worker for child in commands(settings)} == {"", THINK, WRITE}
