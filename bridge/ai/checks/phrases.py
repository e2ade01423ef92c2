"""Rules that are data: words that must not stand unexamined, why, by which law, and in which countries.

A rule file is TOML; adding a rule is adding a paragraph there. A pattern is words as people write them: a star stands
for any ending, "…" for a few words in between.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bridge.ai.checks.lengths import shown
from bridge.catalog import Draft, Facts, Finding, Severity

RULES = Path(__file__).parent / "rules"

# Whose law holds for a text in this language; a language alone may be read in any of its countries.
_COUNTRIES = {
    "de": {"DE", "AT", "EU"},
    "de-DE": {"DE", "EU"},
    "de-AT": {"AT", "EU"},
    "de-CH": {"CH"},
    "en": {"GB", "US", "EU"},
    "en-GB": {"GB"},
    "en-IE": {"EU"},
    "en-US": {"US"},
}
_HIDDEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")  # soft hyphens and the like would split a word unseen
_MILDER: dict[str, Severity] = {"block": "person", "person": "hint", "hint": "hint"}


@dataclass(frozen=True)
class Rule:
    """One paragraph of a rule file."""

    id: str
    severity: Severity
    why: str  # English, with %(words)s; in the catalogue of translations
    source: str  # address of the law or guidance
    pattern: re.Pattern[str]
    countries: frozenset[str]  # empty: everywhere
    better: str


@lru_cache
def rules(name: str) -> tuple[Rule, ...]:
    """The rules of a file. Raises KeyError for a rule that lacks something."""
    found = tomllib.loads((RULES / f"{name}.toml").read_text())["rule"]
    return tuple(
        Rule(
            each["id"], each["severity"], each["why"], each["source"], _compiled(each["patterns"]),
            frozenset(each.get("countries", ())), each.get("better", ""),
        )
        for each in found
    )  # fmt: skip


def findings(check: str, draft: Draft, facts: Facts) -> Iterator[Finding]:
    """What the rules of a check say about the fields of a draft, each place once.

    Words that the shop itself uses in a fact are the shop's own claim: a person still sees them, no more.
    """
    here = countries(draft.locale)
    own = " ".join(fact.value for fact in facts.items).casefold()
    for name, text in draft.fields.items():
        plain = _HIDDEN.sub("", shown(name, text))
        seen: set[str] = set()
        for rule in rules(check):
            if rule.countries and not rule.countries & here:
                continue
            for match in rule.pattern.finditer(plain):
                words = match.group().strip()
                if words.casefold() in seen:
                    continue
                seen.add(words.casefold())
                severity = _MILDER[rule.severity] if words.casefold() in own else rule.severity
                args = {"words": words, "source": rule.source} | ({"better": rule.better} if rule.better else {})
                yield Finding(check, severity, name, rule.why, args, words, rule.id)


def countries(locale: str) -> set[str]:
    """The countries whose rules hold for a locale; none for a language without rules."""
    return _COUNTRIES.get(locale) or _COUNTRIES.get(locale.split("-")[0], set())


def _compiled(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_one(each)})" for each in patterns), re.IGNORECASE)


def _one(pattern: str) -> str:
    found = (
        re.escape(pattern)
        .replace(r"\*", r"\w*")
        .replace(r"\ …\ ", r"(?:\s+\w+){1,4}\s+")
        .replace(r"\ ", r"[\s\u00a0-]+")
    )
    before = r"(?<!\w)" if re.match(r"\w", pattern) else ""
    after = r"(?!\w)" if re.search(r"[\w*]$", pattern) else ""
    return before + found + after
