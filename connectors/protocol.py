"""What a platform must be able to do, by role. A platform plays one or several; what it cannot do it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests

from bridge.catalog import Event, Product
from bridge.db import Database
from bridge.deadline import Deadline
from bridge.journal import Change
from bridge.ratelimit import Limiter
from bridge.settings import Settings
from bridge.shops import Live
from bridge.vault import Vault


@dataclass(frozen=True)
class Tools:
    """What a connector needs from the process it runs in; made once per process."""

    settings: Settings
    db: Database
    vault: Vault
    http: requests.Session
    limiter: Limiter


@dataclass(frozen=True)
class Envelope:
    """Where a delivery says it comes from and what it is; read from headers, before anything is parsed."""

    account: str
    delivery_id: str
    topic: str


@dataclass(frozen=True)
class Call:
    """One request that changes something, with the fields that travel in it. ``dry_run`` shows exactly these."""

    operation: str
    variables: Mapping[str, Any]
    fields: tuple[str, ...]
    cost: float
    text: str = ""  # the request as people may read it: the GraphQL document, or method and path
    carries_intent: bool = False  # the intent id travels in it, so that a read-back finds it


@dataclass(frozen=True)
class Written:
    """What the platform answered to a write."""

    texts: Mapping[str, str]  # the fields as stored, as far as the answer shows them
    updated_at: int | None


@dataclass(frozen=True)
class Listed:
    """A product in a list: enough to see whether we know it as it is."""

    ref: str
    texts: Mapping[str, str]  # its title, and what else the list shows at no further cost
    updated_at: int  # ms, the platform's clock; where that counts seconds, equal times do not mean equal products
    waiting: bool  # not for sale yet


@dataclass(frozen=True)
class Page:
    """A page of products, and where the next one begins; empty at the end."""

    items: tuple[Listed, ...]
    cursor: str


@dataclass(frozen=True)
class Permission:
    """One thing the platform may let us do."""

    name: str  # as the platform calls it
    why: str  # what it is for, as a sentence for the owner
    granted: bool


@dataclass(frozen=True)
class Health:
    """What the platform says about a connection."""

    problems: tuple[str, ...] = ()  # sentences; none = healthy
    permissions: tuple[Permission, ...] = ()

    @property
    def lacking(self) -> tuple[Permission, ...]:
        """Needed permissions that were not granted, or were taken away."""
        return tuple(each for each in self.permissions if not each.granted)


@dataclass(frozen=True)
class Subscribed:
    """Which webhooks come, after they were looked after."""

    ids: Mapping[str, str] = field(default_factory=dict)  # topic -> the platform's id, where it has any
    topics: tuple[str, ...] = ()  # that come
    made: tuple[str, ...] = ()  # … and were made now
    corrected: tuple[str, ...] = ()  # … and had another address, or said less than all
    vanished: tuple[str, ...] = ()  # of those made now: the platform had dropped them
    problems: tuple[str, ...] = ()  # sentences
    declared: bool = False  # they come with the app itself; there is nothing to look after


class Hooks(Protocol):
    """Who sent it, what does it say. No I/O in here: the same code reads a replay from the inbox."""

    HEADERS: frozenset[str]  # the headers worth keeping, lower case

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """Constant-time signature check against every secret. Raises NotAuthentic. Header names are lower case."""

    def envelope(self, headers: Mapping[str, str], body: bytes) -> Envelope:
        """Account, delivery id and topic. Raises NotAuthentic for an account that cannot exist."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Iterable[Event]:
        """The events of a delivery, lazily: a malformed one raises ValueError where it stands.

        A topic we do not act on gives no event. Raises ValueError with a sentence for what cannot be read at all.
        """

    def left_alone(self, topic: str) -> str:
        """Why a known topic gives no event, as a sentence for people; empty for an unknown topic."""


class Writing(Protocol):
    """A read and the writes that follow it, paid for together."""

    def read(self) -> Product | None:
        """The fields that will be compared, as they are now, and the id of our last write; None when it is gone."""

    def write(self, call: Call) -> Written:
        """Send one call. Raises Unclear when nobody knows whether it happened."""

    def close(self) -> None:
        """Give back what was reserved and not used."""


class Catalog(Protocol):
    """Products: read for generation, compare, write."""

    def fetch(self, ref: str, deadline: Deadline, priority: int) -> Product | None:
        """Everything the facts need, as it is now; None when it no longer exists."""

    def calls(self, product: Product, changes: Sequence[Change], intent: str) -> list[Call]:
        """The exact requests that change a product as it was just read, in order. Pure."""

    def begin(self, ref: str, fields: Sequence[str], deadline: Deadline, priority: int) -> Writing:
        """Reserve capacity for the read and the writes together; raises TryLater with nothing read."""

    def holds(self, product: Product, intent: str, changes: Sequence[Change]) -> bool:
        """After an unclear write: did it happen?"""

    def listed(self, since: int | None, cursor: str, deadline: Deadline) -> Page:
        """Products that changed at or after a time (ms, the platform's clock), or all of them; ``cursor`` turns pages.

        Every product that meets the condition comes at least once, also while others change.
        """

    def announced(self, ref: str, kind: str, deadline: Deadline) -> Event | None:
        """The event a webhook would bring about a product as it is now; None when it is gone."""

    def check(self, deadline: Deadline) -> Health:
        """Ask the platform who we are and what we may do."""

    def subscribe(self, known: Mapping[str, str], deadline: Deadline) -> Subscribed:
        """See that webhooks come: make what is missing, repair what is wrong. Safe to repeat.

        ``known``: the ids of the last time, by topic.
        """


class Platform(Protocol):
    """One platform's folder."""

    NAME: str
    CAN: frozenset[str]  # field names it can write
    hooks: Hooks

    def catalog(self, live: Live, tools: Tools) -> Catalog:
        """The Catalog role for one connection."""
