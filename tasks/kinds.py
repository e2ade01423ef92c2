"""What a kind of work is: events that cause it, and a way from what is on the platform to a proposal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bridge.catalog import Draft, Event, Facts, Finding, Product, Verdict, Voice
from bridge.deadline import Deadline
from bridge.models import Job
from bridge.shops import Live, Policy
from tasks.house import House


@dataclass(frozen=True)
class Brief:
    """All a writer may know: the product, the facts, how the shop speaks, what to write, what was said about it."""

    product: Product
    facts: Facts
    voice: Voice
    policy: Policy
    locale: str
    fields: tuple[str, ...]  # fields to write
    wish: str = ""  # a change that a person asked for, in words
    earlier: tuple[Draft, ...] = ()  # earlier drafts of this thread, oldest first
    findings: tuple[Finding, ...] = ()  # what the checks said about the last try


@dataclass(frozen=True)
class Desk:
    """What lies before a kind of work when it thinks."""

    house: House
    job: Job
    live: Live
    product: Product | None  # None only for kinds that need no product
    facts: Facts
    deadline: Deadline
    plan: Callable[[Event], str]  # lets an event have its effect as if a webhook had told it; returns what became of it


@dataclass(frozen=True)
class Proposal:
    """What thinking led to: a draft for review or writing, or a reason to skip."""

    route: str  # review | approved | skipped | queued (there is more to do: ``rest``)
    draft: Draft | None = None
    verdict: Verdict = field(default_factory=Verdict)
    fingerprint: str = ""
    note: str = ""  # a sentence for the page
    result: Mapping[str, Any] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)  # the input of the part that follows …
    after: float = 0  # … after so many seconds


@dataclass(frozen=True)
class Kind:
    """One kind of work; its folder holds the rest."""

    name: str
    propose: Callable[[Desk], Proposal]
    events: tuple[str, ...] = ()
    needs_product: bool = True
    wrote: Callable[[Session, Job], None] | None = None  # called in the transaction that ends a write in ``done``
