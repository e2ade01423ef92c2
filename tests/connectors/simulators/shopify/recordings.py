"""Recorded conversations with real stores, where the developer has them; nothing of them is in the project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[5] / "shared" / "data" / "shopify" / "recorded"
present = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recordings are not here")


def load(name: str) -> Any:
    """One recording by the end of its file name."""
    (path,) = FOLDER.glob(f"*__{name}.json")
    return json.loads(path.read_text())


def exchanges() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every recorded document with its variables and the answer."""
    for path in sorted(FOLDER.glob("*.json")):
        yield from _walk(json.loads(path.read_text()))


def _walk(value: Any) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    if isinstance(value, dict):
        document, answer = value.get("query") or value.get("document"), value.get("response")
        if isinstance(document, str) and "{" in document and isinstance(answer, dict):
            body = answer.get("body") or answer.get("payload") or answer
            if isinstance(body, dict):
                yield document, dict(value.get("variables") or {}), body
        for each in value.values():
            yield from _walk(each)
    elif isinstance(value, list):
        for each in value:
            yield from _walk(each)
