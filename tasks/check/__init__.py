"""Asks a platform whether a connection works and what it may do; the page and the command line show the result.

Also made every night, which keeps refresh tokens from growing old and brings back webhooks that vanished. What the
platform itself had stopped (an unpaid bill, a permission taken away) goes on by itself once the platform says so; what
a person paused stays paused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from bridge import reconciling, shops
from bridge.errors import AccessLost, AskHuman, Disconnected, GiveUp
from bridge.models import Connection
from connectors.protocol import Health, Subscribed
from tasks.kinds import Desk, Kind, Proposal

_SHOWN = ("ids", "topics", "problems", "declared")  # of the webhooks, on the page


def propose(desk: Desk) -> Proposal:
    """Problems as sentences; none means healthy."""
    try:
        health = desk.house.catalog(desk.live).check(desk.deadline)
    except Disconnected:
        if desk.job.input.get("revoked"):
            raise  # the platform confirms what the webhook hinted: the connection ends here
        health = Health(("The platform no longer accepts us. Connect the shop again.",))
    except AskHuman as error:
        if isinstance(error, AccessLost) and desk.job.input.get("revoked"):
            raise Disconnected(str(error)) from error  # without access and told that the app was removed: it was
        if error.pause:
            _pause(desk, str(error))
        health = Health((str(error),))
    except GiveUp as error:
        health = Health((str(error),))
    else:
        _remember(desk, health)
        return _with_webhooks(desk, health)
    return _said(health.problems)


def _said(problems: Sequence[str], notes: Sequence[str] = ()) -> Proposal:
    return Proposal("skipped", result={"ok": not problems, "lines": list(problems), "notes": list(notes)})


def _with_webhooks(desk: Desk, health: Health) -> Proposal:
    """A connection that works is also looked after: its webhooks come, or somebody knows that they do not."""
    if health.problems:
        return _said(health.problems)
    known = (desk.live.can.get("webhooks") or {}).get("ids") or {}
    try:
        found = desk.house.catalog(desk.live).subscribe(known, desk.deadline)
    except GiveUp as error:
        return _said([str(error)])
    _keep(desk, found)
    notes = []
    if found.vanished:
        names = ", ".join(found.vanished)
        notes.append(f"Webhooks had vanished and were made again ({names}); what they missed is being looked for.")
    if found.corrected:
        notes.append(f"Webhooks went elsewhere and come here again: {', '.join(found.corrected)}.")
    return _said(found.problems, notes)


def _keep(desk: Desk, found: Subscribed) -> None:
    kept = asdict(found)
    with desk.house.db.writing() as session:
        shops.remember(session, desk.live.id, webhooks={name: kept[name] for name in _SHOWN})
        if found.vanished or found.corrected:
            row = session.get_one(Connection, desk.live.id)
            reconciling.ask(session, row, reason="vanished")


def _remember(desk: Desk, health: Health) -> None:
    permissions = [asdict(each) for each in health.permissions]
    with desk.house.db.writing() as session:
        shops.remember(session, desk.live.id, permissions=permissions)
        if not health.problems:
            shops.resume(session, desk.live.id, also_held=False)
    if health.lacking:
        names = ", ".join(each.name for each in health.lacking)
        _pause(desk, f"Work waits, because the app lacks a permission at the shop: {names}.")


def _pause(desk: Desk, problem: str) -> None:
    with desk.house.db.writing() as session:
        shops.pause(session, desk.live.id, problem)


KIND = Kind("check", propose, needs_product=False)
