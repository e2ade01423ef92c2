"""The shape of an answer, for exactly the fields that were asked for.

Constraints that providers treat differently (lengths, patterns) stay out of it; the checks look after them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, fields, validate

from bridge.catalog import ALT, DESCRIPTION, LISTING_FIELDS, TAGS
from tasks.listing import channels

ALTS = "alts"


def _filled() -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(r"(?s).*\S", error="This text is empty."))


class AltAnswer(Schema):
    """The alternative text of one image."""

    ref = _filled()
    alt = _filled()


def answer(wanted: tuple[str, ...]) -> type[Schema]:
    """The schema for these fields; the same fields give the same schema, which providers keep compiled."""
    plain = tuple(name for name in LISTING_FIELDS if name in wanted)
    return _schema(plain, any(name.startswith(ALT) for name in wanted))


@cache
def _schema(plain: tuple[str, ...], alts: bool) -> type[Schema]:
    shape: dict[str, Any] = {}
    for name in plain:
        shape[name] = fields.List(_filled(), required=True) if name == TAGS else _filled()
    if DESCRIPTION in plain:
        shape |= channels.shape()
    if alts:
        shape[ALTS] = fields.List(fields.Nested(AltAnswer), required=True)
    return Schema.from_dict(shape, name="ListingAnswer")
