"""One rate limit per connection, shared by all processes and corrected by what the platform reports.

A bucket of points that refills at a rate. A call is granted before it is made and settled when its answer came; the
answer's own figures overwrite ours. Nothing sleeps in here: who is not granted learns how long to wait.
https://shopify.dev/docs/api/usage/limits
"""

from __future__ import annotations

from bridge.db import Database
from bridge.ratelimit.bucket import Grant, Level, Limiter, room
from bridge.ratelimit.sql import SqlLimiter
from bridge.ratelimit.valkey import ValkeyLimiter
from bridge.settings import Settings

__all__ = ["Grant", "Level", "Limiter", "limiter", "room"]


def limiter(settings: Settings, db: Database) -> Limiter:
    """The limiter on the configured store. The store is chosen at start and never switched while running."""
    if settings.rate_limit_store == "sql":
        return SqlLimiter(db)
    return ValkeyLimiter(settings.rate_limit_store)
