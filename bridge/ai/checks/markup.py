"""Markup: only what a listing needs, and nothing of the original's links, pictures, tables and anchors lost."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

import nh3

from bridge.ai.checks.elements import ENTITY, TAG, Element, Parts, take_apart
from bridge.catalog import DESCRIPTION, Draft, Facts, Finding, Voice

N_ = lambda text: text  # noqa: E731 - marks a sentence for the catalogue of translations

NOT_ALLOWED = N_("This text holds markup that a listing must not have: %(what)s.")
NOT_PLAIN = N_("This field takes plain text only, and here is markup: %(what)s.")
TEMPLATE = N_("This looks like the code of a shop theme, which would run in the shop: %(what)s.")
CONTROL = N_("This field must stand on one line, without invisible control characters.")
LOST = {
    "link": N_("The link to %(what)s is in the present text and missing in the new one."),
    "image": N_("The picture %(what)s is in the present text and missing in the new one."),
    "table": N_("A table of the present text is missing in the new one: %(what)s."),
    "embed": N_("The embedded content %(what)s is in the present text and missing in the new one."),
    "id": N_("The anchor %(what)s is in the present text and missing in the new one; links may point to it."),
}

ALLOWED = {
    "a", "b", "blockquote", "br", "caption", "div", "em", "figure", "figcaption", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "li", "ol", "p", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"id", "class", "lang", "dir", "title"},
    "a": {"href", "target"},
    "img": {"src", "alt", "width", "height", "loading"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
EMBEDS = {"iframe", "video", "audio", "embed", "object", "picture", "svg", "canvas"}
# These are never taken over, not even from the shop's own text: nobody could see what they do.
_NEVER = {"script", "base", "meta", "link", "form", "input", "button"}
_THEME_CODE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_ANY_CODE = re.compile(r"\s*(?:javascript|vbscript|data):", re.IGNORECASE)


def clean(html: str) -> str:
    """The HTML with everything removed that a listing must not hold. Safe to publish."""
    return nh3.clean(html, tags=ALLOWED, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)


def findings(draft: Draft, facts: Facts, voice: Voice) -> tuple[Finding, ...]:
    """Harmful or lost markup in the description, and any markup at all in the other fields."""
    found: list[Finding] = []
    for name, text in draft.fields.items():
        if name == DESCRIPTION:
            found += _description(text, draft.base.get(name, ""))
        else:
            found += _plain(name, text, draft.base.get(name, ""))
        if code := _THEME_CODE.search(text):
            found.append(_block(name, TEMPLATE, "template-code", code.group()))
    return tuple(found)


def _block(name: str, message: str, code: str, what: str = "") -> Finding:
    shown = what if len(what) <= 80 else what[:79] + "…"
    return Finding("markup", "block", name, message, {"what": shown} if what else {}, code=code)


def _description(text: str, base: str) -> Iterator[Finding]:
    parts, present = take_apart(text), take_apart(base)
    for what in dict.fromkeys(_removed(text, parts, present)):
        yield _block(DESCRIPTION, NOT_ALLOWED, "markup-not-allowed", what)
    for kind, lost in _lost(parts, present, text, base):
        yield _block(DESCRIPTION, LOST[kind], f"{kind}-lost", lost)


def _removed(text: str, parts: Parts, present: Parts) -> Iterator[str]:
    """What nh3 would take away and the shop's present text does not already hold in the same form."""
    kept = Counter(_shape(element) for element in take_apart(clean(text)).elements)
    own = {_shape(element) for element in present.elements}
    harmless = True
    for element in parts.elements:
        shape = _shape(element)
        if kept[shape]:
            kept[shape] -= 1
        elif _harmful(element) or shape not in own:
            harmless = False
            yield _named(element)
    yield from (f"<!--{comment}-->" for comment in parts.comments if comment not in present.comments)
    # A browser may see an element where this parser sees text: then the two readings of the text differ.
    if harmless and _words(parts.text) != _words(take_apart(_without_own(text, own)).text):
        yield TAG.search(text).group() if TAG.search(text) else "<"  # type: ignore[union-attr]


def _without_own(text: str, own: set[tuple[str, tuple[tuple[str, str], ...]]]) -> str:
    tags = ALLOWED | {tag for tag, _attributes in own}
    return nh3.clean(text, tags=tags - {"script", "style"}, clean_content_tags=set(), link_rel=None)


def _words(text: str) -> list[str]:
    return text.split()


def _shape(element: Element) -> tuple[str, tuple[tuple[str, str], ...]]:
    return element.tag, tuple((name, value) for name, value in element.attributes if name != "rel")


def _harmful(element: Element) -> bool:
    return element.tag in _NEVER or any(
        name.startswith("on") or (name in ("href", "src", "action", "data", "srcdoc") and _ANY_CODE.match(value))
        for name, value in element.attributes
    )


def _named(element: Element) -> str:
    """The element with the attributes that are the trouble."""
    if element.tag not in ALLOWED:
        return f"<{element.tag}>"
    allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(element.tag, set())
    suspect = [(name, value) for name, value in element.attributes if name not in allowed or name in ("href", "src")]
    wrong = [f'{name}="{value}"' for name, value in suspect]
    return f"<{' '.join([element.tag, *wrong])}>"


def _lost(parts: Parts, present: Parts, text: str, base: str) -> Iterator[tuple[str, str]]:
    for kind, before in _treasures(present, base).items():
        after = Counter(_treasures(parts, text)[kind])
        for item, count in Counter(before).items():
            if after[item] < count:
                yield kind, item


def _treasures(parts: Parts, html: str) -> dict[str, list[str]]:
    """What a shop would miss. A table counts by its words, whatever its dressing."""
    found: dict[str, list[str]] = {kind: [] for kind in LOST}
    for element in parts.elements:
        if element.tag == "a" and element.get("href"):
            found["link"].append(element.get("href"))
        elif element.tag == "img":
            found["image"].append(element.get("src"))
        elif element.tag == "table":
            found["table"].append(" ".join(take_apart(html[element.start : element.end]).text.split()))
        elif element.tag in EMBEDS:
            found["embed"].append(element.get("src") or f"<{element.tag}>")
        if element.get("id"):
            found["id"].append(element.get("id"))
    return found


def _plain(name: str, text: str, base: str) -> Iterator[Finding]:
    # A "<" that begins no tag ("< 5 mm") is plain text, and so is an ampersand.
    what = TAG.search(text) or (None if ENTITY.search(base) else ENTITY.search(text))
    if what:
        yield _block(name, NOT_PLAIN, "markup-in-plain-text", text[what.start() : what.start() + 40])
    if any(_invisible(char) for char in text):
        yield _block(name, CONTROL, "control-character")


def _invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs", "Co", "Cn")
