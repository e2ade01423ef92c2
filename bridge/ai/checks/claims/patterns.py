"""Claims that have a form rather than a word: addresses, model numbers, norms, what fits what, unknown places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bridge.ai.checks.claims import Claim
from bridge.ai.checks.claims.reading import Sentence, Token, fold
from bridge.ai.checks.claims.words import lexicon, open_list

# Every pattern is anchored at its first character and bounded, so that no text can make them slow.
_CONTACT = re.compile(
    r"(?:https?://|www\.)[^\s<>\"']{1,500}"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
    r"|(?<![\w.])(?:[a-z0-9-]{2,63}\.){1,3}(?:com|de|net|org|shop|at|ch|eu|io|co|info|store|biz)\b(?:/[^\s<>\"']{0,500})?"
    r"|(?<![\w+.,])(?:\+|00)\d(?:[ ()/-]{0,2}\d){7,14}(?!\w)"
    r"|(?<![\w.,])0\d{2,5}[ /-]{1,3}\d(?:[ /-]?\d){4,10}(?!\w)",
    re.IGNORECASE,
)
_MODEL = re.compile(r"(?<![\w])[^\W\d_]{1,12}\d[\w]{0,20}(?!\w)|(?<!\w)\d{1,6}[^\W\d_][\w]{0,20}(?!\w)")
_SIZES = re.compile(r"\d+(?:[x×]\d+)+[a-z]{0,3}", re.IGNORECASE)
_WORDS_AFTER = 7
_LONGEST_NAME = 6
_JOINING = frozenset({"and", "und", "or", "oder"})


def contacts(sentence: Sentence) -> Iterator[Claim]:
    """Web and mail addresses and telephone numbers."""
    for found in _CONTACT.finditer(sentence.text):
        words = found.group().rstrip(".,;:!?)")
        yield Claim("contact", found.start(), found.start() + len(words), frozenset({_address(words)}))


def _address(words: str) -> str:
    bare = re.sub(r"^https?://|^www\.|/$", "", words.lower())
    return re.sub(r"[^\d]", "", bare) if not re.search(r"[a-z]", bare) else bare.removeprefix("www.")


def models(sentence: Sentence) -> Iterator[Claim]:
    """Words of letters and digits that are no measure: IPX4, A6, XC90, 4K."""
    for found in _MODEL.finditer(sentence.text):
        if not _SIZES.fullmatch(found.group()):
            yield Claim("model", found.start(), found.end(), frozenset({fold(found.group())}))


def norms(sentence: Sentence) -> Iterator[Claim]:
    """ "ISO 9001", "DIN EN 71-3": a norm with its number is a certificate of its own."""
    tokens, names = sentence.tokens, _triggers("norms")
    place = 0
    while place < len(tokens):
        last = place
        while last < len(tokens) and tokens[last].key in names and tokens[last].text.isupper():
            last += 1
        if last > place and last < len(tokens) and tokens[last].is_number:
            words = " ".join(token.key for token in tokens[place : last + 1])
            yield Claim("certificate", tokens[place].start, tokens[last].end, frozenset({words}))
        place = max(last, place + 1)


def seals(sentence: Sentence) -> Iterator[Claim]:
    """ "Naturkosmetik-Siegel", "MIPS certified": a certificate by a name that no list knows."""
    tokens, book = sentence.tokens, lexicon()
    for place, token in enumerate(tokens):
        if token.key not in _triggers("seals"):
            continue
        glued = place > 1 and tokens[place - 1].text in "-‐‑"
        name = tokens[place - 2] if glued else tokens[place - 1] if place else None
        if name is None or not name.is_word or book.look_up([name.key]):
            continue
        if glued or name.text.isupper():
            yield Claim("certificate", name.start, token.end, frozenset({name.key}))


def names(sentence: Sentence) -> Iterator[Claim]:
    """Short names in capitals, as of materials and techniques: TPE, NFC; unless everything is written so."""
    if sentence.text.isupper():
        return
    for token in sentence.tokens:
        short = token.text.isupper() and 1 < len(token.text) <= _LONGEST_NAME
        if short and token.key not in _triggers("plain names") and not lexicon().look_up([token.key]):
            yield Claim("name", token.start, token.end, frozenset({token.key}))


def brands(sentence: Sentence) -> Iterator[Claim]:
    """Other makers' names: saying one says that the product goes with it, or is it."""
    tokens = sentence.tokens
    for place, token in enumerate(tokens):
        for length in (2, 1):
            words = " ".join(each.key for each in tokens[place : place + length])
            if words in _brands() and token.text[0].isalpha():
                yield Claim("compatibility", token.start, tokens[min(place + length, len(tokens)) - 1].end,
                            frozenset(words.split()))  # fmt: skip
                break


def compatibility(sentence: Sentence) -> Iterator[Claim]:
    """ "kompatibel mit …", "fits …": every telling word after it must be known. Loose ones are for a person."""
    tokens = sentence.tokens
    for kind, name in (("compatibility", "compatible"), ("fitting", "fitting")):
        triggers = _triggers(name)
        for place in range(len(tokens)):
            length = next((n for n in (3, 2, 1) if _joined(tokens[place : place + n]) in triggers), 0)
            if length and (objects := _objects(tokens, place + length)):
                keys = frozenset(token.key for token in objects)
                yield Claim(kind, tokens[place].start, objects[-1].end, keys)


def _objects(tokens: Sequence[Token], start: int) -> list[Token]:
    found: list[Token] = []
    for place, token in enumerate(tokens[start : start + _WORDS_AFTER], start):
        following = tokens[place + 1] if place + 1 < len(tokens) else token
        if token.ends_clause and token.text != ",":
            break
        if token.key in _JOINING and following.text[0].islower():
            break  # "… and lets you charge"
        if token.is_number or (token.is_word and token.key not in _triggers("small words")):
            found.append(token)
    return found


def made_in(sentence: Sentence) -> Iterator[Claim]:
    """ "Made in Smalltown": a place that no list knows, beside a word for making."""
    tokens, book = sentence.tokens, lexicon()
    for place, token in enumerate(tokens[:-1]):
        following = tokens[place + 1]
        if token.key not in ("in", "im") or not following.is_word or not following.text[0].isupper():
            continue
        before = {each.key for each in tokens[max(0, place - 2) : place]}
        after = {each.key for each in tokens[place + 2 : place + 4]}
        known = book.look_up([following.key]) or following.key in _triggers("not places")
        if (before | after) & _triggers("made") and not known:
            kind = "origin" if token.key == "in" and "made" in before else "making"
            yield Claim(kind, following.start, following.end, frozenset({following.key}))


def _joined(tokens: Sequence[Token]) -> str:
    return " ".join(token.key for token in tokens)


@cache
def _triggers(name: str) -> frozenset[str]:
    return frozenset(open_list("triggers")[name])


@cache
def _brands() -> frozenset[str]:
    return frozenset(open_list("brands"))
