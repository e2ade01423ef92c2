"""The language of the page, and sentences that were stored in English and are shown in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_babel import Babel, get_locale, gettext
from flask_login import current_user

from bridge.admin.sentences import SENTENCES

LANGUAGES = {"en": "English", "de": "Deutsch"}
COOKIE = "language"
TRANSLATIONS = Path(__file__).parent / "translations"

_PLACE = re.compile(r"%\((\w+)\)s")
_ENDS = re.compile(r"(?<=[.!?])\s+")
_MOST_SENTENCES = 12


def install(app: Flask) -> None:
    """Flask-Babel with our catalogues."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=choose)


def choose() -> str:
    """The user's own language, else the cookie's, else what the browser asks for."""
    wanted = (current_user.locale if current_user.is_authenticated else "", request.cookies.get(COOKIE, ""))
    known = next((name for name in wanted if name in LANGUAGES), None)
    return known or request.accept_languages.best_match(list(LANGUAGES)) or "en"


def language() -> str:
    """The language this page is shown in."""
    return str(get_locale() or "en")[:2]


def say(stored: str) -> str:
    """A stored English sentence, or several in a row, in the reader's language; unknown ones stay as they are."""
    if not stored or language() == "en":
        return stored
    whole = _translated(stored)
    if whole is not None:
        return whole
    parts = _ENDS.split(stored)
    if len(parts) > _MOST_SENTENCES:
        return stored
    said, start = [], 0
    while start < len(parts):
        end, text = _longest_known(parts, start)
        said.append(text)
        start = end
    return " ".join(said)


def say_finding(finding: Mapping[str, Any]) -> str:
    """What a check says, in the reader's language."""
    message, args = str(finding.get("message", "")), dict(finding.get("args") or {})
    try:
        return gettext(message) % args if message else ""
    except (KeyError, ValueError, TypeError):
        return message


def _longest_known(parts: list[str], start: int) -> tuple[int, str]:
    for end in range(len(parts), start, -1):
        found = _translated(" ".join(parts[start:end]))
        if found is not None:
            return end, found
    return start + 1, parts[start]


def _translated(sentence: str) -> str | None:
    if sentence in _known():
        return gettext(sentence)
    for pattern, original in _patterns():
        match = pattern.fullmatch(sentence)
        if match:
            return str(gettext(original) % match.groupdict())
    return None


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(SENTENCES)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Sentences with places, the most specific first."""
    with_places = sorted((text for text in SENTENCES if _PLACE.search(text)), key=len, reverse=True)
    return tuple((_pattern(text), text) for text in with_places)


def _pattern(text: str) -> re.Pattern[str]:
    pieces = _PLACE.split(text)
    found = "".join(f"(?P<{piece}>.+?)" if odd % 2 else re.escape(piece) for odd, piece in enumerate(pieces))
    return re.compile(found, re.DOTALL)
