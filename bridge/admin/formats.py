"""Numbers, money and times as the reader's language writes them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask_babel import format_datetime, format_decimal, gettext
from flask_babel import format_timedelta as _delta
from markupsafe import Markup

from bridge.admin.preview import plain

_MS = 1000
_JUST_NOW = 5  # seconds


def install(app: Flask) -> None:
    """Make them filters of the templates."""
    app.jinja_env.filters.update(
        ago=ago, moment=moment, dollars=dollars, number=number, duration=duration, readable=readable, plain=plain
    )


def ago(ms: int | None) -> Markup:
    """A ``<time>``: relative to read, absolute to hover."""
    if not ms:
        return Markup("–")
    passed = time.time() - ms / _MS
    text = gettext("just now") if abs(passed) < _JUST_NOW else _delta(timedelta(seconds=-passed), add_direction=True)
    stamp = datetime.fromtimestamp(ms / _MS, UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        stamp.isoformat(timespec="seconds"), moment(ms), text
    )


def moment(ms: int | None) -> str:
    """Date and time in UTC."""
    if not ms:
        return "–"
    return format_datetime(datetime.fromtimestamp(ms / _MS, UTC), "medium", rebase=False) + " UTC"


def duration(ms: int | None) -> str:
    """How long something took."""
    if ms is None:
        return "–"
    if ms < 10_000:
        return gettext("%(seconds)s s", seconds=format_decimal(round(ms / _MS, 1)))
    return str(_delta(timedelta(milliseconds=ms), granularity="second", threshold=1.2))


def dollars(micros: int | float | None) -> str:
    """Micro-dollars as dollars; small sums keep enough digits to be told from nothing."""
    amount = (micros or 0) / 1_000_000
    pattern = "#,##0.00" if amount == 0 or amount >= 0.1 else "#,##0.0000"
    return gettext("$%(amount)s", amount=format_decimal(amount, format=pattern))


def number(value: float | int | None) -> str:
    """A number with the language's separators."""
    return format_decimal(round(value or 0, 1) if isinstance(value, float) else value or 0)


def readable(value: object) -> str:
    """JSON with line breaks, for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)
