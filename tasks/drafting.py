"""How a text is proposed: by the model or from the template, checked, repaired once, and sent where it belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import select

from bridge import copies, review, texts
from bridge.ai import checks, spend
from bridge.ai.client import Prompt, Unusable
from bridge.catalog import Draft, Product, Verdict, fingerprint
from bridge.models import DraftRow, Subject
from bridge.shops import Policy
from tasks.kinds import Brief, Desk, Proposal

FILLED = "Every text is filled already. Ask for a new one if you like."
UNCHANGED = "Nothing that a text rests on has changed."
NOTHING_NEW = "The facts of this product give no new text."
NO_MODEL = "No model is configured, so the wish could not be followed; the template wrote this."
CAP_REACHED = "This month's spend cap is reached, so this is the template's text."
UNUSABLE = "The model gave no usable answer, so this is the template's text."
NOT_GROUNDED = "The model's text claimed what the facts do not say, so this is the template's."


class Writer(Protocol):
    """What a kind of work that writes texts brings along."""

    PROMPT_VERSION: str

    def fields(self, product: Product, policy: Policy, asked: bool, authors: Mapping[str, str]) -> tuple[str, ...]:
        """The fields that may be written now."""

    def prompt(self, brief: Brief) -> Prompt:
        """What the model is asked. Pure."""

    def read(self, values: dict[str, Any], brief: Brief) -> Draft:
        """The model's values as a draft. Pure."""

    def template(self, brief: Brief) -> Draft:
        """A draft in plain sentences from facts alone. Pure."""


def propose(desk: Desk, writer: Writer) -> Proposal:
    """A checked draft and where it goes; skipped without a token spent when nothing changed or nothing is empty."""
    assert desk.product is not None
    current, asked = desk.product.texts(), bool(desk.job.input.get("asked"))
    with desk.house.db.reading() as session:
        wrote = texts.authors(session, desk.job.subject_id, current)
        before = session.get_one(Subject, desk.job.subject_id).fingerprint
        thread = list(session.scalars(select(DraftRow).where(DraftRow.job_id == desk.job.id).order_by(DraftRow.id)))
    fields = writer.fields(desk.product, desk.live.policy, asked, wrote)
    mark = _fingerprint(desk, writer, fields)
    if not fields:
        return Proposal("skipped", fingerprint=mark, note=FILLED)
    if mark == before and not asked:
        return Proposal("skipped", fingerprint=mark, note=UNCHANGED)
    brief = _brief(desk, fields, thread)
    draft, verdict, note = written(desk, writer, brief)
    if not draft.fields:
        return Proposal("skipped", fingerprint=mark, note=NOTHING_NEW)
    route = review.route(verdict, desk.live.policy, wrote, draft)
    return Proposal(route, draft, verdict, mark, note)


def _fingerprint(desk: Desk, writer: Writer, fields: tuple[str, ...]) -> str:
    """Changes with the facts, the voice, the prompt, the model and what is to be written; not with our own texts."""
    voice = desk.live.voice(desk.facts.locale).fingerprint()
    name = desk.house.model.name if desk.house.model else "template"
    return fingerprint([desk.facts.fingerprint(), voice, writer.PROMPT_VERSION, name, sorted(fields)])


def _brief(desk: Desk, fields: tuple[str, ...], thread: list[DraftRow]) -> Brief:
    assert desk.product is not None
    return Brief(
        product=desk.product,
        facts=desk.facts,
        voice=desk.live.voice(desk.facts.locale),
        policy=desk.live.policy,
        locale=desk.facts.locale,
        fields=fields,
        wish=str(desk.job.input.get("wish", "")),
        earlier=tuple(review.as_draft(row) for row in thread),
    )


def written(desk: Desk, writer: Writer, brief: Brief) -> tuple[Draft, Verdict, str]:
    """The model's draft, repaired once if need be; else the template's. A person sees the better of what remains."""
    if desk.house.model is None:
        return _from_template(desk, writer, brief, NO_MODEL if brief.wish else "")
    try:
        draft, verdict = _ask(desk, writer, brief)
        if verdict.blocked:
            brief = replace(brief, findings=verdict.findings, earlier=(*brief.earlier, draft))
            draft, verdict = _ask(desk, writer, brief)
    except spend.CapReached:
        return _from_template(desk, writer, brief, CAP_REACHED)
    except Unusable as error:
        return _from_template(desk, writer, brief, f"{UNUSABLE} {error}")
    if verdict.blocked:
        return _from_template(desk, writer, brief, NOT_GROUNDED)
    return draft, verdict, ""


def _from_template(desk: Desk, writer: Writer, brief: Brief, note: str) -> tuple[Draft, Verdict, str]:
    draft = writer.template(brief)
    return draft, _checked(desk, draft, brief), note


def _checked(desk: Desk, draft: Draft, brief: Brief) -> Verdict:
    with desk.house.db.reading() as session:
        others = copies.like(session, desk.job.shop_id, desk.job.subject_id, draft)
    return checks.run(draft, brief.facts, brief.voice, others)


def _ask(desk: Desk, writer: Writer, brief: Brief) -> tuple[Draft, Verdict]:
    """One paid call; an unusable answer is asked for once more."""
    assert desk.house.model is not None
    prompt = writer.prompt(brief)
    try:
        answer = spend.ask(desk.house.db, desk.job.shop_id, desk.job.id, desk.house.model, prompt, desk.deadline)
    except Unusable:
        answer = spend.ask(desk.house.db, desk.job.shop_id, desk.job.id, desk.house.model, prompt, desk.deadline)
    draft = replace(writer.read(answer.values, brief), author=answer.model)
    return draft, _checked(desk, draft, brief)
