"""What mutations do and refuse."""

from __future__ import annotations

import re

import pytest

from tests.connectors.simulators.shopify.conftest import Store

ALTS = """mutation A($files: [FileUpdateInput!]!) {
  fileUpdate(files: $files) { files { id alt } userErrors { field message code } }
}"""
ADD = """mutation T($id: ID!, $tags: [String!]!) {
  tagsAdd(id: $id, tags: $tags) { node { ... on Product { tags } } userErrors { field message } }
}"""
REMOVE = ADD.replace("tagsAdd", "tagsRemove")
INTENT = """query I($id: ID!) {
  product(id: $id) { intent: metafield(namespace: "$app:storebridge", key: "intent") { value namespace } }
}"""
PAGE = """query P($after: String) {
  products(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
}"""


def image_of(store: Store, gid: str) -> str:
    return store.control("GET", f"products/{gid.split('/')[-1]}")["images"][0]["admin_graphql_api_id"]


def test_only_the_given_fields_change(store: Store) -> None:
    gid = store.product(body_html="<p>Old</p>", vendor="Coast", tags="a, b")
    store.write(gid, descriptionHtml="<p>New</p>")
    read = store.read(gid)
    assert (read["title"], read["descriptionHtml"], read["tags"]) == ("Mug", "<p>New</p>", ["a", "b"])


def test_a_missing_key_of_seo_is_emptied(store: Store) -> None:
    gid = store.product(seo={"title": "T", "description": "D"})
    store.write(gid, seo={"title": "New"})
    assert store.read(gid)["seo"] == {"title": "New", "description": None}


def test_seo_that_is_not_sent_stays(store: Store) -> None:
    gid = store.product(seo={"title": "T", "description": "D"})
    store.write(gid, title="New")
    assert store.read(gid)["seo"] == {"title": "T", "description": "D"}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"title": " "}, {"field": ["title"], "message": "Title can't be blank"}),
        ({"title": "x" * 256}, {"field": ["title"], "message": "Title is too long (maximum is 255 characters)"}),
        ({"handle": "b" * 256}, {"field": ["handle"], "message": "Handle is too long (maximum is 255 characters)"}),
        ({"tags": ["x" * 256]}, {"field": ["tags"], "message": "Product tags is invalid"}),
    ],
)
def test_a_refused_text_changes_nothing(store: Store, fields: dict[str, object], error: dict[str, object]) -> None:
    gid = store.product(tags="a")
    answer = store.write(gid, descriptionHtml="<p>New</p>", **fields)
    assert answer["userErrors"] == [error]
    assert answer["product"]["title"] == "Mug"
    assert store.read(gid)["descriptionHtml"] == ""
    assert store.ledger()["changes"] == []


def test_an_unknown_product_does_not_exist(store: Store) -> None:
    answer = store.write("gid://shopify/Product/1", title="New")
    assert answer == {"product": None, "userErrors": [{"field": ["id"], "message": "Product does not exist"}]}


def test_the_app_namespace_is_resolved_and_reserved(store: Store) -> None:
    gid = store.product()
    field = {"namespace": "$app:storebridge", "key": "intent", "type": "single_line_text_field", "value": "7"}
    store.write(gid, title="New", metafields=[field])
    intent = store.run(INTENT, {"id": gid})["data"]["product"]["intent"]
    assert intent["value"] == "7"
    assert re.fullmatch(r"app--\d+--storebridge", intent["namespace"])


def test_html_is_stored_as_given(store: Store) -> None:
    gid = store.product()
    text = '<p onclick="x()">M&uuml;tze<br/></p>'
    store.write(gid, descriptionHtml=text)
    assert store.read(gid)["descriptionHtml"] == text


def test_html_is_reserialised_where_the_shop_is_told_so(store: Store) -> None:
    store.control("PATCH", "", {"reserialise_html": True})
    gid = store.product()
    store.write(gid, descriptionHtml="<p>M&uuml;tze &amp; Schal<br/></p>")
    assert store.read(gid)["descriptionHtml"] == "<p>Mütze &amp; Schal<br></p>"


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        (["red"], ["Red"]),
        ("blue, green", ["blue", "green", "Red"]),
        (["blue,green"], ["blue", "green", "Red"]),
        (["b", "A"], ["A", "b", "Red"]),
        ([" big   sale "], ["big   sale", "Red"]),
    ],
)
def test_tags_are_added_as_recorded(store: Store, given: object, tags: list[str]) -> None:
    gid = store.product(tags="Red")
    assert store.run(ADD, {"id": gid, "tags": given})["data"]["tagsAdd"]["node"]["tags"] == tags


def test_tags_are_removed_whatever_their_case(store: Store) -> None:
    gid = store.product(tags="Red, Blue")
    answer = store.run(REMOVE, {"id": gid, "tags": ["red", "missing"]})
    assert answer["data"]["tagsRemove"] == {"node": {"tags": ["Blue"]}, "userErrors": []}


def test_tags_of_an_unknown_kind_of_thing_are_refused(store: Store) -> None:
    answer = store.run(ADD, {"id": "gid://shopify/SomethingUnsupported/1", "tags": ["x"]})
    assert answer["data"] == {"tagsAdd": None}
    assert answer["errors"][0]["message"] == "invalid id"
    assert answer["errors"][0]["extensions"] == {"code": "RESOURCE_NOT_FOUND"}
    assert answer["extensions"]["cost"]["actualQueryCost"] == 10


def test_more_than_250_tags_are_refused_and_charged(store: Store) -> None:
    gid = store.product()
    document = "mutation U($product: ProductUpdateInput!) {\n  productUpdate(product: $product) { product { id } }\n}"
    answer = store.run(document, {"product": {"id": gid, "tags": [f"t{n}" for n in range(251)]}})
    assert "data" not in answer
    assert answer["errors"] == [
        {
            "message": "The input array size of 251 is greater than the maximum allowed of 250.",
            "locations": [{"line": 2, "column": 3}],
            "path": ["productUpdate", "product", "tags"],
            "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"},
        }
    ]
    assert answer["extensions"]["cost"]["actualQueryCost"] is None
    assert answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 1990


def test_an_alternative_text_is_written(store: Store) -> None:
    gid = store.product(images=[{"alt": "old"}])
    image = image_of(store, gid)
    answer = store.run(ALTS, {"files": [{"id": image, "alt": "new"}]})
    assert answer["data"]["fileUpdate"] == {"files": [{"id": image, "alt": "new"}], "userErrors": []}


@pytest.mark.parametrize(
    ("image", "alt", "code"),
    [
        ({"alt": "old"}, "x" * 513, "ALT_VALUE_LIMIT_EXCEEDED"),
        ({"alt": "old", "status": "PROCESSING"}, "new", "NON_READY_STATE"),
    ],
)
def test_an_alternative_text_is_refused_with_a_code(store: Store, image: dict[str, str], alt: str, code: str) -> None:
    gid = store.product(images=[image])
    answer = store.run(ALTS, {"files": [{"id": image_of(store, gid), "alt": alt}]})["data"]["fileUpdate"]
    assert answer["files"] == []
    assert [error["code"] for error in answer["userErrors"]] == [code]
    assert store.control("GET", f"products/{gid.split('/')[-1]}")["images"][0]["alt"] == "old"


def test_one_unknown_file_stops_all_of_them(store: Store) -> None:
    gid = store.product(images=[{"alt": "old"}])
    unknown = "gid://shopify/MediaImage/1"
    answer = store.run(ALTS, {"files": [{"id": image_of(store, gid), "alt": "new"}, {"id": unknown, "alt": "x"}]})
    error = {"field": ["files"], "message": f'File id ["{unknown}"] does not exist.', "code": "FILE_DOES_NOT_EXIST"}
    assert answer["data"]["fileUpdate"] == {"files": [], "userErrors": [error]}
    assert store.ledger()["changes"] == []


def test_times_are_whole_seconds(store: Store) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", store.read(store.product())["updatedAt"])


def test_pages_follow_one_another(store: Store) -> None:
    gids = [store.product(title=f"P{n}") for n in range(5)]
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = store.run(PAGE, {"after": after})["data"]["products"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == gids
    assert not page["pageInfo"]["hasNextPage"]


def test_products_are_found_by_the_time_of_their_change(store: Store) -> None:
    store.product()
    document = "query P($q: String) { products(first: 5, query: $q, sortKey: UPDATED_AT) { nodes { id } } }"
    assert len(store.run(document, {"q": "updated_at:>'2020-01-01T00:00:00Z'"})["data"]["products"]["nodes"]) == 1
    assert store.run(document, {"q": "updated_at:>'2099-01-01T00:00:00Z'"})["data"]["products"]["nodes"] == []


@pytest.mark.parametrize("size", ["", "(first: 251)", "(first: 0)"])
def test_a_page_without_a_sensible_size_is_refused(store: Store, size: str) -> None:
    answer = store.run(f"{{ products{size} {{ nodes {{ id }} }} }}")
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert answer["data"] is None
