"""Webhooks that were not understood or that nothing acts on, with the reason and a replay."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from bridge import deliveries, reconciling, shops
from bridge.admin import paging, scope
from bridge.admin.auth import person
from bridge.admin.desk import desk
from bridge.models import Delivery

page = Blueprint("deliveries", __name__)


@page.get("/deliveries")
def index() -> str:
    """The unreadable ones, or the ignored ones."""
    state = request.args.get("state", "")
    state = state if state in deliveries.REPLAYABLE else "unreadable"
    with desk().db.reading() as session:
        wanted = scope.only(select(Delivery).where(Delivery.state == state), Delivery)
        turned = paging.turn(session, wanted, Delivery.id)
        outages = reconciling.outages(session) if person().sees_all else []
        return render_template("admin/deliveries.html", page=turned, state=state, outages=outages)


@page.post("/deliveries/<int:delivery_id>/replay")
def replay(delivery_id: int) -> Response:
    """Let it be read once more."""
    with desk().db.writing() as session:
        row = scope.visible(session, Delivery, delivery_id)
        owner = shops.find(session, row.platform, row.account)
        done = deliveries.replay(session, [row.id])
        if done:
            shops.audit(
                session, "delivery.replayed", shop_id=owner.shop_id if owner else None, user_id=person().id,
                delivery=row.id,
            )  # fmt: skip
    flash(gettext("It is read once more now.") if done
          else gettext("This one cannot be replayed: it was read meanwhile, or its content is purged."))  # fmt: skip
    return redirect(url_for("deliveries.index"), 303)
