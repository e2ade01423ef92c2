"""Asks a platform whether a connection works; the page and the command line show the result."""

from __future__ import annotations

from bridge.errors import AskHuman, Disconnected, GiveUp
from tasks.kinds import Desk, Kind, Proposal


def propose(desk: Desk) -> Proposal:
    """Problems as sentences; none means healthy."""
    try:
        problems = desk.house.catalog(desk.live).check(desk.deadline)
    except Disconnected:
        if desk.job.input.get("revoked"):
            raise  # the platform confirms what the webhook hinted: the connection ends here
        problems = ["The platform no longer accepts us. Connect the shop again."]
    except (AskHuman, GiveUp) as error:
        problems = [str(error)]
    return Proposal("skipped", result={"ok": not problems, "lines": problems})


KIND = Kind("check", propose, needs_product=False)
