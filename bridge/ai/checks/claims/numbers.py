"""Numbers in German and English notation, with their units, ranges and dimensions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from bridge.ai.checks.claims import Claim, Measure, spelled
from bridge.ai.checks.claims.reading import Sentence, Token, fold
from bridge.ai.checks.claims.words import grammar, lexicon, open_list, stem

_POINT_LOCALES = ("en", "zh", "ja", "ko", "th", "he", "hi")  # 1,000.5; everywhere else 1.000,5
_THOUSANDS = 3
_CONNECTORS = {"x", "×", "*", "-", "–", "—", "−", "/", "bis", "to", "und", "and", "oder", "or", "mal", "by", "~", ","}
_NOT_COUNTED = {
    "und", "and", "oder", "or", "in", "im", "of", "von", "to", "bis", "x", "the", "der", "die", "das", "is", "ist",
    "for", "fuer", "mit", "with", "by", "at", "a", "an", "am", "on", "auf", "aus", "from", "as", "als", "sind", "are",
}  # fmt: skip
_HALF = 0.5
_ROLE_OF = {
    **dict.fromkeys(("width", "height", "length", "depth", "diameter", "thickness"), ("length",)),
    **dict.fromkeys(("load", "weight"), ("weight",)),
    **dict.fromkeys(("warranty", "age"), ("duration",)),
}
_RELATIONS = {"more": "over", "less": "less", "about": "about"}
_AGES = frozenset({"age", "aged", "ages", "alter"})
_VAGUE = frozenset({"both", "beide", "beiden", "half", "halb", "halbe", "halben"})
_BENT_BETWEEN = 2  # adjectives between a number word and what it counts: "drei große Fächer"
_ONE_OF = ("duration", "weight", "volume", "length", "area", "share", "energy", "power")  # "a bar" is no pressure
_MEASURED = ("length mm", "volume ml", "weight g", "area cm2")


@dataclass(frozen=True)
class Number:
    """A number as it stands, before its unit is known."""

    value: float | None
    decimals: int
    first: int  # index of its first token
    last: int
    word: bool = False  # written out: "zwei"
    suffix: str = ""  # what is glued to a number word: "teilig" of "dreiteilig"
    part: bool = False  # "four fifths"


@dataclass(frozen=True)
class Unit:
    """A unit found beside a number."""

    dimension: str
    factor: float
    key: str
    last: int  # index of its last token


def measures(sentence: Sentence, locale: str, unit: Unit | None = None) -> Iterator[Claim]:
    """Every number of a sentence as a claim. ``unit`` is that of bare numbers, where a label has told it."""
    tokens = sentence.tokens
    numbers = list(_numbers(tokens, locale))
    nouns_are_tall = locale.split("-")[0] == "de"
    units = _shared(tokens, numbers, [_unit(tokens, number, nouns_are_tall) or _share(number) for number in numbers])
    for place, number in enumerate(numbers):
        found = units[place] or (unit if not number.word else None)
        if number.word and (found is None or number.value == 1 and not _one_counts(found)):
            if not _aged_at(tokens, number):
                continue
            found = None
        measure = _measure(number, found, tokens)
        after = found.last if found and found.last >= number.last else number.last
        before = numbers[place - 1].last if place else -1
        role = "" if _in_a_row(tokens, numbers, place) else _role(tokens, number, after, measure.dimension)
        measure = _aged(replace(measure, role=role, relation=_relation(tokens, number.first, before)), tokens, number)
        yield Claim("number", tokens[number.first].start, tokens[after].end, measure=measure)


def parse(text: str, locale: str) -> float | None:
    """A number in whatever notation; where both readings are possible, the locale decides. None when it is none."""
    signs = [letter for letter in text if letter in ".,'’"]
    if not signs:
        return float(text[:300])
    decimal = _decimal_sign(text, signs, locale)
    whole, _sign, fraction = text.rpartition(decimal) if decimal else (text, "", "")
    groups = re.split(r"[.,'’]", whole)
    if len(groups) > 1 and (len(groups[0]) > _THOUSANDS or any(len(group) != _THOUSANDS for group in groups[1:])):
        return None  # a date, a version, a table of contents
    return float(f"{''.join(groups)}.{fraction or 0}"[:300])


def _decimal_sign(text: str, signs: Sequence[str], locale: str) -> str:
    """The sign before the fraction, empty where there is none."""
    if len(set(signs)) > 1:
        return signs[-1] if signs.count(signs[-1]) == 1 else ""
    head, _sign, tail = text.rpartition(signs[0])
    if len(signs) > 1 or signs[0] in "'’":
        return ""
    if len(tail) != _THOUSANDS or len(head) > _THOUSANDS or head == "0":
        return signs[0]
    groups = "," if locale.split("-")[0] in _POINT_LOCALES else "."
    return "" if signs[0] == groups else signs[0]


def _numbers(tokens: Sequence[Token], locale: str) -> Iterator[Number]:
    place = 0
    while place < len(tokens):
        number = _number_at(tokens, place, locale)
        if number is not None:
            yield number
        place = number.last + 1 if number else place + 1


def _number_at(tokens: Sequence[Token], place: int, locale: str) -> Number | None:
    token = tokens[place]
    if token.is_word:
        language = locale.split("-")[0]
        number = _phrase(tokens, place, language) or _number_word(token, place, language)
        article = number is not None and number.value == _HALF and _key(tokens, place + 1) in ("a", "an")
        return replace(number, last=place + 1) if number and article else number
    if not token.is_number or (_glued(tokens, place - 1) and not _times(tokens, place - 1)):
        return None  # "IPX4" is no number
    if fraction := _fraction(tokens, place, locale):
        return fraction
    last, text = _with_spaced_thousands(tokens, place)
    value = parse(text, locale)
    decimals = len(re.split(r"[.,]", text)[-1]) if value is not None and value != int(value) else 0
    if value is not None and _minus(tokens, place):
        value = -value
    return Number(value, decimals, place, last)


def _key(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].key if place < len(tokens) else ""


def _glued(tokens: Sequence[Token], place: int) -> bool:
    return place >= 0 and tokens[place].is_word and tokens[place].end == tokens[place + 1].start


def _times(tokens: Sequence[Token], place: int) -> bool:
    """The x of "30x40"."""
    return tokens[place].key == "x" and place > 0 and tokens[place - 1].is_number


def _minus(tokens: Sequence[Token], place: int) -> bool:
    if place == 0 or tokens[place - 1].text not in "-−–" or tokens[place - 1].end != tokens[place].start:
        return False
    return place == 1 or tokens[place - 2].end != tokens[place - 1].start


def _fraction(tokens: Sequence[Token], place: int, locale: str) -> Number | None:
    """1/2 and ½ (whose normal form is the same with a sloping stroke)."""
    if place + 2 >= len(tokens) or tokens[place + 1].text not in "/⁄" or not tokens[place + 2].is_number:
        return None
    above, below = parse(tokens[place].text, locale), parse(tokens[place + 2].text, locale)
    if not above or below not in (2, 3, 4, 5, 8, 16) or above >= below:
        return None
    return Number(above / below, 2, place, place + 2)


def _with_spaced_thousands(tokens: Sequence[Token], place: int) -> tuple[int, str]:
    """ "12 500" is one number; "100 110 120" are three sizes."""
    text = tokens[place].text
    if place + 1 < len(tokens) and len(text) < _THOUSANDS and text.isdigit() and text[0] != "0":
        following = tokens[place + 1]
        group = re.split(r"[.,]", following.text)[0]
        beside = following.start == tokens[place].end + 1
        if following.is_number and beside and len(group) == _THOUSANDS:
            return place + 1, text + following.text
    return place, text


def _number_word(token: Token, place: int, language: str) -> Number | None:
    value = spelled.value(token.key, language)
    if value is not None:
        return Number(value, 0, place, place, word=True)
    for length in range(min(len(token.key) - 3, 16), 2, -1):
        head, rest = token.key[:length], token.key[length:]
        value = spelled.value(head, language)
        if value is not None and head != "ein" and (suffix := _suffix(rest)):
            return Number(value, 0, place, place, word=True, suffix=suffix)
    return None


def _phrase(tokens: Sequence[Token], place: int, language: str) -> Number | None:
    """Several words that are one number: "twenty-four", "twelve hundred", "one and a half", "three quarters of a"."""
    first = _number_word(tokens[place], place, language)
    if first is None or first.value is None or first.suffix:
        return None
    value, last = _with_ones(tokens, first.value, place, language)
    while (key := _key(tokens, last + 1)) in spelled.SCALES:
        value, last = _with_rest(tokens, value * spelled.SCALES[key], last + 1, language)
    keys = [_key(tokens, last + step) for step in (1, 2, 3)]
    part = keys[0] in spelled.FRACTIONS
    if keys == ["and", "a", "half"]:
        value, last = value + _HALF, last + 3
    elif part:
        value, last = value * spelled.FRACTIONS[keys[0]], last + 1
        last += 2 if keys[1] == "of" and keys[2] in ("a", "an") else 0
    if last == place:
        return None
    return Number(value, 2 if value != int(value) else 0, place, last, word=True, part=part)


def _with_ones(tokens: Sequence[Token], value: float, last: int, language: str) -> tuple[float, int]:
    """ "twenty" and what follows: "twenty-four"."""
    ones = _after_hyphen(tokens, last)
    if value in range(20, 100, 10) and ones and 1 <= (more := _value(tokens, ones, language)) <= 9:  # noqa: PLR2004
        return value + more, ones
    return value, last


def _with_rest(tokens: Sequence[Token], value: float, last: int, language: str) -> tuple[float, int]:
    """ "one hundred" and what follows: "and ninety-two"."""
    following = last + 2 if _key(tokens, last + 1) == "and" else last + 1
    if following >= len(tokens) or not tokens[following].is_word:
        return value, last
    more = _value(tokens, following, language)
    if not 1 <= more < 100:  # noqa: PLR2004
        return value, last
    rest, end = _with_ones(tokens, more, following, language)
    return value + rest, end


def _after_hyphen(tokens: Sequence[Token], place: int) -> int | None:
    """The word that follows, perhaps after a hyphen."""
    following = place + 2 if _key(tokens, place + 1) in ("-", "‐", "‑") else place + 1
    return following if following < len(tokens) and tokens[following].is_word else None


def _value(tokens: Sequence[Token], place: int, language: str) -> float:
    number = _number_word(tokens[place], place, language)
    return number.value if number and number.value is not None and not number.suffix else -1.0


def _suffix(rest: str) -> str:
    """ "teilige" -> "teilig", where that counts something."""
    known = _units()
    return next((form for form in _forms(rest) if form in known and len(form) > _THOUSANDS), "")


def _forms(key: str) -> Iterator[str]:
    yield key
    for ending in ("en", "em", "er", "es", "e", "n", "s"):
        if key.endswith(ending) and len(key) > len(ending) + 1:
            yield key.removesuffix(ending)


@cache
def _units() -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for dimension, factors in open_list("units").items():
        for factor, words in factors.items():
            for word in words.split(","):
                found.setdefault(fold(word), (dimension, float(factor)))
    return found


def unit_of_label(label: Sentence) -> Unit | None:
    """The unit a label tells for its bare number: "Weight (g)", "Höhe in cm"."""
    words = [token for token in label.tokens if token.is_word or token.text in "%°"]
    for token in reversed(words[1:]):
        if token.key in _units() and not _units()[token.key][0].startswith("count"):
            dimension, factor = _units()[token.key]
            return Unit(dimension, factor, token.key, -1)
    return None


def _unit(tokens: Sequence[Token], number: Number, nouns_are_tall: bool) -> Unit | None:
    """The unit after a number, or the currency before it."""
    if number.suffix:
        dimension, factor = _units()[number.suffix]
        return Unit(dimension, factor, number.suffix, number.last)
    before = tokens[number.first - 1] if number.first else None
    if before and before.key in _units() and _units()[before.key][0].startswith("money"):
        dimension, factor = _units()[before.key]
        return Unit(dimension, factor, before.key, number.last)
    return _unit_after(tokens, number, nouns_are_tall)


def _unit_after(tokens: Sequence[Token], number: Number, nouns_are_tall: bool) -> Unit | None:
    start = number.last + 1
    if start < len(tokens) and tokens[start].text in "-‐‑" and start + 1 < len(tokens) and tokens[start + 1].is_word:
        start += 1
    if start >= len(tokens) or tokens[start].start > tokens[number.last].end + 2:
        return None
    for length in (4, 3, 2, 1):
        piece = tokens[start : start + length]
        if len(piece) == length and (found := _known(_joined(piece))) and not _is_preposition(tokens, start, length):
            return Unit(*found, key=_joined(piece), last=start + length - 1)
    if nouns_are_tall:
        start = _noun_after(tokens, start, _BENT_BETWEEN if number.word else 0)
    return _counted(tokens, start, number) if start >= 0 else None


def _is_preposition(tokens: Sequence[Token], start: int, length: int) -> bool:
    """The "in" of "2025 in Athens" is no inch."""
    if length > 1 or tokens[start].key != "in" or start + 1 >= len(tokens):
        return False
    following = tokens[start + 1]
    return following.is_word and following.key not in _roles() and following.key not in _CONNECTORS


def _noun_after(tokens: Sequence[Token], start: int, between: int) -> int:
    """In "AB 18 bringt" what follows is no thing that could be counted; German writes things with a capital."""
    for place in range(start, min(start + between + 1, len(tokens))):
        token = tokens[place]
        if token.text[:1].isupper():
            return place
        if not token.is_word or token.key in _NOT_COUNTED:
            break
    return -1


def _joined(tokens: Sequence[Token]) -> str:
    """Tokens as one key; glued ones stay glued: "g/m2", "fl oz"."""
    found = tokens[0].key
    for before, token in zip(tokens, tokens[1:], strict=False):
        found += token.key if before.end == token.start and "-" not in (before.text, token.text) else f" {token.key}"
    return found.replace(" - ", " ")


def _known(key: str) -> tuple[str, float] | None:
    if key in _units():
        return _units()[key]
    return next((_units()[form] for form in _forms(key) if form in _units() and len(form) > _THOUSANDS), None)


def _counted(tokens: Sequence[Token], start: int, number: Number) -> Unit | None:
    """Any other thing that is counted: "4 Henkel"."""
    token = tokens[start]
    if not token.is_word or token.key in _NOT_COUNTED or number.value is None:
        return None
    if number.word and (tokens[number.first].key in _VAGUE or token.key in grammar("uncounted")):
        return None
    if any(each.kind in ("material", "colour") for each in lexicon().look_up([token.key])):
        return None  # "925 silver"
    return Unit(f"count {noun(token.key)}", 1.0, token.key, start)


def counted_as(key: str) -> str:
    """The dimension under which a thing is counted, whatever form it has."""
    found = _known(key)
    return found[0] if found and found[0].startswith("count") else f"count {noun(key)}"


def noun(key: str) -> str:
    """One form for a thing and for several of it: "Stock" and "Stöcke", "shelf" and "shelves"."""
    root = stem(key)
    root = root[:-1] + "f" if root.endswith("v") else root[:-1] + "y" if root.endswith("i") else root
    for two, one in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        root = root.replace(two, one)
    return root


def _share(number: Number) -> Unit | None:
    """ "Four fifths": a share of a hundred."""
    return Unit("share %", 100.0, "%", -1) if number.part else None


def _one_counts(unit: Unit) -> bool:
    """ "a year" may be a claim, "a bag" is an article."""
    return unit.dimension.split()[0] in _ONE_OF or unit.key.endswith("ig")


def _shared(tokens: Sequence[Token], numbers: Sequence[Number], units: list[Unit | None]) -> list[Unit | None]:
    """ "30 x 40 cm": the unit after the last number holds for all that are tied to it."""
    found = list(units)
    for place in range(len(numbers) - 2, -1, -1):
        following = found[place + 1]
        own = found[place]
        loose = own is None or own.key in _CONNECTORS or own.dimension == "count " + noun(own.key)
        between = tokens[numbers[place].last + 1 : numbers[place + 1].first]
        tied = 0 < len(between) <= 2 and all(token.key in _CONNECTORS for token in between)
        if loose and tied and following is not None:
            found[place] = replace(following, last=-1)
    return found


def _in_a_row(tokens: Sequence[Token], numbers: Sequence[Number], place: int) -> bool:
    """One of several sizes joined by ×: which is the width, the text does not say."""
    for one, other in ((place - 1, place), (place, place + 1)):
        if one >= 0 and other < len(numbers):
            between = {token.key for token in tokens[numbers[one].last + 1 : numbers[other].first]}
            if between & {"x", "×", "*"}:
                return True
    return False


def _measure(number: Number, unit: Unit | None, tokens: Sequence[Token]) -> Measure:
    if unit is None:
        return Measure(number.value, "", unit="".join(token.key for token in tokens[number.first : number.last + 1]))
    half = 0.5 * 10.0**-number.decimals * unit.factor
    exactness = half if unit.dimension in _MEASURED or unit.dimension.startswith("temperature") else 0.0
    value = None if number.value is None else number.value * unit.factor
    return Measure(value, unit.dimension, exactness, unit.key)


@cache
def _roles() -> dict[str, str]:
    return {fold(word): role for role, words in open_list("roles").items() for word in words.split(",")}


def role_of_label(label: Sentence) -> str:
    """What a label says its number is: "Höhe in cm" is the height."""
    return next((_roles()[token.key] for token in label.tokens if token.key in _roles()), "")


def _role(tokens: Sequence[Token], number: Number, after: int, dimension: str) -> str:
    """The nearest word in the same clause that tells what is measured, if such a thing can be: no weight is long."""
    found = [each for each in _near(tokens, number.first, after) if _can_be(each[1], dimension)]
    return min(found)[1] if found else ""


def _can_be(role: str, dimension: str) -> bool:
    kind = dimension.split()[0] if dimension else ""
    return not kind or role not in _ROLE_OF or kind in _ROLE_OF[role]


def _near(tokens: Sequence[Token], first: int, last: int) -> Iterator[tuple[int, str]]:
    for step in (-1, 1):
        place = first - 1 if step < 0 else last + 1
        for distance in range(1, 5):
            if not 0 <= place < len(tokens) or (tokens[place].ends_clause and tokens[place].text not in ":()"):
                break
            if tokens[place].is_number or tokens[place].text in "×*":
                break
            if tokens[place].key in _roles():
                yield distance, _roles()[tokens[place].key]
            place += step


def _relation(tokens: Sequence[Token], first: int, before: int) -> str:
    """How the number is meant, by the words before it: "more than", "under", "about"."""
    words = [token.key for token in tokens[max(before + 1, first - 2) : first] if token.text != "."]
    said = {" ".join(words), *words[-1:]}
    return next((name for name, listed in _RELATIONS.items() if said & grammar(listed)), "")


def _aged_at(tokens: Sequence[Token], number: Number) -> bool:
    return bool({token.key for token in tokens[max(0, number.first - 3) : number.first]} & _AGES)


def _aged(measure: Measure, tokens: Sequence[Token], number: Number) -> Measure:
    """ "From the age of five": years, though nobody says so."""
    if measure.dimension or not _aged_at(tokens, number):
        return measure
    return in_years(measure)


def in_years(measure: Measure) -> Measure:
    """A bare number that is an age."""
    months = None if measure.value is None else measure.value * 12
    return replace(measure, value=months, dimension="duration months", role="age")
