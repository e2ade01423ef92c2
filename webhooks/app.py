"""The only place where the web side is put together. ``granian --interface wsgi webhooks.app:app``.

Two Flask apps behind one address: the door for machines, which must answer fast and knows no sessions, and the page
for people. What the page does around every request (sign-in, language, CSRF, headers) would double the door's work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from bridge import admin, http, logs
from bridge.db import Database
from bridge.inbox import Inbox
from bridge.ratelimit import limiter
from bridge.settings import Settings, load
from bridge.vault import Vault
from webhooks import frame as framing
from webhooks import health, install, receive
from webhooks.frame import ShopifyFrame
from webhooks.install import Installing
from webhooks.pulse import Pulse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_FOR_MACHINES = ("/hooks/", "/health")


@dataclass(frozen=True)
class Web:
    """The web process as one WSGI application."""

    door: Flask
    page: Flask
    inbox: Inbox
    db: Database

    def close(self) -> None:
        """Finish what is being stored and give all connections back."""
        self.inbox.close()
        self.db.close()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send a request to the door or to the page, by its path."""
        app = self.door if environ.get("PATH_INFO", "").startswith(_FOR_MACHINES) else self.page
        return app(environ, start_response)


def create_app(settings: Settings | None = None) -> Web:
    """The web process: the door with its health check, and the page. Raises WrongSettings."""
    settings = settings or load()
    logs.configure(settings.log_format, settings.log_level)
    db, vault = Database(settings.database_url), Vault(settings.encryption_keys)
    door, page = Flask("door", static_folder=None), Flask("page", static_folder=None)
    inbox = Inbox(db, vault)
    door.register_blueprint(receive.blueprint(settings, db, vault, inbox))
    door.register_blueprint(health.blueprint(db))
    sending = http.session(settings.web_threads)
    frame = ShopifyFrame(settings, db, vault, sending)
    more = (install.blueprint(Installing(settings, db, vault, sending)), framing.blueprint(frame))
    admin.register(page, settings, db, vault, limiter(settings, db), frame.frames, more)
    if settings.trusted_proxies:
        trusted = settings.trusted_proxies
        page.wsgi_app = ProxyFix(page.wsgi_app, trusted, trusted, trusted)  # type: ignore[method-assign]
    return Web(door, page, inbox, db)


def __getattr__(name: str) -> Any:
    """``app`` is made when the server asks for it, not when a test imports this module."""
    if name == "app":
        app = globals()["app"] = create_app()
        globals()["pulse"] = Pulse(app.db)
        return app
    raise AttributeError(name)
