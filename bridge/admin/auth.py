"""Who is asking. Every page needs a signed-in person unless it is named in OPEN.

A request proves who it comes from by the session cookie, or in one more way that the web side brings: the token of a
platform's admin that shows our pages in a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Flask, Request, Response, abort, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response as BaseResponse

from bridge.admin.desk import desk
from bridge.models import User
from bridge.users import OPERATOR

OPEN = {"account.sign_in", "account.preferences", "admin.static"}
HOURS_SIGNED_IN = 12


class Person(UserMixin):
    """The signed-in user as the pages see it."""

    def __init__(self, row: User) -> None:
        self.id, self.name, self.role = row.id, row.name, row.role
        self.shop_id, self.locale, self.version = row.shop_id, row.locale, row.session_version

    def get_id(self) -> str:
        """Names the session version too, so that raising it ends every session."""
        return f"{self.id}.{self.version}"

    @property
    def sees_all(self) -> bool:
        """True for an operator."""
        return bool(self.role == OPERATOR)


def person() -> Person:
    """The signed-in person; only for pages that need one."""
    return cast(Person, current_user._get_current_object())


def by_cookie(marked: str) -> Person | None:
    """The user of a session cookie, unless it was ended meanwhile."""
    number, _, version = marked.partition(".")
    if not number.isdigit() or not version.isdigit():
        return None
    with desk().db.reading() as session:
        row = session.get(User, int(number))
    return Person(row) if row is not None and row.session_version == int(version) else None


Way = Callable[[Request], Person | None]
Stranger = Callable[[Request], BaseResponse | None]


def install(app: Flask, blueprints: set[str], way: Way | None = None, stranger: Stranger | None = None) -> None:
    """Let people sign in, and refuse everybody else on all pages of these blueprints.

    ``way`` recognises requests without a cookie; ``stranger`` may answer one that nobody recognised.
    """
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(by_cookie)
    manager.request_loader(way or (lambda asked: None))

    @app.before_request
    def refuse_strangers() -> BaseResponse | None:
        if request.blueprint not in blueprints or _is_open(app) or current_user.is_authenticated:
            return None
        return (stranger(request) if stranger else None) or _to_sign_in()


def _is_open(app: Flask) -> bool:
    view = app.view_functions.get(request.endpoint or "")
    return request.endpoint in OPEN or bool(getattr(view, "open_to_strangers", False))


def _to_sign_in() -> BaseResponse:
    if request.headers.get("HX-Request"):  # a redirect would put the sign-in page into a corner of the old one
        return Response(status=401, headers={"HX-Redirect": url_for("account.sign_in")})
    if request.method != "GET":
        return redirect(url_for("account.sign_in"), 303)
    return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), 303)


def open_to_strangers(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page that decides itself whom it lets in."""
    view.open_to_strangers = True  # type: ignore[attr-defined]
    return view


def operators_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page that owners may not open."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        if not person().sees_all:
            abort(403)
        return view(*args, **values)

    return guarded
