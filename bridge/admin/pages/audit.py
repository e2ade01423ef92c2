"""Who did what: to look through, and to take along as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request
from sqlalchemy import select

from bridge.admin import paging, scope
from bridge.admin.desk import desk
from bridge.models import Audit, Shop, User

page = Blueprint("audit", __name__)

MOST_LINES = 50_000
_AT_ONCE = 1_000
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so


@page.get("/audit")
def index() -> str:
    """The newest deeds first; what is chosen stands in the address."""
    with desk().db.reading() as session:
        found = paging.turn(session, _wanted(), Audit.id)
        return render_template("admin/audit.html", page=found, chosen=_chosen(), shops=scope.shops(session))


@page.get("/audit.csv")
def download() -> Response:
    """The same as a file."""
    wanted = _wanted()
    answer = Response(_lines(wanted), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=audit.csv"
    return answer


def _chosen() -> dict[str, str]:
    given = {name: request.args.get(name, "").strip()[:200] for name in ("deed", "who", "since", "until", "shop")}
    return {name: text for name, text in given.items() if text}


def _wanted() -> Any:
    chosen = _chosen()
    found = scope.only(
        select(Audit, User.name, Shop.name)
        .outerjoin(User, User.id == Audit.user_id)
        .outerjoin(Shop, Shop.id == Audit.shop_id),
        Audit,
    )
    if "deed" in chosen:
        found = found.where(Audit.action == chosen["deed"])
    if "who" in chosen:
        found = found.where(User.name.icontains(chosen["who"], autoescape=True))
    if (since := _day(chosen.get("since", ""))) is not None:
        found = found.where(Audit.at >= _ms(since))
    if (until := _day(chosen.get("until", ""))) is not None:
        found = found.where(Audit.at < _ms(until + timedelta(days=1)))
    return found


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _lines(wanted: Any) -> str:
    written = io.StringIO()
    file = csv.writer(written)
    file.writerow(["at", "deed", "user", "shop", "job", "detail"])
    for row, user, shop in _rows(wanted):
        at = datetime.fromtimestamp(row.at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        detail = "; ".join(f"{name}={value}" for name, value in (row.detail or {}).items())
        file.writerow([_plain(each) for each in (at, row.action, user or "", shop or "", row.job_id or "", detail)])
    return written.getvalue()


def _rows(wanted: Any) -> Iterator[Any]:
    """In parts, so that no transaction is long."""
    last, number = 2**62, 0
    while number < MOST_LINES:
        with desk().db.reading() as session:
            part = session.execute(wanted.where(Audit.id < last).order_by(Audit.id.desc()).limit(_AT_ONCE)).all()
        yield from part
        number += len(part)
        if len(part) < _AT_ONCE:
            return
        last = part[-1][0].id


def _plain(value: Any) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text
