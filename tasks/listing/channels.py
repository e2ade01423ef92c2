"""Texts for elsewhere, made with the draft: a headline, bullet points, a social post, a caption.

They are never written to the shop; people copy them. They are held to the same facts all the same: one that the checks
object to is replaced by plain words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from marshmallow import fields

from bridge.ai.checks import bias, grounded, private, risky
from bridge.catalog import CHANNELS, Draft, Facts, Voice

HEADLINE, BULLETS, SOCIAL, CAPTION = CHANNELS
LIMITS = {HEADLINE: 70, BULLETS: 600, SOCIAL: 400, CAPTION: 150}  # characters
MOST_BULLETS = 5
_CHECKS = (grounded, private, risky, bias)
_SERIOUS = ("block", "person")


def shape() -> dict[str, Any]:
    """The part of an answer's schema. An answer without them is good all the same: plain words take their place."""
    return {name: fields.List(fields.String()) if name == BULLETS else fields.String() for name in CHANNELS}


def read(values: Mapping[str, Any], line: Callable[[str], str]) -> dict[str, str]:
    """The model's values as texts; ``line`` makes one clean line."""
    found = {name: line(values.get(name) or "") for name in CHANNELS if name != BULLETS}
    return {**found, BULLETS: _as_list([line(each) for each in values.get(BULLETS) or []])}


def from_facts(title: str, sentences: Sequence[str], rest: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Plain words from facts alone; nothing where the facts say too little."""
    lines = [f"{label}: {value}" for label, value in rest]
    said = [*sentences, *(f"{line}." for line in lines)]
    if not title or not lines:
        return {}
    return {
        HEADLINE: title[: LIMITS[HEADLINE]],
        BULLETS: _as_list(lines),
        SOCIAL: _fitting(said, LIMITS[SOCIAL]),
        CAPTION: _fitting(said, LIMITS[CAPTION]) or title,
    }


def held_to_the_facts(draft: Draft, facts: Facts, voice: Voice, plain: Mapping[str, str]) -> Draft:
    """The draft with every channel text that a check objects to, or that is too long, replaced by plain words."""
    kept = {name: text if _is_right(name, text, draft, facts, voice) else plain.get(name, "")
            for name, text in draft.channels.items()}  # fmt: skip
    return replace(draft, channels={name: text for name, text in kept.items() if text})


def _is_right(name: str, text: str, draft: Draft, facts: Facts, voice: Voice) -> bool:
    alone = replace(draft, base={name: ""}, fields={name: text})
    found = (each for check in _CHECKS for each in check.findings(alone, facts, voice))
    return 0 < len(text) <= LIMITS[name] and not any(each.severity in _SERIOUS for each in found)


def _as_list(lines: Sequence[str]) -> str:
    return "\n".join(f"• {line}" for line in list(_short(lines))[:MOST_BULLETS])


def _short(lines: Sequence[str]) -> Iterator[str]:
    room = LIMITS[BULLETS] // MOST_BULLETS - 3
    yield from (line for line in lines if line and len(line) <= room)


def _fitting(sentences: Sequence[str], limit: int) -> str:
    text = ""
    for sentence in sentences:
        if len(text) + len(sentence) + 1 <= limit:
            text = f"{text} {sentence}".strip()
    return text
