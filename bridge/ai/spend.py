"""Money: reserved against the shop's monthly cap before a model is asked, settled at the real cost after it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bridge.ai import prices
from bridge.ai.client import Answer, Model, Prompt, Tokens, Unusable
from bridge.ai.schema import for_schema
from bridge.db import Database, now_ms
from bridge.deadline import Deadline
from bridge.errors import AskHuman, TryLater
from bridge.models import Shop, Usage


class CapReached(Exception):
    """This month's spend cap leaves no room for another call."""


def ask(db: Database, shop_id: int, job_id: int, model: Model, prompt: Prompt, deadline: Deadline) -> Answer:
    """Reserve, ask without holding a database connection, settle. Raises CapReached before any money is spent.

    A call whose fate is unknown keeps its reservation as spent: the provider may have charged it.
    """
    usage_id = _reserve(db, shop_id, job_id, model, prompt)
    try:
        answer = model.ask(prompt, deadline)
    except Unusable as error:
        _settle(db, usage_id, model, error.tokens)
        raise
    except AskHuman:
        _release(db, usage_id)  # refused before any work was done
        raise
    except TryLater as error:
        if not error.counts:
            _release(db, usage_id)
        raise
    _settle(db, usage_id, model, answer.tokens)
    return answer


def spent(session: Session, shop_id: int, month: str | None = None) -> int:
    """Micro-dollars of a month ("2026-11", UTC; default the present one), open reservations included."""
    found = select(func.coalesce(func.sum(Usage.micros), 0)).where(
        Usage.shop_id == shop_id, Usage.month == (month or this_month(session)), Usage.state != "released"
    )
    return int(session.scalar(found) or 0)


def this_month(session: Session) -> str:
    """The present month by the database's clock."""
    return datetime.fromtimestamp((session.scalar(now_ms().select()) or 0) / 1000, UTC).strftime("%Y-%m")


def _reserve(db: Database, shop_id: int, job_id: int, model: Model, prompt: Prompt) -> int:
    size = len(prompt.system) + len(prompt.user) + len(json.dumps(for_schema(prompt.schema)))
    needed = prices.estimate(model.name, size, prompt.max_tokens, free=model.free)
    with db.writing() as session:
        # The shop's row is locked, so that two workers cannot both take the last cent.
        cap = session.scalar(select(Shop.spend_cap).where(Shop.id == shop_id).with_for_update()) or 0
        if needed and spent(session, shop_id) + needed > cap:
            raise CapReached
        row = Usage(shop_id=shop_id, job_id=job_id, month=this_month(session), model=model.name, micros=needed)
        session.add(row)
        session.flush()
        return row.id


def _settle(db: Database, usage_id: int, model: Model, tokens: Tokens) -> None:
    with db.writing() as session:
        row = session.get_one(Usage, usage_id)
        row.state, row.settled_at = "settled", session.scalar(now_ms().select())
        row.tokens_in, row.tokens_cached, row.tokens_out = tokens.read, tokens.cached, tokens.written
        if tokens != Tokens():  # a server that reports no usage leaves the estimate standing
            row.micros = prices.micros(model.name, tokens, free=model.free)


def _release(db: Database, usage_id: int) -> None:
    with db.writing() as session:
        session.get_one(Usage, usage_id).state = "released"
