"""Texts for other channels come with the draft, say only what the facts say, and never reach the shop."""

from __future__ import annotations

import pytest

from bridge.ai.checks import grounded
from bridge.catalog import CHANNELS, DESCRIPTION, SEO_TITLE, Draft
from tasks.listing import channels, writer
from tests.tasks.listing.briefs import BOARD, KETTLE, brief

ANSWER = {
    "description": "<p>The Camp Kettle is made of stainless steel.</p>",
    "seo_title": "Camp Kettle",
    "seo_description": "Camp Kettle of stainless steel.",
    "tags": ["Kettle"],
    "alts": [],
    "headline": "A kettle of stainless steel",
    "bullets": ["Stainless steel", "Holds 1.2 l"],
    "social": "Our Camp Kettle holds 1.2 l.",
    "caption": "Camp Kettle, 1.2 l.",
}


@pytest.mark.parametrize(("product", "locale"), [(KETTLE, "en"), (BOARD, "de")])
def test_without_a_model_they_are_plain_words_from_the_facts(product: object, locale: str) -> None:
    given = brief(product, locale)  # type: ignore[arg-type]
    draft = writer.template(given)
    assert set(draft.channels) == set(CHANNELS)
    for name, text in draft.channels.items():
        assert 0 < len(text) <= channels.LIMITS[name]
        alone = Draft(locale, {name: ""}, {name: text}, "template")
        serious = [each for each in grounded.findings(alone, given.facts, given.voice) if each.severity != "hint"]
        assert serious == [], name
    assert not set(draft.channels) & set(draft.fields)


def test_a_models_texts_are_kept_where_the_facts_bear_them() -> None:
    draft = writer.read(ANSWER, brief(KETTLE, "en"))
    assert draft.channels["headline"] == ANSWER["headline"]
    assert draft.channels["bullets"] == "• Stainless steel\n• Holds 1.2 l"


def test_one_that_claims_too_much_gives_way_to_plain_words_and_the_others_stay() -> None:
    draft = writer.read({**ANSWER, "social": "Our copper kettle keeps a lifetime."}, brief(KETTLE, "en"))
    assert "copper" not in str(draft.channels)
    assert draft.channels["social"] and draft.channels["caption"] == ANSWER["caption"]


def test_an_answer_without_them_is_as_good() -> None:
    given = {name: value for name, value in ANSWER.items() if name not in CHANNELS}
    draft = writer.read(given, brief(KETTLE, "en"))
    assert draft.fields[DESCRIPTION] == ANSWER["description"]
    assert set(draft.channels) <= set(CHANNELS)


def test_one_that_is_too_long_gives_way() -> None:
    draft = writer.read({**ANSWER, "caption": "Camp Kettle. " * 40}, brief(KETTLE, "en"))
    assert len(draft.channels["caption"]) <= channels.LIMITS["caption"]


def test_a_draft_without_a_description_has_none() -> None:
    only_alts = brief(KETTLE, "en")
    wanted = writer.template(type(only_alts)(**{**vars(only_alts), "fields": (SEO_TITLE,)}))
    assert wanted.channels == {}
