"""Time as Shopify writes it: whole seconds, UTC in GraphQL, the shop's own offset in webhooks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone


def now() -> int:
    """Whole seconds since 1970."""
    return int(time.time())


def milliseconds() -> int:
    """Milliseconds since 1970, for the ledger."""
    return time.time_ns() // 1_000_000


def utc(seconds: int) -> str:
    """2026-07-19T14:53:46Z"""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(seconds: int, offset_minutes: int) -> str:
    """2026-07-19T16:53:46+02:00"""
    return datetime.fromtimestamp(seconds, timezone(timedelta(minutes=offset_minutes))).isoformat()


def triggered() -> str:
    """2026-11-22T09:05:41.123456789Z"""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return utc(seconds)[:-1] + f".{rest:09d}Z"
