"""What the listing kind brings along: which fields may be written, and the two ways to write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.catalog import ALT, LISTING_FIELDS, TAGS, TITLE, Draft, Product
from bridge.shops import Policy
from bridge.texts import BRIDGE
from tasks.kinds import Brief
from tasks.listing import channels, prompting
from tasks.listing.prompting import PROMPT_VERSION, prompt
from tasks.listing.template import plain_channels, template

__all__ = ["PROMPT_VERSION", "fields", "prompt", "read", "template"]


def fields(product: Product, policy: Policy, asked: bool, authors: Mapping[str, str]) -> tuple[str, ...]:
    """The fields that may be written now: empty ones; ours too where the policy refreshes; any when a person asked.

    A person who asks sees the result before it is written, so a person's own words may be proposed anew.
    """
    current = product.texts()
    return tuple(
        name
        for name in current
        if _is_wanted(name, policy) and (asked or not current[name] or _may_refresh(name, policy, authors))
    )


def read(values: Mapping[str, Any], brief: Brief) -> Draft:
    """The model's values as a draft; texts for other channels that do not hold are replaced by plain words. Pure."""
    draft = prompting.read(values, brief)
    return channels.held_to_the_facts(draft, brief.facts, brief.voice, plain_channels(brief))


def _is_wanted(name: str, policy: Policy) -> bool:
    if name.startswith(ALT):
        return policy.write_alts
    if name == TITLE:
        return policy.write_title
    return name in LISTING_FIELDS and name in policy.fields and (name != TAGS or policy.write_tags)


def _may_refresh(name: str, policy: Policy, authors: Mapping[str, str]) -> bool:
    return not policy.fill_empty_only and authors.get(name) == BRIDGE
