"""A small Flask app with nothing but the page, rows of two shops, and visitors who use it like a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bridge import admin
from bridge.db import Database
from bridge.settings import Settings
from bridge.vault import Vault
from tests.bridge.admin import seed
from tests.bridge.admin.seed import Seeded

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Level:
    """A rate limit as the page asks for it."""

    available: float = 820.0
    maximum: float = 2000.0
    rate: float = 100.0
    outstanding: float = 0.0
    learnt: bool = True


@dataclass
class Limits:
    """Rate limits with a fixed level; an error to raise makes the store unreachable."""

    level: Level = field(default_factory=Level)
    error: Exception | None = None

    def state(self, key: str) -> Level:
        if self.error:
            raise self.error
        return self.level


@dataclass
class Visitor:
    """A browser: cookies, and the CSRF token of the last page with a form."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, **values: Any) -> TestResponse:
        answer = self.client.get(path, **values)
        found = _TOKEN.search(answer.text)
        self.token = found.group(1) if found else self.token
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, **values: Any) -> TestResponse:
        return self.client.post(path, data={**(data or {}), "csrf_token": self.token}, **values)

    def sign_in(self, name: str, password: str = seed.PASSWORD) -> TestResponse:
        self.get("/sign-in")
        answer = self.post("/sign-in", {"name": name, "password": password})
        if answer.status_code == 303:
            self.get("/account")
        return answer


@pytest.fixture
def limits() -> Limits:
    """The rate limits that the page shows."""
    return Limits()


@pytest.fixture
def app(db: Database, settings: Settings, vault: Vault, limits: Limits) -> Flask:
    """The page alone."""
    made = Flask("page", static_folder=None)
    admin.register(made, settings, db, vault, limits)
    made.testing = True
    return made


@pytest.fixture
def seeded(db: Database, vault: Vault) -> Seeded:
    """Two shops with jobs in every state."""
    return seed.fill(db, vault)


@pytest.fixture
def visit(app: Flask, seeded: Seeded) -> Callable[..., Visitor]:
    """A visitor: ``visit()`` is a stranger, ``visit("operator")`` has signed in; ``language`` sets the cookie."""

    def enter(name: str = "", language: str = "en") -> Visitor:
        visitor = Visitor(app.test_client())
        visitor.client.set_cookie("language", language)
        if name:
            people = [seeded.operator, *seeded.owners.values()]
            user = next(user for user in people if user.name == name)
            with visitor.client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = f"{user.id}.{user.session_version}", True
            assert visitor.get("/account").status_code == 200
        return visitor

    return enter
