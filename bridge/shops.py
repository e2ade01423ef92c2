"""Shops, their connections with encrypted credentials, policy, brand voice, and the switch that stops all writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from shopify.utils.shop_url import sanitize_shop_domain
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bridge import jobs, subjects
from bridge.catalog import DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, Voice
from bridge.db import Database, now_ms
from bridge.errors import AskHuman
from bridge.models import Audit, Connection, Job, Shop
from bridge.priority import PERSON
from bridge.vault import Vault

CONNECTED, PAUSED, DISCONNECTED = "connected", "paused", "disconnected"


# Stricter than the vendors' own, and used with fullmatch: "$" would let a trailing newline through.
_ACCOUNTS = {"shopify": re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com")}  # a DNS label has at most 63
_EXAMPLES = {"shopify": "name.myshopify.com"}


def account_name(platform: str, text: str) -> str:
    """The canonical account of a platform. Raises AskHuman with an example when it cannot be one."""
    account = text.strip().lower()
    if not _ACCOUNTS[platform].fullmatch(account):
        raise AskHuman(f"This is not a shop domain of the form {_EXAMPLES[platform]}.")
    return account


def typed_account(platform: str, text: str) -> str:
    """What a person typed or pasted ("my-shop", an address from the browser), as the canonical account.

    Raises AskHuman with an example when it cannot be one.
    """
    cleaned = sanitize_shop_domain(text) if platform == "shopify" else text
    return account_name(platform, cleaned or text)


@dataclass(frozen=True)
class Policy:
    """What a shop lets the machine do."""

    fill_empty_only: bool = True  # never propose a text where one stands, unless somebody asks for it
    auto_approve: bool = False  # write without a person when all checks are clean
    write_title: bool = False
    write_tags: bool = True
    write_alts: bool = True
    fields: tuple[str, ...] = (DESCRIPTION, SEO_TITLE, SEO_DESCRIPTION, TAGS)
    settle_seconds: float | None = None  # None: the installation's setting


@dataclass(frozen=True)
class Live:
    """A connection as the workers use it: opened credentials, the shop's rules. Never stored, never logged."""

    id: int
    shop_id: int
    platform: str
    account: str
    status: str
    credentials: Mapping[str, Any] = field(repr=False)
    can: Mapping[str, Any]
    locale: str
    policy: Policy
    voices: Mapping[str, Any]

    def voice(self, locale: str | None = None) -> Voice:
        """The brand voice for a locale, or a neutral one."""
        return read_voice(locale or self.locale, self.voices)


def read_policy(stored: Mapping[str, Any]) -> Policy:
    """A policy from its stored form; unknown names are ignored, missing ones have their defaults."""
    known = {item.name for item in fields(Policy)}
    values = {name: value for name, value in stored.items() if name in known}
    if "fields" in values:
        values["fields"] = tuple(values["fields"])
    return Policy(**values)


def read_voice(locale: str, voices: Mapping[str, Any]) -> Voice:
    """The voice for a locale ("de-AT" falls back to "de"), from its stored form."""
    stored = voices.get(locale) or voices.get(locale.split("-")[0]) or {}
    known = {item.name for item in fields(Voice)}
    values = {name: value for name, value in stored.items() if name in known}
    for name in ("forbidden", "description_words"):
        if name in values:
            values[name] = tuple(values[name])
    return Voice(**{**values, "locale": locale})


def create(session: Session, name: str, locale: str = "en", spend_cap: int = 0) -> Shop:
    """A new shop with a cautious policy."""
    shop = Shop(name=name, locale=locale, spend_cap=spend_cap, policy=asdict(Policy()), voices={})
    session.add(shop)
    session.flush()
    return shop


def connect(
    session: Session, vault: Vault, shop_id: int, platform: str, account: str, credentials: Mapping[str, Any]
) -> Connection:
    """Make or renew the connection of an account; a reconnection keeps its history."""
    found = find(session, platform, account)
    if found is None:
        found = Connection(shop_id=shop_id, platform=platform, account=account)
        session.add(found)
    found.shop_id, found.status, found.problem, found.held = shop_id, CONNECTED, "", False
    found.renew_claimed_until, found.disconnected_at = 0, None
    found.credentials = vault.seal_json({**credentials, "account": account})
    session.flush()
    return found


def install(
    db: Database,
    vault: Vault,
    platform: str,
    account: str,
    credentials: Mapping[str, Any],
    *,
    shop_id: int | None = None,
    user_id: int | None = None,
    locale: str = "en",
) -> Connection:
    """An account whose owner installed us: connected, on record, its check on the way.

    A known account keeps its shop; an unknown one joins ``shop_id``, or gets a shop of its own. Raises AskHuman when it
    belongs to another shop than ``shop_id``: nobody may move somebody else's store to their own.
    """
    for last_try in (False, True):
        try:
            with db.writing() as session:
                return _install(session, vault, platform, account, credentials, shop_id, user_id, locale)
        except IntegrityError:  # a second window of the same person was faster by a moment
            if last_try:
                raise
    raise AssertionError


def _install(
    session: Session,
    vault: Vault,
    platform: str,
    account: str,
    credentials: Mapping[str, Any],
    shop_id: int | None,
    user_id: int | None,
    locale: str,
) -> Connection:
    known = find(session, platform, account)
    if known is not None and shop_id not in (None, known.shop_id):
        raise AskHuman("This store is already connected to another shop.")
    owner = known.shop_id if known else shop_id
    if owner is None:
        owner = create(session, account.partition(".")[0], locale).id
    made = connect(session, vault, owner, platform, account, credentials)
    audit(session, "connection.made", shop_id=owner, user_id=user_id, account=account)
    check_soon(session, made.id, user_id)
    return made


def find(session: Session, platform: str, account: str) -> Connection | None:
    """The connection of an account at a platform."""
    return session.scalar(select(Connection).where(Connection.platform == platform, Connection.account == account))


def open_connection(session: Session, vault: Vault, connection_id: int) -> Live:
    """A connection with its secrets opened, for a worker."""
    row = session.get_one(Connection, connection_id)
    shop = session.get_one(Shop, row.shop_id)
    return Live(
        id=row.id,
        shop_id=row.shop_id,
        platform=row.platform,
        account=row.account,
        status=row.status,
        credentials=vault.open_json(row.credentials) if row.credentials else {},
        can=row.can,
        locale=shop.locale,
        policy=read_policy(shop.policy),
        voices=shop.voices,
    )


def claim_renewal(db: Database, connection_id: int, for_ms: int = 30_000) -> int | None:
    """Single flight: a ticket for the one caller who may renew the token now, None for everybody else."""
    with db.writing() as session:
        return session.scalar(
            update(Connection)
            .where(Connection.id == connection_id, Connection.renew_claimed_until < now_ms())
            .values(renew_claimed_until=now_ms() + for_ms)
            .returning(Connection.renew_claimed_until)
        )


def end_renewal(
    session: Session, vault: Vault, live: Live, ticket: int, credentials: Mapping[str, Any] | None = None
) -> bool:
    """Give the ticket back, with the renewed credentials if there are any.

    False when the ticket is void: the account was disconnected or connected anew in the meantime, and what was
    fetched must neither bring it back nor overwrite its new credentials.
    """
    values: dict[str, Any] = {"renew_claimed_until": 0}
    if credentials is not None:
        values["credentials"] = vault.seal_json({**credentials, "account": live.account})
    mine = (Connection.id == live.id, Connection.renew_claimed_until == ticket, Connection.credentials.is_not(None))
    return jobs.changed(session, update(Connection).where(*mine).values(**values))


def pause(session: Session, connection_id: int, problem: str, *, held: bool = False) -> None:
    """Work on this connection waits; a disconnected one stays disconnected.

    ``held``: a person wants it so, and only a person ends it. Otherwise a check that finds all well ends it.
    """
    _change_status(session, (Connection.id == connection_id, Connection.status == CONNECTED), PAUSED, problem, held)


def resume(session: Session, connection_id: int, *, also_held: bool = True) -> None:
    """Work goes on."""
    paused = (Connection.id == connection_id, Connection.status == PAUSED)
    _change_status(session, paused if also_held else (*paused, Connection.held.is_(False)), CONNECTED, "", False)


def _change_status(session: Session, which: tuple[Any, ...], new: str, problem: str, held: bool) -> None:
    # In one statement: a disconnection at the same moment must not be undone by what was read before it.
    if jobs.changed(session, update(Connection).where(*which).values(status=new, problem=problem, held=held)):
        session.expire_all()


def remember(session: Session, connection_id: int, **found: Any) -> None:
    """Keep what the platform said about itself in ``can``, beside what it said before."""
    row = session.get_one(Connection, connection_id, with_for_update=True)
    row.can = {**row.can, **found}


def disconnect(session: Session, connection_id: int, problem: str) -> int:
    """The account is gone: destroy its credentials and cancel what waits. Returns the number of cancelled jobs."""
    row = session.get_one(Connection, connection_id)
    row.status, row.problem, row.credentials, row.renew_claimed_until = DISCONNECTED, problem, None, 0
    row.disconnected_at = session.scalar(select(now_ms()))
    return jobs.cancel_all(session, Job.connection_id == connection_id, problem=problem)


def stop_writes(session: Session, shop_id: int, stopped: bool, user_id: int | None) -> None:
    """The one switch: nothing of this shop is written while it is on; approved texts wait."""
    session.get_one(Shop, shop_id).writes_stopped = stopped
    audit(session, "writes.stopped" if stopped else "writes.resumed", shop_id=shop_id, user_id=user_id)


def check_soon(session: Session, connection_id: int, user_id: int | None) -> int | None:
    """Ask for a job that finds out whether a connection works. Returns its id, or None when one is queued already."""
    row = session.get_one(Connection, connection_id)
    return jobs.add(
        session,
        shop_id=row.shop_id,
        connection_id=row.id,
        subject_id=subjects.of_connection(session, row).id,
        kind="check",
        priority=PERSON,
        asked_by=user_id,
    )


def audit(
    session: Session,
    action: str,
    *,
    shop_id: int | None = None,
    user_id: int | None = None,
    job_id: int | None = None,
    **detail: Any,
) -> None:
    """Remember who did what; details hold no personal data and no texts."""
    session.add(Audit(shop_id=shop_id, user_id=user_id, job_id=job_id, action=action, detail=detail))
