"""The page inside the Shopify admin, in a real browser: another site around it, so no cookie ever reaches us."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography.fernet import Fernet
from playwright.sync_api import FrameLocator, Page
from sqlalchemy import select
from werkzeug.serving import make_server

from bridge.db import Database
from bridge.models import Base, Connection, User
from bridge.settings import load
from connectors.simulators import shopify
from connectors.simulators.shopify import Simulator
from connectors.simulators.shopify.admin_page import APP_BRIDGE
from webhooks.app import create_app
from webhooks.frame import APP_BRIDGE as CDN

DOMAIN = "nordlicht.myshopify.com"
APP = {"client_id": "client", "client_secret": "a secret that is long enough for a key"}


@dataclass
class Admin:
    """A store's admin with the app in a frame, and what the app's server saw."""

    simulator: Simulator
    db: Database
    cookies: list[str]  # sent by the browser to the app, or set by it

    @property
    def url(self) -> str:
        return f"{self.simulator.url}/{DOMAIN}/admin/apps/storebridge".replace("127.0.0.1", "localhost")

    def open(self, page: Page) -> FrameLocator:
        page.context.route(CDN, lambda route: route.fulfill(body=APP_BRIDGE, content_type="text/javascript"))
        page.goto(self.url)
        return page.frame_locator("iframe")


@pytest.fixture
def admin(tmp_path: Path) -> Iterator[Admin]:
    db = Database(f"sqlite:///{tmp_path / 'frame.db'}")
    Base.metadata.create_all(db.engine)
    given = {"SECRET_KEY": "only for tests " * 3, "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
             "DATA_DIR": str(tmp_path), "RATE_LIMIT_STORE": "sql", "DATABASE_URL": f"sqlite:///{tmp_path / 'frame.db'}",
             "SHOPIFY_CLIENT_ID": APP["client_id"], "SHOPIFY_CLIENT_SECRET": APP["client_secret"]}  # fmt: skip
    with shopify.start() as simulator:
        server = make_server("127.0.0.1", 0, lambda *_: iter(()), threaded=True)
        public = f"http://127.0.0.1:{server.server_port}"
        # The page lives on another site than the admin: localhost around 127.0.0.1.
        around = simulator.url.replace("127.0.0.1", "localhost") + "/{shop}"
        web = create_app(replace(load(given), public_url=public, shopify_url=around))
        cookies: list[str] = []

        def watched(environ: dict[str, object], start: object) -> object:
            if environ.get("HTTP_COOKIE"):
                cookies.append(f"sent to {environ['PATH_INFO']}")

            def begin(status: str, headers: list[tuple[str, str]], *more: object) -> object:
                cookies.extend(f"set by {environ['PATH_INFO']}" for name, _ in headers if name == "Set-Cookie")
                return start(status, headers, *more)  # type: ignore[operator]

            return web(environ, begin)  # type: ignore[arg-type]

        server.app = watched
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        options = {**APP, "app_url": f"{public}/shopify", "name": "Nordlicht", "locale": "de"}
        simulator.control.add(DOMAIN, options)
        try:
            yield Admin(simulator, db, cookies)
        finally:
            server.shutdown()
            thread.join(5)
            web.close()
            db.close()


@pytest.mark.parametrize(("width", "language"), [(1280, "de"), (390, "en")])
def test_opening_the_app_installs_it_and_every_page_works_without_a_cookie(
    admin: Admin, page: Page, complaints: list[str], width: int, language: str
) -> None:
    admin.simulator.control.add(DOMAIN, {"locale": language})
    words = {"de": ("Übersicht", "Verbindungen", "Pausieren", "Pausiert", "Fortsetzen"),
             "en": ("Overview", "Connections", "Pause", "Paused", "Resume")}[language]  # fmt: skip
    page.set_viewport_size({"width": width, "height": 800})
    app = admin.open(page)
    app.locator("h1").first.wait_for()
    assert app.locator("html").get_attribute("lang") == language
    with admin.db.reading() as session:
        row = session.scalars(select(Connection)).one()
        assert (row.account, row.status) == (DOMAIN, "connected")
        assert session.scalars(select(User)).one().role == "owner"
    if width < 800:
        app.locator("#menu > summary").click()
    app.get_by_role("link", name=words[1]).click()
    app.get_by_role("heading", name=words[1], exact=True).wait_for()
    app.get_by_role("button", name=words[2], exact=True).click()
    app.locator("[data-flashes] .flash").wait_for()
    assert words[3] in app.locator("[data-flashes]").inner_text()
    app.get_by_role("button", name=words[4], exact=True).click()
    app.get_by_role("button", name=words[2], exact=True).wait_for()
    with admin.db.reading() as session:
        assert session.scalars(select(Connection.status)).one() == "connected"
    assert admin.cookies == []


def test_a_page_that_is_loaded_anew_in_its_frame_finds_its_way_back(
    admin: Admin, page: Page, complaints: list[str]
) -> None:
    app = admin.open(page)
    app.locator("h1").first.wait_for()
    frame = page.frames[1]
    base = "/".join(frame.url.split("/")[:3])
    frame.goto(f"{base}/jobs?embedded=1&shop={DOMAIN}&host=x")
    app.get_by_role("heading", level=1).wait_for()
    assert "/jobs" in page.frames[1].url and "id_token" in page.frames[1].url
    assert admin.cookies == []


def test_what_is_shown_in_the_frame_is_accessible(admin: Admin, page: Page) -> None:
    app = admin.open(page)
    app.locator("h1").first.wait_for()
    found = Axe().run(page, options={"iframes": True})
    serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
    assert serious == [], found.generate_report()


def test_a_stranger_to_the_shop_may_not_frame_it(admin: Admin, page: Page) -> None:
    app = admin.open(page)
    app.locator("h1").first.wait_for()
    inside = page.frames[1].url
    page.route("http://evil.example/", lambda route: route.fulfill(
        body=f'<iframe src="{inside.replace("&", "&amp;")}"></iframe>', content_type="text/html"))  # fmt: skip
    page.goto("http://evil.example/")
    page.wait_for_timeout(500)
    assert "chrome-error" in page.frames[1].url or page.frames[1].locator("h1").count() == 0
