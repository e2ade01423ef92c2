"""Shows how a product would read in a voice that nobody has saved yet. Writes nothing, changes nothing."""

from __future__ import annotations

from dataclasses import replace

from bridge.catalog import DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, plain
from tasks import drafting
from tasks.kinds import Brief, Desk, Kind, Proposal
from tasks.listing import writer

FIELDS = (DESCRIPTION, SEO_TITLE, SEO_DESCRIPTION)


def propose(desk: Desk) -> Proposal:
    """The texts of one product in the voice that came with the job, with what the checks say about them."""
    assert desk.product is not None
    locale = str(desk.job.input["locale"])
    live = replace(desk.live, voices={**desk.live.voices, locale: desk.job.input["voice"]})
    facts = replace(desk.facts, locale=locale)
    blank = replace(desk.product, description="", seo_title="", seo_description="")
    brief = Brief(blank, facts, live.voice(locale), live.policy, locale, FIELDS)
    draft, verdict, note = drafting.written(replace(desk, live=live, facts=facts), writer, brief)
    findings = [plain(finding) for finding in verdict.findings]
    return Proposal(
        "skipped", result={"texts": dict(draft.fields), "author": draft.author, "findings": findings}, note=note
    )


KIND = Kind("preview", propose)
