"""The texts that resemble a draft are found among those of the same shop, and of no other."""

from __future__ import annotations

from sqlalchemy import func, select

from bridge import copies, texts
from bridge.catalog import DESCRIPTION, Draft
from bridge.db import Database
from bridge.models import Subject, TextPrint
from bridge.vault import Vault
from tests.bridge import rows

LONG = " ".join(f"sentence{n} about a lamp that shines" for n in range(12))


def products(db: Database, vault: Vault) -> tuple[Subject, Subject]:
    with db.writing() as session:
        shop = rows.connection(session, vault)
        return rows.subject(session, shop, "p1"), rows.subject(session, shop, "p2")


def draft(text: str) -> Draft:
    return Draft("en", {DESCRIPTION: ""}, {DESCRIPTION: text}, "a model")


def listing(db: Database, subject_id: int, text: str) -> None:
    with db.writing() as session:
        texts.record(session, subject_id, DESCRIPTION, "en", text, texts.PERSON)
        copies.remember(session, session.get_one(Subject, subject_id), text)


def test_another_listing_is_found_and_the_products_own_is_not(db: Database, vault: Vault) -> None:
    one, two = products(db, vault)
    listing(db, one.id, LONG)
    with db.reading() as session:
        assert [each.text for each in copies.like(session, one.shop_id, two.id, draft(LONG))] == [LONG]
        assert copies.like(session, one.shop_id, one.id, draft(LONG)) == ()
        assert copies.like(session, one.shop_id + 1, two.id, draft(LONG)) == ()


def test_a_new_text_takes_the_place_of_the_old_one(db: Database, vault: Vault) -> None:
    one, two = products(db, vault)
    listing(db, one.id, LONG)
    listing(db, one.id, "Now it says something short.")
    with db.reading() as session:
        assert copies.like(session, one.shop_id, two.id, draft(LONG)) == ()
        assert session.scalar(select(func.count()).select_from(TextPrint)) == 0


def test_a_reference_text_is_found_until_it_is_removed(db: Database, vault: Vault) -> None:
    one, _two = products(db, vault)
    with db.writing() as session:
        row = copies.add_reference(session, one.shop_id, "The maker's page", LONG)
        (found,) = copies.like(session, one.shop_id, one.id, draft(LONG))
        assert (found.name, found.reference) == ("The maker's page", True)
        copies.remove_reference(session, row)
        assert copies.like(session, one.shop_id, one.id, draft(LONG)) == ()


def test_a_deleted_product_is_no_listing_any_more(db: Database, vault: Vault) -> None:
    one, two = products(db, vault)
    listing(db, one.id, LONG)
    with db.writing() as session:
        session.get_one(Subject, one.id).deleted_at = 1
    with db.reading() as session:
        assert copies.like(session, one.shop_id, two.id, draft(LONG)) == ()
