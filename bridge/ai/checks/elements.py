"""HTML taken apart without building a tree: which elements stand where, with which attributes, and the text between.

Built for text that nobody can trust: nothing here is ever rendered, and every pass is linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SILENT = {"script", "style", "noscript", "template"}  # their content is no text for people
BREAKS = {
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "iframe", "img", "li", "main",
    "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "video",
}  # fmt: skip
TAG = re.compile(r"<[/!?a-zA-Z]")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31}\d{0,2});")
_SPOKEN = ("alt", "title", "aria-label")  # attributes that people read or hear


@dataclass(frozen=True)
class Element:
    """One element: ``html[start:end]`` is its source, from the start tag to the end tag or to where it was closed."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    start: int
    end: int

    def get(self, name: str) -> str:
        """The value of an attribute, empty where it is missing."""
        return dict(self.attributes).get(name, "")


@dataclass(frozen=True)
class Parts:
    """What was found in a piece of HTML."""

    elements: tuple[Element, ...]
    text: str  # blocks on lines of their own, entities decoded
    spoken: tuple[str, ...]  # alternative texts and titles
    comments: tuple[str, ...]


def holds_markup(text: str) -> bool:
    """Whether a text holds what a browser would read as a tag, a comment or an entity."""
    return bool(TAG.search(text) or ENTITY.search(text))


def plain(text: str) -> str:
    """A text of unknown kind as people would read it; "5 < 6" is no markup."""
    return take_apart(text).text if holds_markup(text) else text


def take_apart(html: str) -> Parts:
    """All elements in the order of their start tags, and the text."""
    reader = _Reader(html)
    reader.feed(html)
    reader.close()
    return reader.parts()


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._length = len(html)
        self._found: list[tuple[str, tuple[tuple[str, str], ...], int, int]] = []
        self._open: dict[str, list[int]] = {}
        self._silent = 0
        self._text: list[str] = []
        self._spoken: list[str] = []
        self._comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._here()
        given = tuple(sorted((name, value or "") for name, value in attrs))
        self._found.append((tag, given, start, start + len(self.get_starttag_text() or "")))
        self._spoken += [value for name, value in given if name in _SPOKEN and value.strip()]
        if tag in BREAKS:
            self._text.append("\n")
        if tag not in VOID:
            self._open.setdefault(tag, []).append(len(self._found) - 1)
            self._silent += tag in SILENT

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Only void elements close themselves in HTML; on others the slash means nothing.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in BREAKS:
            self._text.append("\n")
        if not self._open.get(tag):
            return
        place = self._open[tag].pop()
        self._silent -= tag in SILENT
        name, given, start, _end = self._found[place]
        self._found[place] = (name, given, start, min(self._here() + len(tag) + 3, self._length))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text.append(data)

    def handle_comment(self, data: str) -> None:
        self._comments.append(data)

    def _here(self) -> int:
        line, offset = self.getpos()
        return self._lines[line - 1] + offset

    def parts(self) -> Parts:
        return Parts(
            tuple(Element(*found) for found in self._found),
            "".join(self._text),
            tuple(self._spoken),
            tuple(self._comments),
        )
