"""The first page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from bridge import shops
from bridge.admin import guide, overview, scope
from bridge.admin.auth import person
from bridge.admin.desk import desk
from bridge.models import Shop

page = Blueprint("overview", __name__)


@page.get("/")
def index() -> str:
    """What waits for you."""
    with desk().db.reading() as session:
        return render_template("admin/overview.html", view=overview.gather(session, desk()), steps=guide.steps(session))


@page.post("/shops/<int:shop_id>/writes")
def writes(shop_id: int) -> Response:
    """The one switch: stop or allow all writing of a shop."""
    stopped = request.form.get("stopped") == "yes"
    with desk().db.writing() as session:
        shop = scope.visible(session, Shop, shop_id)
        shops.stop_writes(session, shop.id, stopped, person().id)
    if stopped:
        flash(gettext("Writing is stopped for %(shop)s. Approved texts wait until you allow it again.", shop=shop.name))
    else:
        flash(gettext("Writing is allowed again for %(shop)s. Approved texts go out now.", shop=shop.name))
    return redirect(url_for("overview.index"), 303)
