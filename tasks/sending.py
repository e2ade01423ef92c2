"""Puts changes on the platform, one call at a time: the intent is stored, the call made, the outcome stored.

Whatever dies in between, the journal says what may have happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bridge import jobs, journal
from bridge.catalog import Product
from bridge.deadline import Deadline
from bridge.errors import StorebridgeError, TryLater, Unclear
from bridge.jobs import Claim
from bridge.journal import Change
from bridge.models import Shop
from connectors.protocol import Call, Catalog, Writing
from tasks.compare import Comparison
from tasks.house import House

CALL_SECONDS = 10.0  # what must be left of the deadline before a call may start
STOPPED = "All writes of this shop are stopped."

Conflicts = dict[str, tuple[Change, str]]  # field -> (our change, the merchant's text)


class LostClaim(Exception):
    """The lease ran out and somebody else has the job now: stop, touch nothing."""


@dataclass(frozen=True)
class Sender:
    """One job's writes: what was read when, for whom, and until when it may take."""

    house: House
    claim: Claim
    catalog: Catalog
    writing: Writing
    product: Product  # as it was just read
    read_at: int  # ms, a moment before that read
    locale: str
    deadline: Deadline

    def settle_unclear(self) -> None:
        """Calls whose answer never came: what stands on the platform now decides whether they happened."""
        with self.house.db.reading() as session:
            if not journal.open_intents(session, self.claim.job.id):
                return
        with self.house.db.writing() as session:
            for intent, rows in journal.open_intents(session, self.claim.job.id).items():
                changes = [Change(row.field, row.before, row.after) for row in rows]
                if self.catalog.holds(self.product, intent, changes):
                    journal.confirm(session, intent, self.product.texts(), self.product.updated_at)
                else:
                    journal.refuse(session, intent)

    def send(self, found: Comparison) -> Comparison:
        """Make every call; fields that were edited since the read join the conflicts instead."""
        return Comparison(found.to_write, found.already, {**found.conflicts, **self._send_all(found.to_write)})

    def _send_all(self, changes: Sequence[Change]) -> Conflicts:
        conflicts: Conflicts = {}
        intent = journal.new_intent()
        for call in self.catalog.calls(self.product, changes, intent):
            mine = [change for change in changes if change.field in call.fields]
            # The id that travels is the one of the call that carries it; the others only need ids of their own.
            late = self._send(call, mine, intent if call.carries_intent else journal.new_intent())
            if late:  # nothing was sent: what was not edited goes in a call of its own
                conflicts.update(late)
                conflicts.update(self._send_all([change for change in mine if change.field not in late]))
        return conflicts

    def _send(self, call: Call, changes: Sequence[Change], intent: str) -> Conflicts:
        self.deadline.check(CALL_SECONDS)
        with self.house.db.writing() as session:
            if not jobs.extend_lease(session, self.claim, self.house.lease_ms):
                raise LostClaim
            if session.get_one(Shop, self.claim.job.shop_id).writes_stopped:
                raise TryLater(STOPPED, after=30, counts=False)
            late = self._late_edits(session, changes)
            if late:
                return late  # announced between our read and now
            journal.intend(session, self.claim.job, intent, changes, self.locale, self.read_at)
        try:
            written = self.writing.write(call)
        except Unclear:
            raise
        except StorebridgeError:
            with self.house.db.writing() as session:
                journal.refuse(session, intent)
            raise
        with self.house.db.writing() as session:
            journal.confirm(session, intent, written.texts, written.updated_at)
        return {}

    def _late_edits(self, session: Session, changes: Sequence[Change]) -> Conflicts:
        late = journal.edits_since(session, self.claim.job.subject_id, changes, self.read_at)
        return {change.field: (change, late[change.field]) for change in changes if change.field in late}
