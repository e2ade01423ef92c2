"""Tells workers that there is work: the Celery producer, the queues and the names of the tasks.

The message is a hint and carries an id only; the row is the truth. A lost hint costs seconds (the dispatcher offers
again), a doubled one nothing (the second claim finds nothing to do). Publishing happens on a thread of its own, so
that a broker that is away never blocks the dispatcher.
"""

from __future__ import annotations

import queue
import threading
from typing import Any

import structlog
from celery import Celery

THINK, WRITE = "think", "write"
TASKS = {THINK: "tasks.execute.think", WRITE: "tasks.execute.write"}  # proven against tasks.execute by a test
PING = "tasks.execute.ping"

log = structlog.get_logger()


def configure(app: Celery, broker_url: str) -> Celery:
    """The settings that producer and workers share; each was measured against broker and worker deaths."""
    app.conf.update(
        broker_url=broker_url,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_acks_on_failure=True,
        task_acks_on_timeout=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=20,
        worker_enable_soft_shutdown_on_idle=True,
        worker_eta_task_limit=200,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_pool_acquire_timeout=5,
        task_publish_retry_policy={"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5},
        task_serializer="json",
        accept_content=["json"],
        task_create_missing_queues=True,
        task_default_queue=THINK,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
    )
    app.conf.update(_RABBITMQ if broker_url.startswith("amqp") else _REDIS)
    return app


_REDIS: dict[str, Any] = {
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "broker_transport_options": {
        "visibility_timeout": 300,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 25,
    },
}
_RABBITMQ: dict[str, Any] = {
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "task_default_queue_type": "quorum",
    "worker_detect_quorum_queues": True,
    "task_create_missing_queue_type": "quorum",
    "broker_transport_options": {"confirm_publish": True},
}


class Producer:
    """Publishes hints in the order given. ``tell`` never blocks and never raises."""

    def __init__(self, broker_url: str) -> None:
        self._app = configure(Celery("storebridge", set_as_current=False), broker_url)
        self._waiting: queue.Queue[tuple[str, list[Any], str]] = queue.Queue(maxsize=10_000)
        threading.Thread(target=self._run, name="nudge", daemon=True).start()

    def tell(self, step: str, job_id: int) -> None:
        """Offer a job to the workers of its step."""
        self._put((TASKS[step], [job_id], step))

    def ping(self, step: str) -> None:
        """Ask any worker of a step to prove that it hears."""
        self._put((PING, [step], step))

    def _put(self, message: tuple[str, list[Any], str]) -> None:
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            log.warning("broker too slow, hint dropped")  # the row is offered again

    def _run(self) -> None:
        while True:
            name, args, step = self._waiting.get()
            try:
                self._app.send_task(name, args=args, queue=step, retry=False)
            except Exception as error:  # noqa: BLE001 - any broker trouble: the row is offered again
                log.warning("broker unreachable", error=type(error).__name__)
