"""What a product's texts were: who wrote them, when, and how to put an earlier one back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge import jobs, shops
from bridge.catalog import ALT
from bridge.errors import AskHuman
from bridge.models import FieldText, Subject
from bridge.priority import PERSON

MOST_VERSIONS = 12  # of a field, on the page
UNDER_WAY = "This product is being worked on. Try again when that is done."


def versions(session: Session, subject_id: int) -> dict[str, list[FieldText]]:
    """Every field's texts, the newest first; image texts last."""
    rows = session.scalars(
        select(FieldText).where(FieldText.subject_id == subject_id).order_by(FieldText.id.desc()).limit(500)
    )
    found: dict[str, list[FieldText]] = {}
    for row in rows:
        known = found.setdefault(row.field, [])
        if len(known) < MOST_VERSIONS:
            known.append(row)
    return dict(sorted(found.items(), key=lambda item: (item[0].startswith(ALT), item[0])))


def put_back(session: Session, subject: Subject, text_ids: Sequence[int], user_id: int) -> int:
    """Ask for earlier texts to be written again. Returns the job's id.

    Raises AskHuman when such a job waits already. What stands in the shop is compared before anything is written.
    """
    return _ask(session, subject, "revert", {"texts": list(text_ids)}, user_id, "product.put_back")


def write_anew(session: Session, subject: Subject, user_id: int) -> int:
    """Ask for new texts of one product. Returns the job's id; raises AskHuman when one waits already."""
    return _ask(session, subject, "listing", {"asked": True}, user_id, "product.asked")


def _ask(session: Session, subject: Subject, kind: str, given: dict[str, object], user_id: int, deed: str) -> int:
    added = jobs.add(
        session,
        shop_id=subject.shop_id,
        connection_id=subject.connection_id,
        subject_id=subject.id,
        kind=kind,
        priority=PERSON,
        input=given,
        asked_by=user_id,
    )
    if added is None:
        raise AskHuman(UNDER_WAY)
    shops.audit(session, deed, shop_id=subject.shop_id, user_id=user_id, job_id=added)
    return added
