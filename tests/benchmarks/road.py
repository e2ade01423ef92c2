"""The write road alone: one shop, 300 approved texts, everything real. How much of the allowed rate is used?"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bridge.db import Database
from bridge.settings import load
from tests.benchmarks.installation import Table, installation, running
from tests.benchmarks.writes import BUCKET, RATE, account, approve, ends, release, wait

WRITES = 300


def run() -> Table:
    """One run; the shop's own limit is (points charged - bucket) / rate."""
    plan = {"bucket_max": BUCKET, "bucket_restore": RATE}
    with tempfile.TemporaryDirectory() as home, installation(Path(home), **plan) as found:
        db = Database(load(found.environ).database_url)
        approve(db, found.store, found.connection, WRITES)
        with running(found, Path(home), "dispatcher", "write") as keeper:
            while keeper._workers_heard() < 1:
                time.sleep(0.05)
            began = release(db)
            wait(db)
        took = (ends(db)[found.connection] - began) / 1000
        told = account(found.store)
    floor = (told["charged"] - BUCKET) / RATE
    return Table(
        f"The write road, {WRITES} writes of one shop (bucket {BUCKET:.0f} + {RATE:.0f}/s)",
        ("", "measured", "aim"),
        [
            ("done after", f"{took:.2f} s", f"floor {floor:.2f} s"),
            ("of its floor", f"{took / floor:.3f}", "≤ 1.02"),
            ("points a listing, read and written", f"{told['charged'] / WRITES:.1f}", "≤ 20"),
            ("THROTTLED", str(told["throttled"]), "≤ 1"),
        ],
    )


if __name__ == "__main__":
    print(run())
