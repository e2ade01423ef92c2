"""People who may sign in."""

from __future__ import annotations

import pytest

from bridge import users
from bridge.db import Database
from bridge.errors import AskHuman
from bridge.vault import Vault
from tests.bridge import rows

PASSWORD = "a long password 1"


def test_a_password_opens_the_door_for_its_name_alone(db: Database) -> None:
    with db.writing() as session:
        added = users.add(session, " Anna ", PASSWORD, users.OPERATOR)
        assert PASSWORD not in added.password_hash and added.password_hash.startswith("$argon2id$")
        found = users.sign_in(session, "ANNA", PASSWORD)
        assert found is not None and found.id == added.id
        for name, password in (("anna", "wrong password 1"), ("bert", PASSWORD), ("anna", ""), ("", "")):
            assert users.sign_in(session, name, password) is None


@pytest.mark.parametrize(
    ("name", "password", "role", "shop"),
    [
        ("", PASSWORD, "operator", None),
        ("a", "short", "operator", None),
        ("a", "x" * 1001, "operator", None),
        ("a", PASSWORD, "owner", None),
        ("a", PASSWORD, "operator", 1),
        ("a", PASSWORD, "owner", 99),
        ("a", PASSWORD, "king", None),
    ],
)
def test_who_makes_no_sense_is_refused(
    db: Database, vault: Vault, name: str, password: str, role: str, shop: int | None
) -> None:
    with db.writing() as session:
        rows.connection(session, vault)
        with pytest.raises(AskHuman):
            users.add(session, name, password, role, shop)
        assert users.find(session, name) is None


def test_a_name_is_given_once(db: Database) -> None:
    with db.writing() as session:
        users.add(session, "anna", PASSWORD, users.OPERATOR)
        with pytest.raises(AskHuman, match="taken"):
            users.add(session, "Anna", PASSWORD, users.OPERATOR)


def test_a_new_password_signs_everybody_out(db: Database) -> None:
    with db.writing() as session:
        user = users.add(session, "anna", PASSWORD, users.OPERATOR)
        session.refresh(user)
        before = user.session_version
        users.set_password(session, user, "another password 1")
        assert user.session_version == before + 1
        assert users.sign_in(session, "anna", PASSWORD) is None
        assert users.sign_in(session, "anna", "another password 1") is not None
