"""No webhook is lost: what was acknowledged is on disk, once, whatever happens to the process."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text

from bridge import deliveries
from bridge.db import Database
from bridge.inbox import Arrival, Inbox
from bridge.models import Delivery
from bridge.vault import Vault
from tests.conftest import KEY


@pytest.fixture
def inbox(db: Database, vault: Vault) -> Iterator[Inbox]:
    made = Inbox(db, vault)
    yield made
    made.close()


def arrival(number: int, body: bytes = b'{"id": 1}') -> Arrival:
    return Arrival("shopify", "a.myshopify.com", f"id-{number}", "products/create", {"x-shopify-topic": "t"}, body)


def count(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_a_delivery_is_stored_as_it_came_and_encrypted(db: Database, vault: Vault, inbox: Inbox) -> None:
    inbox.store(arrival(1, b'{"title": "secret lamp"}'))
    with db.reading() as session:
        row = session.scalars(select(Delivery)).one()
    assert row.state == "stored"
    assert b"secret lamp" not in (row.body or b"")
    assert vault.open(row.body or b"") == b'{"title": "secret lamp"}'
    assert vault.open_json(row.headers or b"") == {"x-shopify-topic": "t"}


def test_repeats_leave_one_row_and_are_no_error(db: Database, vault: Vault, inbox: Inbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: inbox.store(arrival(number % 5)), range(40)))
    assert count(db) == 5


def test_the_same_id_at_another_shop_is_another_delivery(db: Database, vault: Vault, inbox: Inbox) -> None:
    inbox.store(arrival(1))
    inbox.store(Arrival("shopify", "b.myshopify.com", "id-1", "products/create", {}, b"{}"))
    assert count(db) == 2


def test_nobody_is_told_stored_while_the_database_is_away(db: Database, vault: Vault, inbox: Inbox) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE deliveries RENAME TO elsewhere"))
    try:
        with pytest.raises(Exception, match="deliveries"):
            inbox.store(arrival(1))
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO deliveries"))
    inbox.store(arrival(2))
    assert count(db) == 1


def test_a_writer_that_waits_too_long_is_told_so(db: Database, vault: Vault, inbox: Inbox) -> None:
    if not db.sqlite:
        pytest.skip("PostgreSQL has no lock that all writers share.")
    with db.writing(), pytest.raises(TimeoutError):
        inbox.store(arrival(1), timeout=0.2)
    inbox.store(arrival(1))
    assert count(db) == 1


def test_a_connection_that_broke_between_two_batches_is_replaced_unnoticed(
    db: Database, vault: Vault, inbox: Inbox
) -> None:
    if db.sqlite:
        pytest.skip("A file does not hang up.")
    inbox.store(arrival(1))
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with db.engine.begin() as connection:
        connection.execute(text(end))
    inbox.store(arrival(2))
    assert count(db) == 2


def test_closing_stores_what_waits_and_ends_the_writer(db: Database, vault: Vault) -> None:
    inbox = Inbox(db, vault)
    with ThreadPoolExecutor(8) as pool:
        for number in range(40):
            pool.submit(inbox.store, arrival(number))
    inbox.close()
    assert count(db) == 40
    assert not inbox._writer.is_alive() and inbox._kept is None


_STORER = """
import sys
from bridge.db import Database
from bridge.inbox import Arrival, Inbox
from bridge.vault import Vault
from concurrent.futures import ThreadPoolExecutor
url, key, start = sys.argv[1:]
inbox = Inbox(Database(url), Vault((key,)))
def store(number):
    inbox.store(Arrival("shopify", "a.myshopify.com", f"{start}-{number}", "t", {}, b"x" * 2000))
    sys.stdout.write(f"{start}-{number}\\n")
    sys.stdout.flush()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(store, range(100000)))
"""


def test_kill_9_loses_nothing_that_was_acknowledged(db: Database) -> None:
    url = db.url.render_as_string(hide_password=False)
    acknowledged: set[str] = set()
    for start in "abc":
        process = subprocess.Popen([sys.executable, "-c", _STORER, url, KEY, start], stdout=subprocess.PIPE, text=True)
        reader = threading.Thread(target=_collect, args=(process, acknowledged), daemon=True)
        reader.start()
        before = len(acknowledged)
        end = time.monotonic() + 20
        while len(acknowledged) < before + 50 and time.monotonic() < end:
            time.sleep(0.01)
        process.kill()
        process.wait()
        reader.join(5)
        assert len(acknowledged) >= before + 50
    with db.reading() as session:
        stored = list(session.scalars(select(Delivery.delivery_id)))
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored)


def _collect(process: subprocess.Popen[str], found: set[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.endswith("\n"):
            found.add(line.strip())


def test_replaying_takes_up_what_was_not_understood_and_nothing_else(db: Database, vault: Vault, inbox: Inbox) -> None:
    for number in range(4):
        inbox.store(arrival(number))
    with db.writing() as session:
        states = ("planned", "unreadable", "ignored", "unreadable")
        for row, state in zip(session.scalars(select(Delivery).order_by(Delivery.id)).all(), states, strict=True):
            row.state, row.problem = state, "why"
        session.flush()
        last = session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()
        assert last is not None
        last.body = None  # purged
        session.flush()
        assert deliveries.replay(session) == 1
        assert deliveries.replay(session, [1, 3, 4]) == 1
    with db.reading() as session:
        assert list(session.scalars(select(Delivery.state).order_by(Delivery.id))) == [
            "planned", "stored", "stored", "unreadable",
        ]  # fmt: skip
