"""The grounding check on the fault set may get better, never worse. See: python -m tests.bridge.ai.faults."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.bridge.ai.faults import Case, cases

CASES = list(cases())


def share(faulty: bool) -> float:
    """How many of the texts raise a finding."""
    mine = [case for case in CASES if bool(case.kind) == faulty]
    return sum(bool(case.findings()) for case in mine) / len(mine)


def test_planted_faults_are_found_and_honest_texts_left_alone() -> None:
    assert share(faulty=True) >= 0.97
    assert share(faulty=False) <= 0.04


@pytest.mark.parametrize("case", [case for case in CASES if case.kind], ids=lambda case: f"{case.product} {case.words}")
def test_every_planted_word_stands_in_its_text(case: Case) -> None:
    assert case.words.casefold() in case.text.casefold()


def test_half_of_the_texts_are_honest_in_both_languages_and_every_kind_of_fault_is_there() -> None:
    sizes = Counter((case.locale, bool(case.kind)) for case in CASES)
    assert len(CASES) >= 200
    assert sizes["de", True] == sizes["de", False] and sizes["en", True] == sizes["en", False]
    kinds = {"number", "material", "colour", "origin", "certificate", "compatibility", "warranty", "quality"}
    assert {case.kind for case in CASES} == kinds | {""}


def test_no_honest_text_only_repeats_a_fact_word_for_word() -> None:
    honest = [case for case in CASES if not case.kind]
    repeated = [case for case in honest if any(fact.value == case.text.rstrip(".") for fact in case.facts.items)]
    assert repeated == []
