"""The one place that decides whose rows a person may see. Every query of the pages goes through it."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import abort, request
from sqlalchemy import ColumnElement, and_, exists, false, select, true
from sqlalchemy.orm import Session

from bridge.admin.auth import Person, person
from bridge.models import (
    Audit,
    Base,
    BulkRun,
    Connection,
    Delivery,
    Job,
    PrivacyRequest,
    ReferenceText,
    Shop,
    Subject,
    User,
    Write,
)

Row = TypeVar("Row", bound=Base)

# The column that names the shop. Deliveries have none: they came before anybody knew whose they are.
SHOP_OF: dict[type[Base], Any] = {
    Shop: Shop.id,
    Connection: Connection.shop_id,
    Job: Job.shop_id,
    Subject: Subject.shop_id,
    BulkRun: BulkRun.shop_id,
    Write: Write.shop_id,
    Audit: Audit.shop_id,
    User: User.shop_id,
    PrivacyRequest: PrivacyRequest.shop_id,
    ReferenceText: ReferenceText.shop_id,
}


def limit_to(who: Person, model: type[Base], shop_id: int | None = None) -> ColumnElement[bool]:
    """The condition under which a row is visible; ``shop_id`` narrows it further."""
    own = None if who.sees_all else who.shop_id
    if not who.sees_all and own is None:
        return false()
    wanted = [number for number in (own, shop_id) if number is not None]
    if model is Delivery:
        return and_(true(), *(_delivered_to(number) for number in wanted))
    return and_(true(), *(SHOP_OF[model] == number for number in wanted))


def visible(session: Session, model: type[Row], row_id: int, who: Person | None = None) -> Row:
    """The row, or 404: a foreign row looks exactly like a missing one."""
    key: Any = model.id  # type: ignore[attr-defined]
    row = session.scalar(select(model).where(key == row_id, limit_to(who or person(), model)))
    if row is None:
        abort(404)
    return row


def only(statement: Any, model: type[Base]) -> Any:
    """The statement, limited to the person's rows and the shop chosen in the address."""
    return statement.where(limit_to(person(), model, chosen_shop()))


def chosen_shop() -> int | None:
    """The shop that an operator filters by (``?shop=3``)."""
    text = request.args.get("shop", "")
    return int(text) if text.isdigit() and len(text) < 16 and person().sees_all else None


def shops(session: Session, who: Person | None = None) -> list[Shop]:
    """The shops a person may see, by name."""
    return list(session.scalars(select(Shop).where(limit_to(who or person(), Shop)).order_by(Shop.name, Shop.id)))


def _delivered_to(shop_id: int) -> ColumnElement[bool]:
    return exists().where(
        Connection.platform == Delivery.platform,
        Connection.account == Delivery.account,
        Connection.shop_id == shop_id,
    )
