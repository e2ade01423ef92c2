"""What each of Shopify's answers means, for a read and for a write."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from bridge.errors import AskHuman, Disconnected, GiveUp, TryLater, Unclear
from connectors.shopify import answers

PAUSES = True


def response(status: int, **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


@pytest.mark.parametrize(
    ("status", "read", "write", "pauses"),
    [
        (302, GiveUp, GiveUp, False),
        (400, GiveUp, GiveUp, False),
        (401, Disconnected, Disconnected, False),
        (402, AskHuman, AskHuman, PAUSES),
        (403, AskHuman, AskHuman, PAUSES),
        (404, GiveUp, GiveUp, False),
        (406, GiveUp, GiveUp, False),
        (422, GiveUp, GiveUp, False),
        (423, AskHuman, AskHuman, PAUSES),
        (429, TryLater, TryLater, False),
        (430, AskHuman, AskHuman, PAUSES),
        (500, TryLater, Unclear, False),
        (502, TryLater, Unclear, False),
        (503, TryLater, Unclear, False),
        (504, TryLater, Unclear, False),
        (520, TryLater, Unclear, False),
    ],
)
def test_every_status_says_what_to_do_next(status: int, read: type, write: type, pauses: bool) -> None:
    for writes, kind in ((False, read), (True, write)):
        error = answers.for_status(response(status), writes)
        assert type(error) is kind
        assert str(error).endswith(".")
        assert bool(getattr(error, "pause", False)) is pauses
    assert answers.for_status(response(200), True) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2.0", 2), ("0.5", 0.5), ("0", 0.1), ("-3", 0.1), ("100000", 300), ("inf", 300),
        ("soon", 2), ("", 2), ("nan", 2), ("Tue, 24 Nov 2026 10:00:00 GMT", 2),
    ],
)  # fmt: skip
def test_shopify_asks_for_patience_in_floats(header: str, seconds: float) -> None:
    error = answers.for_status(response(429, Retry_After=header), writes=True)
    assert isinstance(error, TryLater) and (error.after, error.counts) == (seconds, False)


def test_without_a_word_about_patience_two_seconds_are_enough() -> None:
    assert answers.retry_after({}) == 2


@pytest.mark.parametrize(
    ("code", "read", "write", "pauses"),
    [
        ("ACCESS_DENIED", AskHuman, AskHuman, PAUSES),
        ("MAX_COST_EXCEEDED", GiveUp, GiveUp, False),
        ("INTERNAL_SERVER_ERROR", TryLater, Unclear, False),
        ("undefinedField", GiveUp, GiveUp, False),
        ("", GiveUp, GiveUp, False),
    ],
)
def test_every_error_code_says_what_to_do_next(code: str, read: type, write: type, pauses: bool) -> None:
    for writes, kind in ((False, read), (True, write)):
        error = answers.for_errors([{"message": "m", "extensions": {"code": code}}], writes)
        assert type(error) is kind
        assert bool(getattr(error, "pause", False)) is pauses


@pytest.mark.parametrize("errors", ["Not Found", [], [None], ["x"], {"a": 1}, [{"extensions": None}], None])
def test_strange_errors_are_given_up_not_stumbled_over(errors: Any) -> None:
    assert isinstance(answers.for_errors(errors, writes=False), GiveUp)


@pytest.mark.parametrize(
    ("found", "kind", "words"),
    [
        ([{"field": ["title"], "message": "Title can't be blank"}], GiveUp, "Title can't be blank"),
        ([{"message": "one"}, {"message": "two"}], GiveUp, "one; two"),
        ([{"message": "x" * 999}], GiveUp, "x" * 200),
        ([{"message": None, "code": None, "field": None}], GiveUp, "refused"),
        ([{"message": "x", "code": "NON_READY_STATE"}], TryLater, "image"),
        ([{"message": "x", "code": "FILE_LOCKED"}], TryLater, "image"),
    ],
)
def test_user_errors_are_told_in_shopifys_words_and_images_are_waited_for(
    found: list[dict[str, Any]], kind: type, words: str
) -> None:
    error = answers.for_user_errors(found)
    assert type(error) is kind
    assert words in str(error) and len(str(error)) < 300


def test_no_user_errors_are_no_error() -> None:
    assert answers.for_user_errors([]) is None
