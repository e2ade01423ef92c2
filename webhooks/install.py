"""Installing from our own page: ask the merchant at Shopify, and take what the callback brings if all of it fits.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Any

import requests
import structlog
from flask import Blueprint, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from bridge import shops
from bridge.admin import errors, scope
from bridge.admin.auth import person
from bridge.admin.languages import say
from bridge.db import Database
from bridge.deadline import Deadline
from bridge.errors import AskHuman, NotAuthentic, StorebridgeError
from bridge.models import Shop
from bridge.settings import Settings
from bridge.vault import Vault
from connectors.shopify.grants import Grants
from connectors.shopify.visitors import permission_url, signed_account

log = structlog.get_logger()

COOKIE = "installing"
PATH = "/install/shopify"
_SECONDS = 600  # a person reads what the app wants before agreeing
_PATIENCE = 10.0  # seconds for the exchange of the code, while a person waits


@dataclass(frozen=True)
class Started:
    """What we remember, signed in a cookie, about an installation that a person began."""

    state: str
    account: str
    shop_id: int
    user_id: int


class Installing:
    """One per web process."""

    def __init__(self, settings: Settings, db: Database, vault: Vault, session: requests.Session) -> None:
        self.settings, self.db, self.vault, self.http = settings, db, vault, session
        self._signer = URLSafeTimedSerializer(settings.secret_key, salt=COOKIE)

    def begin(self, account: str, shop_id: int) -> Response:
        """Send the person to Shopify, with a state that only this browser knows."""
        started = Started(secrets.token_urlsafe(24), account, shop_id, person().id)
        callback = self.settings.public_url + PATH + "/callback"
        answer = make_response(redirect(permission_url(self.settings, account, callback, started.state), 303))
        answer.set_cookie(
            COOKIE, self._signer.dumps(vars(started)), max_age=_SECONDS, path=PATH, httponly=True, samesite="Lax",
            secure=self.settings.secure_cookies,
        )  # fmt: skip
        return answer

    def finish(self, args: dict[str, str], cookie: str) -> None:
        """Check everything, then exchange the code and keep the connection; a StorebridgeError keeps nothing."""
        started = self._started(cookie)
        if not hmac.compare_digest(args.get("state", "").encode(), started.state.encode()):
            raise NotAuthentic("This answer belongs to another installation. Please start it again.")
        if signed_account(self.settings, args) != started.account or started.user_id != person().id:
            raise NotAuthentic("This answer belongs to another installation. Please start it again.")
        with self.db.reading() as session:
            scope.visible(session, Shop, started.shop_id)
            known = shops.find(session, "shopify", started.account)
            if known and known.shop_id != started.shop_id:
                raise AskHuman("This store is already connected to another shop.")
        grants = Grants(self.settings, self.http, started.account, Deadline(_PATIENCE))
        credentials = grants.code(args.get("code", ""))
        made = shops.install(
            self.db,
            self.vault,
            "shopify",
            started.account,
            credentials,
            shop_id=started.shop_id,
            user_id=started.user_id,
        )
        log.info("installed", connection=made.id)

    def _started(self, cookie: str) -> Started:
        try:
            found: dict[str, Any] = self._signer.loads(cookie, max_age=_SECONDS)
            return Started(**found)
        except (BadData, TypeError) as error:
            raise NotAuthentic("This installation was not started in this browser, or too long ago.") from error


def blueprint(installing: Installing) -> Blueprint:
    """``POST /install/shopify`` begins, ``GET /install/shopify/callback`` ends."""
    made = Blueprint("install", __name__)

    @made.post(PATH)
    def begin() -> Response | tuple[str, int]:
        try:
            account = shops.typed_account("shopify", request.form.get("account", ""))
        except AskHuman as error:
            flash(say(str(error)), "problem")
            return redirect(url_for("connections.new"), 303)
        number = request.form.get("shop", "")
        with installing.db.reading() as session:
            shop = scope.visible(session, Shop, int(number) if number.isdigit() and len(number) < 16 else 0)
        return installing.begin(account, shop.id)

    @made.get(PATH + "/callback")
    def callback() -> Response | tuple[str, int]:
        try:
            installing.finish(request.args.to_dict(), request.cookies.get(COOKIE, ""))
        except StorebridgeError as error:
            log.info("installation refused", error=type(error).__name__)
            answer = make_response(errors.page(400, str(_("Not installed")), say(str(error))), 400)
        else:
            flash(gettext("Connected. A check is on its way; its result stands here in a moment."))
            answer = make_response(redirect(url_for("connections.index"), 303))
        answer.delete_cookie(COOKIE, path=PATH)
        return answer

    return made
