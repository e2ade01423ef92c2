"""The parts of Shopify's payloads and answers that we read; everything else is ignored, null is allowed everywhere.

Payload shapes: https://shopify.dev/docs/api/webhooks
"""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate


class Lenient(Schema):
    """Unknown fields are ignored: a platform's new field must not break us."""

    class Meta:
        unknown = EXCLUDE


def _text(**options: Any) -> fields.String:
    return fields.String(allow_none=True, load_default=None, **options)


class Id(fields.Integer):
    """The number in a ``gid://``; JSON's true is no number, though Python's bool is an int."""

    def __init__(self) -> None:
        super().__init__(required=True, strict=True, validate=validate.Range(1, 2**63 - 1))

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class OptionPayload(Lenient):
    name = _text()
    values = fields.List(fields.String(allow_none=True), allow_none=True, load_default=list)


class VariantPayload(Lenient):
    title = _text()
    sku = _text()
    barcode = _text()


class MediaPayload(Lenient):
    admin_graphql_api_id = fields.String(required=True)
    alt = _text()


class DeletedPayload(Lenient):
    id = Id()


class ProductPayload(Lenient):
    id = Id()
    title = _text()
    body_html = _text()
    vendor = _text()
    product_type = _text()
    status = _text()
    tags = _text()
    updated_at = _text()
    options = fields.List(fields.Nested(OptionPayload), allow_none=True, load_default=list)
    variants = fields.List(fields.Nested(VariantPayload), allow_none=True, load_default=list)
    media = fields.List(fields.Nested(MediaPayload), allow_none=True, load_default=list)


class ShopPayload(Lenient):
    myshopify_domain = fields.String(required=True)
    updated_at = _text()


class CustomerPayload(Lenient):
    id = fields.Integer(strict=True, allow_none=True, load_default=None)
    email = _text()
    phone = _text()


class CustomerRequest(Lenient):
    shop_domain = fields.String(required=True)
    customer = fields.Nested(CustomerPayload, allow_none=True, load_default=None)
    orders_requested = fields.List(fields.Integer(strict=True), allow_none=True, load_default=list)
    orders_to_redact = fields.List(fields.Integer(strict=True), allow_none=True, load_default=list)


class ShopRedact(Lenient):
    shop_domain = fields.String(required=True)


def load(schema: type[Schema], payload: dict[str, Any]) -> dict[str, Any]:
    """Read a payload. Raises ValueError with a sentence that names the field."""
    try:
        found: dict[str, Any] = schema().load(payload)
    except ValidationError as error:
        where = ", ".join(sorted(map(str, error.normalized_messages())))
        raise ValueError(f"The payload lacks or garbles: {where}.") from error
    return found
