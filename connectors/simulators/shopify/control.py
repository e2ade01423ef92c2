"""The control API under /_sim/: what a test or a demo tells the simulated world, and what it asks of the ledger."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from connectors.simulators.serving import Request, Response, answer
from connectors.simulators.shopify import making, merchant, payloads, reading
from connectors.simulators.shopify.products import MERCHANT, Product
from connectors.simulators.shopify.shop import Options, Shop
from connectors.simulators.shopify.webhooks import Courier, Outbox

Handler = Callable[["Control", Request, Shop, str], Response]


class Control:
    """Routes of the control API; every one answers JSON and 404 or 400 with a sentence."""

    def __init__(self, shops: dict[str, Shop], courier: Courier) -> None:
        self.shops = shops
        self.courier = courier

    def serve(self, request: Request) -> Response:
        """Answer one control request."""
        try:
            return self._route(request)
        except KeyError as error:
            return answer({"error": f"There is no {error.args[0]}."}, 404)
        except (ValueError, TypeError, AttributeError, IndexError) as error:
            return answer({"error": str(error)}, 400)

    def _route(self, request: Request) -> Response:
        parts = request.path.removeprefix("/_sim/").strip("/").split("/")
        if parts == ["shops"]:
            return self._shops(request)
        shop = self.shops[parts[0]]
        name = "/".join([*parts[1:2], *parts[3:]])
        handler = _ROUTES[request.method, name, bool(parts[2:])]
        return handler(self, request, shop, parts[2] if parts[2:] else "")

    def _shops(self, request: Request) -> Response:
        if request.method == "GET":
            return answer({"shops": sorted(self.shops)})
        given = dict(request.json())
        domain = str(given.pop("domain"))
        shop = self.add(domain, given)
        return answer({"domain": domain, "access_token": shop.options.access_token, "id": shop.gid}, 201)

    def add(self, domain: str, options: dict[str, Any]) -> Shop:
        """A new store, or the old one of that name with other options. Raises ValueError."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*\.myshopify\.com", domain):
            raise ValueError("A shop's domain has the form name.myshopify.com.")
        shop = self.shops.get(domain) or Shop(domain, Options(), len(self.shops) + 1)
        shop.update(options)
        shop.outbox = shop.outbox or Outbox(shop, self.courier)
        shop.emit = shop.outbox.emit
        self.shops[domain] = shop
        return shop

    # --- one shop

    def _options(self, request: Request, shop: Shop, _: str) -> Response:
        with shop.lock:
            shop.update(request.json())
        return answer({"domain": shop.domain})

    def _list(self, request: Request, shop: Shop, _: str) -> Response:
        with shop.lock:
            return answer({"products": [_shown(shop, item) for item in shop.products.values()]})

    def _create(self, request: Request, shop: Shop, _: str) -> Response:
        given = request.json()
        silent = bool(given.pop("silent", False))
        with shop.lock:
            many = [making.dressed(shop, each, silent) for each in given.get("products", [given])]
            shown = [_shown(shop, item) for item in many]
        return answer({"products": shown} if "products" in given else shown[0], 201)

    def _edit(self, request: Request, shop: Shop, which: str) -> Response:
        with shop.lock:
            item = _product(shop, which)
            changed = merchant.edit(shop, item, request.json())
            return answer({**_shown(shop, item), "changed": changed})

    def _delete(self, request: Request, shop: Shop, which: str) -> Response:
        with shop.lock:
            shop.remove(_product(shop, which), MERCHANT)
        return answer({"deleted": which})

    def _order(self, request: Request, shop: Shop, which: str) -> Response:
        """Somebody buys one: products/update is sent although no text changed."""
        with shop.lock:
            item = _product(shop, which)
            merchant.sell(shop, item)
            return answer(_shown(shop, item))

    def _product(self, request: Request, shop: Shop, which: str) -> Response:
        with shop.lock:
            return answer(_shown(shop, _product(shop, which)))

    def _deliver(self, request: Request, shop: Shop, _: str) -> Response:
        """Send deliveries now and wait: see README.md."""
        given = request.json()
        with shop.lock:
            parcel = self._packed(shop, given)
        return answer({
            "webhook_id": parcel.entry.id,
            "statuses": [self.courier.send(parcel) for _ in range(int(given.get("times", 1)))],
        })  # fmt: skip

    def _packed(self, shop: Shop, given: dict[str, Any]) -> Any:
        item = _product(shop, str(given["product"])) if given.get("product") else None
        topic = given.get("topic", "products/update")
        if "body" in given:
            body = given["body"].encode() if isinstance(given["body"], str) else json.dumps(given["body"]).encode()
        else:
            body = json.dumps(payloads.product(shop, item) if item else payloads.shop(shop)).encode()
        named = ("webhook_id", "shop_domain", "secret", "url")
        overrides = {name: given[name] for name in named if given.get(name)}
        if given.get("forged"):
            overrides["secret"] = "forged-" + shop.options.client_secret
        parcel = shop.outbox.pack(topic, body, item, **overrides)
        parcel.entry.forged = bool(given.get("forged"))
        return parcel

    def _plan(self, request: Request, shop: Shop, _: str) -> Response:
        given = request.json()
        with shop.lock:
            shop.faults.plan(given["faults"] if isinstance(given, dict) else given)
            return answer({"planned": len(shop.faults.planned)}, 201)

    def _planned(self, request: Request, shop: Shop, _: str) -> Response:
        with shop.lock:
            return answer({"faults": [vars(fault) for fault in shop.faults.planned]})

    def _forget(self, request: Request, shop: Shop, _: str) -> Response:
        with shop.lock:
            shop.faults.planned.clear()
        return answer({"planned": 0})

    def _ledger(self, request: Request, shop: Shop, _: str) -> Response:
        parts = request.query.get("parts", "calls,changes,webhooks").split(",")
        with shop.lock:
            found = shop.ledger.as_json(int(request.query.get("since", 0)), parts)
        return answer({**found, "waiting": self.courier.waiting()})

    def _bucket(self, request: Request, shop: Shop, _: str) -> Response:
        with shop.lock:
            return answer(shop.bucket.status())

    def _revoke(self, request: Request, shop: Shop, _: str) -> Response:
        with shop.lock:
            shop.revoke()
        return answer({"revoked": True})

    def _uninstall(self, request: Request, shop: Shop, _: str) -> Response:
        with shop.lock:
            shop.installed = False
            shop.tokens.revoke()
            shop.emit("app/uninstalled", None, MERCHANT, None)
        return answer({"installed": False})

    def _install(self, request: Request, shop: Shop, _: str) -> Response:
        with shop.lock:
            shop.installed = True
        return answer({"installed": True})


_ROUTES: dict[tuple[str, str, bool], Handler] = {
    ("PATCH", "", False): Control._options,
    ("GET", "products", False): Control._list,
    ("POST", "products", False): Control._create,
    ("GET", "products", True): Control._product,
    ("PATCH", "products", True): Control._edit,
    ("DELETE", "products", True): Control._delete,
    ("POST", "products/order", True): Control._order,
    ("POST", "deliver", False): Control._deliver,
    ("POST", "faults", False): Control._plan,
    ("GET", "faults", False): Control._planned,
    ("DELETE", "faults", False): Control._forget,
    ("GET", "ledger", False): Control._ledger,
    ("GET", "bucket", False): Control._bucket,
    ("POST", "revoke", False): Control._revoke,
    ("POST", "uninstall", False): Control._uninstall,
    ("POST", "install", False): Control._install,
}


def _product(shop: Shop, which: str) -> Product:
    item = shop.products.get(int(which)) if which.isdigit() else shop.find(which)
    if item is None:
        raise KeyError(f"product {which}")
    return item


def _shown(shop: Shop, item: Product) -> dict[str, Any]:
    return {
        **payloads.product(shop, item),
        "gid": item.gid,
        "version": item.version,
        "seo": {"title": item.seo_title, "description": item.seo_description},
        "metafields": [reading.metafield(each) for each in item.metafields.values()],
        "authors": {name: {"actor": actor, "version": version} for name, (actor, version) in item.authors.items()},
    }
