"""The ledger lets a judge who trusts nobody compute what was lost, doubled, throttled and charged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.connectors.simulators.shopify.conftest import READ, WRITE, Store


def test_calls_are_kept_in_order_with_what_they_cost(store: Store) -> None:
    gid = store.product()
    store.read(gid)
    store.write(gid, title="New")
    store.write(gid, title=" ")
    read, write, refused = store.ledger()["calls"]
    assert (read["operation"], read["kind"], read["roots"], read["charged"]) == ("Read", "query", ["product"], 2)
    assert read["reads"] == [{"product": gid, "version": 1}]
    assert write["variables"] == {"product": {"id": gid, "title": "New"}}
    assert (write["status"], write["charged"], write["errors"], write["user_errors"]) == (200, 11, [], [])
    assert refused["user_errors"] == ["Title can't be blank"]


def test_a_change_says_who_what_and_instead_of_what(store: Store) -> None:
    gid = store.product()
    store.read(gid)
    store.write(gid, title="New")
    (change,) = store.ledger()["changes"]
    assert change["call"] == 2
    assert (change["actor"], change["product"], change["field"]) == ("api", gid, "title")
    assert (change["before"], change["after"], change["changed"]) == ("Mug", "New", True)
    assert (change["version"], change["before_version"], change["read_version"]) == (2, 1, 1)


def test_the_same_text_written_twice_stands_there_twice(store: Store) -> None:
    gid = store.product()
    store.write(gid, title="New")
    store.write(gid, title="New")
    changes = store.ledger()["changes"]
    assert [(change["after"], change["changed"]) for change in changes] == [("New", True), ("New", False)]


def test_an_edit_that_was_seen_is_no_loss(store: Store) -> None:
    gid = store.product()
    store.control("PATCH", f"products/{gid.split('/')[-1]}", {"title": "Merchant's"})
    store.read(gid)
    store.write(gid, title="New")
    change = store.ledger()["changes"][-1]
    assert change["before_actor"] == "merchant"
    assert change["before_version"] <= change["read_version"]


def test_an_edit_nobody_looked_at_is_a_loss(store: Store) -> None:
    gid = store.product()
    store.read(gid)
    store.control("PATCH", f"products/{gid.split('/')[-1]}", {"title": "Merchant's"})
    store.run("mutation W($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }",
              {"p": {"id": gid, "title": "New"}})  # fmt: skip
    change = store.ledger()["changes"][-1]
    assert change["before_actor"] == "merchant"
    assert change["before_version"] > change["read_version"]


def test_refused_calls_are_kept_too(store: Store) -> None:
    store.post(READ, {"id": "x"}, token="wrong")
    store.post("{ shop { nope } }")
    denied, wrong = store.ledger()["calls"]
    assert (denied["status"], denied["charged"]) == (401, 0)
    assert wrong["errors"] == ["undefinedField"]


def test_parts_can_be_asked_for(store: Store) -> None:
    gid = store.product()
    for title in ("One", "Two", "Three"):
        store.post(WRITE, {"product": {"id": gid, "title": title}})
    found = store.control("GET", "ledger?parts=changes&since=1")
    assert set(found) == {"changes", "waiting"}
    assert [change["after"] for change in found["changes"]] == ["Two", "Three"]


def test_parallel_writers_are_kept_apart(store: Store) -> None:
    gid = store.product()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.write(gid, title=f"T{n}"), range(80)))
    found = store.ledger()
    assert [change["version"] for change in found["changes"]] == list(range(2, 82))
    befores = [change["before"] for change in found["changes"]]
    assert befores == ["Mug", *(change["after"] for change in found["changes"][:-1])]
    assert sum(call["charged"] for call in found["calls"]) == 80 * 11
