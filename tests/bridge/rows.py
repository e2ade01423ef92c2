"""Rows for the tests of the core: a shop with a connection, subjects, jobs, drafts."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bridge import review, shops, users
from bridge.catalog import DESCRIPTION, Draft, Fact, Facts, Verdict
from bridge.models import Connection, DraftRow, Job, Shop, Subject, User
from bridge.vault import Vault

DRAFT = Draft("en", {DESCRIPTION: ""}, {DESCRIPTION: "<p>A kettle of steel.</p>"}, "template")
FACTS = Facts((Fact("title", "Title", "Kettle"), Fact("material", "Material", "Steel")), "en")


def connection(session: Session, vault: Vault, account: str = "a.myshopify.com") -> Connection:
    """A new shop, connected."""
    shop = shops.create(session, account)
    return shops.connect(session, vault, shop.id, "shopify", account, {"access_token": "secret token"})


def owner(session: Session, shop: Shop | int) -> User:
    """Somebody who may decide."""
    shop_id = shop if isinstance(shop, int) else shop.id
    return users.add(session, f"owner {shop_id}", "a long password 1", users.OWNER, shop_id)


def subject(session: Session, found: Connection, ref: str = "p1") -> Subject:
    """A product of a connection."""
    made = Subject(shop_id=found.shop_id, connection_id=found.id, ref=ref, title=ref, seen={})
    session.add(made)
    session.flush()
    return made


def job(session: Session, found: Subject, state: str = "queued", kind: str = "listing", **more: Any) -> Job:
    """A job in any state, due at once."""
    made = Job(
        shop_id=found.shop_id, connection_id=found.connection_id, subject_id=found.id, kind=kind, state=state,
        due_at=more.pop("due_at", 0), **more,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def waiting(
    session: Session, found: Subject, draft: Draft = DRAFT, verdict: Verdict | None = None
) -> tuple[Job, DraftRow]:
    """A job in review with a draft."""
    made = job(session, found, "review")
    row = review.store_draft(session, made, draft, verdict or Verdict(), FACTS)
    made.draft_id = row.id
    session.flush()
    return made, row


def state(session: Session, job_id: int) -> str:
    """The state of a job as it is stored."""
    return session.get_one(Job, job_id, populate_existing=True).state
