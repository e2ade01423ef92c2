"""Recorded shapes of what platforms send, by platform: {"topic": …, "body": …}, with contents of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HOME = Path(__file__).parent


def names(platform: str) -> list[str]:
    """The payloads of a platform."""
    return sorted(path.stem for path in (HOME / platform).glob("*.json"))


def payload(platform: str, name: str) -> tuple[str, bytes]:
    """Topic and raw body."""
    found: dict[str, Any] = json.loads((HOME / platform / f"{name}.json").read_text())
    return found["topic"], json.dumps(found["body"], ensure_ascii=False).encode()


_HEADERS = {
    "shopify": lambda topic: {
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": "werkstatt-lindgruen.myshopify.com",
        "x-shopify-webhook-id": "w-1",
    },
}


def delivery(platform: str, name: str) -> tuple[dict[str, str], bytes]:
    """Headers, as the platform names its topic and account, and raw body."""
    assert platform in _HEADERS, f"Say here with which headers {platform} names its topic and account."
    topic, body = payload(platform, name)
    return _HEADERS[platform](topic), body
