"""Realistic rows for the page: two shops, German and English products, jobs in every state of their life."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge import copies, jobs, journal, quality, shops, texts, users
from bridge.catalog import DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS
from bridge.db import Database, now_ms
from bridge.journal import Change
from bridge.models import (
    Attempt,
    Audit,
    BulkRun,
    Connection,
    Delivery,
    DraftRow,
    Event,
    Heartbeat,
    Job,
    PrivacyRequest,
    Shop,
    Subject,
    Usage,
    User,
)
from bridge.vault import Vault

PASSWORD = "a long enough password"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

ENGLISH = (
    ("Olive wood salad servers", "Olive wood", "30 cm"),
    ("Linen apron “Harbour”", "100% linen", "85 × 70 cm"),
    ("Beeswax candle, small", "Beeswax", "9 cm"),
    ("Wool blanket “Moor”", "Virgin wool", "130 × 180 cm"),
    ("Stoneware mug, glazed", "Stoneware", "300 ml"),
)
GERMAN = (
    ("Bienenwachskerze „Abendruh“", "Bienenwachs", "12 cm"),
    ("Geschirrtuch aus Halbleinen", "Halbleinen", "50 × 70 cm"),
    ("Schneidebrett aus Nussbaum", "Nussbaum", "38 × 24 cm"),
    ("Teekanne „Elbe“ mit Korkdeckel", "Steinzeug", "0,8 l"),
)


@dataclass
class Seeded:
    """What tests look for, by name."""

    operator: User
    owners: dict[str, User] = field(default_factory=dict)
    shops: dict[str, Shop] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    jobs: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def fill(db: Database, vault: Vault) -> Seeded:
    """Everything, in one transaction."""
    with db.writing() as session:
        now = session.scalar(now_ms().select()) or 0
        seeded = Seeded(_user(session, "operator", users.OPERATOR))
        _shop(session, vault, seeded, "north", "Northern Kitchen", "en")
        _shop(session, vault, seeded, "kontor", "Kerzenkontor Elbe", "de")
        for place, (title, material, size) in enumerate(ENGLISH):
            _english(session, seeded, place, title, material, size, now)
        for place, (title, material, size) in enumerate(GERMAN):
            _german(session, seeded, place, title, material, size, now)
        _history(session, seeded, now)
        _deliveries(session, seeded, now)
        _bulk(session, seeded)
        _privacy(session, vault, seeded, now)
        _products(session, seeded, now)
        _money(session, seeded)
        _alive(session)
    return seeded


@cache
def _password_hash() -> str:
    """Made once: a hash that is worth something takes its time."""
    return PasswordHasher().hash(PASSWORD)


def _user(session: Session, name: str, role: str, shop_id: int | None = None) -> User:
    row = User(name=name, password_hash=_password_hash(), role=role, shop_id=shop_id)
    session.add(row)
    session.flush()
    return row


def _shop(session: Session, vault: Vault, seeded: Seeded, key: str, name: str, locale: str) -> None:
    shop = shops.create(session, name, locale, spend_cap=20_000_000)
    seeded.shops[key] = shop
    seeded.owners[key] = _user(session, f"owner-{key}", users.OWNER, shop.id)
    seeded.connections[key] = shops.connect(
        session, vault, shop.id, "shopify", f"{key}.myshopify.com", {"access_token": "shpat_secret_of_" + key}
    )


def subject(session: Session, seeded: Seeded, key: str, title: str, number: int) -> Subject:
    """A product of a shop."""
    connection = seeded.connections[key]
    row = Subject(
        shop_id=connection.shop_id, connection_id=connection.id, ref=f"gid://shopify/Product/{number}", title=title,
        seen={"rest": "x"},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def job(session: Session, row: Subject, state: str, at: int, kind: str = "listing", **columns: Any) -> Job:
    """A job in a state, as if it had travelled there."""
    made = Job(
        shop_id=row.shop_id, connection_id=row.connection_id, subject_id=row.id, kind=kind, state=state,
        created_at=at, updated_at=columns.pop("updated_at", at + 4_000),
        due_at=columns.pop("due_at", jobs.NEVER if state in ("queued", "approved") else at), **columns,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def draft(
    session: Session, made: Job, locale: str, fields: dict[str, str], base: dict[str, str] | None = None,
    material: str = "", size: str = "", **columns: Any,
) -> DraftRow:  # fmt: skip
    """A draft that counts, with facts and evidence for its description."""
    german = locale == "de"
    row = DraftRow(
        job_id=made.id,
        locale=locale,
        base={name: (base or {}).get(name, "") for name in fields},
        fields=fields,
        author=columns.pop("author", "gpt-5-mini"),
        findings=columns.pop("findings", []),
        evidence=columns.pop("evidence", []),
        facts=[
            {"key": "vendor", "label": "Vendor", "value": "Werkstatt Elbe" if german else "Harbour Workshop"},
            {"key": "metafield:custom.material", "label": "Material", "value": material},
            {"key": "metafield:custom.size", "label": "Größe" if german else "Size", "value": size},
            {"key": "option:Color", "label": "Farbe", "value": "Natur"}
            if german
            else {"key": "option:Color", "label": "Colour", "value": "Natural"},
        ],
        created_at=made.created_at + 3_000,
        **columns,
    )
    session.add(row)
    session.flush()
    made.draft_id = row.id
    return row


def _english(session: Session, seeded: Seeded, place: int, title: str, material: str, size: str, now: int) -> None:
    row = subject(session, seeded, "north", title, 7_001 + place)
    at = now - (place + 1) * 40 * MINUTE
    first = f"Made of {material.lower()} in our own workshop."
    second = f"It measures {size} and comes in a natural colour."
    fields = {
        DESCRIPTION: f"<p>{first}</p><p>{second}</p><ul><li>Material: {material}</li><li>Size: {size}</li></ul>",
        SEO_TITLE: f"{title} – {material}",
        SEO_DESCRIPTION: f"{title} made of {material.lower()}, {size}. Natural colour, from our own workshop.",
        TAGS: f"kitchen, {material.lower()}",
    }
    old = {DESCRIPTION: f"<p>{title}. Nice and handy, made of wood.</p>", SEO_TITLE: title}
    evidence = [
        {"field": DESCRIPTION, "sentence": first, "facts": ["metafield:custom.material", "vendor"]},
        {"field": DESCRIPTION, "sentence": second, "facts": ["metafield:custom.size", "option:Color"]},
    ]
    states = ("review", "review", "conflict", "done", "failed")
    made = job(session, row, states[place], at, event_id=_event(session, seeded, "north", row, at), attempt=1)
    seeded.jobs[f"north-{states[place]}" if place != 1 else "north-blocked"] = made.id
    findings = _blocked() if place == 1 else []
    if place == 1:
        fields[DESCRIPTION] = fields[DESCRIPTION].replace("</ul>", "</ul><p>Dishwasher-safe up to 90 °C.</p>")
    if states[place] != "failed":
        draft(session, made, "en", fields, old if place in (0, 2) else {}, material, size, evidence=evidence,
              findings=findings)  # fmt: skip
    _attempt(session, made, at, states[place])
    if place == 2:
        change = Change(DESCRIPTION, old[DESCRIPTION], fields[DESCRIPTION])
        theirs = "<p>Hand-poured by Ruth since 1987. Please trim the wick.</p>"
        journal.note(session, made, change, "conflict", "en", theirs)
        made.problem = "The text was changed at the shop after this draft was written."
    if place == 3:
        changes = [Change(name, "", fields[name]) for name in (DESCRIPTION, SEO_TITLE)]
        intent = journal.new_intent()
        journal.intend(session, made, intent, changes, "en", at + 5_000)
        journal.confirm(session, intent, {change.field: change.after for change in changes}, at + 6_000)
        _dry_run(session, seeded, made, row, at)
    if place == 4:
        made.problem = "Shopify answers with an error of its own. This was tried five times and failed every time."


def _blocked() -> list[dict[str, Any]]:
    return [
        {"check": "grounded", "severity": "block", "field": DESCRIPTION, "quote": "90 °C",
         "message": "No fact gives the figure “%(words)s”.", "args": {"words": "90 °C"}, "code": "number-unsupported"},
        {"check": "lengths", "severity": "hint", "field": SEO_TITLE, "quote": "",
         "message": "This text has %(count)s characters; the shop wants %(limit)s at most.",
         "args": {"count": "62", "limit": "60"}, "code": "longer-than-wished"},
    ]  # fmt: skip


def _german(session: Session, seeded: Seeded, place: int, title: str, material: str, size: str, now: int) -> None:
    row = subject(session, seeded, "kontor", title, 8_001 + place)
    at = now - (place + 1) * 25 * MINUTE
    first = f"Aus {material}, gefertigt in der Werkstatt Elbe."
    fields = {
        DESCRIPTION: f"<p>{first}</p><p>Größe: {size}.</p>",
        SEO_TITLE: f"{title} aus {material}"[:60],
        SEO_DESCRIPTION: f"{title}: {material}, {size}.",
    }
    states = ("review", "approved", "rejected", "skipped")
    made = job(session, row, states[place], at, event_id=_event(session, seeded, "kontor", row, at), attempt=1)
    seeded.jobs[f"kontor-{states[place]}"] = made.id
    if states[place] != "skipped":
        evidence = [{"field": DESCRIPTION, "sentence": first, "facts": ["metafield:custom.material", "vendor"]}]
        draft(session, made, "de", fields, {}, material, size, author="template", evidence=evidence)
    _attempt(session, made, at, states[place])
    if states[place] == "rejected":
        made.problem = "Der Ton passt nicht zu uns."
    if states[place] == "skipped":
        made.problem = "Nothing that a text rests on has changed."


def _event(session: Session, seeded: Seeded, key: str, row: Subject, at: int) -> int:
    connection = seeded.connections[key]
    delivery = Delivery(
        platform="shopify", account=connection.account, delivery_id=f"d-{row.id}-{at}", topic="products/create",
        headers=b"x", body=b"x", body_hash="x" * 64, state="planned", received_at=at - 900, planned_at=at - 500,
    )  # fmt: skip
    session.add(delivery)
    session.flush()
    event = Event(
        connection_id=connection.id, delivery_id=delivery.id, subject_id=row.id, source_id=f"s-{row.id}-{at}",
        kind="product.created", outcome="job", occurred_at=at - 1_500, created_at=at - 400,
    )  # fmt: skip
    session.add(event)
    session.flush()
    return event.id


def _attempt(session: Session, made: Job, at: int, state: str) -> None:
    outcome = state if state in ("review", "failed", "skipped") else "review"
    problem = made.problem if state == "failed" else ""
    thought = {"started_at": at + 500, "ended_at": at + 3_400, "outcome": outcome, "problem": problem}
    session.add(Attempt(job_id=made.id, number=1, step="think", **thought))
    if state in ("done", "conflict"):
        wrote = {"started_at": at + 5_000, "ended_at": at + 6_100, "outcome": state}
        session.add(Attempt(job_id=made.id, number=2, step="write", **wrote))


def _dry_run(session: Session, seeded: Seeded, made: Job, row: Subject, at: int) -> None:
    result = {
        "calls": [
            {
                "operation": "mutation WriteProduct($product: ProductUpdateInput!) {\n"
                "  productUpdate(product: $product) { product { id updatedAt } userErrors { field message } }\n}",
                "variables": {"product": {"id": row.ref, "descriptionHtml": "<p>Made of virgin wool.</p>"}},
                "fields": [DESCRIPTION, SEO_TITLE],
            }
        ],
        "fields": {
            DESCRIPTION: {"state": "write", "base": "", "ours": "<p>Made of virgin wool.</p>", "theirs": ""},
            SEO_TITLE: {"state": "already", "base": "", "ours": "x", "theirs": "x"},
        },
        "cost": 10,
    }
    tried = job(session, row, "skipped", at + 4_000, kind="dry_run", input={"job_id": made.id}, result=result)
    seeded.jobs["north-dry-run"] = tried.id


def _history(session: Session, seeded: Seeded, now: int) -> None:
    """Two weeks of finished work, so that the chart has something to draw."""
    states = ("done", "done", "done", "skipped", "done", "failed", "rejected", "done", "superseded")
    row = subject(session, seeded, "north", "Oak spice rack", 7_100)
    other = subject(session, seeded, "kontor", "Duftkerze „Heuwiese“", 8_100)
    for day in range(1, 14):
        for place in range((day * 5) % 9 + 2):
            at = now - day * DAY - place * HOUR // 2
            job(session, row if place % 2 else other, states[(day + place) % 9], at)
    connection = seeded.connections["north"]
    account = Subject(
        shop_id=connection.shop_id, connection_id=connection.id, kind="connection", ref=connection.account,
        title=connection.account, seen={},
    )  # fmt: skip
    session.add(account)
    session.flush()
    checked = job(session, account, "skipped", now - 2 * HOUR, kind="check", result={"ok": True, "lines": []})
    seeded.jobs["north-check"] = checked.id
    session.add(Audit(shop_id=connection.shop_id, user_id=seeded.operator.id, action="connection.checked", detail={
        "account": connection.account}, at=now - 2 * HOUR))  # fmt: skip
    session.add(Audit(shop_id=seeded.shops["kontor"].id, user_id=seeded.owners["kontor"].id, action="draft.rejected",
                      job_id=seeded.jobs["kontor-rejected"], at=now - HOUR))  # fmt: skip


def _deliveries(session: Session, seeded: Seeded, now: int) -> None:
    for key, state, problem in (
        ("north", "unreadable", "This could not be read; the log tells more."),
        ("kontor", "unreadable", "This could not be read; the log tells more."),
        ("kontor", "ignored", "Nothing here acts on this topic yet."),
    ):
        row = Delivery(
            platform="shopify", account=seeded.connections[key].account, delivery_id=f"{key}-{state}",
            topic="products/update" if state == "unreadable" else "themes/publish", headers=b"x", body=b"x",
            body_hash="y" * 64, state=state,
            problem=problem, received_at=now - 3 * HOUR, planned_at=now - 3 * HOUR,
        )  # fmt: skip
        session.add(row)
        session.flush()
        seeded.rows[f"{key}-{state}"] = row.id


def _privacy(session: Session, vault: Vault, seeded: Seeded, now: int) -> None:
    """An export that waits to be handed over, and a person who was forgotten."""
    for key in ("north", "kontor"):
        connection = seeded.connections[key]
        common = {"platform": "shopify", "account": connection.account, "shop_id": connection.shop_id}
        made = PrivacyRequest(
            **common, kind="export", source="one", due_at=now + 20 * DAY, received_at=now - 10 * DAY, made_at=now - DAY,
            export=vault.seal_json({"found": [f"of {key}"]}), report={"found": {"deliveries": 2}, "mentions": 1},
        )  # fmt: skip
        done = PrivacyRequest(
            **common, kind="erase_person", source="two", due_at=now, received_at=now - 20 * DAY, state="done",
            done_at=now - 19 * DAY, report={"erased": {"deliveries": 3}, "mentions": 0},
        )  # fmt: skip
        session.add_all([made, done])
        session.flush()
        seeded.rows[f"{key}-export"] = made.id


def _products(session: Session, seeded: Seeded, now: int) -> None:
    """What is known of the products' texts, with a history; a reference text; webhooks that come."""
    wanted = {"north": ("Wool blanket “Moor”", "en"), "kontor": ("Teekanne „Elbe“ mit Korkdeckel", "de")}
    for key, (title, locale) in wanted.items():
        connection = seeded.connections[key]
        rows = session.scalars(select(Subject).where(Subject.connection_id == connection.id, Subject.kind == "product"))
        for place, row in enumerate(rows):
            row.points = {
                DESCRIPTION: ("good", "empty", "short", "good")[place % 4],
                SEO_TITLE: "good" if place % 2 else "empty",
                SEO_DESCRIPTION: "good" if place % 3 else "long",
                "alt:1": "good",
                "alt:2": "empty",
            }
            row.quality = None if place == 4 else quality.score(row.points)  # noqa: PLR2004
            if row.title == title:
                seeded.rows[f"{key}-product"] = row.id
                texts.record(session, row.id, DESCRIPTION, locale, f"<p>{title}: von Hand / by hand.</p>", texts.PERSON)
                texts.record(session, row.id, DESCRIPTION, locale, f"<p>{title}: later.</p>", texts.BRIDGE)
                texts.record(session, row.id, SEO_TITLE, locale, title, texts.PERSON)
        row = copies.add_reference(session, connection.shop_id, "The maker’s page", "A text that nobody may copy. " * 4)
        seeded.rows[f"{key}-reference"] = row.id
        topics = ["products/create", "products/update", "products/delete"]
        connection.can = {"webhooks": {"declared": key == "kontor", "topics": topics, "problems": []}}
    voice = {"texts": {DESCRIPTION: "<p>In this voice.</p>"}, "author": "template", "findings": _blocked()}
    for key in ("north", "kontor"):
        row = session.get_one(Subject, seeded.rows[f"{key}-product"])
        seeded.jobs[f"{key}-preview"] = job(session, row, "skipped", now, kind="preview", result=voice).id
    for made in session.scalars(select(DraftRow)):
        made.channels = {
            "headline": "In one line",
            "bullets": "• One\n• Two",
            "social": "A post.",
            "caption": "A caption.",
        }


def _bulk(session: Session, seeded: Seeded) -> None:
    for key, reason in (("north", "flood"), ("kontor", "drafts")):
        connection = seeded.connections[key]
        run = BulkRun(shop_id=connection.shop_id, connection_id=connection.id, reason=reason)
        session.add(run)
        session.flush()
        seeded.rows[f"{key}-run"] = run.id
        for number in range(12):
            row = subject(session, seeded, key, f"Sample {key} {number + 1}", 9_000 + run.id * 100 + number)
            job(session, row, "queued", session.scalar(now_ms().select()) or 0, bulk_run_id=run.id)


def _money(session: Session, seeded: Seeded) -> None:
    month = datetime.now(UTC).strftime("%Y-%m")
    for key, micros in (("north", 2_310_000), ("kontor", 640_000)):
        session.add(Usage(shop_id=seeded.shops[key].id, job_id=seeded.jobs.get(f"{key}-review"), month=month,
                          model="gpt-5-mini", state="settled", micros=micros))  # fmt: skip


def _alive(session: Session) -> None:
    for name in ("dispatcher", "think@host:1", "write@host:2"):
        session.add(Heartbeat(name=name, at=now_ms()))
