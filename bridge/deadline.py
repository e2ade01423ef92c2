"""One total time limit that travels down through every call of a job: threads cannot be killed, so calls must end."""

from __future__ import annotations

import time

from bridge.errors import TryLater


class Deadline:
    """A point in time on this process's monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that remain; never negative."""
        return max(0.0, self._end - time.monotonic())

    def check(self, needed: float = 0.0) -> None:
        """Raise TryLater when fewer than ``needed`` seconds remain."""
        if self.left() <= needed:
            raise TryLater("This took longer than allowed and starts again later.")
