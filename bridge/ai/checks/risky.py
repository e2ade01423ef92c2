"""Risky claims: superlatives, tests, health, environment, pressure; by country, each with its source of law."""

from __future__ import annotations

from bridge.ai.checks import phrases
from bridge.catalog import Draft, Facts, Finding, Voice


def findings(draft: Draft, facts: Facts, voice: Voice) -> tuple[Finding, ...]:
    """One finding for every claim that needs a proof; rules/claims.toml has them."""
    return tuple(phrases.findings("claims", draft, facts))
