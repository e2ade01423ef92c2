"""Puts earlier texts back that a person chose from a product's history."""

from __future__ import annotations

from bridge.catalog import Draft
from bridge.models import FieldText
from tasks.kinds import Desk, Kind, Proposal


def propose(desk: Desk) -> Proposal:
    """A person asked for it, so it is approved; what stands there now is compared once more before the write."""
    assert desk.product is not None
    current = desk.product.texts()
    with desk.house.db.reading() as session:
        chosen = [session.get(FieldText, text_id) for text_id in desk.job.input["texts"]]
    mine = [row for row in chosen if row is not None and row.subject_id == desk.job.subject_id]
    fields = {row.field: row.value for row in mine if row.field in current and row.value != current[row.field]}
    if not fields:
        return Proposal("skipped", note="These texts are in the shop already.")
    draft = Draft(desk.facts.locale, {name: current[name] for name in fields}, fields, "history")
    return Proposal("approved", draft)


KIND = Kind("revert", propose)
