"""What must survive when a description is rewritten: pictures, tables, embedded content, links and anchors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape

from bridge.ai.checks.elements import Element, take_apart
from bridge.ai.checks.markup import EMBEDS

_WHOLE = EMBEDS | {"table", "figure", "img"}


def keep(new: str, base: str) -> str:
    """The new text, with everything of the old one that is more than words placed after it, exactly as it was."""
    if not new or not base:
        return new
    kept = "".join(_pieces(new, base))
    return f"{_anchors(new + kept, base)}{new}{kept}"


def _pieces(new: str, base: str) -> Iterator[str]:
    """Blocks as they stand in the old source, then the links that were not inside one of them."""
    present = Counter(new[each.start : each.end] for each in take_apart(new).elements)
    links = Counter(each.get("href") for each in take_apart(new).elements if each.tag == "a")
    end = 0
    lost: list[str] = []
    for element in take_apart(base).elements:
        if element.end <= end or not _is_treasure(element):
            continue  # inside a block that is kept already
        end = element.end
        source = base[element.start : element.end]
        seen, mark = (links, element.get("href")) if element.tag == "a" else (present, source)
        if seen[mark]:
            seen[mark] -= 1
        elif element.tag == "a" and "<img" not in source.lower():
            lost.append(source)
        else:
            yield source
    if lost:
        yield f"<p>{' · '.join(lost)}</p>"


def _is_treasure(element: Element) -> bool:
    return element.tag in _WHOLE or (element.tag == "a" and bool(element.get("href")))


def _anchors(text: str, base: str) -> str:
    """Empty anchors for ids that links from elsewhere may point to."""
    present = {each.get("id") for each in take_apart(text).elements}
    ids = dict.fromkeys(each.get("id") for each in take_apart(base).elements if each.get("id"))
    return "".join(f'<span id="{escape(each)}"></span>' for each in ids if each not in present)
