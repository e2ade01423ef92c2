"""Bulk runs: many jobs at once, with their size, their price and the owner's word."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bridge import bulk, jobs, shops
from bridge.admin import paging, scope
from bridge.admin.auth import person
from bridge.admin.desk import desk
from bridge.bulk import Progress
from bridge.errors import TryLater
from bridge.models import BulkRun, Connection, Job, Shop, Subject, Usage

page = Blueprint("runs", __name__)

POINTS_PER_WRITE = 14.0  # one read and one mutation at the platform
USUAL_RATE = 100.0  # points a second, where the platform has not told us its rate yet
SAMPLE = 200  # recent model calls from which the price of one job is guessed


@dataclass(frozen=True)
class RunView:
    """A run with what it means."""

    run: BulkRun
    shop: Shop
    connection: Connection
    progress: Progress
    points: float
    seconds: float
    micros: int | None  # None: no call of this shop was paid for yet, so nobody can tell


@page.get("/bulk-runs")
def index() -> str:
    """All runs, the newest first."""
    with desk().db.reading() as session:
        wanted = (
            select(BulkRun, Shop, Connection)
            .join(Shop, Shop.id == BulkRun.shop_id)
            .join(Connection, Connection.id == BulkRun.connection_id)
        )
        found = paging.turn(session, scope.only(wanted, BulkRun), BulkRun.id, size=20)
        views = [_view(session, row[0], row[1], row[2]) for row in found.rows]
        connections = scope.only(select(Connection).where(Connection.status == "connected"), Connection)
        return render_template(
            "admin/runs.html", page=found, views=views, connections=list(session.scalars(connections))
        )


def _view(session: Session, run: BulkRun, shop: Shop, connection: Connection) -> RunView:
    progress = bulk.progress(session, run.id)
    points = progress.working * POINTS_PER_WRITE
    price = _price(session, run.shop_id)
    return RunView(
        run, shop, connection, progress, points, points / _rate(connection.id),
        None if price is None else int(price * progress.working),
    )  # fmt: skip


def _rate(connection_id: int) -> float:
    try:
        level = desk().limits.state(f"connection:{connection_id}")
    except TryLater:
        return USUAL_RATE
    return float(level.rate) if level.learnt and level.rate > 0 else USUAL_RATE


def _price(session: Session, shop_id: int) -> float | None:
    """Micro-dollars of an average job, from this shop's recent model calls."""
    newest = session.scalar(select(func.max(Usage.id))) or 0
    recent = (
        select(Usage.job_id, Usage.micros)
        .where(Usage.shop_id == shop_id, Usage.state == "settled", Usage.id > newest - 50 * SAMPLE)
        .order_by(Usage.id.desc())
        .limit(SAMPLE)
    )
    rows = session.execute(recent).all()
    return sum(micros for _job, micros in rows) / len({job for job, _micros in rows}) if rows else None


@page.post("/bulk-runs/<int:run_id>/start")
def start(run_id: int) -> Response:
    """The owner's word."""
    with desk().db.writing() as session:
        run = scope.visible(session, BulkRun, run_id)
        started = jobs.start_bulk_run(session, run.id)
        if started:
            shops.audit(session, "bulk.started", shop_id=run.shop_id, user_id=person().id, run=run.id, jobs=started)
    flash(ngettext("%(num)s job begins now.", "%(num)s jobs begin now.", started) if started
          else gettext("This run does not wait any more."))  # fmt: skip
    return redirect(url_for("runs.index"), 303)


@page.post("/bulk-runs/<int:run_id>/cancel")
def cancel(run_id: int) -> Response:
    """Nothing more of it begins; what is finished stays."""
    with desk().db.writing() as session:
        run = scope.visible(session, BulkRun, run_id)
        if run.state == "cancelled":
            return redirect(url_for("runs.index"), 303)
        gone = jobs.cancel_bulk_run(session, run.id)
        shops.audit(session, "bulk.cancelled", shop_id=run.shop_id, user_id=person().id, run=run.id, jobs=gone)
    flash(ngettext("Cancelled: %(num)s job will not begin.", "Cancelled: %(num)s jobs will not begin.", gone))
    return redirect(url_for("runs.index"), 303)


@page.post("/connections/<int:connection_id>/refresh")
def refresh(connection_id: int) -> Response:
    """New texts for every product, at the lowest priority."""
    with desk().db.writing() as session:
        connection = scope.visible(session, Connection, connection_id)
        run_id = bulk.refresh(session, connection, person().id)
        shops.audit(session, "bulk.refresh_asked", shop_id=connection.shop_id, user_id=person().id, run=run_id)
        count = session.scalar(select(func.count()).where(Job.bulk_run_id == run_id)) or 0
    flash(ngettext("%(num)s product gets a new draft.", "%(num)s products get a new draft.", count))
    return redirect(url_for("runs.index"), 303)


def products(session: Session, connection_id: int) -> int:
    """How many products a refresh would concern."""
    known = select(func.count()).where(
        Subject.connection_id == connection_id, Subject.kind == "product", Subject.deleted_at.is_(None)
    )
    return session.scalar(known) or 0
