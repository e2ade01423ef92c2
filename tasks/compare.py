"""Holds what stands on the platform against what a draft was written for: write, already there, or conflict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.catalog import TAGS, Draft, join_tags, split_tags
from bridge.journal import Change


@dataclass(frozen=True)
class Comparison:
    """Every field of a draft lands in exactly one of the three."""

    to_write: tuple[Change, ...]
    already: tuple[Change, ...]
    conflicts: Mapping[str, tuple[Change, str]]  # field -> (change, the merchant's text)


def compare(draft: Draft, current: Mapping[str, str]) -> Comparison:
    """theirs = base → write; theirs = ours → already there; anything else is somebody's edit and stays."""
    to_write, already, conflicts = [], [], {}
    for name, ours in draft.fields.items():
        theirs = current.get(name, "")
        if name == TAGS:
            theirs, ours = theirs, _tags(draft.base.get(name, ""), ours, theirs)
        change = Change(name, theirs, ours)
        if theirs == ours:
            already.append(change)
        elif name == TAGS or theirs == draft.base.get(name, ""):
            to_write.append(change)
        else:
            conflicts[name] = (Change(name, draft.base.get(name, ""), ours), theirs)
    return Comparison(tuple(to_write), tuple(already), conflicts)


def _tags(base: str, ours: str, theirs: str) -> str:
    """Tags are added or taken away one by one, so the merchant's other tags are never in conflict."""
    before, after = set(split_tags(base)), set(split_tags(ours))
    return join_tags(tuple((set(split_tags(theirs)) | (after - before)) - (before - after)))
