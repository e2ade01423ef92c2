"""Text that no database holds: it is stored as far as it goes and never raises."""

import pytest
from sqlalchemy import select

from bridge.catalog import fingerprint
from bridge.db import Database, storable
from bridge.models import Shop


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Kaffee", "Kaffee"),
        ("Größe 🎁", "Größe 🎁"),
        ("a\0b", "a\ufffdb"),
        ("half \ud83c", "half \ufffd"),
        ("\udf81 half", "\ufffd half"),
        ("whole \ud83c\udf81", "whole 🎁"),
    ],
)
def test_odd_text_is_stored_and_found_again(db: Database, given: str, kept: str) -> None:
    assert storable(given) == kept
    with db.writing() as session:
        session.add_all([Shop(name=given), Shop(name="other")])
    with db.reading() as session:
        assert list(session.scalars(select(Shop.name).where(Shop.name == given))) == [kept]


def test_odd_text_has_a_fingerprint() -> None:
    assert fingerprint("half \ud83c") != fingerprint("half \ud83d")
