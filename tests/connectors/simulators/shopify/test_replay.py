"""Conversations recorded with a real store, held again with the simulator.

Statuses, errors, user errors, codes, data and costs must be the same; ids are matched as they come up, times and the
level of the bucket are the stores' own affair. Where a recording holds no document, one of the same shape stands here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connectors.simulators.shopify import Simulator
from tests.connectors.simulators.shopify import recordings

pytestmark = recordings.present

DOMAIN, TOKEN = "harry-test-heelo.myshopify.com", "shpat_replay"
_GID = re.compile(r"gid://shopify/\w+/\d+")
_TIMES = frozenset({"createdAt", "updatedAt"})
_CURSORS = frozenset({"cursor", "startCursor", "endCursor"})  # opaque: the same thing under another name
PRODUCT = "id title handle status vendor productType tags descriptionHtml templateSuffix seo { title description }"
SHOP = "shop { id name myshopifyDomain }"
ERRORS = "userErrors { field message }"
CODED = "userErrors { field message code }"
FILE = """id __typename alt createdAt fileStatus
  ... on MediaImage { image { url width height } preview { image { url width height } } }"""


def mutation(name: str, variables: str, arguments: str, payload: str) -> str:
    return f"mutation ({variables}) {{ {name}({arguments}) {{ {payload} }} }}"


CREATE = mutation(
    "productCreate", "$product: ProductCreateInput!", "product: $product", f"product {{ {PRODUCT} }} {SHOP} {ERRORS}"
)
CREATE_TAGS = mutation(
    "productCreate",
    "$product: ProductCreateInput!",
    "product: $product",
    f"product {{ id title handle status tags }} {ERRORS}",
)
UPDATE_HANDLE = mutation(
    "productUpdate", "$product: ProductUpdateInput!", "product: $product", f"product {{ id title handle }} {ERRORS}"
)
REMOVE_TAGS = mutation(
    "tagsRemove",
    "$id: ID!, $tags: [String!]!",
    "id: $id, tags: $tags",
    f"node {{ ... on Product {{ id tags }} }} {ERRORS}",
)
DELETE = mutation("productDelete", "$input: ProductDeleteInput!", "input: $input", f"deletedProductId {SHOP} {ERRORS}")
FILES = mutation("fileUpdate", "$files: [FileUpdateInput!]!", "files: $files", f"files {{ {FILE} }} {CODED}")
FILES_PLAIN = mutation("fileUpdate", "$files: [FileUpdateInput!]!", "files: $files", f"files {{ id alt }} {CODED}")


class Conversation:
    """A simulated store that is asked what the real one was asked."""

    def __init__(self, simulator: Simulator) -> None:
        self.shop = simulator.control.add(DOMAIN, {"access_token": TOKEN})
        self.control = f"{simulator.url}/_sim/{DOMAIN}"
        self._simulator = simulator
        self._known: dict[str, str] = {}  # recorded id or cursor -> simulated one

    def know(self, recorded: str, simulated: str) -> None:
        self._known[recorded] = simulated

    def hold(self, document: str, exchange: dict[str, Any], places: bool = False) -> None:
        """Ask the same and compare; ``places`` where the document is the recorded one, letter for letter."""
        variables = self._ours(exchange.get("variables") or {})
        response = requests.post(
            f"{self._simulator.url}/{DOMAIN}/admin/api/2026-10/graphql.json",
            json={"query": document, "variables": variables},
            headers={"X-Shopify-Access-Token": TOKEN},
            timeout=10,
        )
        recorded = exchange["response"]
        expected = recorded.get("payload") or recorded.get("body") or recorded
        assert response.status_code == int(recorded.get("status", 200))
        self._same(expected, response.json(), places, "")

    def _ours(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._ours(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._ours(each) for each in value]
        return self._known.get(value, value) if isinstance(value, str) else value

    def _same(self, theirs: Any, ours: Any, places: bool, where: str) -> None:
        if isinstance(theirs, dict):
            assert set(theirs) == set(ours), where
            for name, value in theirs.items():
                if name in _TIMES or name == "currentlyAvailable" or (name == "locations" and not places):
                    continue
                if name == "path" and where.startswith(".errors") and not places:
                    value, ours = value[1:], {**ours, name: ours[name][1:]}  # the name of the operation
                self._same(value, ours[name], places, f"{where}.{name}")
        elif isinstance(theirs, list):
            assert len(theirs) == len(ours), where
            for n, (value, other) in enumerate(zip(theirs, ours, strict=True)):
                self._same(value, other, places, f"{where}[{n}]")
        elif isinstance(theirs, str) and (_GID.fullmatch(theirs) or where.rpartition(".")[2] in _CURSORS):
            assert self._known.setdefault(theirs, ours) == ours, where
        else:
            assert self._ours(theirs) == ours, where


@pytest.fixture
def conversation() -> Iterator[Conversation]:
    with Simulator() as simulator:
        yield Conversation(simulator)


def seed(conversation: Conversation, recorded: str, **fields: Any) -> str:
    """A product that was there before the recording started."""
    fields = {"title": "Seed", "silent": True, **fields}
    gid = str(requests.post(f"{conversation.control}/products", json=fields, timeout=10).json()["gid"])
    conversation.know(recorded, gid)
    return gid


def test_products_are_created(conversation: Conversation) -> None:
    recording = recordings.load("product-create-parity")
    conversation.hold(CREATE, recording["mutation"])
    conversation.hold(CREATE, recording["validation"])
    for exchange in recording["handleValidation"].values():
        conversation.hold(CREATE, exchange)
    read = f"query ($id: ID!) {{ product(id: $id) {{ {PRODUCT} }} }}"
    gid = recording["mutation"]["response"]["data"]["productCreate"]["product"]["id"]
    conversation.hold(read, {"variables": {"id": gid}, "response": recording["downstreamRead"]})


def test_tags_are_normalised_by_updates(conversation: Conversation) -> None:
    recording = recordings.load("product-update-tag-normalization")
    steps = [recording["setup"]["create"], *recording["updates"].values(), recording["cleanup"]]
    for exchange in steps:
        conversation.hold(exchange["document"], exchange, places=True)


def test_tags_are_normalised_when_added_and_removed(conversation: Conversation) -> None:
    for case in recordings.load("tags-normalization-parity")["tagNormalization"].values():
        conversation.hold(CREATE_TAGS, case["setup"])
        conversation.hold(case["mutation"]["query"], case["mutation"], places=True)


def test_tags_are_removed(conversation: Conversation) -> None:
    recording = recordings.load("tags-remove-parity")
    product = recording["seedProduct"]
    there = [*recording["mutation"]["response"]["data"]["tagsRemove"]["node"]["tags"], "hermes-sale-1783081819761"]
    seed(conversation, product["id"], title=product["title"], tags=there)
    conversation.hold(REMOVE_TAGS, recording["mutation"])


def test_tags_of_products_and_of_nothing(conversation: Conversation) -> None:
    cases = recordings.load("tags-add-multi-resource")["cases"]
    node = cases["productAdd"]["response"]["data"]["tagsAdd"]["node"]
    seed(conversation, node["id"], title=node["title"], tags=[node["tags"][1]])
    for name in ("productAdd", "unsupportedAdd"):
        conversation.hold(cases[name]["query"], cases[name], places=True)


def test_a_handle_that_is_too_long(conversation: Conversation) -> None:
    recording = recordings.load("product-update-too-long-handle-parity")
    product = recording["mutation"]["response"]["data"]["productUpdate"]["product"]
    seed(conversation, product["id"], title=product["title"])
    conversation.hold(UPDATE_HANDLE, recording["mutation"])


def test_products_are_deleted(conversation: Conversation) -> None:
    recording = recordings.load("product-delete-parity")
    seed(conversation, recording["mutation"]["variables"]["input"]["id"])
    conversation.hold(DELETE, recording["mutation"])
    conversation.hold(DELETE, recording["validation"])
    invalid = recording["invalidInput"]
    conversation.hold(DELETE, invalid["variableMissingId"])
    for name, literal in (("inlineMissingId", "{}"), ("inlineNullId", "{ id: null }")):
        document = f"mutation {{ productDelete(input: {literal}) {{ deletedProductId }} }}"
        conversation.hold(document, {"response": invalid[name]["response"]})


def test_a_file_without_an_id(conversation: Conversation) -> None:
    cases = recordings.load("file-update-missing-id-coercion")["cases"]
    for name in ("omittedId", "batchOmittedId", "suppliedMissingId"):
        conversation.hold(FILES_PLAIN, cases[name])
    inline = 'mutation M { fileUpdate(files: [{ alt: "new alt" }]) { files { id } userErrors { message } } }'
    conversation.hold(inline, cases["inlineOmittedId"])


def test_files_are_updated_or_refused(conversation: Conversation) -> None:
    recording = recordings.load("media-file-update-validation-branches")
    ready = recording["setup"]["readyImageRead"]["data"]["node"]
    video = recording["setup"]["readyVideoRead"]["data"]["node"]
    unready = recording["branches"]["nonReadyAlt"]["variables"]["files"][0]
    picture = {"alt": ready["alt"], "src": ready["image"]["url"]}
    gid = seed(
        conversation, "gid://shopify/Product/0", images=[picture, {"kind": "ExternalVideo"}, {"status": "UPLOADED"}]
    )
    item = conversation.shop.find(gid)
    assert item is not None
    for recorded, image in zip((ready["id"], video["id"], unready["id"]), item.images, strict=True):
        conversation.know(recorded, image.gid)
    for name, exchange in recording["branches"].items():
        if name != "sourceAndVersion":  # not in the public schema, the recording says so itself
            conversation.hold(FILES, exchange)


def test_what_is_checked_first_of_a_file(conversation: Conversation) -> None:
    recording = recordings.load("media-file-update-validation-ordering")
    gid = seed(conversation, "gid://shopify/Product/0", images=[{"status": "UPLOADED"}])
    item = conversation.shop.find(gid)
    assert item is not None
    conversation.know(recording["cases"]["nonReadySimultaneous"]["variables"]["files"][0]["id"], item.images[0].gid)
    for exchange in recording["cases"].values():
        conversation.hold(FILES, exchange)


REGISTER = mutation(
    "translationsRegister",
    "$resourceId: ID!, $translations: [TranslationInput!]!",
    "resourceId: $resourceId, translations: $translations",
    f"translations {{ key value locale outdated market {{ id }} }} {CODED}",
)
REGISTER_TIMED = REGISTER.replace("outdated", "outdated updatedAt")
REMOVE = mutation(
    "translationsRemove",
    "$resourceId: ID!, $keys: [String!]!, $locales: [String!]!",
    "resourceId: $resourceId, translationKeys: $keys, locales: $locales",
    f"translations {{ key value locale outdated }} {CODED}",
)
TRANSLATED = """query ($resourceId: ID!) { translatableResource(resourceId: $resourceId) {
  resourceId translations(locale: "fr") { key value locale outdated market { id } } } }"""
CREATE_SHORT = CREATE_TAGS.replace("handle status tags", "handle status")
RENAME = UPDATE_HANDLE.replace("title handle", "title")


def translated(conversation: Conversation, name: str, *locales: str) -> Any:
    conversation.shop.options.locales = list(locales)
    recording = recordings.load(name)
    conversation.hold(CREATE_SHORT, recording["setup"]["productCreate"])
    return recording


def test_a_digest_makes_a_translation_conditional(conversation: Conversation) -> None:
    recording = translated(conversation, "localization-translations-digest-mismatch", "es", "fr")
    conversation.hold(REGISTER, recording["correctDigestRegister"])
    conversation.hold(REGISTER, recording["wrongDigestRegister"])
    conversation.hold(RENAME, recording["setup"]["productUpdate"])
    conversation.hold(REGISTER, recording["staleDigestRegister"])


def test_a_translation_moves_its_time_only_when_stored(conversation: Conversation) -> None:
    recording = translated(conversation, "localization-translation-updated-at", "es", "fr")
    for name in ("initialRegister", "updateRegister", "rejectedRegister"):
        conversation.hold(REGISTER_TIMED, recording[name])


def test_right_rows_are_stored_beside_wrong_ones(conversation: Conversation) -> None:
    recording = translated(conversation, "localization-translations-invalid-key", "es", "fr")
    conversation.hold(REGISTER, recording["invalidKeyRegister"])
    conversation.hold(TRANSLATED, recording["downstreamRead"])


def test_translations_are_refused_with_codes(conversation: Conversation) -> None:
    recording = translated(conversation, "localization-translations-error-codes", "de", "fr")
    for name in ("emptyRegister", "blankValue", "tooManyKeys"):
        conversation.hold(REGISTER, recording[name])
    conversation.hold(REMOVE, recording["removeEmptyLocales"])


def test_what_is_checked_first_of_a_translation(conversation: Conversation) -> None:
    recording = translated(conversation, "localization-translations-validation-order", "es", "fr")
    for name in ("blankNonEnabledLocale", "blankPrimaryLocale"):
        conversation.hold(REGISTER, recording[name])


def test_translations_that_do_nothing(conversation: Conversation) -> None:
    recording = translated(conversation, "localization-translations-mutation-noop-validation", "es", "fr", "it")
    conversation.hold(REMOVE, recording["unknownKeyRemove"])
    conversation.hold(REGISTER, recording["emptyKeysRemove"]["register"])
    conversation.hold(REMOVE, recording["emptyKeysRemove"]["remove"])
    conversation.hold(TRANSLATED, recording["emptyKeysRemove"]["readAfter"])
    conversation.hold(REGISTER, recording["disabledLocaleRemove"]["register"])
    conversation.shop.options.locales.remove("it")
    conversation.hold(REGISTER, recording["disabledLocaleRemove"]["registerAfterDisable"])
    conversation.hold(REGISTER, recording["primaryLocaleRegister"])


SUBSCRIBED = """id topic format includeFields metafieldNamespaces filter createdAt updatedAt
  endpoint { __typename ... on WebhookHttpEndpoint { callbackUrl } }"""
SUBSCRIBE = mutation(
    "webhookSubscriptionCreate",
    "$topic: WebhookSubscriptionTopic!, $webhookSubscription: WebhookSubscriptionInput!",
    "topic: $topic, webhookSubscription: $webhookSubscription",
    f"webhookSubscription {{ {SUBSCRIBED} }} {ERRORS}",
)
RESUBSCRIBE = mutation(
    "webhookSubscriptionUpdate",
    "$id: ID!, $webhookSubscription: WebhookSubscriptionInput!",
    "id: $id, webhookSubscription: $webhookSubscription",
    f"webhookSubscription {{ {SUBSCRIBED} }} {ERRORS}",
)
UNSUBSCRIBE = mutation("webhookSubscriptionDelete", "$id: ID!", "id: $id", f"deletedWebhookSubscriptionId {ERRORS}")
_UNLISTED = "includeFields metafieldNamespaces "
SUBSCRIPTIONS = """query (
  $first: Int, $last: Int, $after: String, $before: String, $query: String, $sortKey: WebhookSubscriptionSortKeys,
  $reverse: Boolean
) {
  webhookSubscriptions(
    first: $first, last: $last, after: $after, before: $before, query: $query, sortKey: $sortKey, reverse: $reverse
  ) {
    nodes { id topic format createdAt updatedAt endpoint { __typename ... on WebhookHttpEndpoint { callbackUrl } } }
    edges { cursor node { id topic } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


def test_subscriptions_are_listed_from_both_ends(conversation: Conversation) -> None:
    recording = recordings.load("webhook-subscription-list-connection")
    for exchange in recording["setup"].values():
        conversation.hold(SUBSCRIBE, exchange)
    for exchange in recording["reads"].values():
        conversation.hold(SUBSCRIPTIONS, exchange)
    misused = "webhookSubscriptions(first: 1, sortKey: TOPIC) { nodes { id } }"
    invalid = f"query InvalidWebhookSubscriptionSortKey {{\n  {misused}\n}}"
    conversation.hold(invalid, recording["validation"]["invalidSortKey"], places=True)
    for exchange in recording["cleanup"]:
        conversation.hold(UNSUBSCRIBE, exchange)


def test_addresses_of_subscriptions_are_refused_by_their_scheme(conversation: Conversation) -> None:
    recording = recordings.load("webhook-subscription-scheme-allowlist")
    conversation.hold(SUBSCRIBE, recording["setup"]["create"])
    for name, exchange in recording["cases"].items():
        conversation.hold(RESUBSCRIBE if name.startswith("update") else SUBSCRIBE, exchange)
    conversation.hold(UNSUBSCRIBE, recording["setup"]["cleanup"])


def test_addresses_of_subscriptions_are_trimmed(conversation: Conversation) -> None:
    recording = recordings.load("webhook-subscription-uri-whitespace")
    for exchange in recording["cases"].values():
        conversation.hold(SUBSCRIBE, exchange)
    for exchange in recording["cleanup"].values():
        conversation.hold(UNSUBSCRIBE, exchange)


def test_addresses_inside_and_at_shopify_are_refused(conversation: Conversation) -> None:
    recording = recordings.load("webhook-subscription-uri-validation")
    refused = {
        "createHttpUriRejected": "http://example.com/hook",
        "createInternalDomainRejected": "https://localhost/hook",
        "createShopifyDomainRejected": "https://some-shop.myshopify.com/hook",
    }
    parts = [
        f'{name}: webhookSubscriptionCreate(topic: SHOP_UPDATE, webhookSubscription: {{ uri: "{uri}" }}) '
        f"{{ webhookSubscription {{ id }} {ERRORS} }}"
        for name, uri in refused.items()
    ]
    document = (
        "mutation ($baselineTopic: WebhookSubscriptionTopic!, "
        + "$baselineWebhookSubscription: WebhookSubscriptionInput!) {"
        + " ".join(parts)
        + " baselineCreate: webhookSubscriptionCreate(topic: $baselineTopic, webhookSubscription: "
        + f"$baselineWebhookSubscription) {{ webhookSubscription {{ id }} {ERRORS} }} }}"
    )
    conversation.hold(document, recording["primary"])
    conversation.hold(RESUBSCRIBE, recording["updateHttp"])
    conversation.hold(UNSUBSCRIBE, recording["cleanup"])


def test_topics_formats_names_and_duplicates_of_subscriptions(conversation: Conversation) -> None:
    recording = recordings.load("webhook-subscription-topic-format-name-validation")
    for name, exchange in recording["validation"].items():
        document = RESUBSCRIBE if name.startswith("update") else SUBSCRIBE
        gone = "Delete" in exchange["documentPath"]
        conversation.hold(UNSUBSCRIBE if gone else document.replace(_UNLISTED, ""), exchange)


def test_a_filter_of_a_subscription_may_be_long_but_not_longer(conversation: Conversation) -> None:
    recording = recordings.load("webhook-subscription-filter-byte-size-validation")
    detail = f"query ($id: ID!) {{ webhookSubscription(id: $id) {{ {SUBSCRIBED} }} }}"
    for name, exchange in recording["cases"].items():
        document = detail if name.startswith("detail") else RESUBSCRIBE if "Update" in name[8:] else SUBSCRIBE
        conversation.hold(SUBSCRIBE if name == "createUpdateBase" else document, exchange)
    for exchange in recording["cleanup"].values():
        conversation.hold(UNSUBSCRIBE, exchange)
