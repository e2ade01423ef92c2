"""Error pages in the same design, with a sentence that helps."""

from __future__ import annotations

import structlog
from flask import Flask, Response, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

log = structlog.get_logger()

CODES = (400, 401, 403, 404, 405, 413, 429, 500)


def install(app: Flask) -> None:
    """Answer people with a page."""

    def answer(error: HTTPException) -> Response | tuple[str, int]:
        code = error.code or 500
        if code not in CODES:
            return error.get_response()  # type: ignore[return-value]
        if code == 500:
            cause = getattr(error, "original_exception", None)
            log.error("page failed", path=request.path, error=type(cause or error).__name__, exc_info=cause)
        title, sentence = _words(code, isinstance(error, CSRFError))
        return page(code, title, sentence), code

    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(InternalServerError, answer)


def page(code: int, title: str, sentence: str) -> str:
    """A page that says what went wrong."""
    return render_template("admin/error.html", code=code, title=title, sentence=sentence)


def _words(code: int, forged: bool) -> tuple[str, str]:
    if forged:
        old = gettext("Open the page again and repeat what you did. Nothing was changed.")
        return gettext("This form is too old"), old
    title, sentence = _SAID.get(code, _OTHERWISE)
    return str(title), str(sentence)


_OTHERWISE = (_("This did not work"), _("Please go back and try again."))
_SAID = {
    400: (_("This request makes no sense"), _("Something in the address or the form is not as it should be.")),
    403: (_("Not for you"), _("Only operators may open this page.")),
    404: (_("Nothing here"), _("This page does not exist, or it belongs to another shop.")),
    405: (_("Not this way"), _("This address only takes what its form sends.")),
    413: (_("Too large"), _("What was sent is larger than this page accepts.")),
    429: (_("Too many tries"), _("Please wait a minute and try again.")),
    500: (_("Our mistake"), _("Something went wrong here. It is noted in the log; please try again.")),
}
