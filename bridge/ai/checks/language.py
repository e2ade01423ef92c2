"""Is the text in the language it should be in? By the small words that every sentence of a language needs.

Titles, names and numbers have none of them, so they raise no alarm: a sentence counts when it shows several telling
words of another language and far fewer of its own.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache

from bridge.ai.checks.lengths import shown
from bridge.ai.checks.phrases import RULES
from bridge.catalog import TAGS, Draft, Facts, Finding, Voice

N_ = lambda text: text  # noqa: E731 - marks a sentence for the catalogue of translations

FOUND = {
    "de": N_("This sentence is German, the text should not be: “%(words)s”."),
    "en": N_("This sentence is English, the text should not be: “%(words)s”."),
    "fr": N_("This sentence is French, the text should not be: “%(words)s”."),
    "es": N_("This sentence is Spanish, the text should not be: “%(words)s”."),
    "it": N_("This sentence is Italian, the text should not be: “%(words)s”."),
    "nl": N_("This sentence is Dutch, the text should not be: “%(words)s”."),
}
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_WORD = re.compile(r"[^\W\d_]+")
_LEAST = 5  # words; shorter ones are titles and lists
_TELLING = 2  # words of another language, at least, and three more than twice those of one's own
_MARGIN = 3


def findings(draft: Draft, facts: Facts, voice: Voice) -> tuple[Finding, ...]:
    """One finding for every field with a sentence in another language: the first such sentence is quoted."""
    wanted = draft.locale.split("-")[0]
    if wanted not in FOUND:
        return ()
    own = {fact.value.strip() for fact in facts.items}
    found = []
    for name, text in draft.fields.items():
        sentences = [] if name == TAGS else [each.strip() for each in _SENTENCE.findall(shown(name, text))]
        foreign = ((each, spoken(each, wanted)) for each in sentences if each not in own)
        quote, other = next(((each, other) for each, other in foreign if other), ("", ""))
        if other:
            found.append(
                Finding("language", "person", name, FOUND[other], {"words": quote[:120]}, quote, f"is-{other}")
            )
    return tuple(found)


def spoken(sentence: str, wanted: str) -> str:
    """The other language a sentence is in; empty when it may well be the wanted one, or is too short to tell."""
    words = [word.casefold() for word in _WORD.findall(sentence)]
    if len(words) < _LEAST:
        return ""
    telling = {name: sum(word in known for word in words) for name, known in _words().items()}
    own = telling.pop(wanted)
    best = max(telling, key=lambda name: telling[name])
    return best if telling[best] >= max(_TELLING, 2 * own + _MARGIN if own else 0) else ""


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    found = tomllib.loads((RULES / "languages.toml").read_text())
    return {name: frozenset(text.split()) for name, text in found.items()}
