"""The only Celery tasks. They carry ids; a task that runs twice is harmless."""

from __future__ import annotations

import os
import socket
import threading

import structlog

from bridge import heartbeats
from tasks import steps
from tasks.app import app
from tasks.house import House, build

_making = threading.Lock()
_made: list[House] = []


def house() -> House:
    """What this worker process holds: made once, at the first task, whichever thread that is."""
    with _making:
        if not _made:
            _made.append(build())
        return _made[0]


@app.task
def think(job_id: int) -> None:
    """Think about a job that may be due."""
    with structlog.contextvars.bound_contextvars(job=job_id, step="think"):
        steps.think(house(), job_id)


@app.task
def write(job_id: int) -> None:
    """Write a job that may be approved."""
    with structlog.contextvars.bound_contextvars(job=job_id, step="write"):
        steps.write(house(), job_id)


@app.task
def ping(step: str) -> None:
    """Prove that this worker hears: a worker that is alive but deaf is restarted by who watches the row."""
    heartbeats.beat(house().db, f"{step}@{socket.gethostname()}:{os.getpid()}")
