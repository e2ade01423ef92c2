"""The only Celery tasks. They carry ids; a task that runs twice is harmless."""

from __future__ import annotations

import os
import socket
from functools import lru_cache

import structlog

from bridge import heartbeats
from tasks import steps
from tasks.app import app
from tasks.house import House, build


@lru_cache(maxsize=1)
def house() -> House:
    """What this worker process holds, made at the first task."""
    return build()


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
    heartbeats.beat(house().db, f"{step}@{socket.gethostname()}:{os.getppid()}")
