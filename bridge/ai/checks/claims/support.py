"""Whether a fact supports or contradicts a claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.ai.checks.claims import Claim, Measure, features
from bridge.ai.checks.claims.known import Known
from bridge.ai.checks.claims.reading import Sentence
from bridge.ai.checks.claims.words import grammar, lexicon

# Where these differ, equal figures are still two different things.
_DISTINCT = {"width", "height", "length", "depth", "diameter", "thickness", "load", "weight", "warranty"}
_ANY_CERTIFICATE = {"certified", "tested"}
_BY_LITERAL_WORDS = ("model", "name", "compatibility", "fitting", "making", "contact")
_TINY = 1e-6
_NEAR, _ABOUT = 1.3, 0.07
_SHORTEST_QUOTE = 2
_MOST_QUOTES = 50


@dataclass(frozen=True)
class Place:
    """A stretch of a sentence that is a fact's whole value, or its whole line "label: value"."""

    start: int
    end: int
    known: Known
    whole_line: bool


def kind_of(claim: Claim) -> str:
    """The kind under which a claim is reported: a bare number is weaker than one with a unit."""
    if claim.measure is None:
        return claim.kind
    return "number" if claim.measure.dimension else "figure"


def verbatim(sentence: Sentence, base: Sequence[Known]) -> tuple[Place, ...]:
    """Where facts stand in a sentence word for word."""
    text = sentence.text.lower()
    found = [Place(start, end, each, False) for each in base for start, end in _stretches(text, each.value.lower())]
    found += [Place(start, end, each, True) for each in base for start, end in _stretches(text, each.line.lower())]
    return tuple(found)


def _stretches(text: str, words: str) -> Iterator[tuple[int, int]]:
    if not _SHORTEST_QUOTE <= len(words) <= len(text):
        return
    start = text.find(words)
    for _found in range(_MOST_QUOTES):
        if start < 0:
            return
        if _stands_alone(text, start, start + len(words)):
            yield start, start + len(words)
        start = text.find(words, start + len(words))


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
    after = end == len(text) or not (text[end].isalnum() and text[end - 1].isalnum())
    return before and after


def supporting(claim: Claim, sentence: Sentence, base: Sequence[Known], places: Sequence[Place]) -> tuple[Known, ...]:
    """The facts that support a claim; empty when it must not be made."""
    found = [each for each in base if not each.is_name and _supports(claim, each)]
    for place in places:
        if place.start <= claim.start and claim.end <= place.end and _is_taken_over(claim, sentence, place):
            found.append(place.known)
    return tuple(found)


def _is_taken_over(claim: Claim, sentence: Sentence, place: Place) -> bool:
    """A fact shown as the shop shows it ("Wasserdicht: bis 3 m") says no more than the shop; so does a maker's name."""
    if place.whole_line:
        return (claim.kind, claim.concepts, claim.negated) in place.known.on_the_line
    return place.known.is_name and not claim.negated and _is_named(sentence, place)


def _is_named(sentence: Sentence, place: Place) -> bool:
    """A maker's name is taken for a name when it is more than one word, follows "by" or "von", or stands for itself."""
    before = [token for token in sentence.tokens if token.end <= place.start]
    if len(place.known.value.split()) > 1:
        return True
    if not before or before[-1].text in "–|":
        return place.end >= len(sentence.text.rstrip(" ."))
    return before[-1].key in ("von", "by", "from", "bei")


def _supports(claim: Claim, each: Known) -> bool:
    if claim.kind == "feature":
        return features.supported(claim, each.keys)
    if claim.kind in _BY_LITERAL_WORDS:
        return _literally(claim, each)
    if claim.measure is not None:
        return any(other.measure and _same(claim.measure, other.measure) for other in each.claims) or (
            not claim.measure.dimension and claim.measure.unit in each.keys
        )
    if claim.kind == "certificate" and not claim.negated and claim.concepts <= each.keys:
        return True  # a certificate that no list knows, by its name
    if claim.kind == "certificate" and claim.concepts <= _ANY_CERTIFICATE and each.about == "certificate":
        return not claim.negated  # "certified", where the shop names a certificate that no list knows
    return any(_implies(other, claim) for other in each.claims) or (
        not claim.negated and claim.kind == "origin" and bool(claim.concepts) and claim.concepts <= each.keys
    )


def _literally(claim: Claim, each: Known) -> bool:
    if claim.kind == "contact":
        return any(other.kind == "contact" and other.concepts == claim.concepts for other in each.claims)
    return claim.concepts <= each.keys


def _implies(fact: Claim, claim: Claim) -> bool:
    """Oak is wood: a fact says the claim or something narrower; of what is denied, something broader."""
    certifies = fact.kind == "certificate" and claim.kind == "quality" and not claim.negated
    if (fact.kind != claim.kind and not certifies) or fact.negated != claim.negated:
        return False
    if claim.negated:
        return bool(_with_broader(claim) & fact.concepts)
    return bool(_with_broader(fact) & claim.concepts)


def _with_broader(claim: Claim) -> frozenset[str]:
    broader = lexicon().broader
    found = set(claim.concepts)
    for concept in claim.concepts:
        found |= broader.get((claim.kind, concept), frozenset())
        found |= {concept.partition(" = ")[0]}
    return frozenset(found)


def _same(claim: Measure, fact: Measure) -> bool:
    if claim.value is None or fact.value is None or not _same_thing(claim.dimension, fact.dimension):
        return False
    return _holds(claim, fact) and not _different_things(claim, fact)


def _same_thing(claim: str, fact: str) -> bool:
    """The same dimension; of things that are counted also the plainer word: "20 Teebeutel" are twenty Beutel."""
    return claim == fact or (claim.startswith("count ") and fact.endswith(claim.removeprefix("count ")))


def _holds(claim: Measure, fact: Measure) -> bool:
    """ "More than 300 ml" is told by the same words, or by a fact a little above; "about" may be a little off."""
    assert claim.value is not None and fact.value is not None
    if claim.relation == "more":
        return (fact.relation == "more" and _equal(claim, fact)) or claim.value < fact.value <= claim.value * _NEAR
    if claim.relation == "less":
        return (fact.relation == "less" and _equal(claim, fact)) or fact.value < claim.value <= fact.value * _NEAR
    roughly = claim.relation == "about" and abs(claim.value - fact.value) <= _ABOUT * abs(fact.value)
    return roughly or _equal(claim, fact)


def _equal(claim: Measure, fact: Measure) -> bool:
    assert claim.value is not None and fact.value is not None
    distance = abs(claim.value - fact.value)
    if distance <= _TINY * max(1.0, abs(fact.value)):
        return True
    # Within the metric system a conversion is exact; between systems the text may round.
    return _crosses_systems(claim.unit, fact.unit) and distance <= claim.exactness


def _crosses_systems(one: str, other: str) -> bool:
    return (one in grammar("imperial")) != (other in grammar("imperial"))


def _different_things(claim: Measure, fact: Measure) -> bool:
    if claim.role.startswith("of ") and fact.role.startswith("of "):
        return not set(claim.role[3:].split("|")) & set(fact.role[3:].split("|"))
    if {claim.role, fact.role} == {"width", "diameter"}:
        return False  # what is round is as wide as its diameter
    return bool(claim.role and fact.role) and claim.role != fact.role and bool({claim.role, fact.role} & _DISTINCT)


def contradicting(claim: Claim, base: Sequence[Known]) -> Known | None:
    """The fact that says another thing about the same, if there is one."""
    return next((each for each in base if not each.is_name and _contradicts(claim, each)), None)


def _contradicts(claim: Claim, each: Known) -> bool:
    if claim.measure is not None:
        return any(_is_rival(claim.measure, other) for other in _measures(each))
    exclusive = claim.kind == each.about and each.about != "certificate"  # a product may have several of those
    if exclusive and any(other.kind == claim.kind for other in each.claims) and not claim.negated:
        return True
    return any(_denies(other, claim) for other in each.claims)


def _denies(fact: Claim, claim: Claim) -> bool:
    opposed = fact.kind == claim.kind and fact.negated != claim.negated
    return opposed and bool(_with_broader(fact) & _with_broader(claim))


def _measures(each: Known) -> Iterator[Measure]:
    return (claim.measure for claim in each.claims if claim.measure is not None)


def _is_rival(claim: Measure, fact: Measure) -> bool:
    """The same thing with another figure."""
    if not claim.dimension or claim.dimension != fact.dimension or claim.value is None or fact.value is None:
        return False
    return not (claim.role and fact.role) or claim.role == fact.role
