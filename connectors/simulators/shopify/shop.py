"""One simulated store: its products, its tokens, its bucket, its ledger. One lock guards all of it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.simulators.shopify import clock, products
from connectors.simulators.shopify.bucket import Bucket
from connectors.simulators.shopify.faults import Faults
from connectors.simulators.shopify.ledger import Ledger
from connectors.simulators.shopify.products import METAFIELD, TRANSLATION, Metafield, Product
from connectors.simulators.shopify.subscriptions import Subscription
from connectors.simulators.shopify.tokens import Tokens

ALL_SCOPES = (
    "read_products", "write_products", "read_files", "write_files", "read_locales", "read_translations",
    "write_translations",
)  # fmt: skip
Emit = Callable[[str, "Product | None", str, "int | None"], None]


@dataclass
class Options:
    """What a store is like; everything may be changed while it runs."""

    name: str = ""
    client_id: str = "client"
    client_secret: str = "secret"  # noqa: S105 - nothing real
    access_token: str = ""  # one that never expires, for tests that skip the grant
    token_seconds: int = 86_399
    refresh_seconds: int = 7_776_000
    redirects: list[str] = field(default_factory=list)  # where an installation may come back to; empty: any loopback
    consent: str = "ask"  # ask | auto: the merchant agrees at once
    app_url: str = ""  # what the admin shows in its frame
    staff: str = "1"  # who is signed in to the admin
    webhook_url: str = ""  # of the subscriptions that come with the app's configuration, and their topics
    topics: list[str] = field(
        default_factory=lambda: ["products/create", "products/update", "products/delete", "app/uninstalled"]
    )
    loopback: bool = False  # subscriptions made through the API may name this machine, without TLS
    scopes: list[str] = field(default_factory=lambda: list(ALL_SCOPES))
    bucket_max: float = 2000
    bucket_restore: float = 100
    offset_minutes: int = 60
    locale: str = "en"
    locales: list[str] = field(default_factory=list)  # published beside the primary one
    reserialise_html: bool = False
    latency_ms: float = 0  # of every API answer
    webhook_delay_ms: float = 0
    webhook_jitter_ms: float = 0  # reorders
    webhook_duplicate_every: int = 0  # every n-th delivery is sent twice
    webhook_retries: list[float] = field(default_factory=lambda: [0.2, 0.5, 1, 2, 4, 8, 8, 8])  # eight, compressed


def _nobody(topic: str, product: Product | None, actor: str, call: int | None) -> None:
    """Before anybody listens."""


class Shop:
    """Hold ``lock`` around everything but the webhooks' way out."""

    def __init__(self, domain: str, options: Options, number: int) -> None:
        self.domain = domain
        self.number = number
        self.options = options
        self.app_number = 347_000_000_000 + number
        self.lock = threading.RLock()
        self.bucket = Bucket(options.bucket_max, options.bucket_restore)
        self.products: dict[int, Product] = {}
        self.subscriptions: dict[int, Subscription] = {}  # made through the API
        self.ledger = Ledger()
        self.faults = Faults()
        self.installed = True
        self.emit: Emit = _nobody
        self.outbox: Any = None  # set by the simulator, which knows the way out
        self.seen: dict[int, int] = {}  # product -> the version the API last showed
        self.tokens = Tokens()
        self._numbers = itertools.count(10_000_000_000_000 + number * 10**9, 32_768)

    @property
    def gid(self) -> str:
        return f"gid://shopify/Shop/{self.number}"

    def next_number(self) -> int:
        """The next free id, whatever for."""
        return next(self._numbers)

    # --- access tokens

    def grant(self) -> str:
        """A new token that ends after ``token_seconds``."""
        return self.tokens.grant(self.options.token_seconds)

    def accepts(self, token: str) -> bool:
        """Whether a token is good now."""
        if not self.installed or not token:
            return False
        return token == self.options.access_token or self.tokens.accepts(token)

    def revoke(self) -> None:
        """No token given so far is good any more."""
        self.tokens.revoke()
        self.options.access_token = ""

    # --- products

    def subscribed(self, topic: str) -> list[Subscription]:
        """The subscriptions to a topic that were made through the API; ``topic`` as in the webhook: products/create."""
        name = topic.replace("/", "_").upper()
        return [each for each in self.subscriptions.values() if each.topic == name]

    def find(self, gid: str) -> Product | None:
        """The product of a gid, or None."""
        kind, _, number = gid.removeprefix("gid://shopify/").partition("/")
        return self.products.get(int(number)) if kind == "Product" and number.isdigit() else None

    def owner_of(self, media: str) -> Product | None:
        """The product that shows a media file."""
        for product in self.products.values():
            if any(image.gid == media for image in product.images):
                return product
        return None

    def namespace(self, given: str | None) -> str:
        """A metafield namespace with ``$app`` resolved to the app's reserved prefix, the default being all of it."""
        reserved = f"app--{self.app_number}"
        if not given or given == "$app":
            return reserved
        return f"{reserved}--{given.removeprefix('$app:')}" if given.startswith("$app:") else given

    def free_handle(self, wanted: str) -> str:
        """The handle, with a number where it is taken."""
        taken = {product.handle for product in self.products.values()}
        tries = itertools.chain([wanted], (f"{wanted}-{n}" for n in itertools.count(1)))
        return next(handle for handle in tries if handle not in taken)

    def edit(self, product: Product, fields: Mapping[str, Any], actor: str, call: int | None = None) -> bool:
        """Set fields, note them, and tell the webhooks. False when nothing became different.

        Translations are kept beside the product: its time stands still and no webhook speaks of them.
        """
        version = product.version + 1
        different = [self._set(product, name, value, actor, call, version) for name, value in fields.items()]
        if not any(different):
            return False
        product.version = version
        if all(name.startswith(TRANSLATION) for name, new in zip(fields, different, strict=True) if new):
            return True
        product.updated_at = max(clock.now(), product.updated_at)
        self.emit("products/update", product, actor, call)
        return True

    def _set(self, product: Product, name: str, value: Any, actor: str, call: int | None, version: int) -> bool:
        stored = value["value"] if name.startswith(METAFIELD) else value
        before = product.get(name)
        author, since = product.authors.get(name, (products.MERCHANT, 1))
        self.ledger.change(
            actor=actor, call=call, product=product.gid, field=name, before=before, after=stored,
            changed=before != stored, version=version if before != stored else product.version,
            before_actor=author, before_version=since, read_version=self.seen.get(product.number, 0),
        )  # fmt: skip
        if before == stored:
            return False
        if name.startswith(METAFIELD):
            self.put_metafield(product, name, value)
        else:
            product.put(name, value)
        product.authors[name] = (actor, version)
        return True

    def put_metafield(self, product: Product, name: str, given: Mapping[str, Any]) -> None:
        namespace, _, key = name.removeprefix(METAFIELD).rpartition(".")
        known = product.metafields.get((namespace, key))
        if known:
            known.value, known.updated_at = str(given["value"]), clock.now()
            return
        moment = clock.now()
        product.metafields[namespace, key] = Metafield(
            self.next_number(), namespace, key, str(given["type"]), str(given["value"]), moment, moment
        )

    def remove(self, product: Product, actor: str, call: int | None = None) -> None:
        """Delete a product for good."""
        del self.products[product.number]
        self.emit("products/delete", product, actor, call)

    def shown(self, product: Product, call: Any) -> None:
        """Note that an API answer shows this product as it is now."""
        self.seen[product.number] = product.version
        call.reads.append({"product": product.gid, "version": product.version})

    def update(self, changes: Mapping[str, Any]) -> None:
        """Change options. Raises ValueError for one that does not exist."""
        for name, value in changes.items():
            if not hasattr(self.options, name):
                raise ValueError(f"A shop has no option {name}.")
            setattr(self.options, name, value)
        if {"bucket_max", "bucket_restore"} & set(changes):
            self.bucket = Bucket(self.options.bucket_max, self.options.bucket_restore)
