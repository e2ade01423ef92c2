"""What a listing lacks is counted by field, and added up to one figure from 0 to 100."""

from __future__ import annotations

import pytest

from bridge import quality
from bridge.catalog import DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, TITLE, Voice
from bridge.models import Subject

VOICE = Voice("en", description_words=(5, 20))
FULL = {
    TITLE: "Kettle", DESCRIPTION: "<p>" + "word " * 10 + "</p>",
    SEO_TITLE: "A kettle", SEO_DESCRIPTION: "A good kettle.",
    TAGS: "kettle", "alt:1": "A kettle", "alt:2": "A lid",
}  # fmt: skip


def score(**changed: str) -> int:
    return quality.score(quality.look({**FULL, **changed}, VOICE))


def test_everything_there_is_a_hundred_and_nothing_is_zero() -> None:
    assert score() == 100
    assert quality.score(quality.look(dict.fromkeys(FULL, ""), VOICE)) == 0


@pytest.mark.parametrize("field", [DESCRIPTION, SEO_TITLE, SEO_DESCRIPTION, TAGS, "alt:1"])
def test_every_missing_text_costs_something(field: str) -> None:
    assert score(**{field: " "}) < 100


def test_a_description_that_is_too_short_or_too_long_is_half_of_one() -> None:
    assert score(description="<p>Two words.</p>") == score(description="<p>" + "word " * 50 + "</p>") == 75


def test_pictures_count_together_and_only_where_there_are_any() -> None:
    one_missing = quality.points(quality.look({**FULL, "alt:1": ""}, VOICE))
    assert [(each.state, each.missing, each.of) for each in one_missing if each.of] == [("empty", 1, 2)]
    without = {name: text for name, text in FULL.items() if not name.startswith("alt:")}
    assert quality.score(quality.look(without, VOICE)) == 100


def test_what_was_written_replaces_only_its_own_fields() -> None:
    subject = Subject(points={}, title="Kettle")
    quality.remember(subject, {**FULL, SEO_TITLE: ""}, VOICE, all_of_them=True)
    assert subject.quality == 85
    quality.remember(subject, {SEO_TITLE: "A kettle"}, VOICE, all_of_them=False)
    assert subject.quality == 100
