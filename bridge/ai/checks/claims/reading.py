"""A text as the checks read it: one form for every way to write a character, cut into sentences and words.

Hiding must not help: invisible characters vanish; full-width, mathematical and foreign digits and letters that only
look Latin become plain ones. Every character still knows where it stood, so that a finding can quote the true words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Cyrillic and Greek letters that nobody can tell from Latin ones.
_LOOKALIKES = str.maketrans(
    "АВЕЗКМНОРСТУХІЈЅаеорсухіјѕкнтмвΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοιν",
    "ABE3KMHOPCTYXIJSaeopcyxijskhtmbABEZHIKMNOPTYXaoiv",
)
_SPELLINGS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "á": "a", "à": "a", "ô": "o", "ç": "c", "’": "'"}
)
_ABBREVIATIONS = (
    "z", "b", "ca", "inkl", "max", "min", "nr", "bzw", "etc", "usw", "u", "a", "d", "h", "e.g", "i.e", "approx", "incl",
    "no", "vs", "st", "dr", "mind", "evtl", "ggf", "zzgl", "exkl", "durchm", "art", "abb", "mio",
)  # fmt: skip
_END = re.compile(r"[.!?…]+[\"'“”»«)]*(?=\s)|\n+")
_TOKEN = re.compile(r"\d+(?:[.,]\d+|['’]\d{3}(?!\d))*|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\w\s]|_")
_UNSEEN = ("Cf", "Cc", "Mn")
_TWO_DOTS = "\u0308"
_CLAUSE_ENDS = frozenset(",;:.!?()[]•|–—\n")


@dataclass(frozen=True)
class Token:
    """A word, a number or a sign."""

    text: str
    key: str  # lower case, one spelling for umlauts
    start: int  # in the normalised sentence
    end: int

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()

    @property
    def is_number(self) -> bool:
        return self.text[0].isdigit()

    @property
    def ends_clause(self) -> bool:
        return self.text in _CLAUSE_ENDS


@dataclass(frozen=True)
class Sentence:
    """One sentence: as it stands, in normal form, and the way back."""

    raw: str
    text: str  # normal form
    places: tuple[int, ...]  # for every character of ``text``, and its end, the position in ``raw``
    tokens: tuple[Token, ...]

    def quote(self, start: int, end: int) -> str:
        """The words between two positions of the normal form, exactly as they stand."""
        return self.raw[self.places[start] : self.places[end]].strip()


def fold(word: str) -> str:
    """One key for all spellings of a word: "Größe", "GRÖSSE" and "groesse" are equal."""
    return word.lower().translate(_SPELLINGS)


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a plain text; a line ends a sentence, an abbreviation does not."""
    start = 0
    for found in _END.finditer(text):
        if found.group()[0] == "." and _is_abbreviation(text, found.start()):
            continue
        if piece := text[start : found.end()].strip():
            yield read(piece)
        start = found.end()
    if piece := text[start:].strip():
        yield read(piece)


def _is_abbreviation(text: str, dot: int) -> bool:
    before = re.search(r"[\w.]*$", text[max(0, dot - 12) : dot])
    word = before.group().lower() if before else ""
    return word in _ABBREVIATIONS or word.split(".")[-1] in _ABBREVIATIONS


def read(raw: str) -> Sentence:
    """A piece of text in normal form, with the way back to how it was written."""
    letters: list[str] = []
    places: list[int] = []
    for start, group in _characters(raw):
        for letter in _normal(group):
            letters.append(letter)
            places.append(start)
    text = "".join(letters)
    tokens = tuple(
        Token(found.group(), fold(found.group()), found.start(), found.end()) for found in _TOKEN.finditer(text)
    )
    return Sentence(raw, text, (*places, len(raw)), tokens)


def _characters(raw: str) -> Iterator[tuple[int, str]]:
    """Characters with the marks that belong to them: u and its two dots are one."""
    start = 0
    while start < len(raw):
        end = start + 1
        while end < len(raw) and unicodedata.combining(raw[end]):
            end += 1
        yield start, raw[start:end]
        start = end


def _normal(group: str) -> str:
    if group == "\n":
        return group
    if len(group) == 1 and group.isascii():
        return group if group.isprintable() else " " if group.isspace() else ""
    shown = [letter for letter in group[:8] if unicodedata.category(letter) not in _UNSEEN or letter == _TWO_DOTS]
    normal = unicodedata.normalize("NFKC", "".join(shown)).translate(_LOOKALIKES)
    return "".join(_digit(letter) for letter in normal)


def _digit(letter: str) -> str:
    if letter.isspace():
        return " "
    return str(unicodedata.decimal(letter, letter)) if letter.isdigit() else letter
