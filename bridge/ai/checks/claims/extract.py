"""All claims of a text, sentence by sentence."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bridge.ai.checks.claims import Claim, Said, features, numbers, patterns, phrases
from bridge.ai.checks.claims.reading import Sentence, sentences

_BESIDE = 25  # characters: "60 % recycled organic cotton"


def said(text: str, locale: str) -> Iterator[Said]:
    """Every sentence of a plain text with what it claims."""
    for sentence in sentences(text):
        yield Said(sentence, tuple(claims(sentence, locale)))


def claims(sentence: Sentence, locale: str, lenient: bool = False, unit: numbers.Unit | None = None) -> list[Claim]:
    """What one sentence claims. ``lenient`` and ``unit`` are for facts: see phrases.find and numbers.measures."""
    contacts = list(patterns.contacts(sentence))
    norms = list(patterns.norms(sentence))
    words = list(phrases.find(sentence, lenient))
    materials = [claim for claim in words if claim.kind == "material"]
    measured = [_of_material(claim, materials) for claim in numbers.measures(sentence, locale, unit)]
    found = [*words, *measured, *_models(sentence, measured)]
    found += _outside(list(features.find(sentence)), sorted(words, key=lambda each: each.start))
    found += _outside(list(patterns.names(sentence)), sorted(found, key=lambda each: each.start))
    found += [*patterns.seals(sentence), *patterns.brands(sentence)]
    found += [*patterns.compatibility(sentence), *patterns.made_in(sentence)]
    # The number of a norm is no measure, and the words of an address claim nothing more.
    return contacts + _outside(norms + _outside(found, norms), contacts)


def _models(sentence: Sentence, measured: Sequence[Claim]) -> list[Claim]:
    """Model numbers that are not "12cm"."""
    known = {claim.start for claim in measured if claim.measure and claim.measure.dimension}
    ends = {claim.end for claim in measured}
    return [claim for claim in patterns.models(sentence) if claim.start not in known and claim.end not in ends]


def _outside(found: Sequence[Claim], areas: Sequence[Claim]) -> list[Claim]:
    """The claims that do not begin inside one of the areas, which do not overlap and come in order."""
    starts = [area.start for area in areas]

    def is_inside(claim: Claim) -> bool:
        place = bisect_right(starts, claim.start) - 1
        return place >= 0 and claim.start < areas[place].end

    return [claim for claim in found if not is_inside(claim)]


def _of_material(claim: Claim, materials: Sequence[Claim]) -> Claim:
    """ "60 % cotton": the share belongs to what follows it."""
    if claim.measure is None or claim.measure.dimension != "share %":
        return claim
    place = bisect_left(materials, claim.end, key=lambda each: each.start)
    if place == len(materials) or materials[place].start - claim.end > _BESIDE:
        return claim
    role = "of " + "|".join(sorted(materials[place].concepts))
    return replace(claim, measure=replace(claim.measure, role=role))
