"""The Celery app of the workers: ``celery -A tasks.app worker -Q think -P threads`` (or ``-Q write``)."""

from __future__ import annotations

from celery import Celery, signals

from bridge import logs, nudge
from bridge.settings import load

app = nudge.configure(Celery("storebridge", include=["tasks.execute"]), load().broker_url)


@signals.setup_logging.connect
def _own_logging(**_: object) -> None:
    settings = load()
    logs.configure(settings.log_format, settings.log_level)
