"""Models, prices and the day each is shut down: the one dated place. Prices in US dollars per million tokens.

As of 2026-11-22: https://platform.openai.com/docs/pricing and https://platform.openai.com/docs/deprecations
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bridge.ai.client import Tokens

READ_ON = date(2026, 11, 22)


@dataclass(frozen=True)
class Price:
    """What a million tokens cost, and when the model is gone."""

    read: float
    cached: float
    written: float
    ends: date | None = None


PRICES: dict[str, Price] = {
    "gpt-6-luna": Price(0.10, 0.01, 0.50),
    "gpt-5.6-luna": Price(0.20, 0.02, 1.20),
    "gpt-6-sol": Price(2.00, 0.20, 10.00),
    "gpt-5.4-mini": Price(0.75, 0.075, 4.50),
    "gpt-4o-mini": Price(0.15, 0.075, 0.60, date(2027, 1, 14)),
    "gpt-4o": Price(2.50, 1.25, 10.00, date(2027, 1, 14)),
    "gpt-4.1": Price(2.00, 0.50, 8.00, date(2027, 1, 14)),
    "gpt-4.1-mini": Price(0.40, 0.10, 1.60, date(2027, 1, 14)),
    "gpt-5": Price(1.25, 0.125, 10.00, date(2026, 12, 11)),
    "gpt-5-mini": Price(0.25, 0.025, 2.00, date(2026, 12, 11)),
    "gpt-5-nano": Price(0.05, 0.005, 0.40, date(2026, 12, 11)),
}
# A name that is not in the table is counted at the dearest price in it, so that a cap is never passed unnoticed.
UNKNOWN = Price(2.50, 2.50, 10.00)


def micros(model: str, tokens: Tokens, *, free: bool = False) -> int:
    """Micro-dollars for an answer, rounded up; cache writes are counted as one and a quarter reads."""
    if free:
        return 0
    price = PRICES.get(model, UNKNOWN)
    fresh = (tokens.read - tokens.cached) * price.read * 1.25
    return int(fresh + tokens.cached * price.cached + tokens.written * price.written + 0.999)


def estimate(model: str, characters: int, max_tokens: int, *, free: bool = False) -> int:
    """Micro-dollars an answer may cost at most: three characters a token, every allowed token written."""
    return micros(model, Tokens(read=characters // 3 + 50, written=max_tokens), free=free)
