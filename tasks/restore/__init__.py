"""A merchant's edits that our write ran over in the gap between read and write: offered back with one click.

The merchant's own webhook brought them to light. Whether our text or theirs is live now, only the platform knows.
"""

from __future__ import annotations

from bridge import journal
from bridge.catalog import Draft
from bridge.errors import TryLater
from bridge.models import Write
from tasks.kinds import Desk, Kind, Proposal


def propose(desk: Desk) -> Proposal:
    """Theirs as a draft for review wherever ours stands now; nothing where theirs survived."""
    assert desk.product is not None
    live, theirs = desk.product.texts(), {}
    with desk.house.db.writing() as session:
        for edit in desk.job.input["edits"]:
            row = session.get_one(Write, edit["write_id"])
            if row.state == "intended":
                raise TryLater("The write that may have run over an edit is still under way.", after=1, counts=False)
            if journal.is_ours(row, live.get(row.field, "")):
                row.state, row.theirs = "overwrote", edit["theirs"]
                theirs[row.field] = edit["theirs"]
    if not theirs:
        return Proposal("skipped", note="The merchant's edit is live; our write did not run over it.")
    draft = Draft(desk.facts.locale, {name: live[name] for name in theirs}, theirs, "merchant")
    return Proposal("review", draft, note="This text was changed at the shop while we were writing ours.")


KIND = Kind("restore", propose)
