"""A marshmallow schema as the JSON schema that providers enforce: the subset that all of them understand.

Object at the root, every property required, nothing additional, no defaults, no length or number limits: those are
checked afterwards by marshmallow, because providers differ in what they accept.
https://platform.openai.com/docs/guides/structured-outputs
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

_TYPES: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.Boolean, "boolean"),
    (fields.Integer, "integer"),
    (fields.Number, "number"),
    (fields.String, "string"),
)


def for_schema(schema: type[Schema]) -> dict[str, Any]:
    """The JSON schema of a marshmallow schema. Raises ValueError for a field type that providers do not share."""
    properties = {name: _for_field(field) for name, field in schema().fields.items()}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _for_field(field: fields.Field[Any]) -> dict[str, Any]:
    found = _shape(field)
    if "description" in field.metadata:
        found["description"] = field.metadata["description"]
    return {"anyOf": [found, {"type": "null"}]} if field.allow_none else found


def _shape(field: fields.Field[Any]) -> dict[str, Any]:
    if isinstance(field, fields.Nested):
        return for_schema(type(field.schema))
    if isinstance(field, fields.List):
        return {"type": "array", "items": _for_field(field.inner)}
    for kind, name in _TYPES:
        if isinstance(field, kind):
            return {"type": name, **_choices(field)}
    raise ValueError(f"A model cannot be asked for a field of type {type(field).__name__}.")


def _choices(field: fields.Field[Any]) -> dict[str, Any]:
    for rule in field.validators:
        if isinstance(rule, validate.OneOf):
            return {"enum": list(rule.choices)}
    return {}
