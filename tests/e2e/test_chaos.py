"""kill -9 at random moments during 300 deliveries: nothing acknowledged is lost, nothing is written twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bridge import jobs
from bridge.models import Delivery, Job, Shop
from bridge.shops import Policy
from demo.judge import judge, read_ledger
from demo.world import GERMAN, STORES, World, build, wait_for

PRODUCTS, EDITS = 150, 150
SEED = 20261123
VICTIMS = ("web", "think", "write", "dispatcher", "broker")


class Killer(threading.Thread):
    """Kills a process of the installation every now and then, together with the children it may have."""

    def __init__(self, world: World) -> None:
        super().__init__(daemon=True)
        self.world, self.random = world, random.Random(SEED)
        self.killed: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.wait(self.random.uniform(0.6, 2.0)):
            name = VICTIMS[len(self.killed)] if len(self.killed) < len(VICTIMS) else self.random.choice(VICTIMS)
            process = self.world.child(name).process
            if process is not None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                    self.killed.append(name)


@pytest.mark.slow
@pytest.mark.xdist_group("installation")  # one at a time
@pytest.mark.timeout(400)
def test_nothing_is_lost_or_doubled_when_processes_are_killed_at_random(tmp_path: Path) -> None:
    world = build(tmp_path, FLOOD_CREATES_PER_HOUR="100000")
    try:
        _let_the_machine_approve(world)
        killer = Killer(world)
        killer.start()
        _make_work(world)
        killer.enough.set()
        killer.join()
        wait_for("everything to come to rest", lambda: _at_rest(world), 240)
        with world.db.reading() as session:
            verdict = judge(session, read_ledger(world.stores[GERMAN].url, list(STORES)))
            states = dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all())
    finally:
        world.close()
    assert set(VICTIMS) <= set(killer.killed)
    assert verdict["broken"] == []
    assert verdict["deliveries_sent"] >= PRODUCTS + EDITS
    assert (verdict["lost"], verdict["double_writes"], verdict["overwritten_edits"]) == (0, 0, 0)
    assert set(states) <= {*jobs.FINAL, *jobs.WAITING}
    assert states["done"] >= PRODUCTS


def _let_the_machine_approve(world: World) -> None:
    with world.db.writing() as session:
        for shop in session.scalars(select(Shop)):
            shop.policy = asdict(Policy(auto_approve=True))


def _make_work(world: World) -> None:
    store = world.stores[GERMAN]
    store.tune(bucket_max=20_000, bucket_restore=1_000, webhook_retries=[0.5, 1, 1, 2, 2, 4, 4, 8, 8, 8])
    made = []
    for number in range(PRODUCTS):
        made.append(store.make({"title": f"Prüfstück {number}", "product_type": "Muster", "vendor": "Werkbank"}))
        time.sleep(0.05)
    for number in range(EDITS):
        store.edit(made[number % PRODUCTS], vendor=f"Werkbank {number}")
        time.sleep(0.05)


def _at_rest(world: World) -> bool:
    ledger = world.stores[GERMAN].ledger()
    with world.db.reading() as session:
        unplanned = session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == "stored"))
        ended = Job.state.in_((*jobs.FINAL, *jobs.WAITING))
        working = session.scalar(select(func.count()).select_from(Job).where(~ended))
    return not (ledger["waiting"] or unplanned or working)
