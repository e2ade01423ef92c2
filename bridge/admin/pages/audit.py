"""Who did what."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import select

from bridge.admin import paging, scope
from bridge.admin.desk import desk
from bridge.models import Audit, Shop, User

page = Blueprint("audit", __name__)


@page.get("/audit")
def index() -> str:
    """The newest deeds first."""
    with desk().db.reading() as session:
        wanted = (
            select(Audit, User.name, Shop.name)
            .outerjoin(User, User.id == Audit.user_id)
            .outerjoin(Shop, Shop.id == Audit.shop_id)
        )
        found = paging.turn(session, scope.only(wanted, Audit), Audit.id)
        return render_template("admin/audit.html", page=found)
