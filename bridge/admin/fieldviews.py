"""One field of a draft as a page shows it: what stands in the shop, what is proposed, and what supports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bridge.admin import diff, preview, words
from bridge.admin.languages import say_finding
from bridge.admin.preview import Mark
from bridge.catalog import ALT, DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, TITLE, Voice
from bridge.models import DraftRow

ORDER = (TITLE, DESCRIPTION, SEO_TITLE, SEO_DESCRIPTION, TAGS)


@dataclass(frozen=True)
class FindingView:
    """One objection of a check."""

    id: str
    severity: str
    check: str
    text: str
    quote: str
    source: str = ""  # address of the law or guidance behind it


@dataclass(frozen=True)
class EvidenceView:
    """One sentence and the facts it rests on."""

    id: str
    sentence: str
    facts: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class FieldView:
    """Everything about one field."""

    name: str
    label: str
    base: str
    proposed: str
    is_html: bool
    limit: int
    change: Markup
    shown: Markup
    old_shown: Markup
    findings: tuple[FindingView, ...]
    evidence: tuple[EvidenceView, ...]

    @property
    def was_empty(self) -> bool:
        """True when nothing stands in the shop now."""
        return not self.base.strip()

    @property
    def length(self) -> int:
        """Characters, as a platform counts them."""
        return len(self.proposed)


def of_draft(row: DraftRow, voice: Voice) -> list[FieldView]:
    """The fields of a draft in reading order."""
    names = sorted(row.fields, key=_place)
    pictures = [name for name in names if name.startswith(ALT)]
    return [_view(row, name, voice, pictures.index(name) + 1 if name in pictures else 0) for name in names]


def _place(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _view(row: DraftRow, name: str, voice: Voice, number: int) -> FieldView:
    base, proposed = str(row.base.get(name, "")), str(row.fields[name])
    key = f"{row.id}-{name.replace(':', '-').replace('/', '-')}"
    findings = tuple(
        _finding(f"finding-{key}-{place}", item) for place, item in enumerate(row.findings) if item.get("field") == name
    )
    evidence = _evidence(row, name, key)
    html = name == DESCRIPTION
    old, new = (preview.plain(base), preview.plain(proposed)) if html else (base, proposed)
    return FieldView(
        name=name,
        label=words.field(name, number),
        base=base,
        proposed=proposed,
        is_html=html,
        limit=_limit(name, voice),
        change=diff.words(old, new),
        shown=preview.shown(proposed, html, _marks(findings, evidence)),
        old_shown=preview.shown(base, html),
        findings=findings,
        evidence=evidence,
    )


def _finding(key: str, item: Mapping[str, Any]) -> FindingView:
    severity, check, quote = (str(item.get(name, "")) for name in ("severity", "check", "quote"))
    source = str((item.get("args") or {}).get("source", ""))
    return FindingView(key, severity, check, say_finding(item), quote, source if source.startswith("https://") else "")


def _evidence(row: DraftRow, name: str, key: str) -> tuple[EvidenceView, ...]:
    facts = {fact["key"]: fact for fact in row.facts}
    return tuple(
        EvidenceView(f"source-{key}-{place}", item["sentence"], tuple(facts[k] for k in item["facts"] if k in facts))
        for place, item in enumerate(row.evidence)
        if item.get("field") == name
    )


def _marks(findings: tuple[FindingView, ...], evidence: tuple[EvidenceView, ...]) -> list[Mark]:
    """Objections first: where both meet, the objection is what a person must see."""
    serious = [
        Mark(item.quote, item.severity, item.id + "-mark", f"{words.SEVERITIES[item.severity][0]}: {item.text}")
        for item in findings
        if item.quote and item.severity in words.SEVERITIES
    ]
    known = [Mark(item.sentence, "fact", item.id + "-mark", _sources(item)) for item in evidence if item.facts]
    return serious + known


def _sources(item: EvidenceView) -> str:
    return " · ".join(f"{words.fact(fact['label'])}: {preview.plain(fact['value'])[:120]}" for fact in item.facts)


def _limit(name: str, voice: Voice) -> int:
    limits = {SEO_TITLE: voice.seo_title_chars, SEO_DESCRIPTION: voice.seo_description_chars}
    return voice.alt_chars if name.startswith(ALT) else limits.get(name, 0)
