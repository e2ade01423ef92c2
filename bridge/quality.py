"""How good a listing's texts are, as far as can be counted: what is missing, too short or too long.

Kept with the product as points by field, so that lists sort and filter without reading texts again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.ai.checks.elements import plain
from bridge.catalog import ALT, DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, Voice
from bridge.models import Subject

GOOD, EMPTY, SHORT, LONG = "good", "empty", "short", "long"
WEIGHTS = {DESCRIPTION: 50, SEO_TITLE: 15, SEO_DESCRIPTION: 20, TAGS: 5, ALT: 10}
_WORTH = {GOOD: 1.0, LONG: 0.5, SHORT: 0.5, EMPTY: 0.0}
# Bands by which lists are filtered: name -> (from, below)
BANDS = {"empty": (0, 40), "weak": (40, 80), "good": (80, 101)}


@dataclass(frozen=True)
class Point:
    """One thing that was looked at."""

    field: str  # as in the catalogue; all image texts together are "alt:"
    state: str  # good | empty | short | long
    missing: int = 0  # image texts
    of: int = 0


def look(texts: Mapping[str, str], voice: Voice) -> dict[str, str]:
    """The state of every field, by name."""
    return {name: _state(name, text, voice) for name, text in texts.items() if name in WEIGHTS or name.startswith(ALT)}


def _state(name: str, text: str, voice: Voice) -> str:
    if not text.strip():
        return EMPTY
    if name == DESCRIPTION:
        words = len(plain(text).split())
        return SHORT if words < voice.description_words[0] else LONG if words > voice.description_words[1] else GOOD
    limits = {SEO_TITLE: voice.seo_title_chars, SEO_DESCRIPTION: voice.seo_description_chars}
    limit = voice.alt_chars if name.startswith(ALT) else limits.get(name, 0)
    return LONG if limit and len(text) > limit else GOOD


def points(states: Mapping[str, str]) -> list[Point]:
    """What was looked at, the most important first; pictures count together and only where there are any."""
    found = [Point(name, states[name]) for name in WEIGHTS if name in states]
    alts = [state for name, state in states.items() if name.startswith(ALT)]
    if alts:
        missing = sum(state == EMPTY for state in alts)
        found.append(Point(ALT, EMPTY if missing else LONG if LONG in alts else GOOD, missing, len(alts)))
    return found


def score(states: Mapping[str, str]) -> int:
    """From 0, nothing there, to 100."""
    found = points(states)
    reached = sum(WEIGHTS[each.field] * _share(each) for each in found)
    return round(100 * reached / sum(WEIGHTS[each.field] for each in found)) if found else 0


def _share(point: Point) -> float:
    if point.of:
        return 1 - point.missing / point.of
    return _WORTH[point.state]


def remember(subject: Subject, texts: Mapping[str, str], voice: Voice, *, all_of_them: bool) -> None:
    """Keep what is known with the product. ``all_of_them``: fields that are not among the texts are gone."""
    fresh = look(texts, voice)
    subject.points = fresh if all_of_them else {**subject.points, **fresh}
    subject.quality = score(subject.points)
