"""Claims made in words: materials, colours, places, certificates, qualities, service; and whether they are denied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridge.ai.checks.claims import Claim
from bridge.ai.checks.claims.reading import Sentence, Token
from bridge.ai.checks.claims.words import Lexicon, Meaning, grammar, lexicon

_LONGEST_PHRASE = 5
_LONGEST_WORD = 60  # of an endless "word" only its ends are looked at
_SHORTEST_PART = 3
_BEFORE, _AFTER = 4, 4  # how many words away a "not" may stand
_MIXTURES = ("ingredient",)  # a compound names one of its own: oil of argan is not oil of almonds
_TELLING = {
    "ingredient": "contains",
    "material": "of",
    "origin": "of",
    "quality": "of",
    "certificate": "of",
    "colour": "colour",
}


def find(sentence: Sentence, lenient: bool = False) -> Iterator[Claim]:
    """The claims of the word lists. ``lenient`` takes everyday words at their rarer meaning too: right for facts."""
    tokens = [token for token in sentence.tokens if token.text not in "-‐‑/&+'\"„“”‚‘"]
    book = lexicon()
    place = 0
    while place < len(tokens):
        length, meanings = _longest(book, tokens, place)
        meant = [each for each in meanings if lenient or _is_meant(each, tokens, place, length)]
        for kind in dict.fromkeys(each.kind for each in meant):
            yield Claim(
                kind,
                tokens[place].start,
                tokens[place + length - 1].end,
                frozenset(each.concept for each in meant if each.kind == kind),
                _is_denied(tokens, place, place + length) or _denies_itself(tokens[place].key, length),
            )
        place += length


def _longest(book: Lexicon, tokens: Sequence[Token], place: int) -> tuple[int, tuple[Meaning, ...]]:
    """The longest phrase that starts here and means something."""
    keys: list[str] = []
    for token in tokens[place : place + _LONGEST_PHRASE]:
        if not (token.is_word or token.is_number) or len(token.key) > _LONGEST_WORD:
            break
        keys.append(token.key)
    for length in range(len(keys), 0, -1):
        if meanings := book.look_up(keys[:length]):
            return length, meanings
    return 1, _compound(book, tokens[place].key) if tokens[place].is_word else ()


def _compound(book: Lexicon, key: str) -> tuple[Meaning, ...]:
    """What the parts of a German compound say: "Eichentisch" is of oak, "Mandelholz" is a wood of its own."""
    if any(key.startswith(word) for word in grammar("ignored")) and len(key) <= _LONGEST_WORD:
        return ()
    found = list(_head(book, key[:_LONGEST_WORD]))
    for form in (key[-_LONGEST_WORD:], key[-_LONGEST_WORD:-1], key[-_LONGEST_WORD:-2]):
        for length in range(_SHORTEST_PART, min(len(form) - _SHORTEST_PART, 12) + 1):
            for meaning in book.tails.get(form[-length:], ()):
                found.append(_of_its_own(book, meaning, form[:-length], form))
    return tuple(dict.fromkeys(found))


def _head(book: Lexicon, key: str) -> tuple[Meaning, ...]:
    for length in range(len(key) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
        if key[:length] in book.heads:
            return book.heads[key[:length]]
    return _bio(book, key)


def _bio(book: Lexicon, key: str) -> tuple[Meaning, ...]:
    rest = key.removeprefix("bio")
    if rest != key and book.look_up([rest]):
        return (*book.look_up(["bio"]), *book.look_up([rest]))
    return ()


def _of_its_own(book: Lexicon, meaning: Meaning, rest: str, word: str) -> Meaning:
    if meaning.kind in _MIXTURES:
        return Meaning(meaning.kind, f"{meaning.concept} = {word}")
    known = rest in grammar("plain rests") or book.look_up([rest]) or _head(book, f"{rest}xxx")
    return meaning if known else Meaning(meaning.kind, f"{meaning.concept} = {word}")


def _is_meant(meaning: Meaning, tokens: Sequence[Token], place: int, length: int) -> bool:
    first = tokens[place]
    if meaning.proper and not first.text[0].isupper():
        return False
    if not meaning.soft:
        return True
    telling = grammar(_TELLING.get(meaning.kind, "of"))
    before = {token.key for token in tokens[max(0, place - 2) : place]}
    after = {token.key for token in tokens[place + length : place + length + 1]}
    return bool(before & telling or (meaning.kind == "colour" and after & telling))


def _is_denied(tokens: Sequence[Token], first: int, after: int) -> bool:
    """ "nicht wasserdicht", "ohne Plastik", "plastic-free", "wasserdicht ist sie nicht"; but not "not only …"."""
    place = first - 1
    while place >= max(0, first - _BEFORE):
        token = tokens[place]
        if token.ends_clause or token.key in grammar("turns"):
            break
        if token.key in grammar("negators"):
            return tokens[place + 1].key not in grammar("only")
        place -= 1
    return _is_denied_after(tokens, after)


def _denies_itself(key: str, length: int) -> bool:
    """ "plastikfrei"; but "bleifrei" is a word of the lists and says it already."""
    bent = next((key.removesuffix(form) for form in grammar("free") if key.endswith(form)), key)
    return length == 1 and bent != key and not lexicon().look_up([key])


def _is_denied_after(tokens: Sequence[Token], after: int) -> bool:
    if [token.key for token in tokens[after : after + 1]] == [":"]:  # "Wasserdicht: nein"
        return after + 1 < len(tokens) and tokens[after + 1].key in ("nein", "no", "nicht", "not")
    following: list[Token] = []
    for token in tokens[after : after + _AFTER]:
        if token.ends_clause:
            break
        following.append(token)
    if following and following[0].key in grammar("free"):
        return True
    at_the_end = after + len(following) >= len(tokens) or tokens[after + len(following)].ends_clause
    return bool(following) and at_the_end and following[-1].key in ("nicht", "not")
