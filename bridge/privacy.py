"""A person who asks learns what is kept, or is forgotten; a shop that left is forgotten. Each with a report.

Requests come from a platform or from somebody at a desk, and are acted on by the dispatcher. Every step may be
repeated: a crash at any line leaves the request open, and the next round begins it again.
What may hold personal data is named in one place, ``_search``; a new table is one line there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from bridge import jobs, shops
from bridge.db import Database, insert, now_ms
from bridge.models import (
    Attempt,
    Audit,
    Base,
    Bucket,
    BulkRun,
    Connection,
    Delivery,
    DraftRow,
    Event,
    FieldText,
    Job,
    PrivacyRequest,
    ReferenceText,
    Shop,
    Subject,
    TextPrint,
    Usage,
    User,
    Write,
)
from bridge.settings import Settings
from bridge.vault import Vault

EXPORT, ERASE_PERSON, ERASE_SHOP = "export", "erase_person", "erase_shop"
OPEN, DONE, KEPT = "open", "done", "kept"
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
DAYS_TO_ANSWER = 30  # https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
EXPORT_KEPT_DAYS = 30
_AT_ONCE = 500  # rows in one transaction, so that the door is not kept waiting
_DIGITS = 9  # of a phone number, from its end: country codes and leading zeros are written in many ways


def ask(
    session: Session,
    vault: Vault,
    kind: str,
    platform: str,
    account: str,
    source: str,
    person: Mapping[str, Any] | None = None,
    *,
    due_in_ms: int = DAYS_TO_ANSWER * DAY_MS,
) -> bool:
    """Remember a request once. ``person`` holds email, phone and ids, kept encrypted until the request is done."""
    row = shops.find(session, platform, account)
    made = session.scalar(
        insert(session, PrivacyRequest)
        .values(
            platform=platform,
            account=account,
            shop_id=row.shop_id if row else None,
            kind=kind,
            source=source,
            person=vault.seal_json(dict(person)) if person else None,
            due_at=now_ms() + due_in_ms,
        )
        .on_conflict_do_nothing()
        .returning(PrivacyRequest.id)
    )
    return made is not None


def shop_left(session: Session, vault: Vault, settings: Settings, connection_id: int) -> None:
    """The platform confirmed that the app was removed: what we hold goes when the time is over."""
    row = session.get_one(Connection, connection_id)
    hours = settings.erase_shop_after_hours
    source = f"left:{row.account}:{row.disconnected_at}"
    ask(session, vault, ERASE_SHOP, row.platform, row.account, source, due_in_ms=int(hours * HOUR_MS))


def act(db: Database, vault: Vault, settings: Settings, limit: int = 10) -> int:
    """Act on open requests and forget exports that are old. Returns how many requests ended."""
    with db.reading() as session:
        waiting = select(PrivacyRequest).where(PrivacyRequest.state == OPEN).order_by(PrivacyRequest.id).limit(limit)
        found = list(session.scalars(waiting))
    with db.writing() as session:
        old = (PrivacyRequest.export.is_not(None), PrivacyRequest.made_at < now_ms() - EXPORT_KEPT_DAYS * DAY_MS)
        session.execute(update(PrivacyRequest).where(*old).values(export=None))
    return sum(_ACTS[row.kind](db, vault, settings, row) for row in found)


def hand_over(session: Session, row: PrivacyRequest) -> None:
    """A person gave the export to the customer: the request is done."""
    _end(session, row.id, DONE, row.report)


# --- a person ---------------------------------------------------------------------------------------------------


def _export(db: Database, vault: Vault, settings: Settings, row: PrivacyRequest) -> bool:
    if row.made_at:
        return False  # it waits for a person to hand it over
    person = vault.open_json(row.person) if row.person else {}
    found = [
        {"where": "deliveries", "topic": each.topic, "received_at": each.received_at, "content": content}
        for each, content in _search(db, vault, row, person)
    ]
    report = {"found": {"deliveries": len(found)}, "mentions": _mentions(db, row, person)}
    made = vault.seal_json({"account": row.account, "asked_about": person, "found": found})
    with db.writing() as session:
        changes = {"export": made, "report": report, "made_at": now_ms()}
        session.execute(update(PrivacyRequest).where(PrivacyRequest.id == row.id).values(**changes))
    return False


def _erase_person(db: Database, vault: Vault, settings: Settings, row: PrivacyRequest) -> bool:
    person = vault.open_json(row.person) if row.person else {}
    ids = [each.id for each, _ in _search(db, vault, row, person)]
    for start in range(0, len(ids), _AT_ONCE):
        with db.writing() as session:
            # The id and the hash stay, so that a redelivery is still recognised.
            gone = update(Delivery).where(Delivery.id.in_(ids[start : start + _AT_ONCE]))
            session.execute(gone.values(body=None, headers=None, problem="Erased for a person who asked for it."))
    report = {"erased": {"deliveries": len(ids)}, "mentions": _mentions(db, row, person)}
    with db.writing() as session:
        _end(session, row.id, DONE, report)
    return True


def _search(
    db: Database, vault: Vault, row: PrivacyRequest, person: Mapping[str, Any]
) -> Iterator[tuple[Delivery, Any]]:
    """Deliveries of the account that speak of the person, with their content; opened one by one, in parts."""
    about = _matcher(person)
    last = 0
    while True:
        with db.reading() as session:
            part = session.scalars(
                select(Delivery)
                .where(Delivery.platform == row.platform, Delivery.account == row.account)
                .where(Delivery.body.is_not(None), Delivery.state != "stored", Delivery.id > last)
                .order_by(Delivery.id)
                .limit(200)
            ).all()
        if not part:
            return
        for each in part:
            content = _content(vault.open(each.body or b""))
            if about(content):
                yield each, content
        last = part[-1].id


def _content(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _matcher(person: Mapping[str, Any]) -> Callable[[Any], bool]:
    email, ids = str(person.get("email") or "").lower(), {str(each) for each in person.get("ids") or []}
    phone = _digits(str(person.get("phone") or ""))

    def one(value: Any) -> bool:
        text = str(value).lower()
        if email and email in text:
            return True
        if len(phone) == _DIGITS and _digits(text) == phone:
            return True
        return not isinstance(value, bool) and (text in ids or text.rpartition("/")[2] in ids)

    return lambda content: any(one(value) for value in _scalars(content))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)[-_DIGITS:]


def _scalars(content: Any) -> Iterator[Any]:
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif value is not None:
            yield value


def _mentions(db: Database, row: PrivacyRequest, person: Mapping[str, Any]) -> int:
    """Texts of the shop that contain the e-mail address: the shop's own words, so a person must look at them."""
    email = str(person.get("email") or "")
    if not email:
        return 0
    with db.reading() as session:
        connection = shops.find(session, row.platform, row.account)
        if connection is None:
            return 0
        mine = select(Subject.id).where(Subject.connection_id == connection.id)
        return jobs.total(session, FieldText.subject_id.in_(mine), FieldText.value.icontains(email, autoescape=True))


# --- a shop -----------------------------------------------------------------------------------------------------


def _erase_shop(db: Database, vault: Vault, settings: Settings, row: PrivacyRequest) -> bool:
    with db.reading() as session:
        connection = shops.find(session, row.platform, row.account)
        now = session.scalar(select(now_ms())) or 0
    if connection is not None and connection.status != shops.DISCONNECTED:
        # A shop that came back keeps everything. One that may have left unheard was asked about when the request came.
        if row.source.startswith("left:") or row.received_at < now - DAY_MS:
            with db.writing() as session:
                _end(session, row.id, KEPT, {})
            return True
        return False
    left = connection.disconnected_at if connection else None
    if left and left > now - int(settings.erase_shop_after_hours * HOUR_MS):
        return False
    report = {"erased": _forget(db, row, connection)}
    with db.writing() as session:
        _end(session, row.id, DONE, report)
        others = (PrivacyRequest.account == row.account, PrivacyRequest.platform == row.platform)
        session.execute(update(PrivacyRequest).where(*others).values(shop_id=None, person=None, export=None))
        also = (*others, PrivacyRequest.kind == ERASE_SHOP, PrivacyRequest.state == OPEN)
        session.execute(update(PrivacyRequest).where(*also).values(state=DONE, done_at=now_ms()))
        shops.audit(session, "shop.erased", request=row.id)
    return True


def _forget(db: Database, row: PrivacyRequest, connection: Connection | None) -> dict[str, int]:
    """Delete every row of an account, children before parents; counts by table."""
    steps: list[tuple[type[Base], ColumnElement[bool]]] = []
    if connection is not None:
        mine = select(Job.id).where(Job.connection_id == connection.id)
        products = select(Subject.id).where(Subject.connection_id == connection.id)
        steps += [
            (TextPrint, TextPrint.subject_id.in_(products)),
            (FieldText, FieldText.subject_id.in_(products)),
            (Write, Write.job_id.in_(mine)),
            (DraftRow, DraftRow.job_id.in_(mine)),
            (Attempt, Attempt.job_id.in_(mine)),
            (Usage, Usage.job_id.in_(mine)),
            (Job, Job.connection_id == connection.id),
            (Event, Event.connection_id == connection.id),
            (BulkRun, BulkRun.connection_id == connection.id),
            (Subject, Subject.connection_id == connection.id),
        ]
    steps.append((Delivery, (Delivery.platform == row.platform) & (Delivery.account == row.account)))
    if connection is not None:
        steps += [(Bucket, Bucket.key == f"connection:{connection.id}"), (Connection, Connection.id == connection.id)]
    erased = {model.__tablename__: _delete(db, model, condition) for model, condition in steps}
    if connection is not None:
        erased |= _forget_tenant(db, connection.shop_id)
    return {name: number for name, number in erased.items() if number}


def _forget_tenant(db: Database, shop_id: int) -> dict[str, int]:
    """The shop itself and its people, when nothing else of it is connected."""
    with db.reading() as session:
        if session.scalar(select(Connection.id).where(Connection.shop_id == shop_id).limit(1)) is not None:
            return {}
    steps: list[tuple[type[Base], ColumnElement[bool]]] = [
        (Usage, Usage.shop_id == shop_id),
        (TextPrint, TextPrint.shop_id == shop_id),
        (ReferenceText, ReferenceText.shop_id == shop_id),
        (Audit, Audit.shop_id == shop_id),
        (User, User.shop_id == shop_id),
        (Shop, Shop.id == shop_id),
    ]
    return {model.__tablename__: _delete(db, model, condition) for model, condition in steps}


def _delete(db: Database, model: type[Base], condition: ColumnElement[bool]) -> int:
    key = next(iter(model.__table__.primary_key))
    gone = 0
    while True:
        with db.writing() as session:
            part = list(session.scalars(select(key).where(condition).limit(_AT_ONCE)))
            if part:
                session.execute(delete(model).where(key.in_(part)))
        gone += len(part)
        if len(part) < _AT_ONCE:
            return gone


def _end(session: Session, request_id: int, state: str, report: Mapping[str, Any]) -> None:
    """The request is over: who it was about is forgotten too."""
    mine = (PrivacyRequest.id == request_id, PrivacyRequest.state == OPEN)
    values = {"state": state, "report": dict(report), "person": None, "done_at": now_ms()}
    session.execute(update(PrivacyRequest).where(*mine).values(**values))


_ACTS: dict[str, Callable[[Database, Vault, Settings, PrivacyRequest], bool]] = {
    EXPORT: _export,
    ERASE_PERSON: _erase_person,
    ERASE_SHOP: _erase_shop,
}
