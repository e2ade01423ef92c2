"""Every topic is acted on or left alone with a reason, and the app's own configuration asks for what we act on."""

from __future__ import annotations

import tomllib
from pathlib import Path

from connectors.shopify import hooks, scopes, topics
from connectors.shopify.api import API_VERSION

APP = tomllib.loads((Path(__file__).parents[3] / "deploy/shopify/shopify.app.toml").read_text())


def test_the_app_subscribes_to_exactly_what_we_act_on_and_what_the_law_demands() -> None:
    found = APP["webhooks"]["subscriptions"]
    assert {topic for each in found for topic in each.get("topics", ())} == set(topics.ACTED_ON)
    assert {topic for each in found for topic in each.get("compliance_topics", ())} == set(topics.COMPLIANCE)
    assert APP["webhooks"]["api_version"] == API_VERSION


def test_the_app_asks_for_the_permissions_we_need_and_for_no_more() -> None:
    assert APP["access_scopes"]["scopes"].split(",") == list(scopes.NEEDED)


def test_all_addresses_of_the_app_are_ours() -> None:
    base = APP["application_url"].removesuffix("/shopify")
    assert APP["auth"]["redirect_urls"] == [base + "/install/shopify/callback"]
    assert {each["uri"] for each in APP["webhooks"]["subscriptions"]} == {base + "/hooks/shopify"}


def test_a_topic_we_act_on_is_never_left_alone() -> None:
    assert set(topics.ACTED_ON).isdisjoint(topics.LEFT_ALONE)
    for topic in topics.LEFT_ALONE:
        assert hooks.left_alone(topic).endswith(".")
        assert list(hooks.read({"x-shopify-shop-domain": "a.myshopify.com", "x-shopify-topic": topic}, b"{}")) == []
    assert hooks.left_alone("themes/publish") == ""
