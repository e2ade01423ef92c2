"""A simulated model server that speaks OpenAI's Chat Completions: strict about schemas, honest about tokens.

    python -m connectors.simulators.openai --port 9102

``{url}/v1`` is the base address, ``sim-key`` the key. Without a queued answer it takes plausible values out of the
prompt's own text, so that a demo needs no model. https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.simulators.openai.completions import Completions
from connectors.simulators.openai.plausible import answer as plausible
from connectors.simulators.openai.queue import Planned, Queue
from connectors.simulators.serving import Request, Response, Running, answer

__all__ = ["KEY", "Simulator", "start"]

KEY = "sim-key"
Answering = Callable[[dict[str, Any]], Any]


class Simulator:
    """A running simulator. ``url`` is where it listens, ``queue`` what it will answer, ``ledger`` what was asked."""

    def __init__(
        self,
        port: int = 0,
        *,
        answering: Answering = plausible,
        key: str = KEY,
        models: tuple[str, ...] = ("gpt-6-luna", "sim"),
    ) -> None:
        self.queue = Queue()
        self._completions = Completions(self.queue, answering, key, models)
        self.ledger = self._completions.ledger
        self._running = Running(self._serve, port)
        self.url = self._running.url

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Hang up."""
        self._running.stop()

    def _serve(self, request: Request) -> Response:
        if request.path.startswith("/_sim/"):
            return self._control(request)
        return self._completions.serve(request)

    def _control(self, request: Request) -> Response:
        try:
            return self._controlled(request)
        except (ValueError, TypeError) as error:
            return answer({"error": str(error)}, 400)

    def _controlled(self, request: Request) -> Response:
        route = (request.method, request.path.removeprefix("/_sim/").strip("/"))
        if route == ("POST", "answers"):
            given = request.json()
            self.queue.add([Planned(**each) for each in (given if isinstance(given, list) else [given])])
            return answer({"planned": len(self.queue)}, 201)
        if route == ("DELETE", "answers"):
            self.queue.clear()
        elif route == ("GET", "ledger"):
            return answer({"requests": self.ledger.entries()})
        elif route != ("GET", "answers"):
            return answer({"error": "There is no such control."}, 404)
        return answer({"planned": len(self.queue)})


def start(port: int = 0, **options: Any) -> Simulator:
    """Start one in a thread of this process."""
    return Simulator(port, **options)
