"""The shared words, as frozen values. Raw platform dictionaries stop at the connectors; inside, all speak these."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

# --- fields of a product listing that we may write --------------------------------------------------------------
# Image alternative texts are one field each: "alt:<media id>".
DESCRIPTION = "description"  # HTML
SEO_TITLE = "seo_title"  # plain text
SEO_DESCRIPTION = "seo_description"  # plain text
TITLE = "title"  # plain text, only where the shop's policy allows it
TAGS = "tags"  # added, never removed: comma separated in storage, a sorted list of tags in code
ALT = "alt:"  # prefix
# Texts for other channels, made with a draft for people to copy.
CHANNELS = ("headline", "bullets", "social", "caption")
LISTING_FIELDS = (DESCRIPTION, SEO_TITLE, SEO_DESCRIPTION, TITLE, TAGS)

Severity = Literal["block", "person", "hint"]


def fingerprint(value: object) -> str:
    """Hex SHA-256 of any JSON-able value; equal values give equal fingerprints on every machine and Python."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Event:
    """What a delivery means, in our words."""

    kind: str  # product.created | product.updated | product.deleted | connection.revoked
    source_id: str  # unique per connection; the platform's id of this happening
    subject: str | None = None  # the platform's id of the product, review or ticket
    occurred_at: int | None = None  # ms; when the subject last changed, by the platform's clock
    texts: Mapping[str, str] = field(
        default_factory=dict
    )  # the field texts the payload carries (a hint, never a source)
    rest: str = ""  # fingerprint of everything else in the payload that may become a fact
    title: str = ""
    waiting: bool = False  # a draft at the platform, not for sale yet
    person: Mapping[str, Any] = field(default_factory=dict, repr=False)  # email, phone, ids; only for privacy requests


@dataclass(frozen=True)
class Image:
    """A picture of a product."""

    ref: str
    alt: str = ""
    url: str = ""


@dataclass(frozen=True)
class Attribute:
    """One thing the shop itself says about a product: a metafield, an option with its values, a variant figure."""

    key: str  # stable: "metafield:custom.material", "option:Color", "variant:weight"
    label: str  # for people: "Material"
    value: str


@dataclass(frozen=True)
class Product:
    """A product as it is on the platform now."""

    ref: str
    title: str
    description: str = ""  # HTML as the platform returns it
    seo_title: str = ""
    seo_description: str = ""
    vendor: str = ""
    product_type: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    status: str = "active"  # active | draft | archived
    images: tuple[Image, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    updated_at: int | None = None  # ms, the platform's clock
    intent: str = ""  # the id of our last write, where the platform keeps it for us
    url: str = ""

    def texts(self) -> dict[str, str]:
        """The current text of every field we could write; missing is the empty string."""
        found = {
            DESCRIPTION: self.description,
            SEO_TITLE: self.seo_title,
            SEO_DESCRIPTION: self.seo_description,
            TITLE: self.title,
            TAGS: join_tags(self.tags),
        }
        found.update({ALT + image.ref: image.alt for image in self.images})
        return found


@dataclass(frozen=True)
class Fact:
    """Something the shop itself says, with the place it was said; the only thing a generated claim may rest on."""

    key: str
    label: str
    value: str


@dataclass(frozen=True)
class Facts:
    """All facts of one subject, in a stable order. ``facts[key]`` finds one."""

    items: tuple[Fact, ...]
    locale: str = "en"

    def __getitem__(self, key: str) -> Fact:
        return next(fact for fact in self.items if fact.key == key)

    def value(self, key: str, default: str = "") -> str:
        """The value of a fact, or the default where the shop does not say."""
        return next((fact.value for fact in self.items if fact.key == key), default)

    def fingerprint(self) -> str:
        """Changes exactly when a fact changes."""
        return fingerprint([[fact.key, fact.value] for fact in self.items])


@dataclass(frozen=True)
class Voice:
    """How a shop speaks in one locale."""

    locale: str = "en"
    role: str = ""  # who speaks: "a small workshop for wooden toys"
    audience: str = ""
    tone: str = ""
    address: str = "du"  # German: du | Sie
    glossary: Mapping[str, str] = field(default_factory=dict)  # say this -> never that, as {wrong: right}
    forbidden: tuple[str, ...] = ()
    description_words: tuple[int, int] = (30, 250)  # at least, at most
    seo_title_chars: int = 60
    seo_description_chars: int = 155
    alt_chars: int = 125

    def fingerprint(self) -> str:
        """Changes when the way of speaking changes."""
        return fingerprint(asdict(self))


@dataclass(frozen=True)
class Draft:
    """What the machine (or a person) proposes: new texts by field, the texts they were written for, and by whom."""

    locale: str
    base: Mapping[str, str]  # field -> the text on the platform when this was written
    fields: Mapping[str, str]  # field -> proposed text; only fields that would change
    author: str  # "template", a model's name, or "person"
    channels: Mapping[str, str] = field(default_factory=dict)  # texts for elsewhere, never written to the shop


@dataclass(frozen=True)
class Finding:
    """What one check says about one place in a draft."""

    check: str  # grounded | markup | lengths | …
    severity: Severity  # block: never written as it is · person: somebody must look · hint: worth knowing
    field: str
    message: str  # a plain English sentence with %(name)s places
    args: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # values for the places, so that the page can translate
    quote: str = ""  # the words it is about, exactly as they stand in the field's text
    code: str = ""  # stable name of the rule, e.g. "number-unsupported"

    def text(self) -> str:
        """The sentence in English."""
        return self.message % dict(self.args)


@dataclass(frozen=True)
class Evidence:
    """Which facts support one sentence of a draft."""

    field: str
    sentence: str  # as it stands in the field, without markup
    facts: tuple[str, ...]  # keys of the facts


@dataclass(frozen=True)
class Verdict:
    """All that the checks found about one draft."""

    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def blocked(self) -> bool:
        """True when the draft must not be written as it is."""
        return any(finding.severity == "block" for finding in self.findings)

    @property
    def clean(self) -> bool:
        """True when nothing needs a person."""
        return not any(finding.severity in ("block", "person") for finding in self.findings)


def join_tags(tags: tuple[str, ...] | list[str]) -> str:
    """Tags in one canonical string: sorted, comma separated."""
    return ", ".join(sorted({tag.strip() for tag in tags if tag.strip()}, key=str.casefold))


def split_tags(text: str) -> list[str]:
    """The tags of a canonical string."""
    return [tag.strip() for tag in text.split(",") if tag.strip()]


def plain(value: Any) -> Any:
    """A dataclass as JSON-able data (tuples become lists)."""
    return json.loads(json.dumps(asdict(value), ensure_ascii=False))
