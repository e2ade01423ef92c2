"""The page: where people see, stop, change and undo what the machine does. ``register`` puts it into a Flask app."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from flask import Blueprint, Flask, g, request
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect

from bridge.admin import assets, auth, errors, formats, frame, headers, languages, scope, story, throttle, words
from bridge.admin.desk import KEY, Desk, Limits, desk
from bridge.admin.frame import Frames
from bridge.admin.overview import count_jobs
from bridge.admin.pages import (
    account,
    audit,
    connections,
    deliveries,
    jobs,
    overview,
    privacy,
    products,
    review,
    runs,
    shops,
)
from bridge.db import Database
from bridge.settings import Settings
from bridge.vault import Vault

PAGES = tuple(
    module.page
    for module in (account, overview, products, jobs, review, runs, deliveries, connections, shops, privacy, audit)
)
LARGEST_FORM = 1_000_000  # bytes


def register(
    app: Flask,
    settings: Settings,
    db: Database,
    vault: Vault,
    limiter: Limits,
    frames: Frames | None = None,
    more: Iterable[Blueprint] = (),
) -> None:
    """Put the page at ``/``, with ``more`` pages of the web side behind the same sign-in.

    ``frames`` lets the page also live inside a platform's admin.
    """
    app.extensions[KEY] = Desk(settings, db, vault, limiter)
    own = Blueprint("admin", __name__, static_folder="static", template_folder="templates", static_url_path="/static")
    pages = (own, *PAGES, *more)
    names = {page.name for page in pages}
    _configure(app, settings, names)
    languages.install(app)
    formats.install(app)
    if frames:
        frame.install(app, frames)
    auth.install(app, names, frame.by_token(frames) if frames else None, frames.stranger if frames else None)
    _guard_forms(app)
    for page in pages:
        app.register_blueprint(page)
    throttle.install(app, settings)
    headers.install(app, settings.secure_cookies)
    errors.install(app)
    app.context_processor(_for_every_page)


def _guard_forms(app: Flask) -> None:
    """A form needs the token that its page was sent with, unless the request carries a token of its own."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf = CSRFProtect(app)

    @app.before_request
    def guard() -> None:
        if not g.get("csrf_valid"):
            csrf.protect(apply_exemptions=True)


def _configure(app: Flask, settings: Settings, names: set[str]) -> None:
    app.secret_key = settings.secret_key
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=auth.HOURS_SIGNED_IN),
        WTF_CSRF_TIME_LIMIT=auth.HOURS_SIGNED_IN * 3600,
        WTF_CSRF_SSL_STRICT=settings.secure_cookies,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),  # the address of a static file changes with its content
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.before_request
    def limit_forms() -> None:
        if request.blueprint in names:  # the door for webhooks has its own limit
            request.max_content_length = LARGEST_FORM


def _for_every_page() -> dict[str, object]:
    """What the frame around every page needs."""
    theme = request.cookies.get("theme", "auto")
    found: dict[str, object] = {
        "asset": assets.asset,
        "words": words,
        "say": languages.say,
        "road": story.road,
        "language": languages.language(),
        "languages": languages.LANGUAGES,
        "theme": theme if theme in account.THEMES else "auto",
        "themes": account.THEMES,
        "person": None,
        "frame": frame.current(),
    }
    if current_user.is_authenticated:
        with desk().db.reading() as session:
            found |= {
                "person": auth.person(),
                "waiting": count_jobs(session, "review"),
                "all_shops": scope.shops(session) if auth.person().sees_all else [],
                "chosen_shop": scope.chosen_shop(),
            }
    return found
