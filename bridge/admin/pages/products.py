"""Products: how good their texts are, what was written when, and the way back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bridge import history, quality
from bridge.admin import paging, scope
from bridge.admin.auth import person
from bridge.admin.desk import desk
from bridge.admin.languages import say
from bridge.errors import AskHuman
from bridge.models import DraftRow, Job, Shop, Subject

page = Blueprint("products", __name__)


@page.get("/products")
def index() -> str:
    """All products with the state of their texts."""
    with desk().db.reading() as session:
        found = paging.turn(session, _wanted(), Subject.id)
        listed = [(row, shop, quality.points(row.points)) for row, shop in found.rows]
        return render_template(
            "admin/products.html", page=found, listed=listed, chosen=_chosen(), bands=_bands(session),
            shops=scope.shops(session),
        )  # fmt: skip


def _chosen() -> dict[str, str]:
    given = {name: request.args.get(name, "").strip()[:200] for name in ("texts", "q", "shop")}
    return {name: text for name, text in given.items() if text}


def _products() -> Any:
    return (Subject.kind == "product", Subject.deleted_at.is_(None))


def _wanted() -> Any:
    chosen = _chosen()
    joined = select(Subject, Shop).join(Shop, Shop.id == Subject.shop_id).where(*_products())
    found = scope.only(joined, Subject)
    if chosen.get("texts") in quality.BANDS:
        least, below = quality.BANDS[chosen["texts"]]
        found = found.where(Subject.quality >= least, Subject.quality < below)
    elif chosen.get("texts") == "unknown":
        found = found.where(Subject.quality.is_(None))
    return found.where(Subject.title.icontains(chosen["q"], autoescape=True)) if "q" in chosen else found


def _bands(session: Session) -> dict[str, int]:
    """How many products there are in each band."""
    counted = select(Subject.quality, func.count()).where(*_products()).group_by(Subject.quality)
    found = dict.fromkeys((*quality.BANDS, "unknown"), 0)
    for value, number in session.execute(scope.only(counted, Subject)):
        found[_band(value)] += number
    return found


def _band(value: int | None) -> str:
    if value is None:
        return "unknown"
    return next(name for name, (least, below) in quality.BANDS.items() if least <= value < below)


@page.get("/products/<int:product_id>")
def show(product_id: int) -> str:
    """One product: what is missing, what there is to copy, and every text it had."""
    with desk().db.reading() as session:
        subject = _product(session, product_id)
        newest = session.scalar(
            select(Job).where(Job.subject_id == subject.id, Job.kind == "listing").order_by(Job.id.desc()).limit(1)
        )
        return render_template(
            "admin/product.html", subject=subject, shop=session.get_one(Shop, subject.shop_id),
            points=quality.points(subject.points), versions=history.versions(session, subject.id), job=newest,
            channels=_channels(session, subject),
        )  # fmt: skip


def _channels(session: Session, subject: Subject) -> dict[str, str]:
    """The texts for other channels of the newest draft that has any."""
    drafts = select(DraftRow).join(Job, Job.id == DraftRow.job_id).where(Job.subject_id == subject.id)
    for row in session.scalars(drafts.order_by(DraftRow.id.desc()).limit(10)):
        if row.channels:
            return dict(row.channels)
    return {}


def _product(session: Session, product_id: int) -> Subject:
    subject = scope.visible(session, Subject, product_id)
    if subject.kind != "product":
        abort(404)
    return subject


@page.post("/products/<int:product_id>/write")
def write(product_id: int) -> Response:
    """New texts for this product, for somebody to decide on."""
    try:
        with desk().db.writing() as session:
            history.write_anew(session, _product(session, product_id), person().id)
        flash(gettext("A draft is on its way. You decide before anything is written."))
    except AskHuman as error:
        flash(say(str(error)), "problem")
    return redirect(url_for("products.show", product_id=product_id), 303)


@page.post("/products/<int:product_id>/put-back")
def put_back(product_id: int) -> Response:
    """An earlier text takes the place of the present one."""
    chosen = [int(text) for text in request.form.getlist("text") if text.isdigit() and len(text) < 16]
    try:
        with desk().db.writing() as session:
            history.put_back(session, _product(session, product_id), chosen, person().id)
        flash(
            gettext("The earlier text is on its way back. If somebody changes it at the shop meanwhile, theirs stays.")
        )
    except AskHuman as error:
        flash(say(str(error)), "problem")
    return redirect(url_for("products.show", product_id=product_id), 303)
