"""Who is asking. Every page needs a signed-in person unless it is named in OPEN.

``WAYS`` lists how a request may prove who it comes from. Today that is the cookie; a bearer token for the frame of
a shop's admin is one more function here.
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


WAYS: tuple[Callable[[Request], Person | None], ...] = ()


def by_request(asked: Request) -> Person | None:
    """The first of WAYS that knows the sender."""
    return next((found for found in (way(asked) for way in WAYS) if found), None)


def install(app: Flask, blueprints: set[str]) -> None:
    """Let people sign in, and refuse everybody else on all pages of these blueprints."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(by_cookie)
    manager.request_loader(by_request)

    @app.before_request
    def refuse_strangers() -> BaseResponse | None:
        if request.blueprint not in blueprints or request.endpoint in OPEN or current_user.is_authenticated:
            return None
        return _to_sign_in()


def _to_sign_in() -> BaseResponse:
    if request.headers.get("HX-Request"):  # a redirect would put the sign-in page into a corner of the old one
        return Response(status=401, headers={"HX-Redirect": url_for("account.sign_in")})
    if request.method != "GET":
        return redirect(url_for("account.sign_in"), 303)
    return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), 303)


def operators_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page that owners may not open."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        if not person().sees_all:
            abort(403)
        return view(*args, **values)

    return guarded
