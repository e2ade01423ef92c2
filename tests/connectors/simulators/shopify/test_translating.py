"""Translations: conditional on the text they were made of, kept beside the product."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from connectors.simulators.shopify import Simulator
from tests.connectors.simulators.receiver import Receiver
from tests.connectors.simulators.shopify.conftest import Store

READ = """query ($id: ID!) { translatableResource(resourceId: $id) {
  translatableContent { key value digest }
  translations(locale: "de") { key value outdated }
} }"""
REGISTER = """mutation ($id: ID!, $rows: [TranslationInput!]!) {
  translationsRegister(resourceId: $id, translations: $rows) {
    translations { key value } userErrors { field message code }
  }
}"""


@pytest.fixture
def german(simulator: Simulator, receiver: Receiver) -> Store:
    return Store(simulator, locales=["de"], webhook_url=receiver.url)


def register(store: Store, gid: str, source: str, value: str) -> dict[str, Any]:
    digest = hashlib.sha256(source.encode()).hexdigest()
    row = {"locale": "de", "key": "title", "value": value, "translatableContentDigest": digest}
    return store.run(REGISTER, {"id": gid, "rows": [row]})["data"]["translationsRegister"]


def test_a_translation_is_stored_under_the_digest_of_its_source(german: Store) -> None:
    gid = german.product(title="Mug")
    assert register(german, gid, "Mug", "Becher")["userErrors"] == []
    shown = german.run(READ, {"id": gid})["data"]["translatableResource"]
    assert shown["translations"] == [{"key": "title", "value": "Becher", "outdated": False}]
    assert shown["translatableContent"][0]["digest"] == hashlib.sha256(b"Mug").hexdigest()


def test_a_changed_source_refuses_and_outdates(german: Store) -> None:
    gid = german.product(title="Mug")
    register(german, gid, "Mug", "Becher")
    german.control("PATCH", f"products/{gid.split('/')[-1]}", {"title": "Cup"})
    refused = register(german, gid, "Mug", "Tasse")
    assert [error["code"] for error in refused["userErrors"]] == ["INVALID_TRANSLATABLE_CONTENT"]
    shown = german.run(READ, {"id": gid})["data"]["translatableResource"]
    assert shown["translations"] == [{"key": "title", "value": "Becher", "outdated": True}]


def test_translations_are_in_the_ledger_and_in_no_webhook(german: Store) -> None:
    gid = german.product(title="Mug")
    german.control("PATCH", f"products/{gid.split('/')[-1]}", {"translations": {"de": {"title": "Pott"}}})
    register(german, gid, "Mug", "Becher")
    changes = german.ledger()["changes"]
    assert [(change["actor"], change["field"], change["after"]) for change in changes] == [
        ("merchant", "translation:de.title", "Pott"),
        ("api", "translation:de.title", "Becher"),
    ]
    assert changes[1]["before_version"] > changes[1]["read_version"]
    assert german.ledger()["webhooks"] == []


def test_markets_are_not_simulated_and_say_so(german: Store) -> None:
    gid = german.product()
    row = {"locale": "de", "key": "title", "value": "x", "translatableContentDigest": ""}
    row["marketId"] = "gid://shopify/Market/1"
    response = german.post(REGISTER, {"id": gid, "rows": [row]})
    assert (response.status_code, response.text) == (501, "translationsRegister with marketId is not simulated.")
