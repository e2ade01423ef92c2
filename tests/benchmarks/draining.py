"""Acknowledging while all else is at work: dispatcher, workers and simulated store share the machine with the door.

Every delivery becomes a job; a backlog of approved texts is written meanwhile.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy import func, select

from bridge.db import Database
from bridge.models import Delivery, Job
from bridge.settings import load
from tests.benchmarks.accept import fire
from tests.benchmarks.installation import Table, installation, running
from tests.benchmarks.writes import BUCKET, RATE, approve, release

WRITES, SECONDS = 200, 10.0


def run() -> Table:
    """One run on the embedded default."""
    plan = {"bucket_max": BUCKET, "bucket_restore": RATE}
    with tempfile.TemporaryDirectory() as home, installation(Path(home), **plan) as found:
        db = Database(load(found.environ).database_url)
        approve(db, found.store, found.connection, WRITES)
        with running(found, Path(home)) as keeper:
            assert keeper.wait_ready()
            release(db)
            told = fire(keeper.settings.web_port, SECONDS, "products/create")
        with db.reading() as session:
            planned = session.scalar(select(func.count()).where(Delivery.state != "stored")) or 0
            written = session.scalar(select(func.count()).where(Job.state == "done")) or 0
    return Table(
        "Acknowledging while planner and workers drain (SQLite, 32 connections, closed loop)",
        ("", "measured", "aim"),
        [
            ("acknowledged", f"{told.per_second:.0f}/s", ""),
            ("p50", f"{told.p50:.0f} ms", ""),
            ("p99", f"{told.p99:.0f} ms", "< 500 ms"),
            ("refused", str(told.refused), "0"),
            ("planned meanwhile", f"{planned / SECONDS:.0f}/s", ""),
            ("texts written meanwhile", f"{written / SECONDS:.1f}/s", ""),
        ],
    )


if __name__ == "__main__":
    print(run())
