"""Numbers written out, in German and English: "hundertzweiundneunzig", "twenty-four", "four fifths"."""

from __future__ import annotations

from functools import cache

from bridge.ai.checks.claims.reading import fold
from bridge.ai.checks.claims.words import open_list

FRACTIONS = {
    "halves": 1 / 2, "third": 1 / 3, "thirds": 1 / 3, "drittel": 1 / 3, "quarter": 1 / 4, "quarters": 1 / 4,
    "viertel": 1 / 4, "fifth": 1 / 5, "fifths": 1 / 5, "fuenftel": 1 / 5, "tenth": 1 / 10, "tenths": 1 / 10,
    "zehntel": 1 / 10,
}  # fmt: skip
SCALES = {"hundred": 100.0, "thousand": 1000.0}
# Articles of one language are other words in the other: "an den Anschluss" counts nothing.
_ARTICLES = {
    "de": frozenset({"a", "an"}),
    "en": frozenset({"ein", "eine", "einen", "einem", "einer", "eines"}),
}
_LONGEST = 48
_GERMAN_SCALES = (("tausend", 1000.0), ("hundert", 100.0))


def value(key: str, language: str) -> float | None:
    """The number that a folded word stands for, None when it stands for none."""
    if key in _ARTICLES.get(language, ()):
        return None
    return _words().get(key) or _composed(key)


@cache
def _words() -> dict[str, float]:
    return {fold(word): float(number) for listed in open_list("numbers").values() for word, number in listed.items()}


@cache
def _composed(key: str) -> float | None:
    """German numbers are one word: thousands, hundreds, ones, "und", tens."""
    if len(key) > _LONGEST:
        return None
    for scale, factor in _GERMAN_SCALES:
        head, found, rest = key.partition(scale)
        if not found:
            continue
        many = _small(head) if head else 1.0
        more = (_small(rest) or _composed(rest)) if rest else 0.0
        return many * factor + more if many is not None and more is not None else None
    return _tens(key)


def _small(key: str) -> float | None:
    """Up to ninety-nine, also "ein" for one."""
    return _words().get(key) or _tens(key)


def _tens(key: str) -> float | None:
    ones, found, tens = key.partition("und")
    if not found:
        return None
    low, high = _words().get(ones), _words().get(tens)
    fits = low is not None and high is not None and 1 <= low <= 9 and high in range(20, 100, 10)  # noqa: PLR2004
    return low + high if fits and low is not None and high is not None else None
