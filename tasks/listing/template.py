"""Honest sentences from facts alone, for shops without a model and for drafts that a model could not ground.

Every word that could be false is a fact's own. Nothing is filled up: thin facts give a short text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from bridge.ai.checks import markup
from bridge.ai.checks.claims.reading import fold
from bridge.ai.checks.claims.words import lexicon
from bridge.ai.checks.elements import TAG, plain
from bridge.catalog import ALT, DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, TITLE, Draft, Fact
from tasks.kinds import Brief
from tasks.listing import channels, keeping
from tasks.listing.phrasebook import Phrasebook, is_about, phrasebook
from tasks.listing.prompting import add_tags

_TEXTS = (TITLE, DESCRIPTION, SEO_TITLE, SEO_DESCRIPTION, "vendor", "type", "category")
_LONGEST_VALUE = 300
_MOST_MATERIALS = 3
_MOST_VALUES = 12  # of an option, in a sentence
_MOST_COLOUR_TAGS = 8
_LONGEST_TAG = 60
_WORTH_SHOWING = 3  # words of an end that was cut


@dataclass(frozen=True)
class Sheet:
    """What a product's facts give to write with."""

    book: Phrasebook
    title: str
    type: str  # empty where the title says it
    vendor: str
    materials: tuple[str, ...]  # only where they can stand in a sentence
    colours: tuple[str, ...]
    sizes: tuple[str, ...]
    rest: tuple[tuple[str, str], ...]  # label and value
    told: str  # the shop's own description, as HTML


def template(brief: Brief) -> Draft:
    """A draft in plain sentences. The same facts give the same words. Pure."""
    sheet = _sheet(brief)
    base = brief.product.texts()
    texts = {name: _text(name, sheet, brief, base[name]) for name in brief.fields}
    changed = {name: text for name, text in texts.items() if text and text != base[name]}
    elsewhere = _channels(sheet) if DESCRIPTION in brief.fields else {}
    return Draft(brief.locale, {name: base[name] for name in changed}, changed, "template", elsewhere)


def plain_channels(brief: Brief) -> dict[str, str]:
    """The texts for other channels in plain words, for where a model's do not hold."""
    return _channels(_sheet(brief))


def _channels(sheet: Sheet) -> dict[str, str]:
    return channels.from_facts(sheet.title, list(_sentences(sheet)), sheet.rest)


def _text(name: str, sheet: Sheet, brief: Brief, base: str) -> str:
    if name == DESCRIPTION:
        return _description(sheet, base)
    if name == SEO_TITLE:
        return _seo_title(sheet, brief.voice.seo_title_chars)
    if name == SEO_DESCRIPTION:
        return _seo_description(sheet, brief.voice.seo_description_chars)
    if name == TAGS:
        return add_tags(base, _tags(sheet))
    return _alt(sheet, brief.voice.alt_chars) if name.startswith(ALT) else ""


# --- from facts to a sheet --------------------------------------------------------------------------------------


def _sheet(brief: Brief) -> Sheet:
    book, facts = phrasebook(brief.locale), brief.facts
    title = _line(facts.value(TITLE))
    kind = _line(facts.value("type"))
    options = [fact for fact in facts.items if fact.key.startswith("option:")]
    colours = next((_values(fact) for fact in options if is_about(fact.label, "colour")), ())
    sizes = next((_values(fact) for fact in options if is_about(fact.label, "sizes")), ())
    said = (colours, sizes) if book.language else ()
    listed = [fact for fact in facts.items if _is_listed(fact) and not _is_said(fact, said)]
    return Sheet(
        book=book,
        title=title,
        type="" if fold(kind) in fold(title) else kind,
        vendor=_line(facts.value("vendor")),
        materials=next((found for fact in listed if (found := _materials(fact, book))), ()),
        colours=colours if len(colours) > 1 else (),
        sizes=sizes if len(sizes) > 1 else (),
        rest=tuple((book.label(_line(fact.label)), book.value(_words(fact.value))) for fact in listed),
        told=facts.value(DESCRIPTION),
    )


def _line(text: str) -> str:
    return " ".join(_words(text).split())


def _words(text: str) -> str:
    """A value as text, without control characters; nothing of one that still looks like markup once it was read."""
    text = plain(text)
    if TAG.search(text):
        return ""
    lines = (line.strip() for line in text.splitlines())
    text = ", ".join(line for line in lines if line)  # what stood on two lines must not become "12 A"
    return "".join(letter if letter.isprintable() else " " * letter.isspace() for letter in text)


def _is_listed(fact: Fact) -> bool:
    """What belongs into a list for customers: no texts, no stock numbers, no novels."""
    hidden = fact.key in _TEXTS or fact.key.startswith("variant:")
    return not hidden and bool(_line(fact.value)) and bool(_line(fact.label)) and len(fact.value) <= _LONGEST_VALUE


def _values(fact: Fact) -> tuple[str, ...]:
    return tuple(value for value in (_line(part) for part in fact.value.split(", ")) if value)


def _is_said(fact: Fact, said: tuple[tuple[str, ...], ...]) -> bool:
    """A choice of colours or sizes has its own sentence."""
    values = _values(fact)
    return fact.key.startswith("option:") and 1 < len(values) <= _MOST_VALUES and values in said


def _materials(fact: Fact, book: Phrasebook) -> tuple[str, ...]:
    """Materials that can follow "made of" without being bent: plain names from the lists, a few at most."""
    values = _values(fact)
    if not is_about(fact.label, "material") or not 0 < len(values) <= _MOST_MATERIALS:
        return ()
    if not all(_is_plain_material(value, book) for value in values):
        return ()
    return tuple(value[0].lower() + value[1:] if book.language == "en" else value for value in values)


def _is_plain_material(value: str, book: Phrasebook) -> bool:
    words = value.split()
    # A German adjective would have to be bent: "aus recyceltem Polyester". English ones stay as they are.
    if not all(word.isalpha() for word in words) or len(words) > (1 if book.language == "de" else 3):
        return False
    found = [lexicon().look_up([fold(word)]) for word in words] + [lexicon().look_up([fold(word) for word in words])]
    return any(meaning.kind == "material" for meanings in found for meaning in meanings)


# --- from the sheet to texts --------------------------------------------------------------------------------------


def _description(sheet: Sheet, base: str) -> str:
    if not sheet.title or not (sheet.rest or sheet.colours or sheet.sizes or sheet.vendor or sheet.type):
        return ""  # a title alone is no description
    if sheet.told and base == sheet.told:
        # The shop's own words stay; only what they leave out is added.
        return base + _list(sheet, fold(_line(base)))
    sentences = "".join(f"<p>{escape(text)}</p>" for text in _sentences(sheet))
    return keeping.keep(sentences + markup.clean(sheet.told) + _list(sheet, fold(_line(sheet.told))), base)


def _list(sheet: Sheet, known: str) -> str:
    lines = [f"{label}: {value}" for label, value in sheet.rest if fold(value) not in known or not known]
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def _sentences(sheet: Sheet) -> Iterator[str]:
    yield _ended(_opening(sheet))
    if choice := _choice(sheet):
        yield _ended(choice)


def _opening(sheet: Sheet) -> str:
    """ "Wool blanket Hilda: blanket by Nordahl, made of wool" in the order each language likes."""
    book = sheet.book
    said = f"{sheet.title}: {sheet.type}" if sheet.type else sheet.title
    if not book.language:
        return f"{said} – {sheet.vendor}" if sheet.vendor else said
    made = f"{book.made_of} {book.enumerate(sheet.materials)}" if sheet.materials else ""
    if made and _names(sheet.title, sheet.materials):
        made = ""
    maker = f"{book.by} {sheet.vendor}" if sheet.vendor and fold(sheet.vendor) not in fold(sheet.title) else ""
    if book.language == "de":
        return " ".join(part for part in (said, made, maker) if part)
    return f"{said} {maker}{', ' if maker else ' '}{made}".rstrip(" ,") if made else f"{said} {maker}".rstrip()


def _names(title: str, materials: tuple[str, ...]) -> bool:
    return all(fold(material) in fold(title) for material in materials)


def _choice(sheet: Sheet) -> str:
    book = sheet.book
    colours = book.enumerate(sheet.colours) if len(sheet.colours) <= _MOST_VALUES else ""
    sizes = book.enumerate(sheet.sizes) if len(sheet.sizes) <= _MOST_VALUES else ""
    if not book.language:
        return ""
    if colours and sizes:
        return f"{book.available} {colours}, {book.and_sizes} {sizes}"
    if colours:
        return f"{book.available} {colours}"
    return f"{book.available_sizes} {sizes}" if sizes else ""


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}."


def _seo_title(sheet: Sheet, limit: int) -> str:
    """The longest of title, type and vendor that fits; a title that does not fit is cut between words."""
    parts = [sheet.title, sheet.type, sheet.vendor]
    for wanted in ((0, 1, 2), (0, 2), (0, 1), (0,)):
        text = " – ".join(dict.fromkeys(parts[place] for place in wanted if parts[place]))
        if text and len(text) <= limit:
            return text
    return cut(sheet.title, limit)


def _seo_description(sheet: Sheet, limit: int) -> str:
    """Whole sentences as long as they fit."""
    pieces = [*_sentences(sheet), *(_ended(f"{label}: {value}") for label, value in sheet.rest)]
    if not sheet.title or pieces == [_ended(sheet.title)]:
        return ""
    text = cut(pieces[0], limit)
    for piece in pieces[1:]:
        if len(text) + 1 + len(piece) <= limit:
            text = f"{text} {piece}"
    return text


def _alt(sheet: Sheet, limit: int) -> str:
    colour = next((value for label, value in sheet.rest if is_about(label, "colour") and "," not in value), "")
    text = f"{sheet.title}, {colour}" if colour and fold(colour) not in fold(sheet.title) else sheet.title
    return text if len(text) <= limit else cut(sheet.title, limit)


def cut(text: str, limit: int) -> str:
    """The text cut between words, never inside one; an endless word is left out unless it is all there is."""
    if len(text) <= limit:
        return text
    head, _space, _rest = text[: limit - 1].rpartition(" ")
    return f"{(head or text[: limit - 1]).rstrip(' ,;:–-')}…"


def _tags(sheet: Sheet) -> list[str]:
    found = [sheet.type, sheet.vendor, *sheet.materials, *sheet.colours[:_MOST_COLOUR_TAGS]]
    return [tag[0].upper() + tag[1:] for tag in found if tag and len(tag) <= _LONGEST_TAG]
