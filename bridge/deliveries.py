"""Stored deliveries that were not understood, and how to let them be planned once more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from bridge import jobs
from bridge.models import Delivery

REPLAYABLE = ("unreadable", "ignored")


def replay(session: Session, ids: Sequence[int] | None = None) -> int:
    """Let deliveries be planned again: the given ones, or every unreadable one. Returns how many.

    A delivery whose body was purged stays as it is; an event that was planned already is not planned twice.
    """
    wanted = Delivery.id.in_(list(ids)) if ids is not None else Delivery.state == "unreadable"
    return jobs.count(
        session,
        update(Delivery)
        .where(wanted, Delivery.state.in_(REPLAYABLE), Delivery.body.is_not(None))
        .values(state="stored", problem="", planned_at=None),
    )
