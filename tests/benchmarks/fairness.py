"""One busy shop with 300 approved texts and 19 small ones with 5 each: who waits for whom, and at what rate?

Everything is real: dispatcher, broker, a write worker, and a simulated store for each shop.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bridge.db import Database
from bridge.settings import load
from tests.benchmarks.installation import Table, connect_another, installation, running
from tests.benchmarks.writes import BUCKET, RATE, account, approve, ends, release, wait

BUSY, SMALL, EACH = 300, 19, 5


def run() -> Table:
    """One run; the busy shop's own limit is (points charged - bucket) / rate."""
    plan = {"bucket_max": BUCKET, "bucket_restore": RATE}
    with tempfile.TemporaryDirectory() as home, installation(Path(home), **plan) as found:
        db = Database(load(found.environ).database_url)
        shops = [(found.store, found.connection)]
        shops += [connect_another(found, f"small-{number}.myshopify.com") for number in range(SMALL)]
        for place, (store, connection) in enumerate(shops):
            approve(db, store, connection, BUSY if place == 0 else EACH)
        with running(found, Path(home), "dispatcher", "write") as keeper:
            while keeper._workers_heard() < 1:
                time.sleep(0.05)
            began = release(db)
            wait(db)
        ended = ends(db)
        busy = account(found.store)
    small = sorted((end - began) / 1000 for connection, end in ended.items() if connection != found.connection)
    floor = (busy["charged"] - BUCKET) / RATE
    took = (ended[found.connection] - began) / 1000
    return Table(
        f"One busy shop ({BUSY} writes, bucket {BUCKET:.0f} + {RATE:.0f}/s) and {SMALL} small ones ({EACH} each)",
        ("", "measured", "aim"),
        [
            ("small shops: median done after", f"{small[len(small) // 2]:.2f} s", ""),
            ("small shops: last done after", f"{small[-1]:.2f} s", "< 3 s"),
            ("busy shop: done after", f"{took:.2f} s", f"floor {floor:.2f} s"),
            ("busy shop: of its floor", f"{took / floor:.3f}", "≤ 1.02"),
            ("busy shop: points a listing", f"{busy['charged'] / BUSY:.1f}", "≤ 20"),
            ("busy shop: THROTTLED", str(busy["throttled"]), "≤ 1"),
        ],
    )


if __name__ == "__main__":
    print(run())
