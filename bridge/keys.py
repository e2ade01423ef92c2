"""Changing the installation key: everything sealed is sealed again under the newest one, while all processes go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from bridge.db import Database
from bridge.errors import GiveUp
from bridge.jobs import changed
from bridge.models import Connection, Delivery, PrivacyRequest
from bridge.vault import Vault

SEALED: tuple[tuple[type[Any], InstrumentedAttribute[Any]], ...] = (
    (Connection, Connection.credentials),
    (PrivacyRequest, PrivacyRequest.person),
    (PrivacyRequest, PrivacyRequest.export),
    (Delivery, Delivery.headers),
    (Delivery, Delivery.body),
)
_AT_ONCE = 25  # rows; a body may have megabytes


@dataclass
class Renewed:
    """How it went. Only when ``lost`` is 0 may an old key be taken away without losing what nothing else can open."""

    renewed: int = 0
    current: int = 0  # were under the newest key already
    lost: int = 0  # no key opens them; left as they are


def count(db: Database) -> int:
    """How many sealed values there are."""
    with db.reading() as session:
        each = (session.scalar(select(func.count()).where(column.is_not(None))) or 0 for _table, column in SEALED)
        return sum(each)


def renew(db: Database, vault: Vault, seen: Callable[[int], None] = lambda _number: None) -> Renewed:
    """Seal everything under the newest key. May be interrupted and repeated; what changes meanwhile is left alone."""
    done = Renewed()
    for table, column in SEALED:
        for part in _parts(db, table, column):
            _renew(db, vault, table, column, part, done)
            seen(len(part))
    return done


def _parts(db: Database, table: type[Any], column: InstrumentedAttribute[Any]) -> Iterator[list[tuple[int, bytes]]]:
    last = 0
    while True:
        wanted = select(table.id, column).where(table.id > last, column.is_not(None)).order_by(table.id)
        with db.reading() as session:
            part = [(row_id, bytes(sealed)) for row_id, sealed in session.execute(wanted.limit(_AT_ONCE))]
        if not part:
            return
        yield part
        last = part[-1][0]


def _renew(
    db: Database, vault: Vault, table: type[Any], column: InstrumentedAttribute[Any], part: list[tuple[int, bytes]],
    done: Renewed,
) -> None:  # fmt: skip
    fresh: list[tuple[int, bytes, bytes]] = []
    for row_id, sealed in part:
        if vault.is_current(sealed):
            done.current += 1
            continue
        try:
            fresh.append((row_id, sealed, vault.renew(sealed)))
        except GiveUp:
            done.lost += 1
    with db.writing() as session:
        for row_id, sealed, again in fresh:
            # Only over what was read: a token renewed or a body purged meanwhile must not come back.
            same = update(table).where(table.id == row_id, column == sealed).values({column: again})
            done.renewed += int(changed(session, same))
