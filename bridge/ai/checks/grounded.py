"""Grounded: what a draft claims must stand in the facts, in whatever language, notation or unit.

Every sentence of every field is searched for numbers, materials, colours, origin, certificates, qualities, service
promises, compatibility and addresses; each must be supported by a fact. Nothing here trusts the text: it may have been
written to get past this check.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridge.ai.checks.claims import Claim, Said, support
from bridge.ai.checks.claims.extract import said
from bridge.ai.checks.claims.known import Known, known
from bridge.ai.checks.elements import take_apart
from bridge.catalog import DESCRIPTION, TAGS, Draft, Evidence, Facts, Finding, Severity, Voice, split_tags

N_ = lambda text: text  # noqa: E731 - marks a sentence for the catalogue of translations

UNSUPPORTED = {
    "number": N_("No fact gives the figure “%(words)s”."),
    "figure": N_("No fact gives the number “%(words)s”. Is it right?"),
    "name": N_("No fact mentions “%(words)s”."),
    "model": N_("No fact mentions “%(words)s”."),
    "material": N_("No fact says that the material is “%(words)s”."),
    "ingredient": N_("No fact says that it contains “%(words)s”."),
    "feature": N_("No fact says that it is “%(words)s”."),
    "colour": N_("No fact says that the colour is “%(words)s”."),
    "origin": N_("No fact says that the product comes from “%(words)s”."),
    "making": N_("No fact mentions “%(words)s” as the place where it is made."),
    "certificate": N_("No fact supports the certificate or test “%(words)s”."),
    "quality": N_("No fact supports the quality “%(words)s”."),
    "warranty": N_("No fact supports the promise “%(words)s”."),
    "compatibility": N_("No fact says that it goes with “%(words)s”."),
    "fitting": N_("No fact says what it suits or fits: “%(words)s”."),
    "contact": N_("No fact contains this address or number: “%(words)s”."),
    "praise": N_("“%(words)s” is praise that no fact supports."),
}
CONTRADICTED = N_("“%(words)s” contradicts the fact “%(label)s: %(value)s”.")

# What may never be published unsupported blocks; what can only be judged by a person goes to one.
SEVERITIES: dict[str, Severity] = {
    "praise": "hint",
    **dict.fromkeys(("figure", "making", "fitting", "ingredient", "feature", "name"), "person"),
}
_LONGEST_VALUE = 80


def findings(draft: Draft, facts: Facts, voice: Voice) -> tuple[Finding, ...]:
    """One finding for every claim that no fact supports, in the order of the text."""
    base = known(facts)
    found: list[Finding] = []
    for name in draft.fields:
        for sentence in _said(draft, name):
            places = support.verbatim(sentence.sentence, base)
            for claim in sorted(sentence.claims, key=lambda each: each.start):
                if not support.supporting(claim, sentence.sentence, base, places):
                    found.append(_finding(name, sentence, claim, base))
    return tuple(_once(found))


def evidence(draft: Draft, facts: Facts) -> tuple[Evidence, ...]:
    """Which facts support which sentence: those that its claims rest on, and those whose words it takes over."""
    base = known(facts)
    return tuple(
        Evidence(name, sentence.sentence.raw, keys)
        for name in draft.fields
        for sentence in _said(draft, name)
        if (keys := _keys(sentence, base))
    )


def _keys(sentence: Said, base: Sequence[Known]) -> tuple[str, ...]:
    places = support.verbatim(sentence.sentence, base)
    found = {place.known.fact.key for place in places}
    for claim in sentence.claims:
        found |= {each.fact.key for each in support.supporting(claim, sentence.sentence, base, places)}
    return tuple(each.fact.key for each in base if each.fact.key in found)


def _said(draft: Draft, name: str) -> Iterator[Said]:
    for text in _texts(name, draft.fields[name], draft.base.get(name, "")):
        yield from said(text, draft.locale)


def _texts(name: str, text: str, base: str) -> Iterator[str]:
    """What people read of a field: every new tag on its own, and the alternative texts inside a description."""
    if name == TAGS:
        present = split_tags(base)
        yield from (tag for tag in split_tags(text) if tag not in present)
    elif name == DESCRIPTION:
        parts = take_apart(text)
        yield parts.text
        yield from parts.spoken
    else:
        yield text


def _finding(name: str, sentence: Said, claim: Claim, base: Sequence[Known]) -> Finding:
    kind = support.kind_of(claim)
    quote = sentence.words(claim)
    against = None if kind in ("praise", "contact") else support.contradicting(claim, base)
    if against is not None:
        value = " ".join(against.fact.value.split())
        args = {"words": quote, "label": against.fact.label, "value": _short(value)}
        return Finding("grounded", "block", name, CONTRADICTED, args, quote, f"{kind}-contradicted")
    severity = SEVERITIES.get(kind, "block")
    return Finding("grounded", severity, name, UNSUPPORTED[kind], {"words": quote}, quote, f"{kind}-unsupported")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _once(found: Sequence[Finding]) -> Iterator[Finding]:
    """The same words in the same field are reported once."""
    seen: set[tuple[str, str, str]] = set()
    for finding in found:
        mark = (finding.field, finding.code, finding.quote)
        if mark not in seen:
            seen.add(mark)
            yield finding
