"""Shops and connections: who they are, what they may, and what is forgotten when they go."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bridge import shops
from bridge.catalog import DESCRIPTION
from bridge.db import Database
from bridge.errors import AskHuman, GiveUp
from bridge.models import Audit, Connection, Job, Shop
from bridge.shops import Live, Policy
from bridge.vault import Vault
from tests.bridge import rows


@pytest.mark.parametrize(
    "text",
    ["shop-1.myshopify.com", " Shop-1.myshopify.com ", "https://shop-1.myshopify.com/admin", "shop-1",
     "http://shop-1.myshopify.com"],
)  # fmt: skip
def test_what_people_type_or_paste_becomes_the_domain(text: str) -> None:
    assert shops.typed_account("shopify", text) == "shop-1.myshopify.com"


ODD = (
    "", "evil.example", "shop.myshopify.com.evil.example", "shop.myshopify.com\n.evil.example", "a b.myshopify.com",
    "-.myshopify.com", "shop.myshopify.com:8080@evil.example", "shop.myshopify.com#x", "ſhop.myshopify.com", "../x",
    "a" * 64 + ".myshopify.com",
)  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_a_name_that_is_no_shop_domain_is_refused(text: str) -> None:
    with pytest.raises(AskHuman, match=r"name\.myshopify\.com"):
        shops.account_name("shopify", text)


@pytest.mark.parametrize("text", ODD)
def test_nothing_that_is_typed_leads_to_another_host(text: str) -> None:
    try:
        found = shops.typed_account("shopify", text)
    except AskHuman:
        return
    assert shops.account_name("shopify", found) == found
    assert "evil" not in found


def test_credentials_are_stored_encrypted_and_opened_for_workers(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.connection(session, vault)
        assert found.credentials and b"secret token" not in found.credentials
        live = shops.open_connection(session, vault, found.id)
    assert live.credentials == {"access_token": "secret token", "account": "a.myshopify.com"}
    assert "secret token" not in repr(live)


def test_a_reconnection_keeps_the_row_and_its_history(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        first = rows.connection(session, vault)
        shops.disconnect(session, first.id, "Gone.")
        again = shops.connect(session, vault, first.shop_id, "shopify", first.account, {"access_token": "new"})
        assert (again.id, again.status, again.problem) == (first.id, "connected", "")
        assert len(session.scalars(select(Connection)).all()) == 1


def test_a_disconnection_destroys_the_credentials_and_cancels_what_waits(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found, other = rows.connection(session, vault), rows.connection(session, vault, "b.myshopify.com")
        rows.job(session, rows.subject(session, found), "review")
        rows.job(session, rows.subject(session, other), "review")
        assert shops.disconnect(session, found.id, "The shop is gone.") == 1
    with db.reading() as session:
        rows_now = session.scalars(select(Connection).order_by(Connection.id)).all()
        assert [(row.status, row.credentials is None) for row in rows_now] == [
            ("disconnected", True),
            ("connected", False),
        ]
        assert list(session.scalars(select(Job.state).order_by(Job.id))) == ["cancelled", "review"]


def test_a_pause_is_for_connected_ones_and_ends_with_resume(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.connection(session, vault)
        shops.pause(session, found.id, "A permission is missing.")
        assert (found.status, found.problem) == ("paused", "A permission is missing.")
        shops.resume(session, found.id)
        assert (found.status, found.problem) == ("connected", "")
        shops.disconnect(session, found.id, "Gone.")
        shops.pause(session, found.id, "Late.")
        shops.resume(session, found.id)
        assert (found.status, found.problem) == ("disconnected", "Gone.")


@pytest.fixture
def live(db: Database, vault: Vault) -> Live:
    with db.writing() as session:
        return shops.open_connection(session, vault, rows.connection(session, vault).id)


def stored(db: Database, vault: Vault, live: Live) -> dict[str, object]:
    with db.reading() as session:
        return dict(shops.open_connection(session, vault, live.id).credentials)


def test_of_many_workers_one_renews_the_token(db: Database, vault: Vault, live: Live) -> None:
    with ThreadPoolExecutor(6) as pool:
        (ticket,) = (found for found in pool.map(lambda _: shops.claim_renewal(db, live.id), range(6)) if found)
    with db.writing() as session:
        assert shops.end_renewal(session, vault, live, ticket, {"access_token": "renewed"})
    assert stored(db, vault, live)["access_token"] == "renewed"
    assert shops.claim_renewal(db, live.id)


def test_a_renewal_that_failed_gives_its_ticket_back_and_changes_nothing(
    db: Database, vault: Vault, live: Live
) -> None:
    ticket = shops.claim_renewal(db, live.id)
    assert ticket
    with db.writing() as session:
        assert shops.end_renewal(session, vault, live, ticket)
    assert stored(db, vault, live) == live.credentials
    assert shops.claim_renewal(db, live.id)


def test_a_late_renewal_does_not_bring_a_disconnected_account_back(db: Database, vault: Vault, live: Live) -> None:
    ticket = shops.claim_renewal(db, live.id)
    assert ticket
    with db.writing() as session:
        shops.disconnect(session, live.id, "Uninstalled.")
    with db.writing() as session:
        assert not shops.end_renewal(session, vault, live, ticket, {"access_token": "late"})
    assert stored(db, vault, live) == {}


def test_a_late_renewal_does_not_overwrite_a_new_connection(db: Database, vault: Vault, live: Live) -> None:
    ticket = shops.claim_renewal(db, live.id)
    assert ticket
    with db.writing() as session:
        shops.connect(session, vault, live.shop_id, "shopify", live.account, {"access_token": "of the new connection"})
    with db.writing() as session:
        assert not shops.end_renewal(session, vault, live, ticket, {"access_token": "late"})
    assert stored(db, vault, live)["access_token"] == "of the new connection"


@pytest.mark.parametrize("change", ["pause", "resume"])
def test_a_disconnection_at_the_same_moment_is_not_undone(db: Database, vault: Vault, live: Live, change: str) -> None:
    if db.sqlite:
        pytest.skip("SQLite has one writer at a time.")
    with db.writing() as session:
        if change == "resume":
            shops.pause(session, live.id, "A pause.")
    with db.writing() as late:
        late.get_one(Connection, live.id)
        with db.writing() as session:
            shops.disconnect(session, live.id, "Gone.")
        shops.pause(late, live.id, "Late.") if change == "pause" else shops.resume(late, live.id)
    with db.reading() as session:
        assert session.get_one(Connection, live.id).status == "disconnected"


def test_the_switch_is_on_record(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.connection(session, vault)
        shops.stop_writes(session, found.shop_id, True, None)
        assert session.get_one(Shop, found.shop_id).writes_stopped
        shops.stop_writes(session, found.shop_id, False, None)
    with db.reading() as session:
        assert list(session.scalars(select(Audit.action).order_by(Audit.id))) == ["writes.stopped", "writes.resumed"]


def test_a_check_is_asked_for_once(db: Database, vault: Vault) -> None:
    with db.writing() as session:
        found = rows.connection(session, vault)
        assert shops.check_soon(session, found.id, None)
        assert shops.check_soon(session, found.id, None) is None


def test_a_policy_is_cautious_and_forgives_what_it_does_not_know() -> None:
    cautious = shops.read_policy({})
    assert cautious == Policy()
    assert cautious.fill_empty_only and not cautious.auto_approve and not cautious.write_title
    stored = json.loads(json.dumps({"auto_approve": True, "fields": [DESCRIPTION], "of_tomorrow": 1}))
    assert shops.read_policy(stored) == Policy(auto_approve=True, fields=(DESCRIPTION,))


def test_a_voice_falls_back_to_its_language() -> None:
    voices = {"de": {"address": "Sie", "forbidden": ["billig"], "of_tomorrow": 1}}
    austrian = shops.read_voice("de-AT", voices)
    assert (austrian.locale, austrian.address, austrian.forbidden) == ("de-AT", "Sie", ("billig",))
    assert shops.read_voice("en", voices).forbidden == ()


def test_keys_rotate_and_a_lost_key_is_a_sentence() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault((old,)).seal_json({"a": "ä"})
    both = Vault((new, old))
    assert both.open_json(sealed) == {"a": "ä"}
    renewed = both.renew(sealed)
    assert Vault((new,)).open_json(renewed) == {"a": "ä"}
    with pytest.raises(GiveUp, match="ENCRYPTION_KEYS"):
        Vault((new,)).open(sealed)
    with pytest.raises(GiveUp, match="ENCRYPTION_KEYS"):
        both.open(sealed[:-4] + b"AAAA")
    with pytest.raises(GiveUp, match="ENCRYPTION_KEYS"):
        Vault((new,)).renew(sealed)
