"""A shop's accounts at the platforms: connect, check, pause, resume, disconnect."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from bridge import reconciling, shops
from bridge.admin import scope
from bridge.admin.auth import person
from bridge.admin.desk import desk
from bridge.admin.forms import Connect
from bridge.admin.languages import say
from bridge.admin.pages.runs import products
from bridge.errors import AskHuman
from bridge.models import Connection, Job, Shop, Subject

page = Blueprint("connections", __name__)

PAUSED_BY_HAND = "Paused by hand."
DISCONNECTED_BY_HAND = "Disconnected by hand."


@page.get("/connections")
def index() -> str:
    """All accounts with their state and the last check."""
    with desk().db.reading() as session:
        rows = session.execute(
            scope.only(select(Connection, Shop).join(Shop, Shop.id == Connection.shop_id), Connection).order_by(
                Shop.name, Connection.id
            )
        ).all()
        found = [_card(session, row, shop) for row, shop in rows]
        moving = [job for card in found for job in (card.check, card.look) if job]
        checking = any(job.state in ("queued", "thinking") for job in moving)
        return render_template("admin/connections.html", found=found, checking=checking)


@dataclass(frozen=True)
class Card:
    """What the page shows of one account."""

    row: Connection
    shop: Shop
    check: Job | None  # the last one
    look: Job | None  # the last look for missed changes
    products: int


def _card(session: Session, row: Connection, shop: Shop) -> Card:
    check, look = (_last(session, row, kind) for kind in ("check", reconciling.KIND))
    return Card(row, shop, check, look, products(session, row.id))


def _last(session: Session, row: Connection, kind: str) -> Job | None:
    subject = select(Subject.id).where(
        Subject.connection_id == row.id, Subject.kind == "connection", Subject.ref == row.account
    )
    newest = select(Job).where(Job.subject_id.in_(subject), Job.kind == kind).order_by(Job.id.desc()).limit(1)
    return session.scalar(newest)


@page.route("/connections/new", methods=["GET", "POST"])
def new() -> str | Response:
    """Connect a store, or give a known one new credentials."""
    form = Connect()
    with desk().db.reading() as session:
        form.shop.choices = [SelectChoice(str(shop.id), shop.name) for shop in scope.shops(session)]
    if form.validate_on_submit():
        try:
            _connect(form)
        except AskHuman as error:
            form.account.errors = [say(str(error))]
        else:
            flash(gettext("Connected. A check is on its way; its result stands here in a moment."))
            return redirect(url_for("connections.index"), 303)
    installable = bool(desk().settings.shopify_client_id and desk().settings.shopify_client_secret)
    return render_template("admin/connect.html", form=form, installable=installable)


def _connect(form: Connect) -> None:
    with desk().db.writing() as session:
        shop = scope.visible(session, Shop, form.shop.data)
        known = shops.find(session, "shopify", form.account.data)
        if known is not None and known.shop_id != shop.id:
            # Who knows a secret of another shop's store must not be able to move it to their own shop.
            raise AskHuman("This store is already connected to another shop.")
        made = shops.connect(session, desk().vault, shop.id, "shopify", form.account.data, form.credentials())
        shops.audit(session, "connection.made", shop_id=shop.id, user_id=person().id, account=made.account)
        shops.check_soon(session, made.id, person().id)


@page.post("/connections/<int:connection_id>/check")
def check(connection_id: int) -> Response:
    """Ask the platform whether it still accepts us."""
    with desk().db.writing() as session:
        row = scope.visible(session, Connection, connection_id)
        asked = shops.check_soon(session, row.id, person().id) if row.status != shops.DISCONNECTED else None
        if asked is not None:
            _audit(session, "connection.checked", row)
    flash(gettext("The check is on its way.") if asked else gettext("A check is already waiting, or cannot be made."))
    return redirect(url_for("connections.index"), 303)


@page.post("/connections/<int:connection_id>/look")
def look(connection_id: int) -> Response:
    """Look for changes that no webhook told."""
    with desk().db.writing() as session:
        row = scope.visible(session, Connection, connection_id)
        connected = row.status == shops.CONNECTED
        asked = reconciling.ask(session, row, user_id=person().id, reason="asked") if connected else None
        if asked is not None:
            _audit(session, "connection.looked_through", row)
    flash(gettext("The look is on its way.") if asked else gettext("A look is already waiting, or cannot be made."))
    return redirect(url_for("connections.index"), 303)


@page.post("/connections/<int:connection_id>/pause")
def pause(connection_id: int) -> Response:
    """Let all work of an account wait."""
    with desk().db.writing() as session:
        row = scope.visible(session, Connection, connection_id)
        if row.status == shops.CONNECTED:
            shops.pause(session, row.id, PAUSED_BY_HAND, held=True)
            _audit(session, "connection.paused", row)
    flash(gettext("Paused. Its work waits until you resume it."))
    return redirect(url_for("connections.index"), 303)


@page.post("/connections/<int:connection_id>/resume")
def resume(connection_id: int) -> Response:
    """Work goes on."""
    with desk().db.writing() as session:
        row = scope.visible(session, Connection, connection_id)
        if row.status == shops.PAUSED:
            shops.resume(session, row.id)
            _audit(session, "connection.resumed", row)
    flash(gettext("Resumed. Waiting work goes on."))
    return redirect(url_for("connections.index"), 303)


@page.post("/connections/<int:connection_id>/disconnect")
def disconnect(connection_id: int) -> Response:
    """Destroy the credentials and cancel what waits."""
    with desk().db.writing() as session:
        row = scope.visible(session, Connection, connection_id)
        gone = 0
        if row.status != shops.DISCONNECTED:
            gone = shops.disconnect(session, row.id, DISCONNECTED_BY_HAND)
            _audit(session, "connection.ended", row)
    flash(
        ngettext(
            "Disconnected. Its credentials are destroyed and %(num)s waiting job is cancelled.",
            "Disconnected. Its credentials are destroyed and %(num)s waiting jobs are cancelled.",
            gone,
        )
    )
    return redirect(url_for("connections.index"), 303)


def _audit(session: Session, action: str, row: Connection) -> None:
    shops.audit(session, action, shop_id=row.shop_id, user_id=person().id, account=row.account)
