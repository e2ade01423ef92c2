"""What a strict JSON schema must look like, in the provider's words.

https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
_KEYWORDS = frozenset({
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs",
    "description", "title", "pattern", "format", "multipleOf", "maximum", "exclusiveMaximum", "minimum",
    "exclusiveMinimum", "minItems", "maxItems",
})  # fmt: skip
DEEPEST = 10
MOST_PROPERTIES = 5000


def objection(name: str, schema: Any) -> str | None:
    """Why a schema cannot be used with ``strict``, or None."""
    if not isinstance(schema, dict) or schema.get("type") != "object" or "anyOf" in schema:
        return _said(name, (), "schema must be a JSON Schema of 'type: \"object\"'")
    found = next(_objections(schema, (), 1), None)
    if found:
        return _said(name, *found)
    return None


def _said(name: str, context: tuple[str, ...], why: str) -> str:
    where = ", ".join(f"'{part}'" for part in context)
    return f"Invalid schema for response_format '{name}': In context=({where}), {why}."


def _objections(schema: Any, context: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(schema, dict):
        yield context, "schema must be an object"
        return
    for keyword in sorted(set(schema) - _KEYWORDS):
        yield context, f"'{keyword}' is not permitted"
    kinds = schema.get("type", [])
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind not in _TYPES:
            yield context, f"'{kind}' is not a valid type"
    if depth > DEEPEST:
        yield context, f"schema exceeds the nesting limit of {DEEPEST}"
        return
    if schema.get("type") == "object":
        yield from _object(schema, context)
    for part, below in _parts(schema):
        yield from _objections(below, (*context, *part), depth + 1)


def _object(schema: dict[str, Any], context: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if schema.get("additionalProperties") is not False:
        yield context, "'additionalProperties' is required to be supplied and to be false"
    properties = schema.get("properties", {})
    missing = [name for name in properties if name not in schema.get("required", [])]
    extra = [name for name in schema.get("required", []) if name not in properties]
    if missing or extra:
        rule = "'required' is required to be supplied and to be an array including every key in properties"
        yield context, f"{rule}. {'Missing' if missing else 'Extra'} '{(missing or extra)[0]}'"


def _parts(schema: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, below in (schema.get("properties") or {}).items():
        yield ("properties", name), below
    for name, below in (schema.get("$defs") or {}).items():
        yield ("$defs", name), below
    for n, below in enumerate(schema.get("anyOf") or []):
        yield ("anyOf", str(n)), below
    if "items" in schema:
        yield ("items",), schema["items"]
    elif schema.get("type") == "array":
        yield (), {"type": "array schema missing items"}
