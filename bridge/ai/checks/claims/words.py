"""The word lists, opened once. They are data: a new word is a line in a JSON file, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bridge.ai.checks.claims.reading import fold

_FOLDER = Path(__file__).parent.parent / "words"

# Word list -> the kind of claim its words make.
LISTS = {
    "materials": "material",
    "colours": "colour",
    "places": "origin",
    "certificates": "certificate",
    "qualities": "quality",
    "service": "warranty",
    "praise": "praise",
    "ingredients": "ingredient",
}
_SPOKEN = ("en", "de", "adjectives", "stems")
_ENDINGS = ("en", "em", "er", "es", "e", "n", "s", "ns", "nen", "ne")
_SHORTEST_STEM = 4
# "Tone" is no clay and "Modals" are no cloth, but "rote" is red.
_SHORT_WORDS_BEND = ("colour", "praise")


@dataclass(frozen=True)
class Meaning:
    """What a word stands for."""

    kind: str
    concept: str
    soft: bool = False  # an everyday word that only means this in a telling place: "rust", "felt"
    proper: bool = False  # only with a capital: "Turkey"


@dataclass(frozen=True)
class Lexicon:
    """Everything needed to look words up."""

    words: Mapping[str, tuple[Meaning, ...]]  # folded words and phrases, as listed
    stems: Mapping[str, tuple[Meaning, ...]]  # phrases of several words without their endings
    heads: Mapping[str, tuple[Meaning, ...]]  # first parts of German compounds
    tails: Mapping[str, tuple[Meaning, ...]]  # last parts of German compounds
    broader: Mapping[tuple[str, str], frozenset[str]]  # (kind, concept) -> what it also is

    def look_up(self, keys: list[str]) -> tuple[Meaning, ...]:
        """What a word or phrase means, in whatever form it is bent."""
        phrase = " ".join(keys)
        if phrase in self.words:
            return self.words[phrase]
        if len(keys) > 1:
            return self.stems.get(" ".join(map(stem, keys)), ())
        for ending in _ENDINGS:
            root = phrase.removesuffix(ending)
            if root != phrase and root in self.words:
                return tuple(
                    each for each in self.words[root] if len(root) >= _SHORTEST_STEM or each.kind in _SHORT_WORDS_BEND
                )
        return ()


def stem(key: str) -> str:
    """A word without its ending, good enough to compare phrases."""
    for ending in _ENDINGS:
        if key.endswith(ending) and len(key) - len(ending) >= _SHORTEST_STEM:
            return key.removesuffix(ending)
    return key


@cache
def lexicon() -> Lexicon:
    """The word lists as one lexicon."""
    words: dict[str, list[Meaning]] = {}
    heads: dict[str, list[Meaning]] = {}
    tails: dict[str, list[Meaning]] = {}
    parents: dict[tuple[str, str], list[str]] = {}
    for name, kind in LISTS.items():
        for row in open_list(name):
            parents[kind, row["id"]] = row.get("is", [])
            _add(words, kind, row, [word for field in _SPOKEN for word in row.get(field, ())])
            _add(heads, kind, row, row.get("heads", []))
            _add(tails, kind, row, row.get("tails", []))
    frozen = {phrase: tuple(found) for phrase, found in words.items()}
    stems = {" ".join(map(stem, phrase.split())): found for phrase, found in frozen.items() if " " in phrase}
    broader = {key: frozenset(_ancestors(key, parents)) for key in parents}
    return Lexicon(frozen, stems, _frozen(heads), _frozen(tails), broader)


def open_list(name: str) -> Any:
    """A word list as it stands in its file."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def grammar(name: str) -> frozenset[str]:
    """A closed set of small words, folded."""
    return frozenset(map(fold, open_list("grammar")[name]))


def _add(into: dict[str, list[Meaning]], kind: str, row: Mapping[str, Any], words: Iterable[str]) -> None:
    for word in words:
        meaning = Meaning(kind, row["id"], word in row.get("soft", ()), word in row.get("proper", ()))
        found = into.setdefault(" ".join(map(fold, word.replace("-", " ").split())), [])
        if meaning not in found:
            found.append(meaning)


def _frozen(found: Mapping[str, list[Meaning]]) -> dict[str, tuple[Meaning, ...]]:
    return {word: tuple(meanings) for word, meanings in found.items()}


def _ancestors(key: tuple[str, str], parents: Mapping[tuple[str, str], list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [key[1]]
    while waiting:
        for parent in parents.get((key[0], waiting.pop()), []):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found
