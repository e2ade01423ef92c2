"""Passages taken over word for word are found and quoted; what the product's own facts say is no copy."""

from __future__ import annotations

from bridge.ai.checks import copied
from bridge.ai.checks.copied import Other
from bridge.catalog import DESCRIPTION, Draft, Fact, Facts, Finding

THEIRS = (
    "<p>This blanket was made for long evenings by the window, when the rain drums on the roof and nobody wants to go "
    "out any more. It keeps the cold away and the book close at hand.</p>"
)
PASSAGE = "made for long evenings by the window, when the rain drums on the roof and nobody wants to go out any more"


NOTHING = Facts(())


def found(text: str, *others: Other, facts: Facts = NOTHING) -> tuple[Finding, ...]:
    return copied.findings(Draft("en", {DESCRIPTION: ""}, {DESCRIPTION: text}, "a model"), facts, others)


def test_a_passage_of_a_reference_text_is_quoted_and_goes_to_a_person() -> None:
    (finding,) = found(f"<p>Our mug is {PASSAGE}. Stoneware.</p>", Other("The maker's page", THEIRS, reference=True))
    assert (finding.severity, finding.code) == ("person", "copied-from-reference")
    assert finding.quote == PASSAGE
    assert "The maker's page" in finding.text()


def test_case_and_punctuation_do_not_hide_a_copy() -> None:
    text = PASSAGE.upper().replace(",", " –")
    (finding,) = found(f"<p>{text}</p>", Other("x", THEIRS, reference=True))
    assert finding.quote == text


def test_a_little_of_another_listing_is_a_hint_and_much_of_it_needs_a_person() -> None:
    rest = " ".join(f"And the number {n} is another word of its own kind here." for n in range(9))
    (little,) = found(f"<p>{PASSAGE}. {rest}</p>", Other("Wool blanket", THEIRS))
    (much,) = found(f"<p>{PASSAGE}.</p>", Other("Wool blanket", THEIRS))
    assert (little.severity, much.severity) == ("hint", "person")
    assert little.code == "copied-from-listing"


def test_a_few_common_words_are_no_copy() -> None:
    assert found("<p>The rain drums on the roof and nobody minds.</p>", Other("x", THEIRS, reference=True)) == ()


def test_what_the_products_own_facts_say_may_be_said_in_the_same_words() -> None:
    own = Facts((Fact(DESCRIPTION, "Description", THEIRS),))
    assert found(f"<p>{PASSAGE}.</p>", Other("x", THEIRS), facts=own) == ()


def test_every_common_run_of_twelve_words_is_noticed_by_the_fingerprints() -> None:
    words = [f"word{n}" for n in range(200)]
    whole = copied.prints(" ".join(words))
    for start in range(0, 188, 7):
        part = " ".join(f"other{n}" for n in range(20)) + " " + " ".join(words[start : start + 12]) + " end of it all"
        assert copied.prints(part) & whole
    assert copied.prints("too short to matter") == frozenset()
