"""What happened, for a judge who trusts neither side: calls, changes and webhooks, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from connectors.simulators.shopify import clock


@dataclass
class Call:
    """One API request. ``reads`` are the products whose texts the answer showed, with their version."""

    n: int
    at_ms: int
    operation: str = ""
    kind: str = ""
    roots: list[str] = field(default_factory=list)
    variables: Any = None
    status: int = 200
    requested: float | None = None
    charged: float = 0
    throttled: bool = False
    errors: list[str] = field(default_factory=list)
    user_errors: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    reads: list[dict[str, Any]] = field(default_factory=list)
    took_ms: int = 0


@dataclass
class Change:
    """One field set, also when it was set to what it was (``changed`` is false then).

    ``before_actor`` and ``before_version`` say who had written the value that went, and in which version of the
    product; ``read_version`` is the last version the API client had been shown. A merchant's edit was overwritten
    unseen where ``before_actor`` is the merchant, ``changed`` is true and ``before_version`` > ``read_version``.
    """

    n: int
    at_ms: int
    actor: str
    call: int | None
    product: str
    field: str
    before: Any
    after: Any
    changed: bool
    version: int
    before_actor: str
    before_version: int
    read_version: int


@dataclass
class Webhook:
    """One delivery id with every attempt to deliver it; 0 stands for no answer."""

    id: str
    event_id: str
    topic: str
    product: str | None
    at_ms: int
    actor: str
    call: int | None
    version: int | None
    attempts: list[dict[str, int]] = field(default_factory=list)
    acknowledged: bool = False
    given_up: bool = False
    forged: bool = False


class Ledger:
    """Not locked by itself: the shop's lock is held around every entry."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.changes: list[Change] = []
        self.webhooks: list[Webhook] = []

    def call(self) -> Call:
        """Open the entry of a request."""
        entry = Call(len(self.calls) + 1, clock.milliseconds())
        self.calls.append(entry)
        return entry

    def change(self, **said: Any) -> Change:
        """Note one field set."""
        entry = Change(n=len(self.changes) + 1, at_ms=clock.milliseconds(), **said)
        self.changes.append(entry)
        return entry

    def webhook(self, entry: Webhook) -> None:
        """Note a delivery about to be sent."""
        self.webhooks.append(entry)

    def as_json(self, since: int = 0, parts: Sequence[str] = ("calls", "changes", "webhooks")) -> dict[str, Any]:
        """Everything from entry ``since`` on, of the asked parts."""
        return {part: [asdict(entry) for entry in getattr(self, part)[since:]] for part in parts}
