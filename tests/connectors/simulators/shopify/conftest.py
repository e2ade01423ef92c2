from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connectors.simulators import shopify
from connectors.simulators.shopify import Simulator
from tests.connectors.simulators.receiver import Receiver

DOMAIN = "nordlicht.myshopify.com"
TOKEN = "shpat_test"
READ = "query Read($id: ID!) { product(id: $id) { id title descriptionHtml tags updatedAt seo { title description } } }"
WRITE = """mutation Write($product: ProductUpdateInput!) {
  productUpdate(product: $product) {
    product { id title updatedAt seo { title description } }
    userErrors { field message }
  }
}"""


class Store:
    """One shop of a running simulator, as a client sees it and as the control API does."""

    def __init__(self, simulator: Simulator, **options: Any) -> None:
        self.simulator = simulator
        self.http = requests.Session()
        self.http.trust_env = False
        self.url = f"{simulator.url}/{DOMAIN}"
        simulator.control.add(DOMAIN, {"access_token": TOKEN, **options})

    def post(self, document: str, variables: dict[str, Any] | None = None, token: str = TOKEN) -> requests.Response:
        return self.http.post(
            f"{self.url}/admin/api/2026-10/graphql.json",
            json={"query": document, "variables": variables or {}},
            headers={"X-Shopify-Access-Token": token},
            timeout=10,
        )

    def run(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        response = self.post(document, variables)
        assert response.status_code == 200, response.text
        return response.json()

    def read(self, gid: str) -> dict[str, Any]:
        return self.run(READ, {"id": gid})["data"]["product"]

    def write(self, gid: str, **fields: Any) -> dict[str, Any]:
        return self.run(WRITE, {"product": {"id": gid, **fields}})["data"]["productUpdate"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        address = f"{self.simulator.url}/_sim/{DOMAIN}/{path}".rstrip("/")
        response = self.http.request(method, address, json=body, timeout=10)
        assert response.ok, response.text
        return response.json()

    def product(self, **fields: Any) -> str:
        return self.control("POST", "products", {"title": "Mug", "silent": True, **fields})["gid"]

    def fault(self, **fault: Any) -> None:
        self.control("POST", "faults", [fault])

    def ledger(self) -> dict[str, Any]:
        return self.control("GET", "ledger")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with shopify.start() as running:
        yield running


@pytest.fixture
def store(simulator: Simulator) -> Store:
    return Store(simulator)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture
def hooked(simulator: Simulator, receiver: Receiver) -> Store:
    return Store(simulator, webhook_url=receiver.url, client_secret="hush", webhook_retries=[0.02, 0.02, 0.02])
