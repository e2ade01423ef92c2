"""The leaky bucket of one shop. https://shopify.dev/docs/api/usage/limits#graphql-admin-api-rate-limits"""

from __future__ import annotations

import time
from typing import Any


class Bucket:
    """Not locked by itself: the shop's lock is held around every call."""

    def __init__(self, maximum: float = 2000.0, restore: float = 100.0) -> None:
        self.maximum = float(maximum)
        self.restore = float(restore)
        self._level = self.maximum
        self._at = time.monotonic()

    def available(self) -> float:
        """Points there are now."""
        moment = time.monotonic()
        self._level = min(self.maximum, self._level + (moment - self._at) * self.restore)
        self._at = moment
        return self._level

    def take(self, points: float) -> bool:
        """Take the requested cost up front; false and untouched when there is less."""
        if self.available() < points:
            return False
        self._level -= points
        return True

    def refund(self, points: float) -> None:
        """Give back what the document did not use."""
        self._level = min(self.maximum, self.available() + points)

    def drain(self, leave: float = 0.0) -> None:
        """Somebody else of the same app used it up."""
        self.available()
        self._level = float(leave)

    def status(self) -> dict[str, Any]:
        """As in ``extensions.cost.throttleStatus``: two floats around a whole number, as Shopify sends them."""
        return {
            "maximumAvailable": self.maximum,
            "currentlyAvailable": int(self.available()),
            "restoreRate": self.restore,
        }
