"""What work is about: a product of a shop, or the connection itself. Rows made once, however many ask."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.db import insert
from bridge.models import Connection, Subject


def product(session: Session, connection: Connection, ref: str, title: str = "") -> Subject:
    """The row of a product by the platform's id."""
    return _made(session, connection, "product", ref, title)


def of_connection(session: Session, connection: Connection) -> Subject:
    """The row that stands for the connection itself, for work that is about no product."""
    return _made(session, connection, "connection", connection.account, connection.account)


def _made(session: Session, connection: Connection, kind: str, ref: str, title: str) -> Subject:
    key = {"connection_id": connection.id, "kind": kind, "ref": ref}
    statement = insert(session, Subject).values(shop_id=connection.shop_id, title=title, seen={}, **key)
    session.execute(statement.on_conflict_do_nothing())
    return session.scalars(select(Subject).filter_by(**key)).one()
