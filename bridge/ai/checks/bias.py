"""Wording that shuts people out or puts them into a drawer, German and English."""

from __future__ import annotations

from bridge.ai.checks import phrases
from bridge.catalog import Draft, Facts, Finding, Voice


def findings(draft: Draft, facts: Facts, voice: Voice) -> tuple[Finding, ...]:
    """One finding for every such wording; rules/bias.toml has them, with what to say instead."""
    return tuple(phrases.findings("bias", draft, facts))
