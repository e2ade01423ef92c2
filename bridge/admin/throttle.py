"""Guessing passwords is slow: so many tries per address, and so many failures per name."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from bridge.settings import Settings

PER_ADDRESS = "10 per minute; 100 per hour"
FAILURES_PER_NAME = "10 per 15 minutes"
REFUSED = 401  # what a wrong name or password is answered with


def install(app: Flask, settings: Settings) -> None:
    """Throttle the sign-in form; counted in the shared store where there is one."""
    store = settings.rate_limit_store
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=store if store.startswith(("redis://", "rediss://")) else "memory://",
        in_memory_fallback_enabled=True,  # a store that is away must not lock people out of the page
        key_prefix="page",
    )
    guarded: Any = limiter.limit(PER_ADDRESS, methods=["POST"])(app.view_functions["account.sign_in"])
    by_name: Any = limiter.limit(FAILURES_PER_NAME, key_func=_name, methods=["POST"], deduct_when=_failed)(guarded)
    app.view_functions["account.sign_in"] = by_name


def _name() -> str:
    return "name:" + request.form.get("name", "").strip().lower()[:255]


def _failed(response: Response) -> bool:
    return response.status_code == REFUSED
