"""Failures on demand. README.md lists the kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Statuses answered instead of doing anything, with the body Shopify sends.
STATUSES: dict[str, tuple[int, str]] = {
    "401": (401, '{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}'),
    "402": (402, '{"errors":"Unavailable Shop"}'),
    "403": (403, '{"errors":"[API] This action requires merchant approval for the necessary access scope."}'),
    "423": (423, '{"errors":"This shop is unavailable"}'),
    "429": (429, '{"errors":"Exceeded the API rate limit. Reduce request rates to resume uninterrupted service."}'),
    "430": (430, '{"errors":"Shopify Security Rejection"}'),
    "500": (500, '{"errors":"Internal Server Error"}'),
    "502": (502, "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"),
    "503": (503, '{"errors":"Service Unavailable"}'),
}
KINDS = frozenset(STATUSES) | {
    "502_after_commit", "cut_after_commit", "cut_before", "html_body", "slow", "edit_before_commit", "throttle",
    "echo_first", "internal_error",
}  # fmt: skip


@dataclass
class Fault:
    """``on``: an operation name, a root field, "query", "mutation", "oauth" or "any". ``skip``: calls let through."""

    kind: str
    on: str = "any"
    times: int = 1
    skip: int = 0
    retry_after: float = 2.0
    seconds: float = 1.0
    fields: dict[str, Any] = field(default_factory=dict)
    product: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault {self.kind}; there are {', '.join(sorted(KINDS))}.")


class Faults:
    """Not locked by itself: the shop's lock is held around it."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def plan(self, given: Iterable[Mapping[str, Any]]) -> None:
        """Add faults. Raises ValueError or TypeError for one that does not exist."""
        self.planned += [Fault(**each) for each in given]

    def strike(self, names: Iterable[str]) -> list[Fault]:
        """The faults this call meets, each used up by one."""
        known = set(names) | {"any"}
        met = []
        for fault in self.planned:
            if fault.on not in known or fault.times <= 0:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            met.append(fault)
        self.planned = [fault for fault in self.planned if fault.times > 0]
        return met
