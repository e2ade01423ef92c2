"""Lists page by page, by key and not by number of rows skipped: page one thousand costs what page one costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import Row
from sqlalchemy.orm import Session

SIZE = 50


@dataclass(frozen=True)
class Page:
    """Some rows, newest first, and the keys that lead to their neighbours."""

    rows: Sequence[Any]
    older: int | None  # ?before=
    newer: int | None  # ?after=


def turn(session: Session, statement: Any, key: Any, size: int = SIZE) -> Page:
    """The page that the address asks for. The first column of ``statement`` must be an entity with ``id``."""
    before, after = _number("before"), _number("after")
    if after is not None:
        found = list(session.execute(statement.where(key > after).order_by(key).limit(size + 1)))
        more, rows = len(found) > size, found[:size][::-1]
        return Page(rows, _id(rows, -1) if rows else after + 1, _id(rows, 0) if more else None)
    if before is not None:
        statement = statement.where(key < before)
    found = list(session.execute(statement.order_by(key.desc()).limit(size + 1)))
    rows = found[:size]
    newer = None if before is None else _id(rows, 0) if rows else before - 1
    return Page(rows, _id(rows, -1) if len(found) > size else None, newer)


def _id(rows: Sequence[Row[Any]], position: int) -> int:
    return int(rows[position][0].id)


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isdigit() and len(text) < 16 else None
