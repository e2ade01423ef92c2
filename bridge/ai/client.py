"""What a model is to the rest of the house: a prompt in, checked values out. Which server answers is its own affair."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from marshmallow import Schema

from bridge.deadline import Deadline
from bridge.settings import Settings


@dataclass(frozen=True)
class Prompt:
    """One question. ``system`` is ours and comes first (it may be cached); ``user`` holds the data."""

    name: str  # of the kind of work, letters and underscores
    version: str
    system: str
    user: str
    schema: type[Schema]  # the answer's shape; nested schemas, strings, numbers and lists
    max_tokens: int


@dataclass(frozen=True)
class Tokens:
    """What an answer was charged for. ``cached`` is part of ``read``."""

    read: int = 0
    cached: int = 0
    written: int = 0


@dataclass(frozen=True)
class Answer:
    """Values that fit the prompt's schema."""

    values: dict[str, Any]
    model: str
    tokens: Tokens = field(default_factory=Tokens)


class Unusable(Exception):
    """The model answered, but not with what was asked for: empty, refused, cut, or off the schema.

    ``str(error)`` is a sentence for people; ``tokens`` were charged all the same.
    """

    def __init__(self, message: str, tokens: Tokens | None = None) -> None:
        super().__init__(message)
        self.tokens = tokens or Tokens()


class Model(Protocol):
    """A language model behind any server."""

    name: str
    free: bool  # runs on a server of the shop's own, so that no price is known or needed

    def ask(self, prompt: Prompt, deadline: Deadline) -> Answer:
        """One answer. Raises Unusable, TryLater or AskHuman; never waits beyond the deadline."""


def model(settings: Settings) -> Model | None:
    """The configured model, or None: then the template writer does the work."""
    if not settings.model_name:
        return None
    # The SDK takes seconds and 45 MB to import; processes without a model, and the web process, must not pay for it.
    from bridge.ai.openai_compatible import OpenAICompatible  # noqa: PLC0415

    return OpenAICompatible(settings)
