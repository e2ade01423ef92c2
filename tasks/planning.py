"""From stored deliveries to jobs, in one transaction each: what happened, is it news, and what follows from it.

Echoes of our own writes, unchanged payloads, stale snapshots and noise end here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bridge import jobs, journal, privacy, shops, subjects, texts
from bridge.catalog import TAGS, Event, fingerprint, split_tags
from bridge.db import insert, now_ms
from bridge.errors import NotAuthentic, StorebridgeError
from bridge.models import BulkRun, Connection, Delivery, Job, Shop, Subject, Write
from bridge.models import Event as EventRow
from bridge.priority import NEW, REFRESH
from bridge.settings import Settings
from bridge.vault import Vault
from connectors import CONNECTORS
from tasks import KINDS

log = structlog.get_logger()

IGNORED_TOPIC = "Nothing here acts on this topic yet."
UNKNOWN_ACCOUNT = "This account is not connected."


@dataclass(frozen=True)
class News:
    """An event of a product together with what we know about the product."""

    settings: Settings
    connection: Connection
    subject: Subject
    event: Event
    event_id: int


def plan(session: Session, vault: Vault, settings: Settings, limit: int = 50) -> int:
    """Plan the oldest stored deliveries; returns how many. One that cannot be read does not hold up the others."""
    waiting = select(Delivery).where(Delivery.state == "stored").order_by(Delivery.id).limit(limit)
    found = list(session.scalars(waiting))
    for delivery in found:
        try:
            with session.begin_nested():
                state, problem = _plan_one(session, vault, settings, delivery)
        except (ValueError, StorebridgeError) as error:
            state, problem = "unreadable", str(error)
        except Exception:
            log.exception("planning failed", delivery=delivery.id)
            state, problem = "unreadable", "This could not be read; the log tells more."
        session.execute(
            update(Delivery).where(Delivery.id == delivery.id).values(state=state, problem=problem, planned_at=now_ms())
        )
    return len(found)


def _plan_one(session: Session, vault: Vault, settings: Settings, delivery: Delivery) -> tuple[str, str]:
    headers = json.loads(vault.open(delivery.headers or b""))
    body = vault.open(delivery.body or b"")
    connection = shops.find(session, delivery.platform, delivery.account)
    seen = 0
    events = iter(CONNECTORS[delivery.platform].hooks.read(headers, body))
    while True:
        try:
            event = next(events)
        except StopIteration:
            break
        except NotAuthentic as error:
            raise ValueError(str(error)) from error
        seen += 1
        if event.kind.startswith("privacy."):
            _ask_privacy(session, vault, connection, delivery, event)
            continue
        if connection is None or connection.status == shops.DISCONNECTED:
            return "ignored", UNKNOWN_ACCOUNT
        take(session, settings, connection, delivery.id, event)
    if not seen:
        return "ignored", CONNECTORS[delivery.platform].hooks.left_alone(delivery.topic) or IGNORED_TOPIC
    return "planned", ""


def _ask_privacy(
    session: Session, vault: Vault, connection: Connection | None, delivery: Delivery, event: Event
) -> None:
    """Also for a shop that is gone or was never known: the law asks for an answer all the same."""
    kind = event.kind.removeprefix("privacy.")
    privacy.ask(session, vault, kind, delivery.platform, delivery.account, event.source_id, event.person)
    if kind == privacy.ERASE_SHOP and connection is not None and connection.status != shops.DISCONNECTED:
        # It may have left without a word; one call with our own token finds out.
        jobs.add(
            session,
            shop_id=connection.shop_id,
            connection_id=connection.id,
            subject_id=subjects.of_connection(session, connection).id,
            kind="check",
            input={"revoked": True},
        )


def take(session: Session, settings: Settings, connection: Connection, delivery_id: int | None, event: Event) -> str:
    """Store an event once and let it have its effect. Returns what became of it, empty for one that is known."""
    event_id = session.scalar(
        insert(session, EventRow)
        .values(
            connection_id=connection.id,
            delivery_id=delivery_id,
            source_id=event.source_id,
            kind=event.kind,
            outcome="noise",
            occurred_at=event.occurred_at,
        )
        .on_conflict_do_nothing()
        .returning(EventRow.id)
    )
    if event_id is None:
        return ""  # a replay of what was planned already
    outcome, subject_id = _effect(session, settings, connection, event, event_id)
    session.execute(update(EventRow).where(EventRow.id == event_id).values(outcome=outcome, subject_id=subject_id))
    return outcome


def _effect(
    session: Session, settings: Settings, connection: Connection, event: Event, event_id: int
) -> tuple[str, int | None]:
    if event.kind in _CONNECTION_EVENTS:
        return _check(session, connection, event, event_id), None
    subject = subjects.product(session, connection, event.subject or "", event.title)
    news = News(settings, connection, subject, event, event_id)
    return _EFFECTS[event.kind](session, news), subject.id


# --- products ---------------------------------------------------------------------------------------------------


def _changed(session: Session, news: News) -> str:
    """A product was created or changed: stale, unchanged, our own echo, or news."""
    subject, event = news.subject, news.event
    stale = (event.occurred_at or 0) < (subject.platform_updated_at or 0)
    hashes = {name: fingerprint(text) for name, text in event.texts.items()}
    differing = [name for name, value in hashes.items() if subject.seen.get(name) != value]
    ours = {name for name in differing if _echo(session, news, name, event.texts[name])}
    overwritten = _overwritten(session, news, [name for name in differing if name not in ours])
    if stale:
        return "overwritten" if overwritten else "stale"
    new, rest_moved = not subject.seen, subject.seen.get("rest") != event.rest
    _remember(session, news, hashes)
    if not differing and not rest_moved:
        return "unchanged"
    if not new and not rest_moved and set(differing) <= ours:
        return "echo"
    for name in differing:
        if name not in ours and name not in overwritten and event.texts[name]:
            texts.record(session, subject.id, name, _locale(session, news), event.texts[name], texts.PERSON)
    if overwritten and set(differing) <= ours | overwritten and not rest_moved:
        return "overwritten"
    return _queue(session, news)


def _remember(session: Session, news: News, hashes: dict[str, str]) -> None:
    news.subject.seen = {**hashes, "rest": news.event.rest}
    news.subject.platform_updated_at = news.event.occurred_at
    news.subject.title = news.event.title or news.subject.title
    news.subject.deleted_at = None
    session.flush()


def _echo(session: Session, news: News, field: str, value: str) -> bool:
    """True when this text is what our last write of the field put there; stored with the intent, before the call.

    Or what stood there before it, in a snapshot no younger than the write: two webhooks of one write, out of order.
    """
    row = journal.newest(session, news.subject.id, field)
    if row is None:
        return False
    if value == row.before and _may_be_older(news, row):
        return True
    if field == TAGS:
        return set(split_tags(row.after)) == set(split_tags(value))
    return journal.is_ours(row, value)


def _overwritten(session: Session, news: News, fields: list[str]) -> set[str]:
    """Edits that our write may have run over: neither our base nor ours, and not younger than our write.

    The platform's clock counts whole seconds, so "not younger" includes the same second; the job that follows looks
    at what is live and stays silent when the merchant's text survived.
    """
    found: dict[str, dict[str, object]] = {}
    for name in fields:
        row = journal.newest(session, news.subject.id, name)
        if row is not None and name != TAGS and _may_be_older(news, row):
            found[name] = {"write_id": row.id, "theirs": news.event.texts[name]}
    edits = list(found.values())
    if edits and not jobs.extend_queued(session, news.subject.id, "restore", "edits", edits):
        jobs.add(
            session,
            shop_id=news.subject.shop_id,
            connection_id=news.connection.id,
            subject_id=news.subject.id,
            kind="restore",
            event_id=news.event_id,
            input={"edits": edits},
        )
    return set(found)


def _may_be_older(news: News, row: Write) -> bool:
    if row.state == "intended" or row.platform_updated_at is None or news.event.occurred_at is None:
        return True
    return news.event.occurred_at <= row.platform_updated_at


def _queue(session: Session, news: News) -> str:
    """Let the kinds of work that this event causes begin, once the product has rested."""
    outcome = "noise"
    for kind in (kind for kind in KINDS.values() if news.event.kind in kind.events):
        settle_ms = _settle_ms(session, news)
        if jobs.settle_again(session, news.subject.id, kind.name, settle_ms) or jobs.mark_stale(
            session, news.subject.id, kind.name
        ):
            outcome = "coalesced"
        else:
            outcome = _new_job(session, news, kind.name, settle_ms)
    return outcome


def _new_job(session: Session, news: News, kind: str, settle_ms: int) -> str:
    created = news.event.kind == "product.created"
    run_id = _bulk_run(session, news) if created else None
    added = jobs.add(
        session,
        shop_id=news.subject.shop_id,
        connection_id=news.connection.id,
        subject_id=news.subject.id,
        kind=kind,
        event_id=news.event_id,
        priority=NEW if created else REFRESH,
        due_in_ms=settle_ms,
        bulk_run_id=run_id,
        waits=run_id is not None,
    )
    return "job" if added is not None else "coalesced"


def _settle_ms(session: Session, news: News) -> int:
    own = shops.read_policy(session.get_one(Shop, news.subject.shop_id).policy).settle_seconds
    return int((news.settings.settle_seconds if own is None else own) * 1000)


def _locale(session: Session, news: News) -> str:
    return session.get_one(Shop, news.subject.shop_id).locale


def _bulk_run(session: Session, news: News) -> int | None:
    """Drafts, and creates beyond the hourly number, become one bulk run that waits for the owner's word."""
    reason = "drafts" if news.event.waiting else "flood" if _flooded(session, news) else ""
    if not reason:
        return None
    open_run = select(BulkRun.id).where(
        BulkRun.connection_id == news.connection.id, BulkRun.state == "waiting", BulkRun.reason == reason
    )
    found = session.scalar(open_run)
    if found is None:
        run = BulkRun(shop_id=news.subject.shop_id, connection_id=news.connection.id, reason=reason)
        session.add(run)
        session.flush()
        found = run.id
    return found


def _flooded(session: Session, news: News) -> bool:
    recent = select(func.count()).where(
        Job.shop_id == news.subject.shop_id,
        Job.connection_id == news.connection.id,
        Job.kind == "listing",
        Job.priority == NEW,
        Job.created_at > now_ms() - 3_600_000,
    )
    return (session.scalar(recent) or 0) >= news.settings.flood_creates_per_hour


def _deleted(session: Session, news: News) -> str:
    session.execute(update(Subject).where(Subject.id == news.subject.id).values(deleted_at=now_ms()))
    jobs.cancel_all(session, Job.subject_id == news.subject.id, problem="The product was deleted at the shop.")
    return "deleted"


_EFFECTS: dict[str, Callable[[Session, News], str]] = {
    "product.created": _changed,
    "product.updated": _changed,
    "product.deleted": _deleted,
}


_CONNECTION_EVENTS = {
    "connection.revoked": ({"revoked": True}, "revoked"),
    "connection.scopes_changed": ({}, "job"),
}


def _check(session: Session, connection: Connection, event: Event, event_id: int) -> str:
    """Only a hint (it may be old, or arrive after a re-install): one authenticated call finds out."""
    given, outcome = _CONNECTION_EVENTS[event.kind]
    jobs.add(
        session,
        shop_id=connection.shop_id,
        connection_id=connection.id,
        subject_id=subjects.of_connection(session, connection).id,
        kind="check",
        event_id=event_id,
        input=given,
    )
    return outcome
