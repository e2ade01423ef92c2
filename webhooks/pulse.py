"""The door's heartbeat: while it is silent nobody answers webhooks, and what was missed is looked for afterwards."""

from __future__ import annotations

import os
import socket
import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bridge import heartbeats
from bridge.db import Database

log = structlog.get_logger()

EVERY = 20.0  # seconds; tasks/reconcile/schedule.py calls 90 of silence an outage


class Pulse:
    """Beats in a thread of its own from the moment it is made until ``stop``."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._name = f"web@{socket.gethostname()}:{os.getpid()}"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Beat no more."""
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        while True:
            try:
                heartbeats.beat(self._db, self._name)
            except (SQLAlchemyError, OSError) as error:
                # Without a database the door refuses deliveries, so silence is the truth.
                log.warning("no heartbeat", error=type(error).__name__)
            if self._stopped.wait(EVERY):
                return
