"""From an acknowledged delivery to a draft without a model call, on the embedded default with no settling."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from bridge.db import Database
from bridge.models import Delivery, DraftRow, Event, Job
from bridge.settings import load
from demo.world import Store, wait_for
from tests.benchmarks.installation import Table, installation, running

PRODUCTS, APART = 60, 0.15


def run() -> Table:
    """Products come one by one, as a merchant would create them, only faster."""
    with tempfile.TemporaryDirectory() as home, installation(Path(home)) as found:
        db = Database(load(found.environ).database_url)
        with running(found, Path(home)) as keeper:
            keeper.wait_ready()
            found.store.tune(webhook_url=f"http://127.0.0.1:{keeper.settings.web_port}/hooks/shopify")
            _create(found.store)
            wait_for("all drafts", lambda: len(_seconds(db)) >= PRODUCTS)
        seconds = sorted(_seconds(db))
    return Table(
        f"Delivery acknowledged to draft ready, template writer, {PRODUCTS} products",
        ("", "measured", "aim"),
        [
            ("median", f"{seconds[len(seconds) // 2]:.3f} s", "< 0.5 s"),
            ("95th percentile", f"{seconds[int(len(seconds) * 0.95)]:.3f} s", ""),
        ],
    )


def _create(store: Store) -> None:
    for number in range(PRODUCTS):
        store.make({"title": f"Bench {number}", "product_type": "Bench", "vendor": "Maker"})
        time.sleep(APART)


def _seconds(db: Database) -> list[float]:
    with db.reading() as session:
        rows = session.execute(
            select(DraftRow.created_at - Delivery.received_at)
            .join(Job, Job.id == DraftRow.job_id)
            .join(Event, Event.id == Job.event_id)
            .join(Delivery, Delivery.id == Event.delivery_id)
        )
        return [milliseconds / 1000 for (milliseconds,) in rows]


if __name__ == "__main__":
    print(run())
