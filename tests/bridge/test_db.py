"""One way to write, one clock."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bridge.db import Database, FileLock
from bridge.models import Shop


def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    with pytest.raises(KeyError), db.writing() as session:
        session.add(Shop(name="half"))
        session.flush()
        raise KeyError
    with db.reading() as session:
        assert session.scalars(select(Shop)).all() == []


def test_the_databases_clock_counts_milliseconds_and_does_not_stand_still(db: Database) -> None:
    before, own = db.now(), time.time() * 1000
    assert abs(before - own) < 5000
    time.sleep(0.02)
    with db.writing() as session:  # also inside one transaction
        shop = Shop(name="a")
        session.add(shop)
        session.flush()
        assert shop.created_at > before


def test_a_view_for_reading_is_consistent(db: Database) -> None:
    if not db.sqlite:
        pytest.skip("PostgreSQL reads committed rows; nothing here relies on more.")
    with db.reading() as session:
        assert session.scalar(text("SELECT COUNT(*) FROM shops")) == 0
        with db.writing() as other:
            other.add(Shop(name="late"))
        assert session.scalar(text("SELECT COUNT(*) FROM shops")) == 0


def test_acknowledged_commits_survive_a_power_failure(db: Database) -> None:
    with db.reading() as session:
        if db.sqlite:
            assert session.scalar(text("PRAGMA synchronous")) == 2
            assert session.scalar(text("PRAGMA journal_mode")) == "wal"
            assert session.scalar(text("PRAGMA foreign_keys")) == 1
        else:
            assert session.scalar(text("SHOW synchronous_commit")) == "on"


def test_the_lock_keeps_threads_and_processes_apart(tmp_path: Path) -> None:
    path, order = str(tmp_path / "lock"), []
    lock = FileLock(path)

    def other() -> None:
        with lock.held():
            order.append("thread")

    with lock.held():
        thread = threading.Thread(target=other)
        thread.start()
        code = f"from bridge.db import FileLock\nwith FileLock({path!r}).held(): print('process', flush=True)"
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        time.sleep(0.5)
        assert process.poll() is None
        order.append("holder")
    thread.join(5)
    assert process.communicate(timeout=10)[0] == "process\n"
    assert order == ["holder", "thread"]
