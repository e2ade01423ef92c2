"""Changes as the exact mutations that make them, a product in our words, and what the answer to a write means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.catalog import ALT, DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, TITLE, Image, Product, join_tags
from bridge.deadline import Deadline
from bridge.errors import GiveUp, TryLater, Unclear
from bridge.journal import Change
from bridge.priority import NEW
from connectors.protocol import Call, Writing
from connectors.shopify.api import COSTS, DOCUMENTS
from tests.connectors.shopify.answering import COST, Answering

GID, IMAGE, OTHER = "gid://shopify/Product/1", "gid://shopify/MediaImage/1", "gid://shopify/MediaImage/2"
MUG = Product(GID, "Mug", "<p>Old</p>", "Seo", "Seo text", tags=("blue", "Cup"), images=(Image(IMAGE), Image(OTHER)))
INTENT = [{"namespace": "$app:storebridge", "key": "intent", "type": "single_line_text_field", "value": "i-1"}]


def calls(shopify: Answering, *changes: Change, product: Product = MUG) -> list[Call]:
    return shopify.listings.calls(product, changes, "i-1")


def change(field: str, after: str) -> Change:
    return Change(field, MUG.texts().get(field, ""), after)


# --- calls ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        ({TITLE: "New"}, {"title": "New"}),
        ({DESCRIPTION: "<p>New</p>"}, {"descriptionHtml": "<p>New</p>"}),
        ({DESCRIPTION: ""}, {"descriptionHtml": ""}),
        ({SEO_TITLE: "Better"}, {"seo": {"title": "Better", "description": "Seo text"}}),
        ({SEO_DESCRIPTION: "Better"}, {"seo": {"title": "Seo", "description": "Better"}}),
        ({SEO_TITLE: "", SEO_DESCRIPTION: "B"}, {"seo": {"title": "", "description": "B"}}),
        ({TITLE: "N", DESCRIPTION: "D", SEO_TITLE: "T", SEO_DESCRIPTION: "S"},
         {"title": "N", "descriptionHtml": "D", "seo": {"title": "T", "description": "S"}}),
    ],
)  # fmt: skip
def test_all_texts_travel_in_one_sparse_mutation_with_the_intent(
    shopify: Answering, changes: dict[str, str], given: dict[str, Any]
) -> None:
    (call,) = calls(shopify, *(change(field, after) for field, after in changes.items()))
    assert (call.operation, call.carries_intent, call.fields) == ("write_product", True, tuple(_in_order(changes)))
    assert call.variables == {"product": {"id": GID, "metafields": INTENT, **given}}
    assert (call.cost, call.text) == (COSTS["write_product"], DOCUMENTS["write_product"])


def _in_order(fields: dict[str, str]) -> list[str]:
    return [name for name in (TITLE, DESCRIPTION, SEO_TITLE, SEO_DESCRIPTION) if name in fields]


@pytest.mark.parametrize(
    ("after", "added", "removed"),
    [
        ("blue, Cup, new", ["new"], []),
        ("Cup", [], ["blue"]),
        ("Cup, a, b", ["a", "b"], ["blue"]),
        ("", [], ["Cup", "blue"]),
        ("Blue, cup", [], []),
        ("BLUE, Cup, new", ["new"], []),
    ],
)
def test_tags_are_added_and_removed_one_by_one_and_a_spelling_is_no_change(
    shopify: Answering, after: str, added: list[str], removed: list[str]
) -> None:
    expected = [("add_tags", added)] * bool(added) + [("remove_tags", removed)] * bool(removed)
    made = calls(shopify, change(TAGS, after))
    assert [(call.operation, call.variables["tags"]) for call in made] == expected
    assert all(call.variables["id"] == GID and call.fields == (TAGS,) and not call.carries_intent for call in made)


def test_alternative_texts_travel_together_after_the_texts_and_the_tags(shopify: Answering) -> None:
    changes = (change(ALT + IMAGE, "front"), change(TAGS, "Cup, blue, new"), change(ALT + OTHER, "back"))
    made = calls(shopify, *changes, change(TITLE, "New"))
    assert [call.operation for call in made] == ["write_product", "add_tags", "write_alts"]
    assert made[2].variables == {"files": [{"id": IMAGE, "alt": "front"}, {"id": OTHER, "alt": "back"}]}
    assert made[2].fields == (ALT + IMAGE, ALT + OTHER)
    assert [call.carries_intent for call in made] == [True, False, False]


def test_no_changes_are_no_calls(shopify: Answering) -> None:
    assert calls(shopify) == []
    assert shopify.sent == []


# --- after an unclear write -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "changes", "happened"),
    [
        ({"intent": "i-1"}, [change(TITLE, "New")], True),
        ({"intent": "i-0"}, [change(TITLE, "New")], False),
        ({"title": "New"}, [change(TITLE, "New")], True),
        ({"title": "New"}, [change(TITLE, "New"), change(DESCRIPTION, "D")], False),
        ({"title": "new"}, [change(TITLE, "New")], False),
        ({"tags": ("Cup", "blue", "new")}, [change(TAGS, "Cup, blue, new")], True),
        ({"tags": ("Cup", "blue", "NEW")}, [change(TAGS, "Cup, blue, new")], True),
        ({"tags": ("Cup", "new", "merchant's")}, [change(TAGS, "Cup, new")], True),
        ({"tags": ("Cup", "Blue", "new")}, [change(TAGS, "Cup, new")], False),
        ({"tags": ("Cup", "blue")}, [change(TAGS, "Cup, blue, new")], False),
        ({"images": (Image(IMAGE, "front"),)}, [change(ALT + IMAGE, "front")], True),
        ({"images": ()}, [change(ALT + IMAGE, "front")], False),
    ],
)
def test_an_unclear_write_happened_when_its_intent_or_every_text_stands_there(
    shopify: Answering, now: dict[str, Any], changes: list[Change], happened: bool
) -> None:
    read = Product(**{**vars(MUG), **now})
    assert shopify.listings.holds(read, "i-1", changes) is happened


# --- reading ----------------------------------------------------------------------------------------------------


def answer_product(shopify: Answering, product: Any) -> None:
    shopify.answer({"data": {"product": product}, "extensions": {"cost": COST}})


def test_a_product_with_nothing_but_its_id_is_read(shopify: Answering) -> None:
    nothing = dict.fromkeys(
        ("title", "descriptionHtml", "vendor", "productType", "status", "tags", "updatedAt", "onlineStoreUrl", "seo",
         "category", "options", "media", "metafields", "variants", "intent")
    )  # fmt: skip
    answer_product(shopify, {"id": GID, **nothing})
    assert shopify.listings.fetch(GID, Deadline(5), NEW) == Product(GID, "")


def test_a_product_is_told_in_our_words(shopify: Answering) -> None:
    fields = [
        ("custom", "care_label", "single_line_text_field", "by hand"),
        ("custom", "weight", "weight", '{"value": 1.5, "unit": "KILOGRAMS"}'),
        ("custom", "sizes", "list.single_line_text_field", '["S", "M"]'),
        ("custom", "broken", "list.single_line_text_field", "not json"),
        ("custom", "shade", "color", "#fff"),
        ("custom", "kin", "list.product_reference", '["gid://shopify/Product/2"]'),
        ("$app:storebridge", "intent", "single_line_text_field", "i-1"),
        ("app--7--reviews", "stars", "number_integer", "5"),
    ]
    answer_product(shopify, {
        "id": GID, "title": "Mug", "status": "DRAFT", "tags": ["b", "a"], "updatedAt": "2026-11-24T09:41:09Z",
        "category": {"fullName": "Home > Mugs"},
        "options": [{"name": "Title", "values": ["Default Title"]}, {"name": "Colour", "values": ["Blue", "Red"]}],
        "media": {"nodes": [{"id": IMAGE, "alt": None, "mediaContentType": "IMAGE"},
                            {"id": "v", "alt": "film", "mediaContentType": "VIDEO"}]},
        "metafields": {"nodes": [dict(zip(("namespace", "key", "type", "value"), each, strict=True))
                                 for each in fields]},
        "variants": {"nodes": [{"sku": "M-1"}, {"sku": None}, {"sku": "M-3"}]},
        "intent": {"value": "i-1"},
    })  # fmt: skip
    found = shopify.listings.fetch(GID, Deadline(5), NEW)
    assert found is not None
    assert (found.status, found.category, found.intent, found.images) == (
        "draft",
        "Home > Mugs",
        "i-1",
        (Image(IMAGE),),
    )
    assert (found.updated_at, found.tags) == (1795513269000, ("b", "a"))
    assert [(each.key, each.label, each.value) for each in found.attributes] == [
        ("option:Colour", "Colour", "Blue, Red"),
        ("metafield:custom.care_label", "Care label", "by hand"),
        ("metafield:custom.weight", "Weight", "1.5 kg"),
        ("metafield:custom.sizes", "Sizes", "S, M"),
        ("metafield:custom.broken", "Broken", "not json"),
        ("metafield:custom.shade", "Shade", ""),
        ("metafield:custom.kin", "Kin", ""),
        ("variant:1.sku", "SKU", "M-1"),
        ("variant:3.sku", "SKU", "M-3"),
    ]


def test_a_product_that_is_gone_is_none(shopify: Answering) -> None:
    answer_product(shopify, None)
    assert shopify.listings.fetch(GID, Deadline(5), NEW) is None
    assert begin(shopify, TITLE).read() is None


# --- a read and its writes --------------------------------------------------------------------------------------


def begin(shopify: Answering, *fields: str) -> Writing:
    return shopify.listings.begin(GID, fields, Deadline(5), NEW)


@pytest.mark.parametrize(
    ("fields", "cost"),
    [
        ((TITLE,), 3 + 11),
        ((TITLE, DESCRIPTION, SEO_TITLE), 3 + 11),
        ((TAGS,), 3 + 10),
        ((ALT + IMAGE,), 9 + 10),
        ((TITLE, TAGS, ALT + IMAGE, ALT + OTHER), 9 + 11 + 10 + 10),
    ],
)
def test_read_and_writes_are_reserved_together_and_given_back_when_not_made(
    shopify: Answering, fields: tuple[str, ...], cost: float
) -> None:
    before = shopify.level.available
    writing = begin(shopify, *fields)
    assert shopify.level.outstanding == cost
    writing.close()
    writing.close()
    assert shopify.level.outstanding == 0
    assert shopify.level.available >= before
    assert shopify.sent == []


def test_where_there_is_no_room_for_the_write_nothing_is_read(shopify: Answering) -> None:
    held = shopify.tools.limiter.take(shopify.client.key, shopify.level.available - 60, NEW)
    with pytest.raises(TryLater):
        begin(shopify, TITLE)
    assert shopify.sent == []
    assert shopify.level.outstanding == held.cost


def product_answer(**more: Any) -> dict[str, Any]:
    shown = {"id": GID, "title": "New", "descriptionHtml": "<p>New</p>", "seo": None, "updatedAt": None, **more}
    return {"productUpdate": {"product": shown, "userErrors": []}}


def test_the_answer_to_a_write_shows_the_texts_as_they_are_stored(shopify: Answering) -> None:
    data = product_answer(descriptionHtml="<p>New</p>\n", updatedAt="2026-11-24T09:41:09Z", seo={"title": "T"})
    shopify.answer({"data": data, "extensions": {"cost": COST}})
    (call,) = calls(shopify, change(DESCRIPTION, "<p>New</p>"))
    written = begin(shopify, DESCRIPTION).write(call)
    expected = {TITLE: "New", DESCRIPTION: "<p>New</p>\n", SEO_TITLE: "T", SEO_DESCRIPTION: ""}
    assert (written.texts, written.updated_at) == (expected, 1795513269000)
    assert json.loads(shopify.sent[0].body or b"")["variables"] == call.variables


REFUSED = [{"field": ["title"], "message": "Title is too long"}]


@pytest.mark.parametrize(
    ("fields", "data", "error"),
    [
        ((TITLE,), {"productUpdate": {"product": None, "userErrors": REFUSED}}, GiveUp),
        ((TITLE,), {"productUpdate": {"product": {"id": GID}, "userErrors": REFUSED}}, GiveUp),
        ((TITLE,), {"productUpdate": {"product": None, "userErrors": []}}, Unclear),
        ((TITLE,), {"productUpdate": None}, Unclear),
        ((TITLE,), {}, Unclear),
        ((TAGS,), {"tagsAdd": {"node": None, "userErrors": [{"field": ["id"], "message": "gone"}]}}, GiveUp),
        ((TAGS,), {"tagsAdd": None}, Unclear),
        ((ALT + IMAGE,), {"fileUpdate": {"files": None, "userErrors": [{"code": "NON_READY_STATE"}]}}, TryLater),
        ((ALT + IMAGE,), {"fileUpdate": {"files": None, "userErrors": [{"message": "Alt too long"}]}}, GiveUp),
        ((ALT + IMAGE,), {"fileUpdate": None}, Unclear),
    ],
)
def test_what_a_write_was_answered_says_whether_it_happened(
    shopify: Answering, fields: tuple[str, ...], data: dict[str, Any], error: type
) -> None:
    shopify.answer({"data": data, "extensions": {"cost": COST}})
    (call,) = calls(shopify, *(change(field, join_tags([*MUG.tags, "new"])) for field in fields))
    writing = begin(shopify, *fields)
    with pytest.raises((TryLater, GiveUp)) as told:
        writing.write(call)
    assert type(told.value) is error
    assert len(shopify.sent) == 1


@pytest.mark.parametrize(
    ("field", "data"),
    [
        (TAGS, {"tagsAdd": {"node": {"id": GID}, "userErrors": []}}),
        (ALT + IMAGE, {"fileUpdate": {"files": [{"id": IMAGE, "alt": "x"}], "userErrors": None}}),
    ],
)
def test_tags_and_alternative_texts_are_written_though_the_answer_shows_no_texts(
    shopify: Answering, field: str, data: dict[str, Any]
) -> None:
    shopify.answer({"data": data, "extensions": {"cost": COST}})
    (call,) = calls(shopify, change(field, join_tags([*MUG.tags, "new"])))
    written = begin(shopify, field).write(call)
    assert (written.texts, written.updated_at) == ({}, None)
