"""What every kind of work must be, so that page, retry, review, cost and write-back come with it."""

from __future__ import annotations

from pathlib import Path

import pytest

import tasks
from bridge.admin import words
from connectors import CONNECTORS
from tasks import KINDS
from tasks.kinds import Kind
from tests import payloads

HOME = Path(tasks.__file__).parent


def test_every_folder_is_a_kind_and_every_kind_a_folder() -> None:
    folders = {path.parent.name for path in HOME.glob("*/__init__.py")}
    assert folders == set(KINDS)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_has_its_name_and_its_way_of_thinking(name: str) -> None:
    kind = KINDS[name]
    assert isinstance(kind, Kind) and kind.name == name
    assert callable(kind.propose)
    assert len(kind.name) <= 32


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_page_has_a_word_for_every_kind(name: str) -> None:
    assert name in words.KINDS


def test_what_causes_work_is_something_that_a_platform_says() -> None:
    said = set()
    for platform, connector in CONNECTORS.items():
        for name in payloads.names(platform):
            headers, body = payloads.delivery(platform, name)
            said |= {event.kind for event in connector.hooks.read(headers, body)}
    assert {event for kind in KINDS.values() for event in kind.events} <= said


def test_new_products_cause_work() -> None:
    assert [kind.name for kind in KINDS.values() if "product.created" in kind.events] == ["listing"]
