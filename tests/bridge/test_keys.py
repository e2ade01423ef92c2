"""Changing the installation key, on both databases, while others go on writing."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bridge import keys, shops
from bridge.db import Database
from bridge.errors import GiveUp
from bridge.keys import Renewed
from bridge.models import Connection, Delivery
from bridge.vault import Vault
from tests.bridge import rows

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
OLD_ONLY, NEW_ONLY, BOTH = Vault((OLD,)), Vault((NEW,)), Vault((NEW, OLD))
DELIVERIES = 60  # more than one part


def fill(db: Database) -> None:
    with db.writing() as session:
        rows.connection(session, OLD_ONLY)
        for number in range(DELIVERIES):
            session.add(
                Delivery(
                    platform="shopify", account="a.myshopify.com", delivery_id=str(number), topic="products/update",
                    headers=OLD_ONLY.seal(b"{}"), body=None if number == 0 else OLD_ONLY.seal(b"body %d" % number),
                    body_hash="", received_at=1,
                )
            )  # fmt: skip


def bodies(db: Database, vault: Vault) -> list[bytes | None]:
    with db.reading() as session:
        found = session.scalars(select(Delivery.body).order_by(Delivery.id))
        return [None if body is None else vault.open(body) for body in found]


def credentials(db: Database) -> bytes:
    with db.reading() as session:
        return session.scalars(select(Connection.credentials)).one() or b""


def test_everything_opens_with_the_new_key_alone_afterwards(db: Database) -> None:
    fill(db)
    before, seen = bodies(db, OLD_ONLY), []
    sealed = keys.count(db)
    assert keys.renew(db, BOTH, seen.append) == Renewed(renewed=sealed)
    assert sum(seen) == sealed == 1 + DELIVERIES + DELIVERIES - 1
    assert bodies(db, NEW_ONLY) == before and before[0] is None
    assert NEW_ONLY.open_json(credentials(db))["access_token"] == "secret token"
    with pytest.raises(GiveUp):
        OLD_ONLY.open(credentials(db))


def test_a_second_run_changes_nothing(db: Database) -> None:
    fill(db)
    keys.renew(db, BOTH)
    before = credentials(db)
    assert keys.renew(db, BOTH) == Renewed(current=keys.count(db))
    assert credentials(db) == before


def test_what_no_key_opens_is_told_and_left_as_it_is(db: Database) -> None:
    fill(db)
    before = credentials(db)
    assert keys.renew(db, NEW_ONLY) == Renewed(lost=keys.count(db))
    assert credentials(db) == before and bodies(db, OLD_ONLY)[1] == b"body 1"


class Busy(Vault):
    """Somebody connects the shop anew while the old credentials are being sealed."""

    def __init__(self, db: Database) -> None:
        super().__init__((NEW, OLD))
        self.db = db
        self.done = False

    def renew(self, sealed: bytes) -> bytes:
        if not self.done:
            self.done = True
            with self.db.writing() as session:
                shop_id = session.scalars(select(Connection.shop_id)).one()
                fresh: dict[str, Any] = {"access_token": "newer token"}
                shops.connect(session, OLD_ONLY, shop_id, "shopify", "a.myshopify.com", fresh)
        return super().renew(sealed)


def test_credentials_that_came_meanwhile_are_not_overwritten(db: Database) -> None:
    fill(db)
    done = keys.renew(db, Busy(db))
    assert OLD_ONLY.open_json(credentials(db))["access_token"] == "newer token"
    assert done.renewed == keys.count(db) - 1
    keys.renew(db, BOTH)
    assert NEW_ONLY.open_json(credentials(db))["access_token"] == "newer token"
