"""Who wrote which text when, and what that makes of it: a fact of the shop, or ours and never a source."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.catalog import DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TITLE, Fact, Facts, Product, fingerprint
from bridge.models import FieldText

PERSON, BRIDGE, IMPORT = "person", "bridge", "import"

# Texts that say something about the product. Alternative texts and tags only repeat what stands elsewhere.
TELLING = (
    (TITLE, "Title"),
    (DESCRIPTION, "Description"),
    (SEO_TITLE, "SEO title"),
    (SEO_DESCRIPTION, "SEO description"),
)


def record(
    session: Session, subject_id: int, field: str, locale: str, value: str, author: str, write_id: int | None = None
) -> bool:
    """Remember a text unless it is the newest one already known for this field. True when it was new."""
    newest = latest(session, subject_id, field)
    if newest is not None and newest.value == value:
        return False
    session.add(
        FieldText(
            subject_id=subject_id,
            field=field,
            locale=locale,
            value=value,
            value_hash=fingerprint(value),
            author=author,
            write_id=write_id,
        )
    )
    session.flush()
    return True


def written(subject_id: int, field: str, locale: str, value: str, write_id: int) -> FieldText:
    """The memory of a text that we wrote; add it to the transaction that confirms the write."""
    return FieldText(
        subject_id=subject_id,
        field=field,
        locale=locale,
        value=value,
        value_hash=fingerprint(value),
        author=BRIDGE,
        write_id=write_id,
    )


def latest(session: Session, subject_id: int, field: str, author: str | None = None) -> FieldText | None:
    """The newest remembered text of a field, of one author or of anybody."""
    query = select(FieldText).where(FieldText.subject_id == subject_id, FieldText.field == field)
    if author:
        query = query.where(FieldText.author == author)
    return session.scalar(query.order_by(FieldText.id.desc()).limit(1))


def authors(session: Session, subject_id: int, current: Mapping[str, str]) -> dict[str, str]:
    """Who wrote the text that stands in each field now. Unknown texts are a person's; empty ones nobody's ("").

    Whoever wrote a text first is its author: when an undo puts the merchant's own words back, they stay the merchant's.
    """
    rows = session.execute(
        select(FieldText.field, FieldText.value_hash, FieldText.author)
        .where(
            FieldText.subject_id == subject_id,
            FieldText.value_hash.in_([fingerprint(value) for value in current.values() if value]),
        )
        .order_by(FieldText.id.desc())
    )
    first = {(field, value_hash): author for field, value_hash, author in rows}
    return {
        field: "" if not value else BRIDGE if first.get((field, fingerprint(value))) == BRIDGE else PERSON
        for field, value in current.items()
    }


def facts(session: Session, subject_id: int, product: Product, locale: str) -> Facts:
    """What the shop itself says about a product: its attributes, and the last text of each field not written by us."""
    current = product.texts()
    wrote = authors(session, subject_id, current)
    items = [Fact(key, label, value) for key, label, value in _plain_facts(product) if value]
    for field, label in TELLING:
        value = current[field]
        if wrote[field] == BRIDGE:
            older = latest(session, subject_id, field, PERSON)
            value = older.value if older else ""
        if value:
            items.append(Fact(field, label, value))
    items.extend(Fact(item.key, item.label, item.value) for item in product.attributes if item.value)
    return Facts(tuple(items), locale)


def _plain_facts(product: Product) -> tuple[tuple[str, str, str], ...]:
    return (
        ("vendor", "Vendor", product.vendor),
        ("type", "Product type", product.product_type),
        ("category", "Category", product.category),
    )
