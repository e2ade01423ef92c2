"""Qualities that no list can hold, known by how they are built: "stoßgedämpft", "ungefiltert", "sweat-proof".

A word is supported where a fact has the same word, or its first part beside a word that says the same as its second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bridge.ai.checks.claims import Claim
from bridge.ai.checks.claims.reading import Sentence, Token, fold
from bridge.ai.checks.claims.words import grammar, lexicon, stem

# Second parts, and the words of facts that say the same apart.
_SAYING = {
    "frei": ("frei", "ohne", "kein", "keine", "free", "without", "no", "nicht"),
    "geeignet": ("geeignet", "suitable", "fuer", "for"),
    "tauglich": ("tauglich", "geeignet", "suitable", "fuer", "for"),
    "fest": ("fest", "fester", "resistent", "resistant", "proof"),
    "sicher": ("sicher", "sicherung", "safe"),
    "bestaendig": ("bestaendig", "resistent", "resistant"),
    "resistent": ("resistent", "bestaendig", "resistant"),
    "abweisend": ("abweisend", "repellent"),
    "geschuetzt": ("schutz", "geschuetzt", "protected", "protection"),
    "gedaempft": ("daempfung", "gedaempft", "damping", "cushioned"),
    "hemmend": ("hemmend", "hemmung"),
    "schonend": ("schonend", "schont", "gentle"),
    "isoliert": ("isoliert", "isolierung", "isolation", "insulated"),
    "beschichtet": ("beschichtet", "beschichtung", "coated", "coating"),
    "verstaerkt": ("verstaerkt", "verstaerkung", "reinforced"),
    "gefuettert": ("gefuettert", "futter", "fuetterung", "lined", "lining"),
    "gepolstert": ("gepolstert", "polster", "polsterung", "padded", "padding"),
    "gehaertet": ("gehaertet", "haertung", "hardened", "tempered"),
    "proof": ("proof", "resistant", "fest", "dicht", "sicher"),
    "resistant": ("resistant", "proof", "bestaendig", "resistent", "fest"),
    "free": ("free", "without", "no", "non", "ohne", "frei"),
    "safe": ("safe", "suitable", "geeignet", "fest"),
    "friendly": ("friendly", "suitable", "geeignet"),
    "repellent": ("repellent", "abweisend"),
    "insulated": ("insulated", "insulation", "isoliert"),
    "lined": ("lined", "lining", "gefuettert"),
    "padded": ("padded", "padding", "gepolstert"),
    "coated": ("coated", "coating", "beschichtet"),
    "tested": ("tested", "test", "geprueft", "getestet"),
}
_ENGLISH = (
    "proof",
    "resistant",
    "free",
    "safe",
    "friendly",
    "repellent",
    "insulated",
    "lined",
    "padded",
    "coated",
    "tested",
)
_UNDONE = re.compile(r"unge[a-z]{3,20}t")  # ungefiltert, ungesuesst: something was left out
_ROOT = 3


def find(sentence: Sentence) -> Iterator[Claim]:
    """Words built like qualities that no list knows."""
    tokens = sentence.tokens
    for place, token in enumerate(tokens):
        if not token.is_word or token.key in grammar("no features") or lexicon().look_up([token.key]):
            continue
        if place and token.key in _ENGLISH and tokens[place - 1].text in "-‐‑":
            yield from _hyphenated(tokens, place)
            continue
        built = _built(stem(token.key))
        if built:
            yield Claim("feature", token.start, token.end, frozenset({built}))


def _built(root: str) -> str:
    """ "first part|second part" of such a word, empty for another word."""
    if _UNDONE.fullmatch(root):
        return f"{root}|"
    for tail in _SAYING:
        if root.endswith(tail) and len(root) >= len(tail) + _ROOT:
            return f"{root.removesuffix(tail)}|{tail}"
    return ""


def _hyphenated(tokens: Sequence[Token], place: int) -> Iterator[Claim]:
    """ "sweat-proof"."""
    first = tokens[place - 2] if place > 1 else None
    if first is not None and first.is_word and not lexicon().look_up([first.key, tokens[place].key]):
        yield Claim("feature", first.start, tokens[place].end, frozenset({f"{first.key}|{tokens[place].key}"}))


def supported(claim: Claim, keys: frozenset[str]) -> bool:
    """Whether the words of one fact say it."""
    for built in claim.concepts:
        first, _, second = built.partition("|")
        whole = first + second
        if any(key.startswith(whole) for key in keys):
            return True
        begins = fold(first)[: max(_ROOT, len(first) - 2)]
        if second and any(key.startswith(begins) for key in keys) and keys & set(_SAYING[second]):
            return True
    return False
