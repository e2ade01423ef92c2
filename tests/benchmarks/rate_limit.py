"""The rate limit alone: 200 mutations of 10 points, a bucket of 500 + 100 a second, 4 processes, a person's priority.

The floor is (2000 - 500) / 100 = 15.0 s. The other client waits as a THROTTLED answer says and tries again, unshared.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bridge import logs
from bridge.deadline import Deadline
from bridge.errors import TryLater
from bridge.priority import PERSON
from bridge.shops import open_connection
from connectors.shopify.api import DOCUMENTS, Client
from tasks.house import build as build_house
from tests.benchmarks.installation import Installation, Table, installation

CALLS, COST, BUCKET, RATE, PROCESSES = 200, 10, 500, 100, 4
FLOOR = (CALLS * COST - BUCKET) / RATE


@dataclass(frozen=True)
class Result:
    """What one client achieved."""

    seconds: float
    applied: int
    throttled: int


def run() -> Table:
    """Both clients against the same simulated store, one after the other."""
    with tempfile.TemporaryDirectory() as home:
        ours = _measure(Path(home), _shared)
        other = _measure(Path(home), _alone)
    rows = [("shared bucket", ours), ("wait and retry", other)]
    return Table(
        f"200 mutations of 10 points, bucket 500 + 100/s, 4 processes; floor {FLOOR:.1f} s",
        ("client", "seconds", "of the floor", "applied", "THROTTLED"),
        [
            (name, f"{got.seconds:.2f}", f"{got.seconds / FLOOR:.3f}", str(got.applied), str(got.throttled))
            for name, got in rows
        ],
    )


def _measure(home: Path, client: Any) -> Result:
    with installation(home, bucket_max=BUCKET, bucket_restore=RATE) as world:
        gid = world.store.make({"title": "Bench"})
        share = CALLS // PROCESSES
        processes = [
            multiprocessing.get_context("spawn").Process(target=client, args=(world.plain(), gid, n * share, share))
            for n in range(PROCESSES)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        began = min(call["at_ms"] for call in _mutations(world)) / 1000
        ended = max(call["at_ms"] + call["took_ms"] for call in _mutations(world)) / 1000
        calls = _mutations(world)
        return Result(
            ended - began,
            sum(1 for call in calls if call["charged"] and not call["throttled"]),
            sum(1 for call in calls if call["throttled"]),
        )


def _mutations(world: Installation) -> list[dict[str, Any]]:
    return [call for call in world.store.ledger()["calls"] if call["kind"] == "mutation"]


def _shared(plain: dict[str, Any], gid: str, first: int, count: int) -> None:
    """One process on our client: what is not granted waits as long as the bucket says."""
    logs.configure("text", "ERROR")
    house = build_house(Installation.settings_of(plain))
    with house.db.reading() as session:
        live = open_connection(session, house.tools.vault, plain["connection"])
    client = Client(live, house.tools)
    for number in range(first, first + count):
        while True:
            try:
                client.run("add_tags", {"id": gid, "tags": [f"t{number}"]}, Deadline(60), priority=PERSON)
                break
            except TryLater as error:
                time.sleep(error.after)


def _alone(plain: dict[str, Any], gid: str, first: int, count: int) -> None:
    """One process that knows nothing of the others: it asks, and waits when it is refused."""
    session = requests.Session()
    session.trust_env = False
    token = session.post(plain["store"] + "/admin/oauth/access_token", json=plain["identity"], timeout=10).json()
    headers = {"X-Shopify-Access-Token": token["access_token"]}
    query = DOCUMENTS["add_tags"]
    for number in range(first, first + count):
        while True:
            body = {"query": query, "variables": {"id": gid, "tags": [f"u{number}"]}}
            url = plain["store"] + "/admin/api/2026-10/graphql.json"
            answer = session.post(url, json=body, headers=headers, timeout=10).json()
            if not answer.get("errors"):
                break
            cost = answer["extensions"]["cost"]
            status = cost["throttleStatus"]
            time.sleep((cost["requestedQueryCost"] - status["currentlyAvailable"]) / status["restoreRate"])


if __name__ == "__main__":
    print(run())
