"""Webhooks as Shopify sends them: signed, shaped, tried again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re

from connectors.simulators.serving import Request
from tests.connectors.simulators.receiver import Receiver, wait_for
from tests.connectors.simulators.shopify import recordings
from tests.connectors.simulators.shopify.conftest import DOMAIN, Store


def body_of(request: Request) -> dict[str, object]:
    return json.loads(request.body)


def test_an_api_change_is_told_with_every_header(hooked: Store, receiver: Receiver) -> None:
    gid = hooked.product()
    hooked.write(gid, title="New")
    (request,) = receiver.wait(1)
    headers = request.headers
    signature = base64.b64encode(hmac.new(b"hush", request.body, hashlib.sha256).digest()).decode()
    assert headers["x-shopify-hmac-sha256"] == signature
    assert headers["x-shopify-topic"] == "products/update"
    assert headers["x-shopify-shop-domain"] == DOMAIN
    assert headers["x-shopify-api-version"] == "2026-10"
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-shopify-webhook-id"])
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-shopify-event-id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", headers["x-shopify-triggered-at"])


def test_the_payload_has_the_rest_shape(hooked: Store, receiver: Receiver) -> None:
    gid = hooked.product(
        body_html="<p>x</p>",
        tags=["b", "A"],
        options=[{"name": "Size", "values": ["S", "M"]}],
        variants=[{"sku": "S-1", "options": ["S"]}, {"sku": "M-1", "options": ["M"]}],
        images=[{"alt": "front"}],
        seo={"title": "hidden"},
    )
    hooked.write(gid, title="New")
    body = body_of(receiver.wait(1)[0])
    assert body["admin_graphql_api_id"] == gid
    assert body["id"] == int(gid.split("/")[-1])
    assert (body["title"], body["body_html"], body["tags"], body["status"]) == ("New", "<p>x</p>", "A, b", "active")
    assert body["options"][0]["values"] == ["S", "M"]
    assert [variant["sku"] for variant in body["variants"]] == ["S-1", "M-1"]
    assert body["media"][0]["alt"] == "front"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+01:00", str(body["updated_at"]))
    assert not {"seo", "metafields"} & set(body)


def test_a_merchants_product_edit_and_delete_are_told(hooked: Store, receiver: Receiver) -> None:
    gid = hooked.product(silent=False)
    number = gid.split("/")[-1]
    hooked.control("PATCH", f"products/{number}", {"title": "Edited"})
    hooked.control("DELETE", f"products/{number}")
    requests = receiver.wait(3)
    topics = {request.headers["x-shopify-topic"] for request in requests}
    assert topics == {"products/create", "products/update", "products/delete"}
    deleted = next(request for request in requests if request.headers["x-shopify-topic"] == "products/delete")
    assert body_of(deleted) == {"id": int(number)}


def test_a_change_that_changes_nothing_is_not_told(hooked: Store, receiver: Receiver) -> None:
    gid = hooked.product()
    hooked.write(gid, title="Mug")
    hooked.write(gid, title="New")
    (request,) = receiver.wait(1)
    assert body_of(request)["title"] == "New"


def test_a_refused_delivery_is_tried_again_with_the_same_id_and_body(hooked: Store, receiver: Receiver) -> None:
    receiver.answers = [500, 302]
    hooked.write(hooked.product(), title="New")
    requests = receiver.wait(3)
    assert len({request.headers["x-shopify-webhook-id"] for request in requests}) == 1
    assert len({request.body for request in requests}) == 1
    wait_for(lambda: hooked.ledger()["webhooks"][0]["acknowledged"])
    attempts = hooked.ledger()["webhooks"][0]["attempts"]
    assert [attempt["status"] for attempt in attempts] == [500, 302, 200]


def test_retries_end(hooked: Store, receiver: Receiver) -> None:
    receiver.answers = [500] * 10
    hooked.write(hooked.product(), title="New")
    wait_for(lambda: hooked.ledger()["webhooks"][0]["given_up"])
    assert len(receiver.requests) == 4  # the first and three retries
    assert not hooked.ledger()["webhooks"][0]["acknowledged"]


def test_nobody_listening_is_tried_again(hooked: Store, receiver: Receiver) -> None:
    receiver.stop()
    hooked.write(hooked.product(), title="New")
    wait_for(lambda: hooked.ledger()["webhooks"][0]["given_up"])
    assert {attempt["status"] for attempt in hooked.ledger()["webhooks"][0]["attempts"]} == {0}


def test_deliveries_are_doubled_where_told_so(hooked: Store, receiver: Receiver) -> None:
    hooked.control("PATCH", "", {"webhook_duplicate_every": 2})
    gid = hooked.product()
    hooked.write(gid, title="One")
    hooked.write(gid, title="Two")
    ids = [request.headers["x-shopify-webhook-id"] for request in receiver.wait(3)]
    assert len(ids) == 3
    assert len(set(ids)) == 2


def test_a_delivery_can_be_repeated_by_hand(hooked: Store, receiver: Receiver) -> None:
    gid = hooked.product()
    answer = hooked.control("POST", "deliver", {"product": gid, "times": 3})
    assert answer["statuses"] == [200, 200, 200]
    assert {request.headers["x-shopify-webhook-id"] for request in receiver.requests} == {answer["webhook_id"]}


def test_a_forged_signature_does_not_fit(hooked: Store, receiver: Receiver) -> None:
    receiver.answers = [401]
    gid = hooked.product()
    assert hooked.control("POST", "deliver", {"product": gid, "forged": True})["statuses"] == [401]
    (request,) = receiver.requests
    right = base64.b64encode(hmac.new(b"hush", request.body, hashlib.sha256).digest()).decode()
    assert request.headers["x-shopify-hmac-sha256"] != right
    assert hooked.ledger()["webhooks"][0]["forged"]


def test_any_topic_and_body_can_be_sent_rightly_signed(hooked: Store, receiver: Receiver) -> None:
    hooked.control("POST", "deliver", {"topic": "planets/align", "body": "not json"})
    (request,) = receiver.requests
    assert request.body == b"not json"
    assert request.headers["x-shopify-topic"] == "planets/align"
    right = base64.b64encode(hmac.new(b"hush", b"not json", hashlib.sha256).digest()).decode()
    assert request.headers["x-shopify-hmac-sha256"] == right


def test_an_uninstalled_app_is_told_and_locked_out(hooked: Store, receiver: Receiver) -> None:
    hooked.control("POST", "uninstall")
    (request,) = receiver.wait(1)
    assert request.headers["x-shopify-topic"] == "app/uninstalled"
    assert body_of(request)["myshopify_domain"] == DOMAIN
    assert hooked.post("{ shop { name } }").status_code == 401


def test_only_subscribed_topics_are_sent(hooked: Store, receiver: Receiver) -> None:
    hooked.control("PATCH", "", {"topics": ["products/delete"]})
    gid = hooked.product()
    hooked.write(gid, title="New")
    hooked.control("DELETE", f"products/{gid.split('/')[-1]}")
    assert [request.headers["x-shopify-topic"] for request in receiver.wait(1)] == ["products/delete"]
    assert len(hooked.ledger()["webhooks"]) == 1


def test_an_order_is_told_as_an_update_of_the_product(hooked: Store, receiver: Receiver) -> None:
    gid = hooked.product(variants=[{"inventory_quantity": 3}])
    hooked.control("POST", f"products/{gid.split('/')[-1]}/order")
    body = body_of(receiver.wait(1)[0])
    assert body["variants"][0]["inventory_quantity"] == 2
    assert body["title"] == "Mug"
    assert hooked.ledger()["changes"] == []


@recordings.present
def test_the_payload_has_the_fields_of_shopifys_own_example(hooked: Store, receiver: Receiver) -> None:
    example = json.loads((recordings.FOLDER.parent / "webhooks" / "products__update.example.json").read_text())
    hooked.product(silent=False, images=[{}], category="Home > Mugs")
    body = body_of(receiver.wait(1)[0])
    assert set(body) == set(example)
    assert set(body["variants"][0]) == set(example["variants"][0])
    assert set(body["variant_gids"][0]) == set(example["variant_gids"][0])
    for name in ("id", "title", "tags", "status", "created_at", "options", "media", "images"):
        assert type(body[name]) is type(example[name]), name
