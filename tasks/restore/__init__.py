"""A merchant's edit that our write ran over in the gap between read and write: offered back with one click.

The merchant's own webhook brought it to light. Whether our text or theirs is live now, only the platform knows.
"""

from __future__ import annotations

from bridge import journal
from bridge.catalog import Draft
from bridge.errors import TryLater
from bridge.models import Write
from tasks.kinds import Desk, Kind, Proposal


def propose(desk: Desk) -> Proposal:
    """Theirs as a draft for review when ours stands there now; nothing when theirs survived."""
    assert desk.product is not None
    with desk.house.db.writing() as session:
        row = session.get_one(Write, desk.job.input["write_id"])
        if row.state == "intended":
            raise TryLater("The write that may have run over an edit is still under way.", after=1, counts=False)
        live = desk.product.texts().get(row.field, "")
        if not journal.is_ours(row, live):
            return Proposal("skipped", note="The merchant's edit is live; our write did not run over it.")
        row.state, row.theirs = "overwrote", desk.job.input["theirs"]
    draft = Draft(row.locale, {row.field: live}, {row.field: row.theirs or ""}, "merchant")
    return Proposal("review", draft, note="This text was changed at the shop while we were writing ours.")


KIND = Kind("restore", propose)
