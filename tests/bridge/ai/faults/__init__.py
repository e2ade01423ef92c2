"""The fault set of the grounding check: honest texts and planted faults, and how the check does on them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.ai.checks import grounded
from bridge.catalog import DESCRIPTION, Draft, Fact, Facts, Finding, Voice

HOME = Path(__file__).parent
LANGUAGES = {"german": "de", "english": "en"}


@dataclass(frozen=True)
class Case:
    """One text; ``kind`` is empty for an honest one, ``words`` are the planted ones."""

    half: str  # tuning | sealed
    locale: str
    product: str
    facts: Facts
    text: str
    kind: str = ""
    words: str = ""

    def findings(self) -> list[Finding]:
        """What the check holds against the text, hints aside."""
        draft = Draft(self.locale, {DESCRIPTION: ""}, {DESCRIPTION: f"<p>{self.text}</p>"}, "a model")
        found = grounded.findings(draft, self.facts, Voice(self.locale))
        return [each for each in found if each.severity in ("block", "person")]


def cases() -> Iterator[Case]:
    """All texts of both languages."""
    for name, locale in LANGUAGES.items():
        for product in tomllib.loads((HOME / f"{name}.toml").read_text())["product"]:
            known = [Fact("title", "Title", product["title"])]
            known += [Fact(f"metafield:custom.{label}", label, value) for label, value in product["facts"].items()]
            given = (product["half"], locale, product["title"], Facts(tuple(known), locale))
            yield from (Case(*given, text) for text in product["honest"])
            yield from (Case(*given, text, kind, words) for kind, words, text in product["faults"])
