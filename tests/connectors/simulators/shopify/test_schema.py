"""The committed schema is what the script makes of the full one, and nothing in it goes unanswered."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from connectors.simulators.shopify import documents, prune, roots

FULL_SCHEMA = "SHOPIFY_FULL_SCHEMA"


@pytest.mark.skipif(FULL_SCHEMA not in os.environ, reason=f"{FULL_SCHEMA} names no file")
def test_the_schema_is_what_the_script_makes() -> None:
    raw = Path(os.environ[FULL_SCHEMA]).read_bytes()
    full = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
    committed = (Path(prune.__file__).parent / "schema.graphql").read_text()
    assert prune.prune(full) == committed


def test_every_root_field_is_answered() -> None:
    roots.attach()  # raises for one that is not
    schema = documents.schema()
    for kind in (schema.query_type, schema.mutation_type):
        assert kind is not None
        assert all(field.resolve for field in kind.fields.values())


def test_what_cannot_be_pruned_is_said() -> None:
    with pytest.raises(SystemExit, match="has no field"):
        prune.prune("schema { query: QueryRoot } type QueryRoot { a: Int }")
