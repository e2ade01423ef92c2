"""Signing in and out, one's own password, language and look of the page."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from bridge import shops, users
from bridge.admin import throttle
from bridge.admin.auth import Person, person
from bridge.admin.desk import desk
from bridge.admin.forms import Digest, NewPassword, SignIn
from bridge.admin.languages import COOKIE, LANGUAGES, say
from bridge.errors import AskHuman
from bridge.models import User

page = Blueprint("account", __name__)

THEMES = ("auto", "light", "dark")
_YEAR = 365 * 86_400


@page.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """Name and password; the answer does not say which of the two was wrong."""
    form = SignIn()
    if not form.validate_on_submit():
        if current_user.is_authenticated:
            return redirect(url_for("overview.index"), 303)
        return render_template("admin/sign_in.html", form=form)
    with desk().db.reading() as db:
        user = users.sign_in(db, form.name.data, form.password.data)
    if user is None:
        form.password.errors = [gettext("Name and password do not belong together.")]
        return render_template("admin/sign_in.html", form=form), throttle.REFUSED
    session.clear()  # nothing of the visitor before carries over
    session.permanent = True
    login_user(Person(user))
    _remember_sign_in(user, form.password.data)
    return redirect(_own_path(request.args.get("next", "")) or url_for("overview.index"), 303)


def _remember_sign_in(user: User, password: str) -> None:
    with desk().db.writing() as db:
        row = db.get_one(User, user.id)
        if row.password_hash != user.password_hash:  # made anew with today's parameters while checking
            row.password_hash = user.password_hash
        shops.audit(db, "user.signed_in", shop_id=user.shop_id, user_id=user.id)


def _own_path(target: str) -> str:
    """A path of this site, or nothing: never send people elsewhere."""
    found = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and not found.scheme and not found.netloc
    return target if inside and "\\" not in target and target.isprintable() else ""


@page.post("/sign-out")
def sign_out() -> Response:
    """End this session."""
    logout_user()
    session.clear()
    return redirect(url_for("account.sign_in"), 303)


@page.post("/preferences")
def preferences() -> Response:
    """Language and look: kept in cookies, and the language with the user too."""
    language, theme = request.form.get("language", ""), request.form.get("theme", "")
    answer = make_response(redirect(_own_path(request.form.get("back", "")) or url_for("overview.index"), 303))
    secure = desk().settings.secure_cookies
    if language in LANGUAGES:
        answer.set_cookie(COOKIE, language, max_age=_YEAR, samesite="Lax", secure=secure, httponly=True)
        if current_user.is_authenticated:
            with desk().db.writing() as db:
                db.get_one(User, person().id).locale = language
    if theme in THEMES:
        answer.set_cookie("theme", theme, max_age=_YEAR, samesite="Lax", secure=secure)
    return answer


@page.route("/account", methods=["GET", "POST"])
def index() -> str | Response:
    """One's own password."""
    form = NewPassword()
    if form.validate_on_submit():
        try:
            _change_password(form)
        except AskHuman as error:
            form.current.errors = [say(str(error))]
        else:
            flash(gettext("Your password is changed. Every other session has been signed out."))
            return redirect(url_for("account.index"), 303)
    return render_template("admin/account.html", form=form)


@page.route("/account/digest", methods=["GET", "POST"])
def digest() -> str | Response:
    """A mail once a day about what waits."""
    with desk().db.reading() as db:
        form = Digest(data={"email": db.get_one(User, person().id).email})
    if form.validate_on_submit():
        with desk().db.writing() as db:
            row = db.get_one(User, person().id)
            row.email = form.email.data
            shops.audit(db, "digest.changed", shop_id=row.shop_id, user_id=row.id, on=bool(row.email))
        on = gettext("Saved. The next mail comes when something waits, once a day.")
        flash(on if form.email.data else gettext("Saved. No more mail."))
        return redirect(url_for("account.digest"), 303)
    return render_template("admin/digest.html", form=form, configured=bool(desk().settings.smtp_url))


def _change_password(form: NewPassword) -> None:
    with desk().db.reading() as db:
        found = users.sign_in(db, person().name, form.current.data)
    if found is None:
        raise AskHuman("The present password is not right.")
    with desk().db.writing() as db:
        row = db.get_one(User, found.id)
        users.set_password(db, row, form.password.data)
        shops.audit(db, "user.password_set", shop_id=row.shop_id, user_id=row.id)
    session.clear()
    session.permanent = True
    login_user(Person(row))
