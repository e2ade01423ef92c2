"""A question for the models of the tests."""

from marshmallow import EXCLUDE, Schema, fields, validate

from bridge.ai.client import Prompt


class Picture(Schema):
    number = fields.Integer(required=True)
    alt = fields.String(required=True, metadata={"description": "What is seen"})


class Text(Schema):
    class Meta:
        unknown = EXCLUDE

    title = fields.String(required=True, validate=validate.Length(max=40))
    tone = fields.String(required=True, validate=validate.OneOf(["warm", "cool"]))
    pictures = fields.List(fields.Nested(Picture), required=True)
    note = fields.String(required=True, allow_none=True)
    score = fields.Float(required=True)
    sure = fields.Boolean(required=True)


GOOD = {"title": "Kettle", "tone": "warm", "pictures": [{"number": 1, "alt": "A kettle"}], "note": None, "score": 0.5,
        "sure": True}  # fmt: skip
PROMPT = Prompt("listing", "1", "Write.", "Name: Kettle\nMaterial: steel", Text, 500)
