"""Shows the exact mutations a job would send now, and sends none."""

from __future__ import annotations

from bridge import journal, review
from bridge.errors import AskHuman
from bridge.models import DraftRow, Job
from tasks.compare import compare
from tasks.kinds import Desk, Kind, Proposal


def propose(desk: Desk) -> Proposal:
    """The calls, their cost, and how each field stands."""
    assert desk.product is not None
    with desk.house.db.reading() as session:
        asked = session.get_one(Job, desk.job.input["job_id"])
        if asked.draft_id is None:
            raise AskHuman("This job has no draft yet.")
        draft = review.as_draft(session.get_one(DraftRow, asked.draft_id))
    found = compare(draft, desk.product.texts())
    calls = desk.house.catalog(desk.live).calls(desk.product, found.to_write, journal.new_intent())
    fields = {change.field: _state("write", change, change.before) for change in found.to_write}
    fields |= {change.field: _state("already", change, change.after) for change in found.already}
    fields |= {name: _state("conflict", change, theirs) for name, (change, theirs) in found.conflicts.items()}
    shown = [{"operation": c.text, "variables": dict(c.variables), "fields": list(c.fields)} for c in calls]
    return Proposal("skipped", result={"calls": shown, "fields": fields, "cost": sum(call.cost for call in calls)})


def _state(state: str, change: journal.Change, theirs: str) -> dict[str, str]:
    return {"state": state, "base": change.before, "ours": change.after, "theirs": theirs}


KIND = Kind("dry_run", propose)
