"""Lengths and words: what the platform takes, and what the shop wants."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge.ai.checks.elements import take_apart
from bridge.catalog import (
    ALT,
    DESCRIPTION,
    SEO_DESCRIPTION,
    SEO_TITLE,
    TAGS,
    TITLE,
    Draft,
    Facts,
    Finding,
    Voice,
    split_tags,
)

N_ = lambda text: text  # noqa: E731 - marks a sentence for the catalogue of translations

EMPTY = N_("This text is empty.")
TOO_LONG = N_("This text has %(count)s characters; the shop takes %(limit)s at most.")
TOO_LONG_FOR_SEARCH = N_("This text has %(count)s characters; search engines show about %(limit)s.")
LONGER_THAN_WISHED = N_("This text has %(count)s characters; the shop wants %(limit)s at most.")
TOO_MANY_TAGS = N_("There are %(count)s tags; the shop takes %(limit)s at most.")
TAG_TOO_LONG = N_("The tag %(tag)s is longer than %(limit)s characters.")
TOO_FEW_WORDS = N_("This text has %(count)s words; the shop wants %(limit)s at least.")
TOO_MANY_WORDS = N_("This text has %(count)s words; the shop wants %(limit)s at most.")
FORBIDDEN = N_("The shop does not use the words %(words)s.")
GLOSSARY = N_("The shop says %(right)s, not %(wrong)s.")
WRONG_ADDRESS = N_("The shop says %(right)s to its customers, but here it says %(wrong)s.")

# Refused by Shopify beyond this: https://shopify.dev/docs/api/admin-graphql/latest/mutations/productUpdate
PLATFORM = {TITLE: 255, ALT: 512, DESCRIPTION: 500_000}
TAG_CHARS, TAGS_MOST = 255, 250
# Cut by search engines beyond this: https://help.shopify.com/manual/promoting-marketing/seo/adding-keywords
SEARCH = {SEO_TITLE: 70, SEO_DESCRIPTION: 320}

_WORD = re.compile(r"[^\W_]+(?:[-'’.,][^\W_]+)*")
# "Sie" and "Ihr" at the start of a sentence may mean "she" and "her" and say nothing.
_FORMAL = re.compile(r"(?<![.!?:•\n] )(?<![.!?:•\n])(?<!^)\b(?:Sie|Ihnen|Ihre[mnrs]?|Ihr)\b")
_CASUAL = re.compile(r"\b(?:[Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?[mnrs]?)\b")


def findings(draft: Draft, facts: Facts, voice: Voice) -> tuple[Finding, ...]:
    """What is too long, too short, or not said the way the shop says it."""
    found: list[Finding] = []
    for name, text in draft.fields.items():
        if not shown(name, text).strip() and not (name == DESCRIPTION and _has_media(text)):
            found.append(Finding("lengths", "block", name, EMPTY, code="empty"))
            continue
        found += _sizes(name, text, voice)
        found += _wording(name, shown(name, text), voice)
    return tuple(found)


def shown(name: str, text: str) -> str:
    """The text as people read it."""
    return take_apart(text).text if name == DESCRIPTION else text


def _has_media(html: str) -> bool:
    return any(element.tag in ("img", "iframe", "video", "audio") for element in take_apart(html).elements)


def count_words(text: str) -> int:
    """Words as a person would count them: "30 x 40" are three, "wasser-dicht" is one."""
    return sum(1 for _word in _WORD.finditer(text))


def _finding(severity: str, name: str, message: str, code: str, quote: str = "", **args: object) -> Finding:
    values = {key: str(value) for key, value in args.items()}
    return Finding("lengths", severity, name, message, values, quote, code)  # type: ignore[arg-type]


def _sizes(name: str, text: str, voice: Voice) -> Iterator[Finding]:
    if name == TAGS:
        yield from _tags(text)
        return
    kind = ALT if name.startswith(ALT) else name
    if len(text) > PLATFORM.get(kind, len(text)):
        yield _finding("block", name, TOO_LONG, "over-platform-limit", count=len(text), limit=PLATFORM[kind])
    elif len(text) > SEARCH.get(kind, len(text)):
        yield _finding("person", name, TOO_LONG_FOR_SEARCH, "over-search-limit", count=len(text), limit=SEARCH[kind])
    elif len(text) > (wished := _wished(kind, voice, len(text))):
        yield _finding("hint", name, LONGER_THAN_WISHED, "longer-than-wished", count=len(text), limit=wished)
    if kind == DESCRIPTION:
        yield from _words(name, count_words(shown(name, text)), voice)


def _wished(kind: str, voice: Voice, otherwise: int) -> int:
    wished = {SEO_TITLE: voice.seo_title_chars, SEO_DESCRIPTION: voice.seo_description_chars, ALT: voice.alt_chars}
    return wished.get(kind, otherwise)


def _words(name: str, count: int, voice: Voice) -> Iterator[Finding]:
    least, most = voice.description_words
    if count < least:
        yield _finding("hint", name, TOO_FEW_WORDS, "too-few-words", count=count, limit=least)
    elif count > most:
        yield _finding("person", name, TOO_MANY_WORDS, "too-many-words", count=count, limit=most)


def _tags(text: str) -> Iterator[Finding]:
    tags = split_tags(text)
    if len(tags) > TAGS_MOST:
        yield _finding("block", TAGS, TOO_MANY_TAGS, "too-many-tags", count=len(tags), limit=TAGS_MOST)
    for tag in tags:
        if len(tag) > TAG_CHARS:
            yield _finding("block", TAGS, TAG_TOO_LONG, "tag-too-long", tag, tag=tag[:40] + "…", limit=TAG_CHARS)


def _wording(name: str, text: str, voice: Voice) -> Iterator[Finding]:
    for words in voice.forbidden:
        if quote := _said(words, text):
            yield _finding("person", name, FORBIDDEN, "forbidden-words", quote, words=words)
    for wrong, right in voice.glossary.items():
        if quote := _said(wrong, _without(right, text) if wrong.casefold() in right.casefold() else text):
            yield _finding("person", name, GLOSSARY, "glossary", quote, wrong=wrong, right=right)
    if voice.locale.split("-")[0] == "de":
        yield from _address(name, text, voice)


def _said(words: str, text: str) -> str:
    """The words as they stand in the text, empty when they do not. Other capitals and more space do not help."""
    if not words.strip():
        return ""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    found = re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
    return found.group() if found else ""


def _without(words: str, text: str) -> str:
    return re.sub(re.escape(words), " ", text, flags=re.IGNORECASE)


def _address(name: str, text: str, voice: Voice) -> Iterator[Finding]:
    wrong = _CASUAL if voice.address == "Sie" else _FORMAL
    if found := wrong.search(text):
        other = "du" if voice.address == "Sie" else "Sie"
        right = "Sie" if voice.address == "Sie" else "du"
        yield _finding("hint", name, WRONG_ADDRESS, "wrong-address", found.group(), right=right, wrong=other)
