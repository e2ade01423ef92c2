"""What every platform must bring along, so that the rest of the house can rely on it."""

from __future__ import annotations

import inspect
import socket
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import connectors
from bridge.catalog import ALT, LISTING_FIELDS
from bridge.errors import NotAuthentic
from connectors import CONNECTORS
from connectors.protocol import Catalog, Envelope, Hooks, Platform, Writing
from tests import payloads

HOME = Path(connectors.__file__).parent
KINDS = {
    "product.created", "product.updated", "product.deleted", "connection.revoked", "connection.scopes_changed",
    "privacy.export", "privacy.erase_person", "privacy.erase_shop",
}  # fmt: skip
PLATFORMS = sorted(CONNECTORS)
PAYLOADS = [(platform, name) for platform in PLATFORMS for name in payloads.names(platform)]


def members(protocol: type) -> dict[str, inspect.Signature]:
    found = inspect.getmembers(protocol, inspect.isfunction)
    return {name: inspect.signature(value) for name, value in found if not name.startswith("_")}


def test_every_folder_is_a_platform_and_every_platform_a_folder() -> None:
    folders = {path.parent.name for path in HOME.glob("*/hooks.py")}
    assert folders == set(CONNECTORS)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_platform_plays_its_roles_and_says_what_it_can_write(platform: str) -> None:
    found: Platform = CONNECTORS[platform]
    assert platform == found.NAME
    assert {*LISTING_FIELDS, ALT} >= found.CAN
    for name, signature in members(Hooks).items():
        given = inspect.signature(getattr(found.hooks, name))
        assert list(given.parameters) == list(signature.parameters)[1:], name
    assert all(header == header.lower() for header in found.hooks.HEADERS)
    catalog = inspect.signature(found.catalog).return_annotation
    _plays(catalog if isinstance(catalog, type) else _class_named(f"connectors.{platform}", catalog), Catalog)


def _plays(made: type, role: type) -> None:
    for name, signature in members(role).items():
        given = inspect.signature(getattr(made, name))
        assert list(given.parameters) == list(signature.parameters), f"{made.__name__}.{name}"
        if "-> Writing" in str(signature) or "Writing" in str(signature.return_annotation):
            _plays(_class_named(made.__module__, str(given.return_annotation)), Writing)


def _class_named(module: str, name: str) -> type:
    found = getattr(import_module(module), name.strip("'\""))
    assert isinstance(found, type)
    return found


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_platform_is_explained_simulated_and_recorded(platform: str) -> None:
    assert len((HOME / platform / "README.md").read_text().splitlines()) > 5
    assert (HOME / "simulators" / platform / "__init__.py").exists()
    assert payloads.names(platform), f"Put what {platform} sends into tests/payloads/{platform}/."


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("secrets", [(), ("",), ("right", "wrong")])
def test_a_forged_delivery_is_refused(platform: str, secrets: tuple[str, ...]) -> None:
    for headers in ({}, dict.fromkeys(CONNECTORS[platform].hooks.HEADERS, "x")):
        with pytest.raises(NotAuthentic):
            CONNECTORS[platform].hooks.verify(headers, b"{}", secrets)


@pytest.mark.parametrize(("platform", "name"), PAYLOADS)
def test_every_recorded_payload_is_read_without_touching_the_network(
    platform: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: Any, **__: Any) -> None:
        raise AssertionError("reading a delivery must not open a connection")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    hooks = CONNECTORS[platform].hooks
    topic, _ = payloads.payload(platform, name)
    headers, body = payloads.delivery(platform, name)
    envelope = hooks.envelope(headers, body)
    assert isinstance(envelope, Envelope) and envelope.topic == topic and envelope.delivery_id
    events = list(hooks.read(headers, body))
    assert events, "a recorded payload is one that means something"
    for event in events:
        assert event.kind in KINDS
        assert event.source_id
        assert all(isinstance(text, str) for text in event.texts.values())
    assert list(hooks.read(headers, body)) == events
