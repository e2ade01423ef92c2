"""How the template says things, by language. Without a language of ours it only lists what the shop says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.ai.checks.claims.known import label_words
from bridge.ai.checks.claims.reading import fold

_LABELS: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("labels.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Phrasebook:
    """The few words that no fact brings along."""

    language: str
    by: str  # before a maker's name
    made_of: str  # before materials
    and_: str
    available: str  # before a list of colours
    available_sizes: str
    and_sizes: str  # when colours came before
    yes: str
    no: str

    def enumerate(self, items: Sequence[str]) -> str:
        """ "Rot, Gelb und Blau". Without a language: with commas."""
        if len(items) < 2 or not self.and_:  # noqa: PLR2004
            return ", ".join(items)
        return f"{', '.join(items[:-1])} {self.and_} {items[-1]}"

    def label(self, label: str) -> str:
        """The label in this language; a shop's own label stays as it is."""
        known = _LABELS.get(fold(" ".join(label.split())), {})
        return known.get(self.language) or " ".join(label.split())

    def value(self, value: str) -> str:
        """The value on one line; yes and no in this language."""
        line = " ".join(value.split())
        if self.yes and fold(line) in ("true", "yes", "ja"):
            return self.yes
        if self.no and fold(line) in ("false", "no", "nein"):
            return self.no
        return line


_BOOKS = {
    "de": Phrasebook(
        "de", "von", "aus", "und", "Erhältlich in", "Erhältlich in den Größen", "sowie in den Größen", "ja", "nein"
    ),
    "en": Phrasebook("en", "by", "made of", "and", "Available in", "Available in sizes", "and in sizes", "yes", "no"),
}
_NONE = Phrasebook("", "", "", "", "", "", "", "", "")


def phrasebook(locale: str) -> Phrasebook:
    """The phrases for a locale, or an empty book."""
    return _BOOKS.get(locale.split("-")[0].lower(), _NONE)


def is_about(label: str, what: str) -> bool:
    """Whether a label announces colours, sizes or a material, in either language."""
    return any(word in label_words(what) for word in fold(label).split())
