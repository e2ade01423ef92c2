"""Which texts of a shop resemble a draft: found by stored fingerprints, however many products there are."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bridge import texts
from bridge.ai.checks import copied
from bridge.ai.checks.copied import Other
from bridge.catalog import DESCRIPTION, Draft
from bridge.models import ReferenceText, Subject, TextPrint

_NEAREST = 3  # texts that are compared word by word
_MOST_ASKED = 400  # fingerprints of one draft that are looked up


def remember(session: Session, subject: Subject, description: str) -> None:
    """Keep the fingerprints of a product's present description in place of the earlier one's."""
    wanted = copied.prints(description)
    known = set(session.scalars(select(TextPrint.hash).where(TextPrint.subject_id == subject.id)))
    if known == wanted:
        return
    session.execute(delete(TextPrint).where(TextPrint.subject_id == subject.id))
    session.add_all(TextPrint(shop_id=subject.shop_id, subject_id=subject.id, hash=each) for each in sorted(wanted))


def add_reference(session: Session, shop_id: int, name: str, text: str) -> ReferenceText:
    """A text that drafts must not copy: a maker's, a competitor's."""
    row = ReferenceText(shop_id=shop_id, name=name, text=text)
    session.add(row)
    session.flush()
    prints = sorted(copied.prints(text))
    session.add_all(TextPrint(shop_id=shop_id, reference_id=row.id, hash=each) for each in prints)
    return row


def remove_reference(session: Session, row: ReferenceText) -> None:
    """Forget such a text."""
    session.execute(delete(TextPrint).where(TextPrint.reference_id == row.id))
    session.delete(row)


def like(session: Session, shop_id: int, subject_id: int, draft: Draft) -> tuple[Other, ...]:
    """The texts of the shop that share most with a draft, its own product's aside."""
    asked = sorted({each for name in copied.FIELDS for each in copied.prints(draft.fields.get(name, ""))})
    if not asked:
        return ()
    shared = (
        select(TextPrint.subject_id, TextPrint.reference_id, func.count().label("shared"))
        .where(TextPrint.shop_id == shop_id, TextPrint.hash.in_(asked[:_MOST_ASKED]))
        .where(TextPrint.subject_id.is_(None) | (TextPrint.subject_id != subject_id))
        .group_by(TextPrint.subject_id, TextPrint.reference_id)
        .order_by(func.count().desc(), TextPrint.subject_id, TextPrint.reference_id)
        .limit(_NEAREST)
    )
    found = [_text(session, product, reference) for product, reference, _shared in session.execute(shared)]
    return tuple(each for each in found if each is not None)


def _text(session: Session, subject_id: int | None, reference_id: int | None) -> Other | None:
    if reference_id is not None:
        reference = session.get_one(ReferenceText, reference_id)
        return Other(reference.name, reference.text, reference=True)
    subject = session.get_one(Subject, subject_id)
    text = texts.latest(session, subject.id, DESCRIPTION)
    return Other(subject.title, text.value) if text and subject.deleted_at is None else None
