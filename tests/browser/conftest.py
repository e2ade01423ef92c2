"""A real chromium against a real server; skipped with a reason where there is no chromium."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

from bridge import admin
from bridge.db import Database
from bridge.models import Base
from bridge.settings import load
from bridge.vault import Vault
from tests.bridge.admin import seed
from tests.bridge.admin.conftest import Limits
from tests.bridge.admin.seed import Seeded

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A running page with its rows."""

    url: str
    db: Database
    seeded: Seeded

    def open(self, page: Page, name: str = "operator", language: str = "en", theme: str = "light") -> None:
        """Sign in by the form, in a language and a look."""
        cookies = {"language": language, "theme": theme}
        page.context.add_cookies([{"name": key, "value": value, "url": self.url} for key, value in cookies.items()])
        page.goto(self.url + "/sign-in")
        page.fill("#name", name)
        page.fill("#password", seed.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(self.url + "/")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own chromium: nothing is downloaded."""
    if CHROMIUM is None:
        pytest.skip("There is no chromium on this machine.")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@contextmanager
def serve(folder: Path) -> Iterator[Site]:
    """The page on a free port of this machine."""
    key = Fernet.generate_key().decode()
    settings = load({"SECRET_KEY": "only for tests " * 3, "ENCRYPTION_KEYS": key, "DATA_DIR": str(folder),
                     "RATE_LIMIT_STORE": "sql"})  # fmt: skip
    db, vault = Database(f"sqlite:///{folder / 'page.db'}"), Vault((key,))
    Base.metadata.create_all(db.engine)
    seeded = seed.fill(db, vault)
    app = Flask("page", static_folder=None)
    admin.register(app, settings, db, vault, Limits())
    app.extensions["limiter"].copy().pop().enabled = False  # one address signs in many times here
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", db, seeded)
    finally:
        server.shutdown()
        thread.join(5)
        db.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site of one's own, to change."""
    with serve(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that tests only look at."""
    with serve(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains about; must be nothing at the end of every test."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []
