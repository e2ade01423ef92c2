"""The Catalog role: a product as it is now, and changes to its texts as the exact mutations that make them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.catalog import (
    ALT,
    DESCRIPTION,
    SEO_DESCRIPTION,
    SEO_TITLE,
    TAGS,
    TITLE,
    Attribute,
    Event,
    Image,
    Product,
    split_tags,
)
from bridge.deadline import Deadline
from bridge.errors import TryLater, Unclear
from bridge.journal import Change
from bridge.priority import PERSON
from bridge.ratelimit import Grant
from bridge.shops import Live
from connectors.protocol import Call, Health, Page, Permission, Subscribed, Tools, Written
from connectors.shopify import answers, missed, scopes, subscriptions
from connectors.shopify.api import COSTS, DOCUMENTS, Client
from connectors.shopify.hooks import milliseconds

_INTENT = {"namespace": "$app:storebridge", "key": "intent", "type": "single_line_text_field"}
_IN_ONE_UPDATE = (TITLE, DESCRIPTION, SEO_TITLE, SEO_DESCRIPTION)
_PAYLOADS = {
    "write_product": "productUpdate",
    "add_tags": "tagsAdd",
    "remove_tags": "tagsRemove",
    "write_alts": "fileUpdate",
}


class Listings:
    """Products of one store."""

    def __init__(self, live: Live, tools: Tools) -> None:
        self.client = Client(live, tools)

    def fetch(self, ref: str, deadline: Deadline, priority: int) -> Product | None:
        """Everything the facts need; None when the product no longer exists."""
        data = self.client.run("product_facts", {"id": ref}, deadline, priority=priority)
        return _product(data["product"]) if data.get("product") else None

    def calls(self, product: Product, changes: Sequence[Change], intent: str) -> list[Call]:
        """Texts and SEO travel in one sparse productUpdate with the intent id; tags and alternatives on their own."""
        by_field = {change.field: change for change in changes}
        together = [by_field[name] for name in _IN_ONE_UPDATE if name in by_field]
        found = [_update(product, together, intent)] if together else []
        if TAGS in by_field:
            found += _tag_calls(product.ref, by_field[TAGS])
        alts = [change for change in changes if change.field.startswith(ALT)]
        if alts:
            files = [{"id": change.field.removeprefix(ALT), "alt": change.after} for change in alts]
            found.append(_call("write_alts", {"files": files}, tuple(change.field for change in alts)))
        return found

    def begin(self, ref: str, fields: Sequence[str], deadline: Deadline, priority: int) -> ListingWriting:
        """Reserve the read and all writes together; raises TryLater with nothing read."""
        documents = _documents(fields)
        try:
            grants = self.client.take_all(documents, priority)
        except TryLater:
            if not self.client.learn(deadline):
                raise
            grants = self.client.take_all(documents, priority)
        return ListingWriting(self.client, ref, documents[0], grants, deadline, priority)

    def holds(self, product: Product, intent: str, changes: Sequence[Change]) -> bool:
        """After an unclear write: our intent id stands there, or every text does (also where no id travels)."""
        if product.intent == intent:
            return True
        current = product.texts()
        return all(_happened(change, current.get(change.field, "")) for change in changes)

    def check(self, deadline: Deadline) -> Health:
        """Which store answers our token, and which permissions it has. For a person who waits: nothing goes before."""
        data = self.client.run("who_am_i", {}, deadline, priority=PERSON)
        installation = data.get("currentAppInstallation") or {}
        granted = [scope.get("handle") for scope in installation.get("accessScopes") or [] if isinstance(scope, dict)]
        lacking = scopes.missing(granted)
        problems = [f"The app lacks the permission {name}." for name in lacking]
        shop = (data.get("shop") or {}).get("myshopifyDomain", "")
        if shop and shop != self.client.live.account:
            problems.append(f"The token belongs to another shop, {shop}.")
        permissions = tuple(Permission(name, why, name not in lacking) for name, why in scopes.NEEDED.items())
        return Health(tuple(problems), permissions)

    def subscribe(self, known: Mapping[str, str], deadline: Deadline) -> Subscribed:
        """See that Shopify's webhooks come to our door."""
        return subscriptions.keep(self.client, known, deadline)

    def listed(self, since: int | None, cursor: str, deadline: Deadline) -> Page:
        """A page of the products that changed since a time, or of all."""
        return missed.listed(self.client, since, cursor, deadline)

    def announced(self, ref: str, kind: str, deadline: Deadline) -> Event | None:
        """What a webhook would say about a product now; None when it is gone."""
        return missed.announced(self.client, ref, kind, deadline)


class ListingWriting:
    """A read and the writes that follow it, on capacity reserved for them together."""

    def __init__(
        self, client: Client, ref: str, document: str, grants: list[Grant], deadline: Deadline, priority: int
    ) -> None:
        self._client = client
        self._ref = ref
        self._document = document
        self._grants = grants
        self._deadline = deadline
        self._priority = priority

    def read(self) -> Product | None:
        """The fields to compare, as they are now; None when the product is gone."""
        data = self._run(self._document, {"id": self._ref})
        return _product(data["product"]) if data.get("product") else None

    def write(self, call: Call) -> Written:
        """Send one mutation. Raises Unclear when its fate is unknown, GiveUp with Shopify's own words on a refusal."""
        data = self._run(call.operation, call.variables)
        payload = data.get(_PAYLOADS[call.operation])
        if not isinstance(payload, dict):
            raise Unclear("Shopify did not say what became of the change.")
        refusal = answers.for_user_errors(payload.get("userErrors") or [])
        if refusal is not None:
            raise refusal
        if call.operation != "write_product":
            return Written({}, None)
        if not payload.get("product"):
            raise Unclear("Shopify did not say what became of the change.")
        return _written(payload["product"])

    def close(self) -> None:
        """Give back what was reserved for calls that were not made."""
        for grant in self._grants:
            self._client.tools.limiter.release(grant)
        self._grants.clear()

    def _run(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        grant = self._grants.pop(0) if self._grants else None
        return self._client.run(document, variables, self._deadline, priority=self._priority, grant=grant)


def _documents(fields: Sequence[str]) -> list[str]:
    """The read and the mutations that changes to these fields will need, in order."""
    alts = any(name.startswith(ALT) for name in fields)
    found = ["product_texts_and_images" if alts else "product_texts"]
    found += ["write_product"] if any(name in _IN_ONE_UPDATE for name in fields) else []
    found += ["add_tags"] if TAGS in fields else []  # removing costs the same
    return found + (["write_alts"] if alts else [])


def _call(operation: str, variables: dict[str, Any], fields: tuple[str, ...]) -> Call:
    return Call(operation, variables, fields, COSTS[operation], DOCUMENTS[operation])


def _update(product: Product, changes: Sequence[Change], intent: str) -> Call:
    given: dict[str, Any] = {"id": product.ref, "metafields": [{**_INTENT, "value": intent}]}
    wanted = {change.field: change.after for change in changes}
    if TITLE in wanted:
        given["title"] = wanted[TITLE]
    if DESCRIPTION in wanted:
        given["descriptionHtml"] = wanted[DESCRIPTION]
    if SEO_TITLE in wanted or SEO_DESCRIPTION in wanted:
        # Both or none: a missing key would empty the other one.
        given["seo"] = {
            "title": wanted.get(SEO_TITLE, product.seo_title),
            "description": wanted.get(SEO_DESCRIPTION, product.seo_description),
        }
    return replace(_call("write_product", {"product": given}, tuple(wanted)), carries_intent=True)


def _tag_calls(ref: str, change: Change) -> list[Call]:
    added, removed = _tags_moved(change)
    found = [_call("add_tags", {"id": ref, "tags": added}, (TAGS,))] if added else []
    return found + ([_call("remove_tags", {"id": ref, "tags": removed}, (TAGS,))] if removed else [])


def _tags_moved(change: Change) -> tuple[list[str], list[str]]:
    """Tags to add and to remove. To Shopify one word is one tag, however it is spelled: the spelling that stands there
    stays, and removing either spelling removes the tag."""
    before, after = ({tag.casefold(): tag for tag in split_tags(text)} for text in (change.before, change.after))
    added = sorted(tag for word, tag in after.items() if word not in before)
    return added, sorted(tag for word, tag in before.items() if word not in after)


def _happened(change: Change, current: str) -> bool:
    if change.field != TAGS:
        return current == change.after
    added, removed = ({tag.casefold() for tag in tags} for tags in _tags_moved(change))
    now = {tag.casefold() for tag in split_tags(current)}
    return added <= now and not removed & now


def _written(product: Mapping[str, Any]) -> Written:
    seo = product.get("seo") or {}
    texts = {
        TITLE: product.get("title") or "",
        DESCRIPTION: product.get("descriptionHtml") or "",
        SEO_TITLE: seo.get("title") or "",
        SEO_DESCRIPTION: seo.get("description") or "",
    }
    return Written(texts, milliseconds(product.get("updatedAt")))


def _product(data: Mapping[str, Any]) -> Product:
    """Shopify's product in our words."""
    seo = data.get("seo") or {}
    media = (data.get("media") or {}).get("nodes") or []
    return Product(
        ref=data["id"],
        title=data.get("title") or "",
        description=data.get("descriptionHtml") or "",
        seo_title=seo.get("title") or "",
        seo_description=seo.get("description") or "",
        vendor=data.get("vendor") or "",
        product_type=data.get("productType") or "",
        category=(data.get("category") or {}).get("fullName") or "",
        tags=tuple(data.get("tags") or ()),
        status=(data.get("status") or "ACTIVE").lower(),
        images=tuple(
            Image(node["id"], node.get("alt") or "") for node in media if node.get("mediaContentType") == "IMAGE"
        ),
        attributes=tuple(_attributes(data)),
        updated_at=milliseconds(data.get("updatedAt")),
        intent=(data.get("intent") or {}).get("value") or "",
        url=data.get("onlineStoreUrl") or "",
    )


def _attributes(data: Mapping[str, Any]) -> list[Attribute]:
    found = [
        Attribute(f"option:{option['name']}", option["name"], ", ".join(option.get("values") or []))
        for option in data.get("options") or []
        if option.get("values") != ["Default Title"]  # Shopify's word for "no options"
    ]
    for field in (data.get("metafields") or {}).get("nodes") or []:
        if not field["namespace"].startswith("app--") and field["namespace"] != "$app:storebridge":
            label = field["key"].replace("_", " ").replace("-", " ").strip().capitalize()
            found.append(Attribute(f"metafield:{field['namespace']}.{field['key']}", label, _readable(field)))
    for number, variant in enumerate((data.get("variants") or {}).get("nodes") or [], 1):
        if variant.get("sku"):
            found.append(Attribute(f"variant:{number}.sku", "SKU", variant["sku"]))
    return found


_UNITS = {
    "KILOGRAMS": "kg", "GRAMS": "g", "POUNDS": "lb", "OUNCES": "oz",
    "METERS": "m", "CENTIMETERS": "cm", "MILLIMETERS": "mm", "INCHES": "in", "FEET": "ft", "YARDS": "yd",
    "LITERS": "l", "CENTILITERS": "cl", "MILLILITERS": "ml", "CUBIC_METERS": "m³",
}  # fmt: skip
_NOT_WORDS = ("json", "rich_text_field", "url", "color", "link", "rating", "id")


def _readable(field: Mapping[str, Any]) -> str:
    """A metafield's value as people read it, empty where it holds no words.

    https://shopify.dev/docs/apps/build/metafields/list-of-data-types
    """
    value, kind = str(field.get("value") or ""), str(field.get("type") or "")
    if "reference" in kind or kind.removeprefix("list.") in _NOT_WORDS:
        return ""
    if not (kind.startswith("list.") or kind in ("weight", "dimension", "volume")):
        return value
    try:
        parsed = json.loads(value)
    except ValueError:
        return value
    return ", ".join(map(_measured, parsed if isinstance(parsed, list) else [parsed]))


def _measured(value: Any) -> str:
    if isinstance(value, dict) and "unit" in value:
        unit = str(value["unit"])
        return f"{value.get('value')} {_UNITS.get(unit.upper(), unit)}"
    return str(value)
