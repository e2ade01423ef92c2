"""The tables: what Storebridge remembers. Times are integer UTC milliseconds.

Unique keys, not look-ups, make sure that nothing happens twice; partial indexes serve every list the page shows.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bridge.db import now_ms

# SQLite gives rowids (and so autoincrement) to INTEGER only.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """All tables; constraints are named so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {int: BigInteger, dict[str, Any]: JSON, list[Any]: JSON, str: Text}


class Shop(Base):
    """A store owner's business, the tenant."""

    __tablename__ = "shops"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(String(16), default="en")  # language of the listings
    writes_stopped: Mapped[bool] = mapped_column(default=False)  # the one switch
    spend_cap: Mapped[int] = mapped_column(default=0)  # micro-dollars a month; 0 = no model calls that cost money
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)  # see bridge.shops.Policy
    voices: Mapped[dict[str, Any]] = mapped_column(default=dict)  # locale -> see bridge.catalog.Voice
    created_at: Mapped[int] = mapped_column(default=now_ms())


class Connection(Base):
    """A shop's account at a platform."""

    __tablename__ = "connections"
    __table_args__ = (Index("uq_connections_platform_account", "platform", "account", unique=True),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"), index=True)
    platform: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(255))  # Shopify: the shop domain
    status: Mapped[str] = mapped_column(String(16), default="connected")  # connected | paused | disconnected
    problem: Mapped[str] = mapped_column(default="")  # why it is paused or disconnected, for people
    held: Mapped[bool] = mapped_column(default=False)  # paused by a person, so only a person ends it
    credentials: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted; None after disconnection
    can: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the platform allows: scopes, locales, plan
    renew_claimed_until: Mapped[int] = mapped_column(default=0)  # single flight for token renewal
    checked_at: Mapped[int] = mapped_column(default=0)  # when the nightly check was last asked for
    reconciled_at: Mapped[int] = mapped_column(default=0)  # … and the nightly look for missed changes
    compared_at: Mapped[int] = mapped_column(default=0)  # … and the weekly comparison of ids
    known_to: Mapped[int | None]  # by the platform's clock: changes up to here are known
    disconnected_at: Mapped[int | None]
    created_at: Mapped[int] = mapped_column(default=now_ms())


class PrivacyRequest(Base):
    """Somebody wants to know what is kept, or to be forgotten; bridge.privacy acts on it."""

    __tablename__ = "privacy_requests"
    __table_args__ = (
        Index("uq_privacy_requests_source", "platform", "account", "source", unique=True),
        Index("ix_privacy_requests_shop", "shop_id", "id"),
        Index(
            "ix_privacy_requests_open",
            "id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(255))
    shop_id: Mapped[int | None]  # for the page; no foreign key, for it outlives the shop
    kind: Mapped[str] = mapped_column(String(16))  # export | erase_person | erase_shop
    source: Mapped[str] = mapped_column(String(512))  # the delivery's id, or what else asked for it
    state: Mapped[str] = mapped_column(String(16), default="open")  # open | done | kept (the shop came back)
    person: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted: whom to look for; None once done
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)  # counts, nothing personal
    export: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted; None after 30 days
    received_at: Mapped[int] = mapped_column(default=now_ms())
    due_at: Mapped[int]
    made_at: Mapped[int | None]  # when the export was made
    done_at: Mapped[int | None]


class Delivery(Base):
    """One webhook request as received; written by bridge.inbox and nobody else."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("uq_deliveries_platform_account_delivery", "platform", "account", "delivery_id", unique=True),
        Index(
            "ix_deliveries_stored",
            "id",
            sqlite_where=text("state = 'stored'"),
            postgresql_where=text("state = 'stored'"),
        ),
        Index(
            "ix_deliveries_unreadable",
            "id",
            sqlite_where=text("state = 'unreadable'"),
            postgresql_where=text("state = 'unreadable'"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(255))
    delivery_id: Mapped[str] = mapped_column(String(255))
    topic: Mapped[str] = mapped_column(String(128))
    headers: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted JSON; None once purged
    body: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted; None once purged
    body_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default="stored")  # stored | planned | ignored | unreadable
    problem: Mapped[str] = mapped_column(default="")  # why ignored or unreadable
    received_at: Mapped[int]
    planned_at: Mapped[int | None]


class Event(Base):
    """What a delivery meant."""

    __tablename__ = "events"
    __table_args__ = (Index("uq_events_connection_source", "connection_id", "source_id", unique=True),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"), index=True)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"), index=True)
    source_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(64))
    # job | coalesced | echo | unchanged | overwritten | stale | noise | deleted | revoked | failed
    outcome: Mapped[str] = mapped_column(String(32))
    problem: Mapped[str] = mapped_column(default="")
    occurred_at: Mapped[int | None]
    created_at: Mapped[int] = mapped_column(default=now_ms())


class Subject(Base):
    """A product (later: page, review, ticket) on a platform."""

    __tablename__ = "subjects"
    __table_args__ = (
        Index("uq_subjects_connection_kind_ref", "connection_id", "kind", "ref", unique=True),
        Index("ix_subjects_shop", "shop_id", "id"),
        Index("ix_subjects_quality", "shop_id", "kind", "quality", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    kind: Mapped[str] = mapped_column(String(16), default="product")
    ref: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(default="")
    seen: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field -> hash as last announced; "rest" -> hash
    platform_updated_at: Mapped[int | None]
    fingerprint: Mapped[str] = mapped_column(String(64), default="")  # facts, voice, prompt, model last worked on
    points: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field -> how its text is: see bridge.quality
    quality: Mapped[int | None] = mapped_column(Integer)  # 0 to 100; None until it was looked at
    listed_at: Mapped[int] = mapped_column(default=0)  # when a comparison of all ids last met it
    deleted_at: Mapped[int | None]
    created_at: Mapped[int] = mapped_column(default=now_ms())


class FieldText(Base):
    """Who wrote which text of a field, and when; the history behind restore and behind 'never its own source'."""

    __tablename__ = "texts"
    __table_args__ = (
        Index("ix_texts_subject_field", "subject_id", "field", "locale", "id"),
        Index("ix_texts_subject_hash", "subject_id", "value_hash"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    field: Mapped[str] = mapped_column(String(255))
    locale: Mapped[str] = mapped_column(String(16))
    value: Mapped[str]
    value_hash: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(16))  # person | bridge | import
    write_id: Mapped[int | None] = mapped_column(ForeignKey("writes.id"))
    at: Mapped[int] = mapped_column(default=now_ms())


class ReferenceText(Base):
    """A text that drafts of a shop must not copy."""

    __tablename__ = "reference_texts"
    __table_args__ = (Index("ix_reference_texts_shop", "shop_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    name: Mapped[str] = mapped_column(String(255))
    text: Mapped[str]
    created_at: Mapped[int] = mapped_column(default=now_ms())


class TextPrint(Base):
    """One fingerprint of a product's present description, or of a reference text; see bridge.copies."""

    __tablename__ = "text_prints"
    __table_args__ = (
        Index("ix_text_prints_shop_hash", "shop_id", "hash"),
        Index("ix_text_prints_subject", "subject_id"),
        Index("ix_text_prints_reference", "reference_id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    reference_id: Mapped[int | None] = mapped_column(ForeignKey("reference_texts.id"))
    hash: Mapped[int]


_QUEUED = text("state = 'queued'")
_WRITING = text("state = 'writing'")
_DUE = text("state IN ('queued', 'approved')")
_LEASED = text("state IN ('thinking', 'writing')")
_WAITS = text("state IN ('review', 'conflict')")
_FAILED = text("state = 'failed'")


class Job(Base):
    """One piece of work on one subject; its life is bridge.jobs.MOVES."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("uq_jobs_event_kind", "event_id", "kind", unique=True),
        Index("uq_jobs_one_queued", "subject_id", "kind", unique=True, sqlite_where=_QUEUED, postgresql_where=_QUEUED),
        Index("uq_jobs_one_writing", "subject_id", unique=True, sqlite_where=_WRITING, postgresql_where=_WRITING),
        Index("ix_jobs_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_jobs_leased", "lease_until", sqlite_where=_LEASED, postgresql_where=_LEASED),
        Index("ix_jobs_shop", "shop_id", "id"),
        Index("ix_jobs_shop_state", "shop_id", "state", "id"),
        Index("ix_jobs_waits", "shop_id", "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_jobs_failed", "shop_id", "id", sqlite_where=_FAILED, postgresql_where=_FAILED),
        Index("ix_jobs_subject", "subject_id", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16), default="queued")
    priority: Mapped[int] = mapped_column(Integer, default=1)  # jobs.PERSON 0 | NEW 1 | REFRESH 2
    due_at: Mapped[int] = mapped_column(default=now_ms())
    offered_until: Mapped[int] = mapped_column(default=0)  # an offer not taken by then is made again
    attempt: Mapped[int] = mapped_column(Integer, default=0)  # grows at every claim; part of every move's condition
    tries: Mapped[int] = mapped_column(
        Integer, default=0
    )  # failed or lost claims since the last success; the fifth fails
    lease_until: Mapped[int] = mapped_column(default=0)
    input: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the kind of work was asked for
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the page shows of work that writes nothing
    draft_id: Mapped[int | None]  # the draft that counts now
    problem: Mapped[str] = mapped_column(default="")  # the last sentence about why it waits or failed
    stale: Mapped[bool] = mapped_column(default=False)  # the subject changed while the draft waits for a person
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    bulk_run_id: Mapped[int | None] = mapped_column(ForeignKey("bulk_runs.id"), index=True)
    created_at: Mapped[int] = mapped_column(default=now_ms())
    updated_at: Mapped[int] = mapped_column(default=now_ms())


class Attempt(Base):
    """One try at thinking or writing."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_job", "job_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    number: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(8))  # think | write
    started_at: Mapped[int] = mapped_column(default=now_ms())
    ended_at: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(16), default="")  # the state it led to, or "lost"
    problem: Mapped[str] = mapped_column(default="")


class DraftRow(Base):
    """What was proposed; earlier drafts of a job stay as a thread."""

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_job", "job_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    locale: Mapped[str] = mapped_column(String(16))
    base: Mapped[dict[str, Any]]  # field -> text on the platform when written
    fields: Mapped[dict[str, Any]]  # field -> proposed text
    findings: Mapped[list[Any]] = mapped_column(default=list)
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    facts: Mapped[list[Any]] = mapped_column(default=list)  # the facts it was written from
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    channels: Mapped[dict[str, Any]] = mapped_column(default=dict)  # texts for elsewhere, for people to copy
    author: Mapped[str] = mapped_column(String(64))  # "template" | a model's name | "person"
    wish: Mapped[str] = mapped_column(default="")  # the change a person asked for, which led to this draft
    created_at: Mapped[int] = mapped_column(default=now_ms())


class Write(Base):
    """The journal: one change to one field. The intent is stored before the call, the outcome after it."""

    __tablename__ = "writes"
    __table_args__ = (
        Index("ix_writes_job", "job_id", "id"),
        Index("ix_writes_subject_field", "subject_id", "field", "id"),
        Index("ix_writes_intent", "intent"),
        Index("ix_writes_shop", "shop_id", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    intent: Mapped[str] = mapped_column(String(36))  # shared by the fields that travel in one go
    field: Mapped[str] = mapped_column(String(255))
    locale: Mapped[str] = mapped_column(String(16))
    before: Mapped[str]
    after: Mapped[str]
    stored: Mapped[str | None]  # what the platform made of it, when that differs from ``after``
    after_hash: Mapped[str] = mapped_column(String(64))  # what an echo is recognised by
    theirs: Mapped[str | None]  # the merchant's text, in a conflict or an edit overwritten in the gap
    # intended | confirmed | already | conflict | resolved | refused | undone | overwrote
    state: Mapped[str] = mapped_column(String(16), default="intended")
    read_at: Mapped[int | None]  # when the base was compared
    intended_at: Mapped[int] = mapped_column(default=now_ms())
    confirmed_at: Mapped[int | None]
    platform_updated_at: Mapped[int | None]


class BulkRun(Base):
    """Many jobs asked for at once, waiting for the owner's word."""

    __tablename__ = "bulk_runs"
    __table_args__ = (Index("ix_bulk_runs_shop", "shop_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    reason: Mapped[str]  # flood | refresh | drafts
    state: Mapped[str] = mapped_column(String(16), default="waiting")  # waiting | running | cancelled
    created_at: Mapped[int] = mapped_column(default=now_ms())
    started_at: Mapped[int | None]


class Usage(Base):
    """Money and tokens of one model call: reserved before it, settled after it."""

    __tablename__ = "usage"
    __table_args__ = (Index("ix_usage_shop_month", "shop_id", "month"), Index("ix_usage_job", "job_id"))
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"))
    month: Mapped[str] = mapped_column(String(7))  # "2026-11", UTC
    model: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default="reserved")  # reserved | settled | released
    micros: Mapped[int]  # micro-dollars: the reservation, then the real cost
    tokens_in: Mapped[int] = mapped_column(default=0)
    tokens_cached: Mapped[int] = mapped_column(default=0)
    tokens_out: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[int] = mapped_column(default=now_ms())
    settled_at: Mapped[int | None]


class User(Base):
    """A person who may sign in: an operator (all shops) or the owner of one shop."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)  # login name, lower case
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))  # operator | owner
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shops.id"))
    locale: Mapped[str] = mapped_column(String(16), default="")  # of the page; empty = as the browser says
    email: Mapped[str] = mapped_column(String(255), default="")  # where the digest goes; empty = nowhere
    digest_at: Mapped[int] = mapped_column(default=0)  # when the last one was made
    session_version: Mapped[int] = mapped_column(Integer, default=1)  # raised to sign out everywhere
    created_at: Mapped[int] = mapped_column(default=now_ms())


class Audit(Base):
    """Who did what on the page or the command line."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_shop", "shop_id", "id"), Index("ix_audit_job", "job_id", "id"))
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shop_id: Mapped[int | None]
    user_id: Mapped[int | None]
    job_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[int] = mapped_column(default=now_ms())


class Bucket(Base):
    """A rate limit where no Valkey is configured: the same arithmetic in one row."""

    __tablename__ = "rate_limits"
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Outage(Base):
    """A time in which no door was open; what was missed is looked for when it ends."""

    __tablename__ = "outages"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    since: Mapped[int]
    until: Mapped[int | None]


class Heartbeat(Base):
    """A process that proved it is alive by doing its work."""

    __tablename__ = "heartbeats"
    name: Mapped[str] = mapped_column(String(128), primary_key=True)  # "think@host:pid", "dispatcher"
    at: Mapped[int] = mapped_column(default=now_ms())
    lease_until: Mapped[int] = mapped_column(default=0)  # used by the dispatcher to lead
    holder: Mapped[str] = mapped_column(String(128), default="")
