"""How a model is asked for the texts of a listing, and how its answer becomes a draft."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from bridge.ai.checks import markup
from bridge.ai.checks.elements import plain
from bridge.ai.client import Prompt
from bridge.catalog import (
    ALT,
    CHANNELS,
    DESCRIPTION,
    SEO_DESCRIPTION,
    SEO_TITLE,
    TAGS,
    TITLE,
    Draft,
    Voice,
    fingerprint,
    join_tags,
    split_tags,
)
from tasks.kinds import Brief
from tasks.listing import channels, keeping, schemas

_TEXT = Path(__file__).with_name("prompt.md").read_text(encoding="utf-8")
PROMPT_VERSION = f"1-{fingerprint(_TEXT)[:8]}"

# Names that leave no doubt, with what a careful writer must know.
_LANGUAGES = {
    "de": "German",
    "de-AT": "German as written in Austria",
    "de-CH": "German as written in Switzerland (ss instead of ß)",
    "en": "English",
    "en-GB": "British English",
    "en-US": "American English",
    "fr": "French",
    "it": "Italian",
    "es": "Spanish",
    "nl": "Dutch",
    "pl": "Polish",
    "da": "Danish",
    "sv": "Swedish",
    "pt": "Portuguese",
}
# Generous: an answer that is cut off is paid for and useless. A German word is about two tokens.
_TOKENS = {DESCRIPTION: 600, SEO_TITLE: 120, SEO_DESCRIPTION: 250, TITLE: 150, TAGS: 250}
_TOKENS_PER_WORD, _TOKENS_PER_ALT, _TOKENS_FOR_FORM = 4, 120, 300
_EARLIER_SHOWN = 2
_REPAIR = "The last of the earlier texts has these problems. Write it again without them: take out what no fact says."
_FOLLOW = "A person of the shop asks for this change. Follow it as far as the facts and the rules allow."


def prompt(brief: Brief) -> Prompt:
    """What the model is asked: our rules and the shop's voice first, then the data. Pure."""
    language = _LANGUAGES.get(brief.locale) or _LANGUAGES.get(brief.locale.split("-")[0]) or brief.locale
    system = Template(_TEXT).substitute(language=f"{language} ({brief.locale})", voice=_voice(brief.voice))
    return Prompt("listing", PROMPT_VERSION, system, _user(brief), schemas.answer(brief.fields), _tokens(brief))


def read(values: Mapping[str, Any], brief: Brief) -> Draft:
    """The model's values as a draft: cleaned, with everything of the present text that must stay. Pure."""
    base = brief.product.texts()
    texts = {name: _text(name, values, brief, base[name]) for name in brief.fields}
    changed = {name: text for name, text in texts.items() if text and text != base[name]}
    elsewhere = channels.read(values, _line) if DESCRIPTION in brief.fields else {}
    return Draft(brief.locale, {name: base[name] for name in changed}, changed, "model", elsewhere)


def _text(name: str, values: Mapping[str, Any], brief: Brief, base: str) -> str:
    if name == DESCRIPTION:
        return keeping.keep(markup.clean(values[name]).strip(), base)
    if name == TAGS:
        return add_tags(base, [_line(tag) for tag in values[name]])
    if name.startswith(ALT):
        refs = short_refs(brief)
        return next((_line(each["alt"]) for each in values[schemas.ALTS] if refs.get(each["ref"]) == name), "")
    return _line(values[name])


def _line(text: str) -> str:
    """One line without control characters; entities that a model wrote into plain text become letters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in html.unescape(text)).split())


def add_tags(base: str, new: Sequence[str]) -> str:
    """The present tags, and the new ones that are not among them in other capitals."""
    present = split_tags(base)
    known = {tag.casefold() for tag in present}
    for tag in (part.strip() for given in new for part in given.split(",")):
        if tag and tag.casefold() not in known:
            known.add(tag.casefold())
            present.append(tag)
    return join_tags(present) if known != {tag.casefold() for tag in split_tags(base)} else base


def short_refs(brief: Brief) -> dict[str, str]:
    """Short names for images, which a model copies without a slip: "1" -> "alt:gid://…"."""
    alts = [name for name in brief.fields if name.startswith(ALT)]
    return {str(number): name for number, name in enumerate(alts, 1)}


def _voice(voice: Voice) -> str:
    lines = [
        ("You speak as", voice.role),
        ("You speak to", voice.audience),
        ("Tone", voice.tone),
        ("Say to the customer", f"{voice.address}, never {_other(voice)}" if voice.locale.startswith("de") else ""),
        ("Never use the words", ", ".join(voice.forbidden)),
        ("Say it like this", "; ".join(f"“{right}”, never “{wrong}”" for wrong, right in voice.glossary.items())),
        ("Length of the description", "{} to {} words".format(*voice.description_words)),
        ("Length of the SEO title", f"at most {voice.seo_title_chars} characters"),
        ("Length of the SEO description", f"at most {voice.seo_description_chars} characters"),
        ("Length of an alternative text", f"at most {voice.alt_chars} characters"),
    ]
    return "\n".join(f"{label}: {' '.join(text.split())}" for label, text in lines if text)


def _other(voice: Voice) -> str:
    return "du" if voice.address == "Sie" else "Sie"


def _user(brief: Brief) -> str:
    facts = {fact.key: {"label": fact.label, "value": plain(fact.value).strip()} for fact in brief.facts.items}
    texts = brief.product.texts()
    present = {name: plain(texts[name]).strip() for name in brief.fields if texts[name]}
    names = sorted({schemas.ALTS if name.startswith(ALT) else name for name in brief.fields})
    names += CHANNELS if DESCRIPTION in names else ()
    parts = [_block("facts", facts)]
    if schemas.ALTS in names:
        parts.append(_block("images", [{"ref": ref} for ref in short_refs(brief)]))
    if present:
        parts.append(_block("present", present))
    parts += _thread(brief)
    parts.append(f"Write these fields: {', '.join(names)}.")
    return "\n\n".join(parts)


def _thread(brief: Brief) -> list[str]:
    """What was written before, what is wrong with it, and what a person wishes."""
    parts = []
    if brief.earlier:
        parts.append(_block("earlier", [dict(draft.fields) for draft in brief.earlier[-_EARLIER_SHOWN:]]))
    if brief.findings:
        found = [{"field": each.field, "words": each.quote, "problem": each.text()} for each in brief.findings]
        parts.append(_block("findings", found))
        parts.append(_REPAIR)
    if brief.wish:
        parts.append(_block("wish", brief.wish))
        parts.append(_FOLLOW)
    return parts


def _block(name: str, data: object) -> str:
    """Data between tags. No value can close the block: angle brackets are written as JSON escapes."""
    written = json.dumps(data, ensure_ascii=False, indent=1)
    for letter, escape in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028")):
        written = written.replace(letter, escape)
    return f"<{name}>\n{written}\n</{name}>"


def _tokens(brief: Brief) -> int:
    alts = sum(name.startswith(ALT) for name in brief.fields)
    description = brief.voice.description_words[1] * _TOKENS_PER_WORD if DESCRIPTION in brief.fields else 0
    rest = sum(_TOKENS.get(name, 0) for name in brief.fields)
    return _TOKENS_FOR_FORM + description + rest + alts * _TOKENS_PER_ALT
