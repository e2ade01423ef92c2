"""Answers planned beforehand, for prompts that contain given words or for any."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

KINDS = frozenset({
    "json", "content", "refusal", "length", "empty", "html", "off_schema", "content_filter", "429", "quota", "500",
    "503", "slow", "cut",
})  # fmt: skip


@dataclass
class Planned:
    """``value`` is the JSON to answer (kind json) or the text itself; ``on`` words the prompt must contain."""

    kind: str = "json"
    value: Any = None
    on: str = ""
    times: int = 1
    retry_after: float = 2.0
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no answer of kind {self.kind}; there are {', '.join(sorted(KINDS))}.")


class Queue:
    """Served in order; each as often as it says."""

    def __init__(self) -> None:
        self._planned: list[Planned] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._planned)

    def add(self, planned: Iterable[Planned]) -> None:
        """Put answers at the end."""
        with self._lock:
            self._planned += planned

    def clear(self) -> None:
        """Forget what has not been served."""
        with self._lock:
            self._planned.clear()

    def next(self, prompt: str) -> Planned | None:
        """The first answer meant for this prompt, used up by one."""
        with self._lock:
            for planned in self._planned:
                if planned.on in prompt:
                    planned.times -= 1
                    self._planned = [each for each in self._planned if each.times > 0]
                    return planned
        return None
