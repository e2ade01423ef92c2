"""A third store's whole life: it installs the app, is written for, is cut off, comes back, leaves, and is forgotten."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import select

from bridge import reconciling, shops
from bridge.models import Connection, Job, PrivacyRequest, Subject
from demo.world import LEAVING, DemoFailed, Store, World, wait_for

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
# A token that is renewed after two seconds: 300 seconds before its end, as every token.
_TOKEN_SECONDS = 302
_LAMP = {"title": "Hafenlaterne", "vendor": "Hafenkante", "metafields": [
    {"namespace": "custom", "key": "material", "type": "single_line_text_field", "value": "Messing"}]}  # fmt: skip


@dataclass
class Leaving:
    """The acts of the third store, in order."""

    world: World

    @property
    def store(self) -> Store:
        """Its control room."""
        return self.world.stores[LEAVING]

    def install(self) -> None:
        """A person on the page, the merchant at Shopify, and back: as a browser would do it."""
        self._make_store()
        with self.world.db.writing() as session:
            shop_id = shops.create(session, "Hafenkante", "de").id
        browser = requests.Session()
        browser.trust_env = False
        url = self.world.settings.public_url
        keys = {"name": "demo", "password": self.world.password, "csrf_token": self._form(browser, "/sign-in")}
        browser.post(f"{url}/sign-in", data=keys, timeout=30)
        asked = {"account": LEAVING, "shop": shop_id, "csrf_token": self._form(browser, "/connections/new")}
        answer = browser.post(f"{url}/install/shopify", data=asked, timeout=30)
        if urlsplit(answer.url).path != "/connections":
            raise DemoFailed(f"The installation ended at {urlsplit(answer.url).path}.")
        wait_for("the first look at the catalogue", lambda: self._looked(1))

    def be_written_for(self) -> str:
        """Webhook → draft → approval → write, with tokens that are renewed on the way."""
        time.sleep(_TOKEN_SECONDS - 300)  # until the first token is due to be renewed
        gid = self.store.make(_LAMP)
        self.world.approve(gid)
        self.world.wait_job(gid, "done")
        return gid

    def be_cut_off(self, gid: str) -> None:
        """For a while no webhook gets through, and none is sent again; then somebody asks for a look."""
        address = f"{self.world.settings.public_url}/hooks/shopify"
        self.store.tune(webhook_url="http://127.0.0.1:9/", webhook_retries=[])
        self.store.edit(gid, vendor="Hafenkante & Söhne", title="Hafenlaterne, groß")
        made = self.store.make({**_LAMP, "title": "Hafenlaterne, klein"})
        wait_for("the webhooks to be lost", lambda: not self.store.ledger()["waiting"])
        self.store.tune(webhook_url=address)
        with self.world.db.writing() as session:
            row = shops.find(session, "shopify", LEAVING)
            reconciling.ask(session, row, reason="asked")  # type: ignore[arg-type]
        wait_for("the look for what was missed", lambda: self._looked(2))
        self.world.wait_job(made, "review")

    def leave(self) -> None:
        """The merchant removes the app; what we hold goes when its time is over, and Shopify asks for it too."""
        self.store.uninstall()
        wait_for("the uninstall to be confirmed", lambda: self._request())
        self.store.deliver(topic="shop/redact", body={"shop_id": 1, "shop_domain": LEAVING})
        wait_for("the shop to be forgotten", lambda: not self._connection() and not self._open_requests())

    # --- looking

    def _make_store(self) -> None:
        made = requests.post(
            f"{self.store.url}/_sim/shops",
            json={
                "domain": LEAVING, "client_id": self.world.settings.shopify_client_id,
                "client_secret": self.world.settings.shopify_client_secret, "consent": "auto", "locale": "de",
                "webhook_url": f"{self.world.settings.public_url}/hooks/shopify", "token_seconds": _TOKEN_SECONDS,
            },
            timeout=30,
        )  # fmt: skip
        made.raise_for_status()

    def _form(self, browser: requests.Session, path: str) -> str:
        found = _TOKEN.search(browser.get(self.world.settings.public_url + path, timeout=30).text)
        if found is None:
            raise DemoFailed(f"{path} has no form.")
        return found[1]

    def _looked(self, times: int) -> bool:
        done = select(Job.id).join(Subject, Subject.id == Job.subject_id)
        done = done.where(Subject.ref == LEAVING, Job.kind == reconciling.KIND, Job.state == "skipped")
        with self.world.db.reading() as session:
            return len(session.scalars(done).all()) >= times

    def _connection(self) -> Any:
        with self.world.db.reading() as session:
            return session.scalar(select(Connection.id).where(Connection.account == LEAVING))

    def _request(self) -> Any:
        with self.world.db.reading() as session:
            return session.scalar(select(PrivacyRequest.id).where(PrivacyRequest.account == LEAVING))

    def _open_requests(self) -> Any:
        with self.world.db.reading() as session:
            waiting = (PrivacyRequest.account == LEAVING, PrivacyRequest.state == "open")
            return session.scalar(select(PrivacyRequest.id).where(*waiting))
