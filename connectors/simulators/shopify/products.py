"""A product as the simulated store keeps it. Every change goes through ``Product.set`` and leaves a trace."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.simulators.shopify import clock

API = "api"
MERCHANT = "merchant"

# Fields of the change log; the alternative text of an image is "alt:<gid>", a metafield "metafield:<ns>.<key>",
# a translation "translation:<locale>.<key>".
PLAIN = (
    "title", "body_html", "seo_title", "seo_description", "vendor", "product_type", "handle", "status", "category",
    "template_suffix",
)  # fmt: skip
TAGS = "tags"
ALT = "alt:"
METAFIELD = "metafield:"
TRANSLATION = "translation:"


# The keys of translations and the fields they translate.
TRANSLATABLE = {
    "title": "title",
    "body_html": "body_html",
    "handle": "handle",
    "product_type": "product_type",
    "meta_title": "seo_title",
    "meta_description": "seo_description",
}


def digest(text: str) -> str:
    """The digest of translatable content: SHA-256 of the text, in hex. It makes a write conditional."""
    return hashlib.sha256(text.encode()).hexdigest()


def _place(name: str) -> tuple[str, str]:
    locale, _, key = name.removeprefix(TRANSLATION).partition(".")
    return locale, key


@dataclass
class Image:
    number: int
    alt: str | None
    src: str
    width: int
    height: int
    created_at: int
    updated_at: int
    status: str = "READY"
    kind: str = "MediaImage"

    @property
    def gid(self) -> str:
        return f"gid://shopify/{self.kind}/{self.number}"


@dataclass
class Metafield:
    number: int
    namespace: str
    key: str
    type: str
    value: str
    created_at: int
    updated_at: int

    @property
    def digest(self) -> str:
        """Opaque to clients: not a hash of the value alone."""
        return hashlib.sha256(f"{self.number}/{self.type}/{self.value}".encode()).hexdigest()


@dataclass
class Product:
    number: int
    created_at: int
    updated_at: int
    title: str = ""
    body_html: str = ""
    seo_title: str | None = None
    seo_description: str | None = None
    vendor: str = ""
    product_type: str = ""
    handle: str = ""
    status: str = "ACTIVE"
    category: str | None = None
    template_suffix: str | None = None
    tags: list[str] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)
    variants: list[dict[str, Any]] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    metafields: dict[tuple[str, str], Metafield] = field(default_factory=dict)
    translations: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    version: int = 1
    authors: dict[str, tuple[str, int]] = field(default_factory=dict)  # field -> (who set it last, in which version)

    @property
    def gid(self) -> str:
        return f"gid://shopify/Product/{self.number}"

    def get(self, name: str) -> Any:
        """The current value of a field of the change log."""
        if name in PLAIN:
            return getattr(self, name)
        if name == TAGS:
            return list(self.tags)
        if name.startswith(ALT):
            return self.image(name.removeprefix(ALT)).alt
        if name.startswith(TRANSLATION):
            known = self.translations.get(_place(name))
            return known["value"] if known else None
        namespace, _, key = name.removeprefix(METAFIELD).rpartition(".")
        found = self.metafields.get((namespace, key))
        return found.value if found else None

    def put(self, name: str, value: Any) -> None:
        """Set one field, without a trace; metafields have their own way in."""
        if name in PLAIN:
            setattr(self, name, value)
        elif name == TAGS:
            self.tags = list(value)
        elif name.startswith(TRANSLATION):
            self._translate(*_place(name), value)
        else:
            self.image(name.removeprefix(ALT)).alt = value

    def source(self, key: str) -> str | None:
        """The text that a translation is made of; None for a key that products do not have."""
        return getattr(self, TRANSLATABLE[key]) or "" if key in TRANSLATABLE else None

    def _translate(self, locale: str, key: str, value: str | None) -> None:
        if value is None:
            self.translations.pop((locale, key), None)
        else:
            made_of = digest(self.source(key) or "")
            self.translations[locale, key] = {"value": value, "digest": made_of, "at": clock.now()}

    def image(self, gid: str) -> Image:
        """The image of that id. Raises KeyError."""
        for image in self.images:
            if image.gid == gid:
                return image
        raise KeyError(gid)


def tidy_tags(given: Iterable[str]) -> list[str]:
    """As Shopify keeps tags: split at commas, trimmed, the first spelling of a word wins, sorted without case."""
    first: dict[str, str] = {}
    for entry in given:
        for tag in entry.split(","):
            if tag.strip():
                first.setdefault(tag.strip().casefold(), tag.strip())
    return [first[key] for key in sorted(first)]


def without_tags(current: Sequence[str], gone: Iterable[str]) -> list[str]:
    """Tags less some others, whatever their case."""
    dropped = {tag.casefold() for tag in tidy_tags(gone)}
    return [tag for tag in current if tag.casefold() not in dropped]


def handle_of(text: str) -> str:
    """The handle Shopify makes of a text; "product" where nothing is left."""
    return re.sub(r"[^\w]+", "-", text.strip().lower()).strip("-").replace("_", "-") or "product"


_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|nbsp);)\w+;")


def reserialised(text: str) -> str:
    """The same HTML spelt another way: no closing slashes, letters instead of named entities."""
    open_tags = re.sub(r"<(br|hr|img)([^<>]*?)\s*/>", r"<\1\2>", text)
    return _NAMED.sub(lambda found: html.unescape(found.group()), open_tags)
