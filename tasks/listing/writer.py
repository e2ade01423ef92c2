"""What the listing kind brings along: which fields may be written, and the two ways to write them."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.catalog import ALT, LISTING_FIELDS, TAGS, TITLE, Product
from bridge.shops import Policy
from bridge.texts import BRIDGE
from tasks.listing.prompting import PROMPT_VERSION, prompt, read
from tasks.listing.template import template

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


def _is_wanted(name: str, policy: Policy) -> bool:
    if name.startswith(ALT):
        return policy.write_alts
    if name == TITLE:
        return policy.write_title
    return name in LISTING_FIELDS and name in policy.fields and (name != TAGS or policy.write_tags)


def _may_refresh(name: str, policy: Policy, authors: Mapping[str, str]) -> bool:
    return not policy.fill_empty_only and authors.get(name) == BRIDGE
