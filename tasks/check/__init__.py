"""Asks a platform whether a connection works and what it may do; the page and the command line show the result.

Also made every night, which keeps refresh tokens from growing old. What the platform itself had stopped (an unpaid
bill, a permission taken away) goes on by itself once the platform says so; what a person paused stays paused.
"""

from __future__ import annotations

from dataclasses import asdict

from bridge import shops
from bridge.errors import AccessLost, AskHuman, Disconnected, GiveUp
from connectors.protocol import Health
from tasks.kinds import Desk, Kind, Proposal


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
    return Proposal("skipped", result={"ok": not health.problems, "lines": list(health.problems)})


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
