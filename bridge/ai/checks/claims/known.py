"""What the facts of a subject support: their claims, their words, and which fact said it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from bridge.ai.checks.claims import Claim, Measure, numbers
from bridge.ai.checks.claims.extract import claims
from bridge.ai.checks.claims.reading import Sentence, fold, read, sentences
from bridge.ai.checks.claims.words import open_list
from bridge.ai.checks.elements import holds_markup, take_apart
from bridge.catalog import DESCRIPTION, Fact, Facts

VENDOR = "vendor"
_MOST_PARTS = 60


@dataclass(frozen=True)
class Known:
    """One fact and what it says."""

    fact: Fact
    claims: tuple[Claim, ...]
    keys: frozenset[str]  # its words, folded
    value: str  # in normal form, for words that are taken over whole
    about: str  # material, colour, origin … where the label says what the fact is about
    line: str  # label and value, as a list would show them
    on_the_line: frozenset[tuple[str, frozenset[str], bool]]  # kind, concepts and denial of what that line claims

    @property
    def is_name(self) -> bool:
        """A name claims nothing: "Silver Line" is not made of silver."""
        return self.fact.key == VENDOR


@lru_cache(maxsize=16)
def known(facts: Facts) -> tuple[Known, ...]:
    """All facts, read once."""
    return tuple(_known(fact, facts.locale) for fact in facts.items)


def plain(fact: Fact) -> str:
    """The value of a fact as text."""
    if fact.key == DESCRIPTION or holds_markup(fact.value):
        parts = take_apart(fact.value)
        return "\n".join([parts.text, *parts.spoken])
    return fact.value


def _known(fact: Fact, locale: str) -> Known:
    text, label = plain(fact), read(fact.label)
    about = _about(fact.label)
    found = [] if fact.key == VENDOR else list(_claims(fact, text, locale))
    whole = read(text)
    keys = frozenset(token.key for token in whole.tokens) | frozenset(fold(word) for word in whole.text.split())
    if text.strip().lower() in label_words("yes"):
        keys |= {token.key for token in label.tokens}
    line = read(f"{fact.label}: {text}")
    told = frozenset((claim.kind, claim.concepts, claim.negated) for claim in claims(line, locale))
    return Known(fact, tuple(found), keys, " ".join(whole.text.split()), about, " ".join(line.text.split()), told)


def _claims(fact: Fact, text: str, locale: str) -> Iterator[Claim]:
    label = read(fact.label)
    unit, role = numbers.unit_of_label(label), numbers.role_of_label(label)
    for sentence in sentences(text):
        for claim in claims(sentence, locale, lenient=True, unit=unit):
            if claim.measure is not None and role and not claim.measure.role.startswith("of "):
                claim = replace(claim, measure=replace(claim.measure, role=role))
            yield claim
            if claim.measure is not None and role == "age" and not claim.measure.dimension:
                yield replace(claim, measure=numbers.in_years(claim.measure))  # "Age: 5+"
    yield from _answers(fact.label, text, locale)
    yield from _counts(fact.label, text)
    yield from _counted_by_label(label, text, locale)


def _answers(label: str, text: str, locale: str) -> Iterator[Claim]:
    """ "Waterproof: yes" and "Spülmaschinenfest: nein" say it in the label, and so does "Warranty: 2 years"."""
    answer = fold(text.strip())
    rated = any(each.measure and each.measure.dimension and each.measure.value for each in claims(read(text), locale))
    yield from (each for each in claims(read(f"{text} {label}"), locale, lenient=True) if each.kind == "warranty")
    for claim in claims(read(label), locale, lenient=True):
        if answer in label_words("yes") or (claim.kind == "warranty" and answer not in label_words("no")):
            yield claim
        elif claim.kind == "quality" and rated:
            yield claim  # "Waterproof: 10 bar"
        elif answer in label_words("no"):
            yield replace(claim, negated=not claim.negated)


def _counts(label: str, text: str) -> Iterator[Claim]:
    """Three values of an option are "three colours"."""
    parts = [part for part in text.split(",", _MOST_PARTS) if part.strip()]
    if len(parts) < 2:  # noqa: PLR2004
        return
    about = _about(label)
    counted = {"colour": "count colours", "sizes": "count sizes"}.get(about, numbers.counted_as(fold(label.strip())))
    yield Claim("number", 0, 0, measure=Measure(float(len(parts)), counted))


def _counted_by_label(label: Sentence, text: str, locale: str) -> Iterator[Claim]:
    """ "Pockets: 2" are two pockets, "Players: 2 to 4" are two to four."""
    bare = [claim.measure for claim in claims(read(text), locale, lenient=True) if claim.measure]
    for token in label.tokens:
        if not token.is_word:
            continue
        dimension = numbers.counted_as(token.key)
        for measure in bare:
            if not measure.dimension and measure.value is not None:
                yield Claim("number", 0, 0, measure=replace(measure, dimension=dimension, unit=token.key))


def _about(label: str) -> str:
    keys = {token.key for token in read(label).tokens}
    kinds = ("material", "colour", "origin", "sizes", "certificate")
    return next((name for name in kinds if keys & label_words(name)), "")


@cache
def label_words(name: str) -> frozenset[str]:
    """Words of labels by what they announce."""
    return frozenset(map(fold, open_list("labels")[name]))
