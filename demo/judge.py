"""Counts what was lost, doubled or overwritten, from the stores' ledgers and the database; our counters have no say.

A process of its own: ``python -m demo.judge '{"database": …, "store": …, "domains": […]}'`` prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import requests
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bridge import jobs
from bridge.catalog import SEO_DESCRIPTION, SEO_TITLE
from bridge.db import Database
from bridge.models import Connection, Delivery, DraftRow, Event, Job, PrivacyRequest, Subject, Write

# The store's words for our fields.
_FIELDS = {"description": "body_html", SEO_TITLE: "seo_title", SEO_DESCRIPTION: "seo_description"}
_INTENT = "intent"
_ENDED = (*jobs.FINAL, *jobs.WAITING)


@dataclass(frozen=True)
class Ledger:
    """What the simulated stores saw."""

    calls: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    webhooks: list[dict[str, Any]]


def judge(
    session: Session, ledger: Ledger, started: float = 0.0, ended: float = 0.0, left: Left | None = None
) -> dict[str, Any]:
    """All figures of the closing line, and the promises that did not hold as sentences under ``broken``."""
    attempts = [attempt for webhook in ledger.webhooks for attempt in webhook["attempts"]]
    acknowledged = sum(1 for attempt in attempts if 200 <= attempt["status"] < 300)
    stored = _count(session, Delivery.account != (left.domain if left else ""))
    found: dict[str, Any] = {
        "deliveries_sent": len(attempts),
        "acknowledged": acknowledged,
        "stored": stored,
        "duplicates_ignored": acknowledged - stored,
        "forged_refused": sum(1 for webhook in ledger.webhooks if webhook["forged"] and _refused(webhook)),
        "unreadable": _count(session, Delivery.state == "unreadable"),
        "listings_written": len({change["product"] for change in _ours(ledger) if change["changed"]}),
        "skipped_unchanged": _skipped(session),
        "conflicts": _conflicts(session),
        "echoes_silenced": len(_echoes(session, ledger)),
        "throttled": sum(1 for call in ledger.calls if call["throttled"]),
        "lost": len(lost := _lost(session, ledger)),
        "double_writes": len(doubled := _doubled(ledger)),
        "overwritten_edits": len(overwritten := _overwritten(session, ledger)),
        "undone": session.scalar(select(func.count()).select_from(Job).where(Job.state == "undone")) or 0,
        **(_life_of(session, left) if left else {}),
        "seconds": round(ended - started, 1),
    }
    forged = [webhook for webhook in ledger.webhooks if webhook["forged"]]
    found["broken"] = [
        *lost,
        *doubled,
        *overwritten,
        *_noisy_echoes(session, ledger),
        *_untrue_journal(session, ledger),
        *(_still_there(session, left) if left else ()),
        *(f"A forged delivery was not refused: {webhook['id']}." for webhook in forged if not _refused(webhook)),
    ]
    return found


# --- a store that came and left ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Left:
    """A store that installed the app and removed it: what it saw, and its name."""

    domain: str
    ledger: Ledger


def _life_of(session: Session, left: Left) -> dict[str, Any]:
    """Its figures come from its own ledger: nothing of it is in the database any more but the reports."""
    granted = [call for call in left.ledger.calls if call["operation"] == "access_token" and call["status"] == 200]
    kinds = Counter((call["variables"] or {}).get("grant_type") for call in granted)
    reports = select(PrivacyRequest.report).where(
        PrivacyRequest.account == left.domain, PrivacyRequest.kind == "erase_shop", PrivacyRequest.state == "done"
    )
    return {
        "installs": kinds["code"],
        "tokens_refreshed": kinds["refresh_token"],
        "recovered": len(_recovered(left)),
        "erased": sum(1 for report in session.scalars(reports) if report.get("erased", {}).get("shops")),
    }


def _recovered(left: Left) -> set[str]:
    """Products whose webhook was lost for good, and that we asked for nevertheless, later than it was lost."""
    lost = {hook["product"]: hook["at_ms"] for hook in _lost_for_good(left)}
    asked = [call for call in left.ledger.calls if call["operation"] == "ProductAnnounced"]
    return {
        read["product"] for call in asked for read in call["reads"] if lost.get(read["product"], 2**53) < call["at_ms"]
    }


def _lost_for_good(left: Left) -> list[dict[str, Any]]:
    return [hook for hook in left.ledger.webhooks if hook["product"] and not hook["acknowledged"]]


def _still_there(session: Session, left: Left) -> list[str]:
    """What should have been recovered, and what should have been erased."""
    missed = {hook["product"] for hook in _lost_for_good(left)} - _recovered(left)
    found = [f"A change that no webhook told was never found: {product}." for product in sorted(missed)]
    for model, where in ((Connection, Connection.account), (Delivery, Delivery.account), (Subject, Subject.ref)):
        rows = session.scalar(select(func.count()).select_from(model).where(where == left.domain)) or 0
        products = {change["product"] for change in left.ledger.changes}
        if model is Subject:
            rows += session.scalar(select(func.count()).select_from(Subject).where(Subject.ref.in_(products))) or 0
        found += [f"{rows} rows of a shop that left are still in {model.__tablename__}."] if rows else []
    return [*found, *_doubled(left.ledger)]


# --- promise 1: nothing is lost ---------------------------------------------------------------------------------


def _lost(session: Session, ledger: Ledger) -> list[str]:
    """Acknowledged deliveries without a row, or with work that neither ended nor waits for a person."""
    rows = {row.delivery_id: row for row in session.scalars(select(Delivery))}
    found = []
    for webhook in ledger.webhooks:
        if webhook["forged"] or not webhook["acknowledged"]:
            continue
        row = rows.get(webhook["id"])
        if row is None:
            found.append(f"Acknowledged but not stored: {webhook['topic']} {webhook['id']}.")
        elif row.state == "stored":
            found.append(f"Stored but never planned: {webhook['topic']} {webhook['id']}.")
    for job in session.scalars(select(Job).where(Job.state.not_in(_ENDED))):
        found.append(f"Job {job.id} ({job.kind}) is still {job.state}.")
    return found


# --- promise 2: nothing happens twice ---------------------------------------------------------------------------


def _doubled(ledger: Ledger) -> list[str]:
    """The same texts applied to a product twice with nothing different in between, or one intent id applied twice."""
    found: list[str] = []
    last: dict[tuple[str, str], tuple[str, str]] = {}
    intents = Counter(
        change["after"] for change in ledger.changes if change["actor"] == "api" and _is_intent(change["field"])
    )
    found += [f"The intent {intent} was applied {times} times." for intent, times in intents.items() if times > 1]
    for change in ledger.changes:
        key = change["product"], change["field"]
        again = change["actor"] == "api" and not change["changed"] and last.get(key) == ("api", change["after"])
        if again and change["field"] == "body_html":
            found.append(f"The same text was written twice: {change['field']} of {change['product']}.")
        last[key] = (change["actor"], change["after"])
    return found


# --- promise 3: a merchant's edit wins --------------------------------------------------------------------------


def _overwritten(session: Session, ledger: Ledger) -> list[str]:
    """Merchant edits that our write ran over unseen and that nobody was offered back."""
    found = []
    for change in _ours(ledger):
        unseen = change["before_actor"] == "merchant" and change["before_version"] > change["read_version"]
        if change["changed"] and unseen and not _offered_back(session, change):
            found.append(f"A merchant's edit was overwritten in silence: {change['field']} of {change['product']}.")
    return found


def _offered_back(session: Session, change: dict[str, Any]) -> bool:
    """True when a restore job holds exactly the merchant's text as its draft."""
    restores = (
        select(DraftRow)
        .join(Job, Job.id == DraftRow.job_id)
        .join(Subject, Subject.id == Job.subject_id)
        .where(Job.kind == "restore", Subject.ref == change["product"])
    )
    return any(change["before"] in row.fields.values() for row in session.scalars(restores))


def _conflicts(session: Session) -> int:
    raised = session.scalar(
        select(func.count()).select_from(Write).where(Write.state.in_(("conflict", "resolved", "overwrote")))
    )
    return raised or 0


# --- promise 4: our own echo is silence -------------------------------------------------------------------------


def _echoes(session: Session, ledger: Ledger) -> list[str]:
    ours = {webhook["id"] for webhook in ledger.webhooks if webhook["actor"] == "api" and not webhook["forged"]}
    planned = select(Delivery.delivery_id).where(Delivery.state == "planned")
    return [delivery for delivery in session.scalars(planned) if delivery in ours]


def _noisy_echoes(session: Session, ledger: Ledger) -> list[str]:
    """Webhooks of our own writes that made work, although they showed nothing of the merchant's that was news.

    A snapshot caused by our write also carries what the merchant changed meanwhile; when it overtakes the merchant's
    own webhook, it rightly causes the work.
    """
    sent = {webhook["id"]: webhook for webhook in ledger.webhooks if not webhook["forged"]}
    known: dict[str, int] = {}
    found = []
    for delivery, job in session.execute(
        select(Delivery.delivery_id, Job.id)
        .join(Event, Event.delivery_id == Delivery.id)
        .outerjoin(Job, (Job.event_id == Event.id) & (Job.kind == "listing"))
        .order_by(Event.id)
    ):
        webhook = sent.get(delivery)
        if webhook is None:
            continue  # of a store that is judged by itself
        product, version = webhook["product"], webhook["version"] or 0
        if job and webhook["actor"] == "api" and not _merchant_changed(ledger, product, known.get(product, 0), version):
            found.append(f"Our own echo caused job {job}.")
        known[product] = max(known.get(product, 0), version)
    return found


def _merchant_changed(ledger: Ledger, product: str, after: int, until: int) -> bool:
    return any(
        change["product"] == product and change["actor"] == "merchant" and after < change["version"] <= until
        for change in ledger.changes
    )


# --- the journal and the store must tell the same story ---------------------------------------------------------


def _untrue_journal(session: Session, ledger: Ledger) -> list[str]:
    """Every write the journal calls confirmed must be in the store's ledger, with exactly that text."""
    texts = (change for change in _ours(ledger) if change["field"] in _FIELDS.values())
    applied = {(change["product"], change["field"], change["after"] or "") for change in texts}
    rows = session.execute(
        select(Write, Subject.ref)
        .join(Subject, Subject.id == Write.subject_id)
        .where(Write.state.in_(("confirmed", "undone", "overwrote")), Write.field.in_(_FIELDS))
    )
    return [
        f"The journal says {row.field} of {ref} was written, the store does not."
        for row, ref in rows
        if (ref, _FIELDS[row.field], row.after) not in applied
    ]


def _ours(ledger: Ledger) -> Iterable[dict[str, Any]]:
    return [change for change in ledger.changes if change["actor"] == "api" and not _is_intent(change["field"])]


def _is_intent(field: str) -> bool:
    return field.startswith("metafield:") and field.endswith("." + _INTENT)


def _refused(webhook: dict[str, Any]) -> bool:
    return bool(webhook["attempts"]) and all(attempt["status"] == 401 for attempt in webhook["attempts"])


def _skipped(session: Session) -> int:
    events = session.scalar(select(func.count()).select_from(Event).where(Event.outcome == "unchanged")) or 0
    skipped = select(func.count()).select_from(Job).where(Job.kind == "listing", Job.state == "skipped")
    return events + (session.scalar(skipped) or 0)


def _count(session: Session, condition: Any) -> int:
    return session.scalar(select(func.count()).select_from(Delivery).where(condition)) or 0


def read_ledger(store: str, domains: list[str]) -> Ledger:
    """The ledgers of all stores as one."""
    parts = [requests.get(f"{store}/_sim/{domain}/ledger", timeout=30).json() for domain in domains]
    joined = {name: [entry for part in parts for entry in part[name]] for name in ("calls", "changes", "webhooks")}
    return Ledger(**joined)


def main() -> None:
    """Read what to judge from the first argument, print the verdict."""
    asked = json.loads(sys.argv[1])
    db = Database(asked["database"])
    with db.reading() as session:
        left = Left(asked["left"], read_ledger(asked["store"], [asked["left"]]))
        ledger = read_ledger(asked["store"], asked["domains"])
        verdict = judge(session, ledger, asked["started"], asked["ended"], left)
    print(json.dumps(verdict, ensure_ascii=False))


if __name__ == "__main__":
    main()
