"""What the real platform refuses is refused, in its words (recordings), and nothing happens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.simulators.shopify.conftest import DOMAIN, WRITE, Store

DELETE = """
  mutation ProductDelete($input: ProductDeleteInput!) {
    productDelete(input: $input) { deletedProductId userErrors { field message } }
  }"""


def only_error(answer: dict[str, Any]) -> dict[str, Any]:
    assert "data" not in answer
    assert len(answer["errors"]) == 1
    return answer["errors"][0]


def test_an_unknown_field_is_refused(store: Store) -> None:
    document = 'mutation M {\n  tagsAdd(id: "x", tags: []) {\n    userErrors {\n      code\n    }\n  }\n}'
    assert only_error(store.run(document)) == {
        "message": "Field 'code' doesn't exist on type 'UserError'",
        "locations": [{"line": 4, "column": 7}],
        "path": ["mutation M", "tagsAdd", "userErrors", "code"],
        "extensions": {"code": "undefinedField", "typeName": "UserError", "fieldName": "code"},
    }


def test_an_unknown_argument_is_refused(store: Store) -> None:
    error = only_error(store.run('{ product(id: "1", handle: "x") { id } }'))
    assert error["extensions"]["code"] == "argumentNotAccepted"
    assert error["message"] == "Field 'product' doesn't accept argument 'handle'"


def test_a_missing_argument_is_refused(store: Store) -> None:
    error = only_error(store.run("{ product { id } }"))
    assert error["extensions"]["code"] == "missingRequiredArguments"


@pytest.mark.parametrize("literal", ["5.5", "true", "{}", "null"])
def test_a_literal_of_the_wrong_type_is_refused(store: Store, literal: str) -> None:
    error = only_error(store.run(f"{{ product(id: {literal}) {{ id }} }}"))
    assert error["extensions"] == {
        "code": "argumentLiteralsIncompatible",
        "typeName": "Field",
        "argumentName": "id",
    }


def test_an_unknown_enum_value_is_refused(store: Store) -> None:
    error = only_error(store.run("query Q {\n  products(first: 1, sortKey: TOPIC) { nodes { id } }\n}"))
    assert error["message"] == (
        "Argument 'sortKey' on Field 'products' has an invalid value (TOPIC). Expected type 'ProductSortKeys'."
    )
    assert error["path"] == ["query Q", "products", "sortKey"]
    assert error["locations"] == [{"line": 2, "column": 3}]


def test_an_unknown_field_of_an_input_is_refused_and_nothing_is_written(store: Store) -> None:
    gid = store.product()
    error = only_error(store.run(WRITE, {"product": {"id": gid, "title": "New", "bodyHtml": "x"}}))
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["extensions"]["problems"] == [
        {"path": ["bodyHtml"], "explanation": "Field is not defined on ProductUpdateInput"}
    ]
    assert store.read(gid)["title"] == "Mug"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"title": 5}, ["title"]),
        ({"tags": ["a", 1]}, ["tags", 1]),
        ({"seo": {"title": ["a"]}}, ["seo", "title"]),
        ({"status": "GONE"}, ["status"]),
        ({"metafields": [{"key": 5}]}, ["metafields", 0, "key"]),
    ],
)
def test_a_variable_of_the_wrong_type_is_refused(store: Store, fields: dict[str, Any], path: list[Any]) -> None:
    error = only_error(store.run(WRITE, {"product": {"id": "gid://shopify/Product/1", **fields}}))
    assert error["extensions"]["problems"][0]["path"] == path


def test_a_missing_id_is_refused_in_the_recorded_words(store: Store) -> None:
    assert only_error(store.run(DELETE, {"input": {}})) == {
        "message": "Variable $input of type ProductDeleteInput! was provided invalid value for id "
        "(Expected value to not be null)",
        "locations": [{"line": 2, "column": 26}],
        "extensions": {
            "code": "INVALID_VARIABLE",
            "value": {},
            "problems": [{"path": ["id"], "explanation": "Expected value to not be null"}],
        },
    }


def test_refusals_cost_nothing(store: Store) -> None:
    assert "extensions" not in store.run("{ shop { nope } }")
    assert store.control("GET", "bucket")["currentlyAvailable"] == 2000


def test_a_document_that_cannot_be_parsed_is_refused(store: Store) -> None:
    assert "syntax error" in only_error(store.run("{ shop {"))["message"]


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b'{"q": 1}'])
def test_a_request_without_a_query_is_a_bad_request(store: Store, body: bytes) -> None:
    address = f"{store.url}/admin/api/2026-10/graphql.json"
    assert store.http.post(address, data=body, headers={"X-Shopify-Access-Token": "shpat_test"}).status_code == 400


@pytest.mark.parametrize(
    "path",
    [f"{DOMAIN}/admin/api/2020-01/graphql.json", "nobody.myshopify.com/admin/api/2026-10/graphql.json", "x"],
)
def test_an_unknown_version_shop_or_page_is_not_found(store: Store, path: str) -> None:
    response = store.http.post(f"{store.simulator.url}/{path}", json={"query": "{ shop { name } }"})
    assert response.status_code == 404
    assert response.json() == {"errors": "Not Found"}


def test_a_wrong_token_is_unauthorised_and_changes_nothing(store: Store) -> None:
    gid = store.product()
    assert store.post(WRITE, {"product": {"id": gid, "title": "New"}}, token="wrong").status_code == 401
    assert store.read(gid)["title"] == "Mug"


def test_a_scope_that_was_not_granted_is_denied(store: Store) -> None:
    gid = store.product()
    store.control("PATCH", "", {"scopes": ["read_products"]})
    answer = store.run(WRITE, {"product": {"id": gid, "title": "New"}})
    assert answer["data"] == {"productUpdate": None}
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert answer["errors"][0]["path"] == ["productUpdate"]
    assert store.read(gid)["title"] == "Mug"
