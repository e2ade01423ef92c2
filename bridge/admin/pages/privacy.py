"""Requests of people and shops that want to know what is kept, or to be forgotten: deadlines, exports, reports."""

from __future__ import annotations

import json

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from bridge import privacy, shops
from bridge.admin import paging, scope
from bridge.admin.auth import person
from bridge.admin.desk import desk
from bridge.models import PrivacyRequest

page = Blueprint("privacy", __name__)


@page.get("/privacy")
def index() -> str:
    """All requests, the newest first; the open ones say until when they must be answered."""
    with desk().db.reading() as session:
        wanted = scope.only(select(PrivacyRequest), PrivacyRequest)
        return render_template("admin/privacy.html", page=paging.turn(session, wanted, PrivacyRequest.id))


@page.get("/privacy/<int:request_id>/export.json")
def export(request_id: int) -> Response:
    """What is kept about a person, for the owner of the shop to hand over."""
    with desk().db.writing() as session:
        row = scope.visible(session, PrivacyRequest, request_id)
        if row.export is None:
            abort(404)
        found = desk().vault.open_json(row.export)
        shops.audit(session, "privacy.exported", shop_id=row.shop_id, user_id=person().id, request=row.id)
    text = json.dumps(found, indent=2, ensure_ascii=False)
    name = f"attachment; filename=export-{request_id}.json"
    return Response(text, mimetype="application/json", headers={"Content-Disposition": name})


@page.post("/privacy/<int:request_id>/handed-over")
def handed_over(request_id: int) -> BaseResponse:
    """The customer has the export."""
    with desk().db.writing() as session:
        row = scope.visible(session, PrivacyRequest, request_id)
        done = row.kind == privacy.EXPORT and row.state == privacy.OPEN and row.made_at is not None
        if done:
            privacy.hand_over(session, row)
            shops.audit(session, "privacy.handed_over", shop_id=row.shop_id, user_id=person().id, request=row.id)
    flash(gettext("Noted. This request is done.") if done else gettext("There is nothing to note here."))
    return redirect(url_for("privacy.index"), 303)
