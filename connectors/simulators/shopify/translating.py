"""Translations: registered under the digest of the text they translate, so that a changed source refuses them.

https://shopify.dev/docs/api/admin-graphql/latest/mutations/translationsRegister
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLResolveInfo

from connectors.simulators.shopify import clock
from connectors.simulators.shopify.calls import Asked, NotSimulated, need, only, payload
from connectors.simulators.shopify.products import API, TRANSLATABLE, TRANSLATION, Product, digest

Value = dict[str, Any]
Objection = tuple[list[str], str, str]
MOST_KEYS = 100
_TYPES = {"body_html": "HTML", "handle": "URI"}
_ALWAYS = frozenset({"title", "handle", "product_type"})  # shown even when empty
_NAMES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch"}


def shop_locales(_: Any, info: GraphQLResolveInfo, published: bool = False) -> list[Value]:
    """The primary language and the others, by code."""
    asked: Asked = info.context
    need(asked, "read_locales", "shopLocales")
    options = asked.shop.options
    return [
        {"locale": code, "name": _NAMES.get(code, code), "primary": code == options.locale, "published": True}
        for code in sorted({options.locale, *options.locales})
    ]


def resource(_: Any, info: GraphQLResolveInfo, **given: Any) -> Value | None:
    """What of a product can be translated, and what has been."""
    asked: Asked = info.context
    need(asked, "read_translations", "translatableResource")
    item = asked.shop.find(given["resourceId"])
    if item is None:
        return None
    asked.shop.shown(item, asked.call)
    return {
        "resourceId": item.gid,
        "translatableContent": lambda info, **scope: _contents(asked, item, scope),
        "translations": lambda info, **scope: _translations(item, scope),
    }


def register(_: Any, info: GraphQLResolveInfo, **given: Any) -> Value:
    """Not atomic: what is right is stored, what is wrong is said, row by row."""
    asked: Asked = info.context
    need(asked, "write_translations", "translationsRegister")
    rows: list[Mapping[str, Any]] = given["translations"]
    if len(rows) > MOST_KEYS:
        message = f"Too many keys for resource - maximum {MOST_KEYS} per mutation"
        errors = [(["resourceId"], message, "TOO_MANY_KEYS_FOR_RESOURCE")]
        return payload(asked, translations=None, errors=errors)
    item = asked.shop.find(given["resourceId"])
    if item is None:
        return payload(asked, translations=None, errors=[_unknown(given["resourceId"])])
    found = [_objection(asked, item, n, row) for n, row in enumerate(rows)]
    right = [row for row, objection in zip(rows, found, strict=True) if objection is None]
    fields = {f"{TRANSLATION}{row['locale']}.{row['key']}": row["value"] for row in right}
    asked.shop.edit(item, fields, API, asked.call.n)
    stored = [_translation(item, row["locale"], row["key"]) for row in right]
    return payload(asked, translations=stored, errors=[each for each in found if each])


def remove(_: Any, info: GraphQLResolveInfo, **given: Any) -> Value:
    """Takes translations away; what is not there is no error."""
    asked: Asked = info.context
    need(asked, "write_translations", "translationsRemove")
    only(given, frozenset({"resourceId", "translationKeys", "locales"}), "translationsRemove")
    item = asked.shop.find(given["resourceId"])
    if item is None:
        return payload(asked, translations=None, errors=[_unknown(given["resourceId"])])
    wanted = [(locale, key) for locale in given["locales"] for key in given["translationKeys"]]
    there = [place for place in wanted if place in item.translations]
    gone = [_translation(item, *place) for place in there]
    asked.shop.edit(item, {f"{TRANSLATION}{locale}.{key}": None for locale, key in there}, API, asked.call.n)
    return payload(asked, translations=gone or None, errors=[])


def _contents(asked: Asked, item: Product, scope: Mapping[str, Any]) -> list[Value]:
    only(scope, frozenset(), "translatableContent")
    texts = {key: item.source(key) or "" for key in TRANSLATABLE}
    return [
        {
            "key": key,
            "value": text,
            "digest": digest(text),
            "locale": asked.shop.options.locale,
            "type": _TYPES.get(key, "SINGLE_LINE_TEXT_FIELD"),
        }
        for key, text in texts.items()
        if text or key in _ALWAYS
    ]


def _translations(item: Product, scope: Mapping[str, Any]) -> list[Value]:
    only(scope, frozenset({"locale", "outdated"}), "translations")
    shown = [_translation(item, *place) for place in item.translations if place[0] == scope["locale"]]
    wanted = scope.get("outdated")
    return [each for each in shown if wanted is None or each["outdated"] == wanted]


def _translation(item: Product, locale: str, key: str) -> Value:
    stored = item.translations[locale, key]
    return {
        "key": key,
        "value": stored["value"],
        "locale": locale,
        "outdated": stored["digest"] != digest(item.source(key) or ""),
        "updatedAt": clock.utc(stored["at"]),
        "market": None,
    }


def _objection(asked: Asked, item: Product, n: int, row: Mapping[str, Any]) -> Objection | None:
    """What is wrong with a row, in the order in which Shopify looks."""
    at, options = ["translations", str(n)], asked.shop.options
    if row["locale"] == options.locale:
        message = "Locale cannot be the same as the shop's primary locale"
        return [*at, "locale"], message, "INVALID_LOCALE_FOR_SHOP"
    if row["locale"] not in options.locales:
        return [*at, "locale"], "Locale is not a valid locale for the shop", "INVALID_LOCALE_FOR_SHOP"
    if row.get("marketId"):
        raise NotSimulated("translationsRegister with marketId is not simulated.")
    source = item.source(row["key"])
    if source is None:
        return [*at, "key"], f"Key {row['key']} is not a valid translatable field", "INVALID_KEY_FOR_MODEL"
    if not row["value"]:
        return [*at, "value"], "Value can't be blank", "FAILS_RESOURCE_VALIDATION"
    if row["translatableContentDigest"] != digest(source):
        message = "Translatable content hash is invalid"
        return [*at, "translatableContentDigest"], message, "INVALID_TRANSLATABLE_CONTENT"
    return None


def _unknown(gid: str) -> Objection:
    return ["resourceId"], f"Resource {gid} does not exist", "RESOURCE_NOT_FOUND"
