"""The demo's whole scenario, accidents included, on every combination of database and broker that is present."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from demo.judge import judge, read_ledger
from demo.scenario import Scenario
from demo.world import STORES, build
from tests.e2e.parts import Parts

MUST_HAPPEN = (
    "duplicates_ignored", "forged_refused", "unreadable", "listings_written", "skipped_unchanged", "conflicts",
    "echoes_silenced", "throttled", "undone",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.xdist_group("installation")  # one at a time
@pytest.mark.timeout(240)
@pytest.mark.parametrize("combination", ["sqlite-valkey", "postgresql-valkey", "postgresql-rabbitmq"])
def test_the_whole_scenario_keeps_every_promise(combination: str, parts: Parts, tmp_path: Path) -> None:
    database, broker = combination.split("-")
    world = build(tmp_path, **parts.settings(database, broker, tmp_path))
    try:
        began = time.time()
        Scenario(world, lambda sentence: None).play()
        with world.db.reading() as session:
            store = next(iter(world.stores.values())).url
            verdict = judge(session, read_ledger(store, list(STORES)), began, time.time())
    finally:
        world.close()
    assert verdict["broken"] == []
    assert (verdict["lost"], verdict["double_writes"], verdict["overwritten_edits"]) == (0, 0, 0)
    assert [name for name in MUST_HAPPEN if not verdict[name]] == []
