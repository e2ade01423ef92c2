"""The checks every text passes before anybody sees it. Adding one is a file with ``findings`` and a line in CHECKS."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.ai.checks import bias, copied, grounded, language, lengths, markup, private, risky
from bridge.ai.checks.copied import Other
from bridge.catalog import Draft, Facts, Verdict, Voice

CHECKS = (grounded, private, risky, bias, language, markup, lengths)


def run(draft: Draft, facts: Facts, voice: Voice, others: Sequence[Other] = ()) -> Verdict:
    """All findings of all checks, and which facts support which sentence. ``others`` may not be copied."""
    found = [finding for check in CHECKS for finding in check.findings(draft, facts, voice)]
    found += copied.findings(draft, facts, others)
    return Verdict(tuple(found), grounded.evidence(draft, facts))
