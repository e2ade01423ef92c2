"""Numbers in words, and relations between numbers, as the grounding check reads them."""

from __future__ import annotations

import pytest

from bridge.ai.checks import grounded
from bridge.ai.checks.claims import spelled
from bridge.catalog import DESCRIPTION, Draft, Fact, Facts, Voice


@pytest.mark.parametrize(
    ("word", "language", "value"),
    [
        ("hundertzweiundneunzig", "de", 192),
        ("fuenfundzwanzigtausend", "de", 25_000),
        ("zweitausenddreihundert", "de", 2_300),
        ("einhundert", "de", 100),
        ("siebenundsechzig", "de", 67),
        ("twelve", "en", 12),
        ("wunderbar", "de", None),
        ("rundum", "de", None),
        ("und", "de", None),
        ("an", "de", None),
        ("ein", "en", None),
    ],
)
def test_a_number_word_is_read(word: str, language: str, value: float | None) -> None:
    assert spelled.value(word, language) == value


def alarms(text: str, locale: str = "en", **facts: str) -> list[str]:
    known = Facts(tuple(Fact(f"metafield:custom.{label}", label, value) for label, value in facts.items()), locale)
    draft = Draft(locale, {DESCRIPTION: ""}, {DESCRIPTION: f"<p>{text}</p>"}, "a model")
    return [each.quote for each in grounded.findings(draft, known, Voice(locale)) if each.severity != "hint"]


@pytest.mark.parametrize(
    "text",
    [
        "It weighs less than a kilogram.", "It weighs more than 900 grams.", "It weighs about 1 kg.",
        "It holds one hundred and ninety-two pages.", "Four fifths cotton.", "It has two pockets.", "Sweat-proof.",
        "From the age of five.",
    ],
)  # fmt: skip
def test_what_the_facts_say_in_other_words_is_supported(text: str) -> None:
    facts = {"Weight": "980 g", "Pages": "192", "Material": "80 % cotton, 20 % linen", "Pockets": "2", "Age": "5+"}
    assert alarms(text, **facts, Finish="sweat proof") == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("It weighs less than 900 grams.", "900 grams"),
        ("It weighs more than a kilogram.", "a kilogram"),
        ("It weighs about 1.2 kg.", "1.2 kg"),
        ("Three fifths cotton.", "Three fifths"),
        ("It has three pockets.", "three pockets"),
        ("Sweat-proof.", "Sweat-proof"),
        ("From the age of three.", "three"),
        ("Made of TPE.", "TPE"),
        ("With argan oil.", "oil"),
    ],
)
def test_what_the_facts_say_otherwise_or_not_at_all_is_found(text: str, quote: str) -> None:
    facts = {"Weight": "980 g", "Material": "80 % cotton, 20 % linen", "Pockets": "2", "Age": "5+"}
    assert alarms(text, **facts) == [quote]
