"""The only place where the web side is put together. ``granian --interface wsgi webhooks.app:app``."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from bridge import admin, logs
from bridge.db import Database
from bridge.inbox import Inbox
from bridge.ratelimit import limiter
from bridge.settings import Settings, load
from bridge.vault import Vault
from webhooks import health, receive


def create_app(settings: Settings | None = None) -> Flask:
    """The web process: the door, the page, the health check. Raises WrongSettings."""
    settings = settings or load()
    logs.configure(settings.log_format, settings.log_level)
    db, vault = Database(settings.database_url), Vault(settings.encryption_keys)
    web = Flask("webhooks", static_folder=None)
    web.secret_key = settings.secret_key
    if settings.trusted_proxies:
        trusted = settings.trusted_proxies
        web.wsgi_app = ProxyFix(web.wsgi_app, trusted, trusted, trusted)  # type: ignore[method-assign]
    hooks = receive.blueprint(settings, db, vault, Inbox(db, vault))
    web.register_blueprint(hooks)
    web.register_blueprint(health.blueprint(db))
    admin.register(web, settings, db, vault, limiter(settings, db), exempt=(hooks,))
    return web


def __getattr__(name: str) -> Any:
    """``app`` is made when the server asks for it, not when a test imports this module."""
    if name == "app":
        globals()["app"] = create_app()
        return globals()["app"]
    raise AttributeError(name)
