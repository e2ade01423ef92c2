"""An answer without a model: values for the schema, taken from what the prompt itself says."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

_LINE = re.compile(r"^[\s>*-]*([^:\n<>{}]{1,60}):\s+(\S[^\n]*)$", re.MULTILINE)
_NUMBER = re.compile(r"\d+")


def answer(body: dict[str, Any]) -> Any:
    """Values that fit the request's schema; a sentence where there is none."""
    said = _said(body)
    schema = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    if schema is None:
        return " ".join(f"{label}: {value}." for label, value in said[:5]) or "There is nothing to say."
    return _Writer(schema, said, _text(body)).value(schema, "")


def _text(body: dict[str, Any]) -> str:
    parts = [message.get("content") for message in body.get("messages", []) if message.get("role") == "user"]
    return "\n".join(part if isinstance(part, str) else json.dumps(part) for part in parts)


def _said(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Label and value of everything the user message states, from JSON or from lines."""
    text = _text(body)
    try:
        found = list(_leaves(json.loads(text), ""))
    except ValueError:
        found = [(label.strip(), value.strip()) for label, value in _LINE.findall(text)]
    return found or [("Text", text.strip()[:200] or "nothing")]


def _leaves(value: Any, label: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _leaves(below, name)
    elif isinstance(value, list):
        for below in value:
            yield from _leaves(below, label)
    elif isinstance(value, str) and value.strip():
        yield label, value.strip()


class _Writer:
    def __init__(self, root: dict[str, Any], said: list[tuple[str, str]], text: str) -> None:
        self._root = root
        self._said = said
        self._text = text.lower()

    def value(self, schema: dict[str, Any], name: str) -> Any:
        """A value for one place of the schema."""
        if "$ref" in schema:
            return self.value(self._root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], name)
        if "anyOf" in schema:
            return self.value(next(each for each in schema["anyOf"] if each.get("type") != "null"), name)
        if "enum" in schema:
            return next((each for each in schema["enum"] if str(each).lower() in self._text), schema["enum"][0])
        if "const" in schema:
            return schema["const"]
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next(each for each in kind if each != "null")
        return self._of_kind(str(kind), schema, name)

    def _of_kind(self, kind: str, schema: dict[str, Any], name: str) -> Any:
        if kind == "object":
            return {key: self.value(below, key) for key, below in schema.get("properties", {}).items()}
        if kind == "array":
            return self._list(schema, name)
        if kind == "boolean":
            return False
        if kind in ("integer", "number"):
            found = _NUMBER.search(self._text)
            low, high = int(schema.get("minimum", 0)), int(schema.get("maximum", 100))
            return min(max(int(found.group()) if found else 0, low), high)
        return None if kind == "null" else self._string(name.lower())

    def _list(self, schema: dict[str, Any], name: str) -> list[Any]:
        items = schema["items"]
        if items.get("type") == "string" and "enum" not in items:
            return list(dict.fromkeys(value[:60] for _, value in self._said))[:3]
        return [self.value(items, name)]

    def _string(self, name: str) -> str:
        named = next((value for label, value in self._said if label.lower() == name), None)
        if "title" in name or "headline" in name:
            return (named or self._said[0][1])[:60]
        if "seo" in name or "meta" in name or "alt" in name or "summary" in name:
            return self._sentences()[:150]
        if "description" in name or "html" in name:
            return f"<p>{html.escape(self._sentences(), quote=False)}</p>"
        return named or self._said[0][1]

    def _sentences(self) -> str:
        return " ".join(f"{label}: {value.rstrip('.')}." for label, value in self._said[:6])
