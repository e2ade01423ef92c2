"""Personal data that must not stand in a listing: addresses, numbers of telephones, accounts and cards.

Numbers with a check digit are only reported when it is right, so that an EAN or an article number is no account.
What the shop itself says in a fact (its own hotline, a name in the brand) is no finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bridge.ai.checks.lengths import shown
from bridge.catalog import Draft, Facts, Finding, Voice

N_ = lambda text: text  # noqa: E731 - marks a sentence for the catalogue of translations

EMAIL = N_("“%(words)s” is an e-mail address; a listing is no place for it.")
PHONE = N_("“%(words)s” looks like a telephone number; a listing is no place for it.")
IBAN = N_("“%(words)s” is a bank account.")
CARD = N_("“%(words)s” is the number of a payment card.")
VAT = N_("“%(words)s” is a VAT number.")
STREET = N_("“%(words)s” looks like somebody's address.")

_HIDDEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_AT = r"(?:@|\s?[\[({]\s?(?:at|ät)\s?[\])}]\s?|\s(?:at|ät)\s)"
_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|punkt)\s?[\])}]\s?|\s(?:dot|punkt)\s)"
_EMAIL = re.compile(
    rf"[\w.+-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,4}}{_DOT}[a-z]{{2,12}}\b", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:\+\d{1,3}[\s/.-]?(?:\(0\)\s?)?\d|\(?0[1-9]\d{1,4}\)?\s?[/-]?\s?\d)(?:[\s/.-]?\d){5,11}(?![\w]|[.,]\d)"
)
_CALLS = re.compile(r"tel|fon|phone|hotline|ruf|call|mobil|fax|whatsapp", re.IGNORECASE)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\w-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w-])")
_VAT = re.compile(r"\b(?:DE\d{9}|ATU\d{8}|GB\d{9}|FR[A-Z0-9]{2}\d{9}|NL\d{9}B\d{2})\b")
_STREET = re.compile(
    r"\b[A-ZÄÖÜ][\wäöüß-]+(?:straße|strasse|str\.|gasse|weg|platz|allee|ring)\s\d{1,4}\s?[a-z]?,?\s+\d{5}\s[A-ZÄÖÜ]\w+"
    r"|\b\d{1,5}\s(?:[A-Z]\w+\s){1,3}(?:Street|Road|Avenue|Lane|Drive|Court)\b"
)


def findings(draft: Draft, facts: Facts, voice: Voice) -> tuple[Finding, ...]:
    """One finding for every piece of personal data that no fact of the shop contains."""
    own = _bare(" ".join(fact.value for fact in facts.items))
    return tuple(
        Finding("private", "block", name, message, {"words": words}, words, code)
        for name, text in draft.fields.items()
        for code, message, words in _found(_HIDDEN.sub("", shown(name, text)))
        if _bare(words) not in own
    )


def _found(text: str) -> Iterator[tuple[str, str, str]]:
    taken: list[tuple[int, int]] = []
    for code, message, pattern, right in _KINDS:
        for match in pattern.finditer(text):
            overlaps = any(match.start() < end and start < match.end() for start, end in taken)
            if not overlaps and right(match):
                taken.append(match.span())
                yield code, message, match.group().strip()


def _iban(found: re.Match[str]) -> bool:
    """ISO 13616: the first four characters go to the end, letters count from 10, and the rest by 97 is 1."""
    bare = re.sub(r"\s", "", found.group())
    moved = bare[4:] + bare[:4]
    return 15 <= len(bare) <= 34 and int("".join(str(int(each, 36)) for each in moved)) % 97 == 1


def _luhn(found: re.Match[str]) -> bool:
    digits = [int(each) for each in re.sub(r"\D", "", found.group())]
    if not 15 <= len(digits) <= 19 or len(set(digits)) < 2:
        return False
    doubled = (digit if place % 2 == 0 else sum(divmod(digit * 2, 10)) for place, digit in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def _telephone(found: re.Match[str]) -> bool:
    """With a country, or with a word before it that says so: article numbers look like telephone numbers."""
    said = found.group().startswith("+") or _CALLS.search(found.string[max(0, found.start() - 30) : found.start()])
    return bool(said) and 8 <= len(re.sub(r"\D", "", found.group())) <= 15


def _bare(text: str) -> str:
    return re.sub(r"[\s/.()-]", "", text).casefold()


def _always(found: re.Match[str]) -> bool:
    return True


_KINDS: tuple[tuple[str, str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    ("email", EMAIL, _EMAIL, _always),
    ("iban", IBAN, _IBAN, _iban),
    ("vat", VAT, _VAT, _always),
    ("card", CARD, _CARD, _luhn),
    ("phone", PHONE, _PHONE, _telephone),
    ("street", STREET, _STREET, _always),
)
