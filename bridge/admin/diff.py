"""What changes between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from flask_babel import gettext
from markupsafe import Markup, escape

_TOKEN = re.compile(r"<[^<>]*>|\w+(?:[-'’.,]\w+)*|\s+|.", re.DOTALL)
MOST_TOKENS = 6000  # beyond that the comparison would keep a web thread busy for seconds: whole lines are compared


def words(before: str, after: str) -> Markup:
    """Both texts in one, removed words in ``<del>``, added ones in ``<ins>``, each said in words to screen readers."""
    return Markup("").join(_shown(kind, text) for kind, text in changes(before, after))


def changes(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Pieces in reading order: ("same" | "removed" | "added", text)."""
    old, new = _tokens(before), _tokens(after)
    if len(old) + len(new) > MOST_TOKENS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for kind, a, b, c, d in _calm(SequenceMatcher(None, old, new, autojunk=False).get_opcodes(), old):
        if kind == "equal":
            yield "same", "".join(old[a:b])
            continue
        if b > a:
            yield "removed", "".join(old[a:b])
        if d > c:
            yield "added", "".join(new[c:d])


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


_Code = tuple[str, int, int, int, int]


def _calm(codes: Sequence[_Code], old: list[str]) -> list[_Code]:
    """Join changes that only a space keeps apart; a phrase reads better than confetti."""
    joined: list[_Code] = []
    for position, (kind, a, b, c, d) in enumerate(codes):
        gap = kind == "equal" and not "".join(old[a:b]).strip() and 0 < position < len(codes) - 1
        shown = "replace" if gap or kind != "equal" else "equal"
        if joined and shown == "replace" and joined[-1][0] == "replace":
            last = joined[-1]
            joined[-1] = ("replace", last[1], b, last[3], d)
        else:
            joined.append((shown, a, b, c, d))
    return joined


def _shown(kind: str, text: str) -> Markup:
    if kind == "same":
        return escape(text)
    if kind == "added":
        return Markup('<ins><span class="quiet">{} </span>{}</ins>').format(gettext("added:"), text)
    return Markup('<del><span class="quiet">{} </span>{}</del>').format(gettext("removed:"), text)
