"""The daily mail: what waits, in the user's language, once, over a real connection to a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from bridge import digest, users
from bridge.db import Database
from bridge.errors import WrongSettings
from bridge.models import Job, User
from bridge.settings import Settings, load
from bridge.vault import Vault
from demo.world import free_port
from tests.bridge import rows
from tests.conftest import KEY

MORNING = datetime(2026, 11, 24, 6, tzinfo=UTC)


class Mailbox:
    """What a mail server received."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse:
            return "451 not now"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[tuple[Mailbox, Settings]]:
    found = Mailbox()
    port = free_port()  # the controller calls itself at the port it was given, so 0 will not do
    server = Controller(found, hostname="127.0.0.1", port=port)
    server.start()
    yield found, replace(settings, smtp_url=f"smtp://127.0.0.1:{port}", mail_from="bridge@example.com")
    server.stop()


def user(db: Database, vault: Vault, locale: str = "de", waits: int = 2) -> tuple[User, Job]:
    with db.writing() as session:
        connection = rows.connection(session, vault)
        made = users.add(session, "owner", "a long password 1", users.OWNER, connection.shop_id)
        made.email, made.locale = "owner@example.com", locale
        for number in range(waits):
            job, _draft = rows.waiting(session, rows.subject(session, connection, f"Kerze\r\nBcc: {number}"))
    return made, job


def test_what_waits_is_told_once_a_day_in_the_users_language(
    db: Database, vault: Vault, mailbox: tuple[Mailbox, Settings]
) -> None:
    box, settings = mailbox
    user(db, vault)
    assert digest.send_due(db, settings, MORNING) == 1
    (mail,) = box.mails
    assert (mail["To"], mail["From"], mail["Subject"]) == (
        "owner@example.com", "bridge@example.com", "Storebridge: 2 Sachen warten",
    )  # fmt: skip
    body = mail.get_content()
    assert "2 Entwürfe zu prüfen" in body and settings.public_url in body
    assert mail["Bcc"] is None and "Kerze Bcc: 0" in body
    assert digest.send_due(db, settings, MORNING + timedelta(hours=2)) == 0
    assert len(box.mails) == 1


def test_the_next_morning_brings_the_next_mail(db: Database, vault: Vault, mailbox: tuple[Mailbox, Settings]) -> None:
    box, settings = mailbox
    made, _job = user(db, vault, locale="en")
    for now in (MORNING, MORNING + timedelta(days=1)):
        with db.writing() as session:  # the database's clock is today's
            session.get_one(User, made.id).digest_at = int((now - timedelta(hours=20)).timestamp() * 1000)
        assert digest.send_due(db, settings, now) == 1
    assert [mail["Subject"] for mail in box.mails] == ["Storebridge: 2 things wait"] * 2


def test_nothing_waits_and_no_mail_is_sent(db: Database, vault: Vault, mailbox: tuple[Mailbox, Settings]) -> None:
    box, settings = mailbox
    _user, job = user(db, vault, waits=1)
    with db.writing() as session:
        session.get_one(Job, job.id).state = "rejected"
    assert digest.send_due(db, settings, MORNING) == 0
    assert box.mails == []


def test_another_shops_drafts_are_not_counted(db: Database, vault: Vault, mailbox: tuple[Mailbox, Settings]) -> None:
    box, settings = mailbox
    made, _job = user(db, vault, waits=1)
    with db.writing() as session:
        other = rows.connection(session, vault, "b.myshopify.com")
        rows.waiting(session, rows.subject(session, other, "Somebody else's"))
    with db.reading() as session:
        found = digest.waiting(session, session.get_one(User, made.id))
    assert found.drafts == 1 and list(found.titles) == ["Kerze\r\nBcc: 0"]
    assert box.mails == [] and settings.smtp_url


def test_a_refusal_is_tried_again(db: Database, vault: Vault, mailbox: tuple[Mailbox, Settings]) -> None:
    box, settings = mailbox
    user(db, vault)
    box.refuse = True
    assert digest.send_due(db, settings, MORNING) == 0
    box.refuse = False
    assert digest.send_due(db, settings, MORNING) == 1


def test_who_gave_no_address_gets_no_mail(db: Database, vault: Vault, mailbox: tuple[Mailbox, Settings]) -> None:
    box, settings = mailbox
    made, _job = user(db, vault)
    with db.writing() as session:
        session.get_one(User, made.id).email = ""
    assert digest.send_due(db, settings, MORNING) == 0
    assert box.mails == []


def test_a_password_is_never_sent_in_the_clear(db: Database, vault: Vault, mailbox: tuple[Mailbox, Settings]) -> None:
    box, settings = mailbox
    user(db, vault)
    with_password = replace(settings, smtp_url=settings.smtp_url.replace("smtp://", "smtp://me:secret@"))
    assert digest.send_due(db, with_password, MORNING) == 0  # the server offers no TLS
    assert box.mails == []


@pytest.mark.parametrize("wrong", ["http://mail", "smtp://", "smtp://host:port", "mail.example.com"])
def test_a_wrong_mail_server_stops_the_start(wrong: str) -> None:
    given = {"SECRET_KEY": "only for tests " * 3, "ENCRYPTION_KEYS": KEY, "SMTP_URL": wrong}
    with pytest.raises(WrongSettings, match="SMTP_URL"):
        load(given)
