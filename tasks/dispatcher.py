"""The process that plans deliveries, offers due jobs to the workers and picks up what was lost.

It works straight on the database, because planning and rescue must not depend on the broker they rescue. Any number
may run; the one that holds the lease leads, the others wait for it to fall silent.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

import structlog
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bridge import digest, heartbeats, jobs, logs, privacy
from bridge.db import Database, now_ms
from bridge.errors import TryLater
from bridge.models import Delivery, Job
from bridge.nudge import THINK, WRITE, Producer
from bridge.ratelimit import Limiter, limiter, room
from bridge.settings import Settings, load
from bridge.vault import Vault
from tasks.planning import plan
from tasks.reconcile import schedule

log = structlog.get_logger()

LEADER = "dispatcher"
LEAD_MS = 10_000
OFFER_MS = 8_000  # an offer that nobody took by then is made again
QUEUE_DEPTH = 20  # hints waiting per queue; more would only grow stale
WRITE_COST = 14.0  # points of a read and one mutation, for guessing how many writes there is room for
CANDIDATES = 200  # due jobs looked at in one round
PAUSE_BUSY, PAUSE_IDLE = 0.02, 0.1  # seconds between rounds
DAY_MS = 86_400_000


@dataclass
class Dispatcher:
    """One round is ``turn()``; ``run()`` repeats it until ``stop`` is set."""

    settings: Settings
    db: Database
    vault: Vault
    limiter: Limiter
    producer: Producer
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    stop: threading.Event = field(default_factory=threading.Event)
    _next: dict[str, float] = field(default_factory=dict)
    _working: dict[str, threading.Thread] = field(default_factory=dict)  # what runs beside the rounds

    def run(self) -> None:
        """Work until told to stop; a database that is away is waited for."""
        while not self.stop.is_set():
            try:
                busy = self.turn()
            except SQLAlchemyError as error:
                log.warning("database unreachable", error=type(error).__name__)
                busy = False
                self.stop.wait(1)
            self.stop.wait(PAUSE_BUSY if busy else PAUSE_IDLE)

    def turn(self) -> bool:
        """Lead, plan, offer, and now and then reap, ping and purge. True when there was something to do."""
        if self._every("lead", LEAD_MS / 4000) and not heartbeats.lead(self.db, LEADER, self.name, LEAD_MS):
            self._next["lead"] = time.monotonic() + 1
            return False
        busy = self._plan() > 0
        for step in (THINK, WRITE):
            busy = self._offer(step) > 0 or busy
        if self._every("reap", 1):
            self._reap()
        if self._every("reconcile", 15):
            with self.db.writing() as session:
                schedule.plan(session, self.settings)
        if self._every("privacy", 10):
            self._beside("privacy", self._act_on_requests)
        if self._every("digest", 60):
            self._beside("digest", self._send_digests)
        if self._every("ping", 10):
            for step in (THINK, WRITE):
                self.producer.ping(step)
        if self._every("purge", 3600):
            self._purge()
        return busy

    def _every(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(what, 0):
            return False
        self._next[what] = now + seconds
        return True

    def _plan(self) -> int:
        with self.db.reading() as session:
            if not session.query(Delivery.id).filter(Delivery.state == "stored").limit(1).all():
                return 0
        with self.db.writing() as session:
            return plan(session, self.vault, self.settings)

    # --- offering -----------------------------------------------------------------------------------------------

    def _offer(self, step: str) -> int:
        """Tell workers about due jobs: round robin over connections, within caps and what the rate limits grant."""
        with self.db.reading() as session:
            flying = jobs.in_flight(session, step)
            free = QUEUE_DEPTH - sum(flying.values())
            found = jobs.due(session, step, self.settings.calls_in_flight_per_shop, CANDIDATES) if free > 0 else []
        chosen = self._within_limits(step, _fairest_first(found, flying), flying)[: max(free, 0)]
        if not chosen:
            return 0
        with self.db.writing() as session:
            jobs.mark_offered(session, [job.id for job in chosen], OFFER_MS)
        for job in chosen:
            self.producer.tell(step, job.id)
        return len(chosen)

    def _within_limits(self, step: str, found: list[Job], flying: dict[int, int]) -> list[Job]:
        room: dict[int, float] = {}
        chosen = []
        for job in found:
            connection = job.connection_id
            if connection not in room:
                room[connection] = self._room(step, job) - flying.get(connection, 0)
            if room[connection] >= 1:
                room[connection] -= 1
                chosen.append(job)
        return chosen

    def _room(self, step: str, job: Job) -> float:
        """How many jobs of this connection may run now. An unknown bucket lets one through, to learn."""
        cap = float(self.settings.calls_in_flight_per_shop)
        if step == THINK:
            return cap
        try:
            level = self.limiter.state(f"connection:{job.connection_id}")
        except TryLater:
            return 0.0  # the store of the limits is away; nothing may be sent without it
        return min(cap, room(level, job.priority) / WRITE_COST) if level.learnt else 1.0

    # --- rescue -------------------------------------------------------------------------------------------------

    def _reap(self) -> None:
        """Lost thoughts go back to the queue; lost writes are offered for a read-back."""
        with self.db.writing() as session:
            returned, unclear = jobs.reap(session, grace_ms=0)
            jobs.mark_offered(session, unclear, OFFER_MS)
        for job_id in unclear:
            self.producer.tell(WRITE, job_id)
        if returned or unclear:
            log.info("rescued", thoughts=returned, writes=len(unclear))

    def _beside(self, name: str, work: Callable[[], None]) -> None:
        """In a thread of its own, one at a time: what takes long, and offers must not wait for."""
        running = self._working.get(name)
        if running is None or not running.is_alive():
            self._working[name] = threading.Thread(target=work, name=name, daemon=True)
            self._working[name].start()

    def _send_digests(self) -> None:
        try:
            digest.send_due(self.db, self.settings)
        except Exception:
            log.exception("digests wait for the next round")

    def _act_on_requests(self) -> None:
        try:
            privacy.act(self.db, self.vault, self.settings)
        except Exception:
            log.exception("privacy requests wait for the next round")

    def _purge(self) -> None:
        """Forget raw deliveries after their time (ids and hashes stay), and processes that are long gone."""
        with self.db.writing() as session:
            purge_deliveries(session, self.settings.deliveries_kept_days * DAY_MS)
            heartbeats.forget_old(session, DAY_MS)


def _fairest_first(found: list[Job], flying: dict[int, int]) -> list[Job]:
    """Round robin that also counts what is under way: the shop with the least in flight comes first."""
    turns: dict[int, int] = dict(flying)
    ranked = []
    for job in found:
        turns[job.connection_id] = turn = turns.get(job.connection_id, 0) + 1
        ranked.append((turn, job.priority, job))
    return [job for _, _, job in sorted(ranked, key=lambda item: item[:2])]


def purge_deliveries(session: Session, older_than_ms: int) -> int:
    """Empty the bodies of deliveries that were planned or ignored long ago. Returns how many."""
    return jobs.count(
        session,
        update(Delivery)
        .where(Delivery.state.in_(("planned", "ignored")), Delivery.planned_at < now_ms() - older_than_ms)
        .where(Delivery.body.is_not(None))
        .values(body=None, headers=None),
    )


def main() -> None:
    """``python -m tasks.dispatcher``: run until SIGTERM or SIGINT."""
    settings = load()
    logs.configure(settings.log_format, settings.log_level)
    db = Database(settings.database_url)
    producer = Producer(settings.broker_url)
    dispatcher = Dispatcher(settings, db, Vault(settings.encryption_keys), limiter(settings, db), producer)

    def stop(number: int, frame: FrameType | None) -> None:
        dispatcher.stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    dispatcher.run()


if __name__ == "__main__":
    main()
