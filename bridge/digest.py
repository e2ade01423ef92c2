"""A mail once a day about what waits for a person. Nothing waits: no mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from gettext import NullTranslations
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from babel.support import Translations
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bridge import jobs, privacy
from bridge.db import Database, now_ms
from bridge.models import BulkRun, Job, PrivacyRequest, Subject, User
from bridge.settings import Settings

log = structlog.get_logger()

_CATALOGUES = Path(__file__).parent / "admin" / "translations"
_PATIENCE = 20.0  # seconds for the mail server
_NAMED = 5  # products
_AT_ONCE = 50


@dataclass(frozen=True)
class Waiting:
    """What waits for one user."""

    drafts: int
    conflicts: int
    runs: int
    failed: int
    exports: int
    titles: Sequence[str]  # of the first drafts

    @property
    def anything(self) -> bool:
        return any((self.drafts, self.conflicts, self.runs, self.failed, self.exports))


def send_due(db: Database, settings: Settings, now: datetime | None = None) -> int:
    """Send what is due. Returns how many mails went out; one that the server refuses is tried again later."""
    if not settings.smtp_url:
        return 0
    since = _since(settings, now or datetime.now(UTC))
    with db.reading() as session:
        due = session.scalars(select(User).where(User.email != "", User.digest_at < since).limit(_AT_ONCE)).all()
    return sum(_send(db, settings, user) for user in due)


def _since(settings: Settings, now: datetime) -> int:
    """The last moment at which digests became due, in ms."""
    today = now.replace(hour=settings.digest_hour, minute=0, second=0, microsecond=0)
    return int((today if today <= now else today - timedelta(days=1)).timestamp() * 1000)


def _send(db: Database, settings: Settings, user: User) -> bool:
    with db.writing() as session:
        mine = (User.id == user.id, User.digest_at == user.digest_at)
        if not jobs.changed(session, update(User).where(*mine).values(digest_at=now_ms())):
            return False  # another dispatcher was faster
        found = waiting(session, user)
    if not found.anything:
        return False
    try:
        _deliver(settings, compose(settings, user, found))
    except (OSError, smtplib.SMTPException) as error:
        log.warning("the mail server refused a digest", user=user.id, error=type(error).__name__)
        with db.writing() as session:
            session.get_one(User, user.id).digest_at = user.digest_at
        return False
    return True


def waiting(session: Session, user: User) -> Waiting:
    """Counts of what a user may see."""
    mine = [] if user.shop_id is None else [Job.shop_id == user.shop_id]

    def count(*states: str) -> int:
        return session.scalar(select(func.count()).where(Job.state.in_(states), *mine)) or 0

    runs = select(func.count()).where(BulkRun.state == "waiting")
    exports = select(func.count()).where(PrivacyRequest.state == privacy.OPEN, PrivacyRequest.made_at.is_not(None))
    if user.shop_id is not None:
        runs = runs.where(BulkRun.shop_id == user.shop_id)
        exports = exports.where(PrivacyRequest.shop_id == user.shop_id)
    titles = select(Subject.title).join(Job, Job.subject_id == Subject.id).where(Job.state == "review", *mine)
    return Waiting(
        drafts=count("review"),
        conflicts=count("conflict"),
        runs=session.scalar(runs) or 0,
        failed=count("failed"),
        exports=session.scalar(exports) or 0,
        titles=session.scalars(titles.order_by(Job.id).limit(_NAMED)).all(),
    )


def compose(settings: Settings, user: User, found: Waiting) -> EmailMessage:
    """The mail, in the user's language."""
    words: NullTranslations = Translations.load(_CATALOGUES, [user.locale or "en"])
    said = _lines(words, found)
    mail = EmailMessage()
    number = found.drafts + found.conflicts + found.runs + found.exports
    mail["Subject"] = words.ngettext("Storebridge: %(num)s thing waits", "Storebridge: %(num)s things wait", number) % {
        "num": number
    }
    mail["From"], mail["To"] = settings.mail_from, user.email
    mail["Auto-Submitted"] = "auto-generated"
    body = [words.gettext("This waits for you:"), "", *(f"- {line}" for line in said), ""]
    if found.titles:
        body += [words.gettext("The first drafts:"), *(f"- {' '.join(title.split())}" for title in found.titles), ""]
    body += [settings.public_url + "/", "", words.gettext("You can stop this mail here:"),
             settings.public_url + "/account/digest"]  # fmt: skip
    mail.set_content("\n".join(body) + "\n")
    return mail


def _lines(words: NullTranslations, found: Waiting) -> list[str]:
    counted = (
        (found.drafts, words.ngettext("%(num)s draft to review", "%(num)s drafts to review", found.drafts)),
        (found.conflicts, words.ngettext("%(num)s conflict to decide", "%(num)s conflicts to decide", found.conflicts)),
        (found.runs, words.ngettext("%(num)s bulk run to start", "%(num)s bulk runs to start", found.runs)),
        (found.exports, words.ngettext("%(num)s customer waits for what is kept about them",
                                       "%(num)s customers wait for what is kept about them", found.exports)),
        (found.failed, words.ngettext("%(num)s failed job", "%(num)s failed jobs", found.failed)),
    )  # fmt: skip
    return [text % {"num": number} for number, text in counted if number]


def _deliver(settings: Settings, mail: EmailMessage) -> None:
    where = urlsplit(settings.smtp_url)
    context = ssl.create_default_context()
    if where.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            where.hostname or "", where.port or 465, timeout=_PATIENCE, context=context
        )
    else:
        server = smtplib.SMTP(where.hostname or "", where.port or 587, timeout=_PATIENCE)
    with server:
        server.ehlo()
        if where.scheme == "smtp" and (where.username or server.has_extn("starttls")):
            server.starttls(context=context)  # a password never goes out in the clear
            server.ehlo()
        if where.username:
            server.login(unquote(where.username), unquote(where.password or ""))
        server.send_message(mail)
