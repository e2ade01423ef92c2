"""The checks every text passes before anybody sees it. Adding one is a file with ``findings`` and a line in CHECKS."""

from __future__ import annotations

from bridge.ai.checks import bias, grounded, language, lengths, markup, private, risky
from bridge.catalog import Draft, Facts, Verdict, Voice

CHECKS = (grounded, private, risky, bias, language, markup, lengths)


def run(draft: Draft, facts: Facts, voice: Voice) -> Verdict:
    """All findings of all checks, and which facts support which sentence."""
    found = [finding for check in CHECKS for finding in check.findings(draft, facts, voice)]
    return Verdict(tuple(found), grounded.evidence(draft, facts))
