"""A simulated Shopify: Admin GraphQL API 2026-10, access tokens, signed webhooks, failures on demand, a ledger.

    python -m connectors.simulators.shopify --port 9101

Under ``{url}/{shop domain}/``: ``admin/api/2026-10/graphql.json``, ``admin/oauth/authorize`` and
``admin/oauth/access_token``, and ``admin/apps/storebridge``, the admin with the app in a frame. The control API lies
under ``{url}/_sim/``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.simulators.serving import Request, Response, Running, answer
from connectors.simulators.shopify import admin_page, roots, signin
from connectors.simulators.shopify.api import Api
from connectors.simulators.shopify.control import Control
from connectors.simulators.shopify.shop import Shop
from connectors.simulators.shopify.webhooks import API_VERSION, Courier

__all__ = ["Simulator", "start"]


class Simulator:
    """A running simulator. ``url`` is where it listens; ``stop`` ends it."""

    def __init__(self, port: int = 0, threads: int = 4) -> None:
        roots.attach()
        self.shops: dict[str, Shop] = {}
        self.courier = Courier(threads)
        self.control = Control(self.shops, self.courier)
        self._api = Api()
        self._running = Running(self._serve, port)
        self.url = self._running.url

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Hang up, send nothing more."""
        self._running.stop()
        self.courier.stop()

    def _serve(self, request: Request) -> Response:
        if request.path.startswith("/_sim/"):
            return self.control.serve(request)
        domain, _, path = request.path.lstrip("/").partition("/")
        shop = self.shops.get(domain)
        if shop is None:
            return answer({"errors": "Not Found"}, 404)
        handler = _PAGES.get((request.method, "admin/apps/" if path.startswith("admin/apps/") else path))
        if handler is not None:
            return handler(shop, request)
        if path == f"admin/api/{API_VERSION}/graphql.json" and request.method == "POST":
            return self._api.serve(shop, request.headers.get("x-shopify-access-token", ""), request.body)
        return answer({"errors": "Not Found"}, 404)


_PAGES: dict[tuple[str, str], Callable[[Shop, Request], Response]] = {
    ("POST", "admin/oauth/access_token"): signin.serve,
    ("GET", "admin/oauth/authorize"): signin.consent,
    ("POST", "admin/oauth/agree"): signin.agree,
    ("GET", "admin/apps/"): admin_page.frame,
    ("GET", "admin/session_token"): lambda shop, _: Response(200, admin_page.token(shop).encode()),
}


def start(port: int = 0, shops: dict[str, dict[str, Any]] | None = None, threads: int = 4) -> Simulator:
    """Start one in a thread of this process; ``shops`` maps domains to options (README.md)."""
    simulator = Simulator(port, threads)
    for domain, options in (shops or {}).items():
        simulator.control.add(domain, options)
    return simulator
