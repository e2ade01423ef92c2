"""A product text as the shop's visitors will read it, made safe, with the places that need a look marked in it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

import nh3
from markupsafe import Markup, escape

from bridge.ai.checks import markup

# No attributes at all: no foreign pictures, no links away from this page, no clash with our own classes and ids.
_TAGS = {
    "p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "u", "s", "sub", "sup", "blockquote", "h2", "h3", "h4",
    "h5", "h6", "table", "thead", "tbody", "tr", "td", "th", "dl", "dt", "dd", "hr", "code", "pre", "span", "div",
}  # fmt: skip
_TAG = re.compile(r"(<[^>]*>)")
_BLOCK_ENDS = re.compile(r"</(p|div|li|h[1-6]|tr|blockquote|dt|dd)>|<br\s*/?>|<hr\s*/?>", re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """Words to mark: what kind of mark, and the id of the element that explains it."""

    quote: str
    tone: str  # fact | hint | person | block
    explained_by: str
    note: str = ""  # said in a bubble beside the words


def shown(text: str, is_html: bool, marks: Iterable[Mark] = ()) -> Markup:
    """The text, safe to stand in a page, with marks."""
    safe = nh3.clean(markup.clean(text), tags=_TAGS, attributes={}, link_rel=None) if is_html else str(escape(text))
    pieces = _TAG.split(safe)
    left = list(marks)
    for position in range(0, len(pieces), 2):
        pieces[position], left = _marked(pieces[position], left)
    return Markup("".join(pieces))  # noqa: S704 - nh3 and escape made it safe


def plain(text: str) -> str:
    """A description without its markup, one paragraph or point per line, for a readable comparison."""
    lined = _BLOCK_ENDS.sub(lambda found: found.group(0) + "\n", re.sub(r"<li[^>]*>", "<li>• ", text))
    bare = html.unescape(nh3.clean(lined, tags=set(), attributes={}))
    return re.sub(r"\n\s*\n+", "\n", bare).strip()


def _marked(piece: str, marks: list[Mark]) -> tuple[str, list[Mark]]:
    """Marks in one run of text; returns what could not be placed here."""
    found: list[tuple[int, int, Mark]] = []
    left: list[Mark] = []
    for mark in marks:
        quote = str(escape(mark.quote.strip()))
        start = _place(piece, quote, found) if quote else -1
        if start < 0:
            left.append(mark)
        else:
            found.append((start, start + len(quote), mark))
    for start, end, mark in sorted(found, key=lambda item: item[0], reverse=True):
        piece = piece[:start] + _wrapped(piece[start:end], mark) + piece[end:]
    return piece, left


def _place(piece: str, quote: str, taken: list[tuple[int, int, Mark]]) -> int:
    """Where the quote stands outside of other marks, or -1."""
    start = piece.find(quote)
    while start >= 0 and any(start < end and begin < start + len(quote) for begin, end, _mark in taken):
        start = piece.find(quote, start + 1)
    return start


def _wrapped(words: str, mark: Mark) -> str:
    bubble = Markup('<span class="bubble" role="tooltip" id="{}">{}</span>').format(mark.explained_by, mark.note)
    opened = Markup('<span class="mark mark-{}" tabindex="0" aria-describedby="{}" data-fact="{}">').format(
        mark.tone, mark.explained_by, mark.explained_by
    )
    return str(opened) + words + str(bubble) + "</span>"
