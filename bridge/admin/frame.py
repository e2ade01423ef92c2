"""The page inside a platform's own admin: in a frame, without cookies, each request with a token of its own.

What the platform's tokens look like is told by the web side (``Frames``); here is only what they change on our pages:
who may frame them, that cookies are neither read nor set, and how a message survives a redirect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Flask, Request, Response, g, get_flashed_messages, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as BaseResponse

from bridge.admin.auth import Person

_SAID = "said"  # the parameter in which messages travel over a redirect
_SECONDS = 60


@dataclass(frozen=True)
class Frame:
    """The frame a request comes from."""

    ancestors: tuple[str, ...]  # origins that may show our pages
    script: str  # the platform's bridge script
    key: str  # our public key at the platform


@dataclass(frozen=True)
class Frames:
    """How the web side recognises requests from a platform's admin."""

    token: Callable[[Request], str]  # what the request brings, empty for every other request
    person: Callable[[str], tuple[Person, Frame] | None]  # whose token it is; None for one that is not good (any more)
    stranger: Callable[[Request], BaseResponse | None]  # an answer for a frame that came without one


def current() -> Frame | None:
    """The frame of this request, or None outside."""
    return cast("Frame | None", g.get("frame"))


def install(app: Flask, frames: Frames) -> None:
    """Let framed requests in by their token and keep cookies out of it."""
    app.session_interface = _Sessions(frames)
    signer = URLSafeTimedSerializer(cast(str, app.secret_key), salt=_SAID)

    @app.before_request
    def hear() -> None:
        if frames.token(request) and _SAID in request.args:
            _say_again(signer, request.args[_SAID])

    @app.after_request
    def carry(response: Response) -> Response:
        if frames.token(request) and 300 <= response.status_code < 400:
            said = get_flashed_messages(with_categories=True)
            if said:
                response.location = _with(response.location or "/", signer.dumps(said))
        return response


def by_token(frames: Frames) -> Callable[[Request], Person | None]:
    """A way of proving who one is, for ``auth.WAYS``."""

    def way(asked: Request) -> Person | None:
        token = frames.token(asked)
        found = frames.person(token) if token else None
        if found is None:
            return None
        person, g.frame = found
        g.csrf_valid = True  # a browser adds no token by itself, so nobody can borrow it
        return person

    return way


class _Sessions(SecureCookieSessionInterface):
    """Requests with a token have a session that begins empty and ends with them."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return SecureCookieSession() if self._frames.token(request) else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Any) -> None:
        if not self._frames.token(request):
            super().save_session(app, session, response)


def _say_again(signer: URLSafeTimedSerializer, said: str) -> None:
    try:
        session["_flashes"] = [tuple(each) for each in signer.loads(said, max_age=_SECONDS)]
    except BadData:
        return  # too old, or not ours: there is nothing to say


def _with(location: str, said: str) -> str:
    parts = urlsplit(location)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), (_SAID, said)])))
