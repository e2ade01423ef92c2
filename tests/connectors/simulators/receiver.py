"""A webhook address for tests: keeps what arrives, answers what it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from connectors.simulators.serving import Request, Response, Running


class Receiver:
    """Answers the statuses of ``answers`` in turn, then 200 for ever."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[int] = []
        self._lock = threading.Lock()
        self._running = Running(self._receive)
        self.url = self._running.url + "/hooks"

    def stop(self) -> None:
        self._running.stop()

    def _receive(self, request: Request) -> Response:
        with self._lock:
            self.requests.append(request)
            return Response(self.answers.pop(0) if self.answers else 200)

    def wait(self, count: int, seconds: float = 5.0) -> list[Request]:
        """The requests once there are so many; fails the test when they do not come."""
        wait_for(lambda: len(self.requests) >= count, seconds)
        return list(self.requests)


def wait_for(true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Until it is true; fails the test when it does not become so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
