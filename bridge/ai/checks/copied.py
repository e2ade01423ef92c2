"""Copied: whole passages of a draft that stand word for word in another listing or in a text that must not be copied.

Stretches that the product's own facts say in the same words are no copies. What to compare with is found by
bridge.copies; here texts are only compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bridge.ai.checks.claims.reading import Sentence, Token, read
from bridge.ai.checks.elements import plain
from bridge.catalog import DESCRIPTION, SEO_DESCRIPTION, Draft, Facts, Finding, Severity

N_ = lambda text: text  # noqa: E731 - marks a sentence for the catalogue of translations

FIELDS = (DESCRIPTION, SEO_DESCRIPTION)
SHINGLE = 5  # words that count as the same only together
WINDOW = 8  # of so many shingles the smallest is kept: every common run of SHINGLE + WINDOW - 1 words is noticed
SHORTEST = 12  # words in a row that are worth a finding
MUCH = 0.5  # of a draft: then somebody must look, also when it is the shop's own text
OF_A_REFERENCE = N_("%(share)s of this text stands word for word in “%(name)s”, which must not be copied.")
OF_A_LISTING = N_("%(share)s of this text stands word for word in the listing “%(name)s”.")


@dataclass(frozen=True)
class Other:
    """A text to compare with."""

    name: str  # for people
    text: str  # may hold markup
    reference: bool = False  # one that must not be copied; else another listing of the shop


def findings(draft: Draft, facts: Facts, others: Sequence[Other]) -> tuple[Finding, ...]:
    """One finding for each text that a passage was taken from, with the longest such passage quoted."""
    found: list[Finding] = []
    own = {shingle for fact in facts.items for shingle in _shingles(_words(read(plain(fact.value))))}
    for name in FIELDS:
        sentence = read(plain(draft.fields.get(name, "")))
        words = _words(sentence)
        for other in others:
            finding = _compare(name, sentence, words, other, own)
            if finding is not None:
                found.append(finding)
    return tuple(found)


def prints(text: str) -> frozenset[int]:
    """The fingerprints under which a text is found again: the smallest hash of every window of shingles.

    Winnowing, https://doi.org/10.1145/872757.872770 . Signed 64 bit, equal on every machine.
    """
    hashes = [_hash(shingle) for shingle in _shingles(_words(read(plain(text))))]
    if len(hashes) < WINDOW:
        return frozenset()
    return frozenset(min(hashes[start : start + WINDOW]) for start in range(len(hashes) - WINDOW + 1))


def _compare(
    name: str, sentence: Sentence, words: Sequence[Token], other: Other, own: set[tuple[str, ...]]
) -> Finding | None:
    theirs = [token.key for token in _words(read(plain(other.text)))]
    known = set(_shingles(theirs)) - own
    mine = [tuple(token.key for token in words[n : n + SHINGLE]) for n in range(len(words) - SHINGLE + 1)]
    covered = {place + step for place, shingle in enumerate(mine) if shingle in known for step in range(SHINGLE)}
    run = SequenceMatcher(None, [token.key for token in words], theirs, autojunk=False).find_longest_match()
    if run.size < SHORTEST or not covered & set(range(run.a, run.a + run.size)):
        return None
    share = len(covered) / len(words)
    quote = sentence.quote(words[run.a].start, words[run.a + run.size - 1].end)
    severity: Severity = "person" if other.reference or share >= MUCH else "hint"
    message, code = (OF_A_REFERENCE, "reference") if other.reference else (OF_A_LISTING, "listing")
    args = {"share": f"{share:.0%}", "name": other.name}
    return Finding("copied", severity, name, message, args, quote, f"copied-from-{code}")


def _words(sentence: Sentence) -> list[Token]:
    return [token for token in sentence.tokens if token.is_word or token.is_number]


def _shingles(words: Sequence[Token] | Sequence[str]) -> list[tuple[str, ...]]:
    keys = [word if isinstance(word, str) else word.key for word in words]
    return [tuple(keys[start : start + SHINGLE]) for start in range(len(keys) - SHINGLE + 1)]


def _hash(shingle: tuple[str, ...]) -> int:
    digest = hashlib.blake2b(" ".join(shingle).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
