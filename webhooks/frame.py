"""The page inside the Shopify admin: the app's own address, session tokens, token exchange, and the bounce page.

The admin shows us in a frame where browsers block cookies, so each request proves itself by a session token that
App Bridge fetches; a document that comes without one is sent over the bounce page, which fetches it.
https://shopify.dev/docs/apps/build/authentication-authorization/set-embedded-app-authorization
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import structlog
from flask import Blueprint, Request, Response, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from bridge import shops, users
from bridge.admin import errors
from bridge.admin.auth import Person, open_to_strangers
from bridge.admin.frame import Frame, Frames
from bridge.admin.languages import LANGUAGES, say
from bridge.db import Database
from bridge.deadline import Deadline
from bridge.errors import NotAuthentic, StorebridgeError
from bridge.models import Connection, User
from bridge.settings import Settings
from bridge.vault import Vault
from connectors.shopify.grants import CODE, EXCHANGE, Grants
from connectors.shopify.hooks import shop_domain
from connectors.shopify.visitors import Visitor, visitor

log = structlog.get_logger()

APP_BRIDGE = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
_BEARER = "Bearer "
_SECONDS = 10.0  # for the token exchange, while a person waits
_SOON = 86_400  # seconds before its end at which a refresh token is replaced
_BOUNCES = 2  # over the bounce page; more would go round in circles
_KEPT = ("embedded", "host", "shop", "locale")  # what App Bridge finds its way by


class ShopifyFrame:
    """Everything about being framed, for one web process."""

    def __init__(self, settings: Settings, db: Database, vault: Vault, session: requests.Session) -> None:
        self.settings, self.db, self.vault, self.http = settings, db, vault, session
        self.frames = Frames(self.token, self.person, self.stranger)

    # --- requests with a token

    def token(self, asked: Request) -> str:
        """What a request brings: the header of a script's request, or the address of a document's."""
        given = asked.headers.get("Authorization", "")
        if given.startswith(_BEARER):
            return given.removeprefix(_BEARER)
        return asked.args.get("id_token", "") if asked.method == "GET" else ""

    def person(self, id_token: str) -> tuple[Person, Frame] | None:
        """Somebody of the staff of a connected store."""
        try:
            who = visitor(self.settings, id_token)
        except NotAuthentic:
            return None
        with self.db.reading() as session:
            found = _connected(session, who)
            user = found and users.find(session, users.name_at("shopify", who.account, who.number))
        if found and (not user or user.shop_id != found.shop_id):
            with self.db.writing() as session:
                user = self._new_user(session, found, who)
        return (Person(user), self.frame(who.account)) if user else None

    def _new_user(self, session: Session, found: Connection, who: Visitor) -> User:
        user = users.of_platform(session, found.shop_id, "shopify", who.account, who.number, _language())
        shops.audit(session, "user.signed_in", shop_id=user.shop_id, user_id=user.id)
        return user

    def frame(self, account: str) -> Frame:
        """Who may show our pages: the admin of this store and nobody else. Raises NotAuthentic for no store."""
        where = self.settings.shopify_url
        own = (f"https://{shop_domain(account)}", "https://admin.shopify.com")
        simulated = urlsplit(where)
        ancestors = own if where == "https://{shop}" else (f"{simulated.scheme}://{simulated.netloc}",)
        return Frame(ancestors, APP_BRIDGE, self.settings.shopify_client_id)

    # --- requests without a good one

    def stranger(self, asked: Request) -> BaseResponse | None:
        """A framed request that did not prove itself: scripts try again, documents take the bounce page."""
        if asked.headers.get("Authorization", "").startswith(_BEARER):
            return Response(status=401, headers={"X-Shopify-Retry-Invalid-Session-Request": "1"})
        framed = asked.headers.get("Sec-Fetch-Dest") == "iframe" or asked.args.get("embedded") == "1"
        return self.bounce(asked) if framed and asked.method == "GET" else None

    def bounce(self, asked: Request) -> BaseResponse:
        """To the page that fetches a token and comes back."""
        bounces = asked.args.get("bounces", "0")
        if not bounces.isdigit() or int(bounces) >= _BOUNCES:
            return Response(self._problem(asked.args), 401)
        back = {name: value for name, value in asked.args.items() if name not in ("id_token", "bounces")}
        back["bounces"] = str(int(bounces) + 1)
        kept = {name: asked.args[name] for name in _KEPT if name in asked.args}
        target = f"{self.settings.public_url}{asked.path}?{urlencode(back)}"
        return redirect(f"{url_for('frame.bounce')}?{urlencode({**kept, 'shopify-reload': target})}")

    def _problem(self, args: Mapping[str, str]) -> str:
        try:
            g.frame = self.frame(args.get("shop", ""))
        except NotAuthentic:
            log.info("framed by nobody known")
        sentence = _("Shopify did not tell us who you are. Reload the page.")
        return errors.page(401, str(_("Not signed in")), str(sentence))

    # --- installing

    def installed(self, who: Visitor) -> None:
        """Make sure that we hold a working token for the visitor's store. Raises what ``Grants.exchange`` raises."""
        with self.db.reading() as session:
            known = shops.find(session, "shopify", who.account)
            if known and not self._needs_grant(known):
                return
        credentials = Grants(self.settings, self.http, who.account, Deadline(_SECONDS)).exchange(who.id_token)
        made = shops.install(self.db, self.vault, "shopify", who.account, credentials, locale=_language() or "en")
        log.info("installed", connection=made.id)

    def _needs_grant(self, known: Connection) -> bool:
        if known.credentials is None:
            return True
        stored: Mapping[str, Any] = self.vault.open_json(known.credentials)
        if stored.get("grant") not in (EXCHANGE, CODE):
            return False  # connected with credentials of its own; they are the owner's affair
        ends_soon = stored.get("refresh_expires_at", 2**53) < time.time() + _SOON
        return ends_soon or (known.status == shops.PAUSED and not known.held)


def blueprint(frame: ShopifyFrame) -> Blueprint:
    """``GET /shopify``, the address that Shopify opens in its frame, and the bounce page."""
    made = Blueprint("frame", __name__)

    @made.get("/shopify")
    @open_to_strangers
    def home() -> BaseResponse | str | tuple[str, int]:
        try:
            who = visitor(frame.settings, request.args.get("id_token", ""))
            if request.args.get("shop", who.account) != who.account:
                raise NotAuthentic("The token belongs to another shop.")
        except NotAuthentic:
            return frame.stranger(request) or _into_the_admin(frame.settings)
        g.frame = frame.frame(who.account)
        try:
            frame.installed(who)
        except StorebridgeError as error:
            return errors.page(503, str(_("Not installed yet")), say(str(error))), 503
        kept = {name: request.args[name] for name in _KEPT if name in request.args}
        return redirect(f"{url_for('overview.index')}?{urlencode({**kept, 'id_token': who.id_token})}")

    @made.get("/shopify/bounce")
    @open_to_strangers
    def bounce() -> str | tuple[str, int]:
        target = request.args.get("shopify-reload", "")
        if not target.startswith(frame.settings.public_url + "/"):
            return errors.page(400, str(_("This request makes no sense")), ""), 400
        try:
            g.frame = frame.frame(request.args.get("shop", ""))
        except NotAuthentic:
            return errors.page(400, str(_("This request makes no sense")), ""), 400
        return render_template("admin/bounce.html", frame=g.frame)

    return made


def _connected(session: Session, who: Visitor) -> Connection | None:
    found = shops.find(session, "shopify", who.account)
    return found if found and found.status != shops.DISCONNECTED else None


def _into_the_admin(settings: Settings) -> BaseResponse:
    """Opened on its own: the admin of the named store shows it, or the sign-in page, where no store is named."""
    try:
        account = shop_domain(request.args.get("shop", ""))
    except NotAuthentic:
        return redirect(url_for("account.sign_in"))
    base = settings.shopify_url.replace("{shop}", account).rstrip("/")
    return redirect(f"{base}/admin/apps/{settings.shopify_client_id}")


def _language() -> str:
    wanted = request.args.get("locale", "")[:2]
    return wanted if wanted in LANGUAGES else ""
