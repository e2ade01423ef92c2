"""The grounding check on the fault set may get better, never worse. See: python -m tests.bridge.ai.faults."""

from __future__ import annotations

import pytest

from tests.bridge.ai.faults import Case, cases

CASES = list(cases())


def share(half: str, faulty: bool) -> float:
    """How many texts of a half raise a finding."""
    mine = [case for case in CASES if case.half == half and bool(case.kind) == faulty]
    return sum(bool(case.findings()) for case in mine) / len(mine)


@pytest.mark.parametrize(("half", "found", "alarms"), [("tuning", 0.98, 0.06), ("sealed", 0.88, 0.16)])
def test_planted_faults_are_found_and_honest_texts_left_alone(half: str, found: float, alarms: float) -> None:
    assert share(half, faulty=True) >= found
    assert share(half, faulty=False) <= alarms


@pytest.mark.parametrize("case", [case for case in CASES if case.kind], ids=lambda case: f"{case.product} {case.words}")
def test_every_planted_word_stands_in_its_text(case: Case) -> None:
    assert case.words.casefold() in case.text.casefold()


def test_both_halves_and_languages_are_of_equal_size() -> None:
    sizes = {(case.half, case.locale, bool(case.kind)) for case in CASES}
    assert len(sizes) == 8 and len(CASES) == 200
    for half, locale, faulty in sizes:
        mine = [case for case in CASES if (case.half, case.locale, bool(case.kind)) == (half, locale, faulty)]
        assert len(mine) == 25
