"""Every route, as everybody. A new route fails here until ROUTES says who may do what with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bridge.admin.headers import content_security_policy
from bridge.db import Database
from bridge.models import Base
from tests.bridge.admin.conftest import Visitor
from tests.bridge.admin.seed import PASSWORD, Seeded

# endpoint -> the arguments that name a row of shop "north", and what a POST sends
OWN_ROW: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "overview.writes": ({"shop_id": "shop"}, {"stopped": "yes"}),
    "jobs.show": ({"job_id": "north-done"}, {}),
    "jobs.retrigger": ({"job_id": "north-failed"}, {}),
    "jobs.undo": ({"job_id": "north-done"}, {}),
    "jobs.dry_run": ({"job_id": "north-review"}, {}),
    "jobs.resolve": ({"job_id": "north-conflict"}, {"choice:description": "ours"}),
    "review.show": ({"job_id": "north-review"}, {}),
    "review.approve": ({"job_id": "north-review"}, {"draft_id": "1"}),
    "review.edit": ({"job_id": "north-review"}, {"draft_id": "1", "field:seo_title": "Another title"}),
    "review.ask": ({"job_id": "north-review"}, {"draft_id": "1", "wish": "Shorter, please."}),
    "review.reject": ({"job_id": "north-review"}, {"draft_id": "1", "reason": "No."}),
    "runs.start": ({"run_id": "north-run"}, {}),
    "runs.cancel": ({"run_id": "north-run"}, {}),
    "runs.refresh": ({"connection_id": "connection"}, {}),
    "deliveries.replay": ({"delivery_id": "north-unreadable"}, {}),
    "connections.check": ({"connection_id": "connection"}, {}),
    "connections.look": ({"connection_id": "connection"}, {}),
    "connections.pause": ({"connection_id": "connection"}, {}),
    "connections.resume": ({"connection_id": "connection"}, {}),
    "connections.disconnect": ({"connection_id": "connection"}, {}),
    "privacy.export": ({"request_id": "north-export"}, {}),
    "privacy.handed_over": ({"request_id": "north-export"}, {}),
    "shops.show": ({"shop_id": "shop"}, {"name": "Renamed", "locale": "en", "spend_cap": "1"}),
    "products.show": ({"product_id": "north-product"}, {}),
    "products.write": ({"product_id": "north-product"}, {}),
    "products.put_back": ({"product_id": "north-product"}, {"text": "1"}),
    "shops.preview": ({"job_id": "north-preview"}, {}),
    "shops.references": ({"shop_id": "shop"}, {"name": "The maker's page", "text": "A text."}),
    "shops.remove_reference": ({"reference_id": "north-reference"}, {}),
    "shops.voice": ({"shop_id": "shop", "locale": "=en"}, {"role": "x", "words_least": "1", "words_most": "9",
                    "seo_title_chars": "60", "seo_description_chars": "150", "alt_chars": "120", "address": "du"}),
}  # fmt: skip
LISTS = {
    "overview.index", "products.index", "jobs.index", "review.index", "review.clean", "runs.index", "deliveries.index",
    "connections.index", "connections.new", "shops.index", "privacy.index", "audit.index",
    "audit.download", "account.index", "account.digest",
}  # fmt: skip
POSTS = {"jobs.retrigger_many", "review.approve_clean", "account.sign_out"}
OPERATORS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "shops.new": ({}, {"name": "A third shop", "locale": "en"}),
    "shops.people": ({"shop_id": "shop"}, {"name": "somebody", "password": PASSWORD}),
    "shops.password": ({"user_id": "user"}, {"password": PASSWORD + " changed"}),
}
OPEN = {"account.sign_in", "account.preferences", "admin.static"}

Visit = Callable[..., Visitor]


def _arguments(seeded: Seeded, named: dict[str, str], key: str = "north") -> dict[str, Any]:
    known = {
        "shop": seeded.shops[key].id,
        "connection": seeded.connections[key].id,
        "user": seeded.owners[key].id,
        **seeded.jobs,
        **seeded.rows,
    }
    return {name: value[1:] if value.startswith("=") else known[value] for name, value in named.items()}


def _rules(app: Flask) -> dict[str, tuple[str, set[str]]]:
    return {rule.endpoint: (rule.rule, rule.methods or set()) for rule in app.url_map.iter_rules()}


def _path(app: Flask, endpoint: str, arguments: dict[str, Any]) -> str:
    path = _rules(app)[endpoint][0]
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(arguments[found.group(1)]), path)


def _everything(db: Database) -> dict[str, list[Any]]:
    """Every row of every table, to show that nothing changed."""
    with db.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
        }


def test_every_route_is_named_here(app: Flask) -> None:
    assert set(_rules(app)) == set(OWN_ROW) | LISTS | POSTS | set(OPERATORS) | OPEN


def test_a_stranger_is_sent_to_the_sign_in_and_changes_nothing(
    app: Flask, db: Database, seeded: Seeded, visit: Visit
) -> None:
    stranger = visit()
    stranger.get("/sign-in")
    before = _everything(db)
    for endpoint, (_rule, methods) in _rules(app).items():
        if endpoint in OPEN:
            continue
        named, data = {**OWN_ROW, **OPERATORS}.get(endpoint, ({}, {}))
        path = _path(app, endpoint, _arguments(seeded, named))
        for method in methods & {"GET", "POST"}:
            answer = stranger.get(path) if method == "GET" else stranger.post(path, data)
            assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in"), (endpoint, method)
    assert _everything(db) == before


@pytest.mark.parametrize("endpoint", sorted(OWN_ROW))
def test_another_shops_row_is_a_missing_row(
    app: Flask, db: Database, seeded: Seeded, visit: Visit, endpoint: str
) -> None:
    named, data = OWN_ROW[endpoint]
    path = _path(app, endpoint, _arguments(seeded, named))
    foreigner = visit("owner-kontor")
    before = _everything(db)
    methods = _rules(app)[endpoint][1]
    if "GET" in methods:
        assert foreigner.get(path).status_code == 404
    if "POST" in methods:
        assert foreigner.post(path, data).status_code == 404
    assert _everything(db) == before


@pytest.mark.parametrize("endpoint", sorted(OWN_ROW))
@pytest.mark.parametrize("name", ["operator", "owner-north"])
def test_an_operator_and_the_owner_reach_their_rows(
    app: Flask, seeded: Seeded, visit: Visit, endpoint: str, name: str
) -> None:
    named, data = OWN_ROW[endpoint]
    path = _path(app, endpoint, _arguments(seeded, named))
    visitor = visit(name)
    methods = _rules(app)[endpoint][1]
    if "GET" in methods:
        assert visitor.get(path).status_code == 200
    if "POST" in methods:
        answer = visitor.post(path, data)
        assert answer.status_code == 303, answer.text


@pytest.mark.parametrize("endpoint", sorted(OPERATORS))
def test_owners_may_not_open_what_is_for_operators(
    app: Flask, db: Database, seeded: Seeded, visit: Visit, endpoint: str
) -> None:
    named, data = OPERATORS[endpoint]
    path = _path(app, endpoint, _arguments(seeded, named))
    owner = visit("owner-north")
    before = _everything(db)
    assert owner.get(path).status_code == 403
    assert owner.post(path, data).status_code == 403
    assert _everything(db) == before
    operator = visit("operator")
    assert operator.get(path).status_code == 200
    assert operator.post(path, data).status_code == 303


@pytest.mark.parametrize("endpoint", sorted(LISTS))
def test_lists_show_an_owner_nothing_of_another_shop(app: Flask, seeded: Seeded, visit: Visit, endpoint: str) -> None:
    owner = visit("owner-kontor")
    for query in ("", f"?shop={seeded.shops['north'].id}", "?state=ignored"):
        answer = owner.get(_rules(app)[endpoint][0] + query, follow_redirects=True)
        assert answer.status_code == 200
        for foreign in ("Northern Kitchen", "north.myshopify.com", "Olive wood", "Oak spice", "owner-north", "north 1"):
            assert foreign not in answer.text, (endpoint, query, foreign)


@pytest.mark.parametrize("endpoint", ["jobs.retrigger_many", "review.approve_clean"])
def test_several_at_once_refuse_all_when_one_is_foreign(
    app: Flask, db: Database, seeded: Seeded, visit: Visit, endpoint: str
) -> None:
    owner = visit("owner-kontor")
    before = _everything(db)
    own, foreign = seeded.jobs["kontor-rejected"], seeded.jobs["north-failed"]
    data = {"job": [str(own), str(foreign)], "draft": [f"{seeded.jobs['north-review']}:1"]}
    assert owner.post(_rules(app)[endpoint][0], data).status_code == 404
    assert _everything(db) == before


def test_a_form_without_its_token_changes_nothing(app: Flask, db: Database, seeded: Seeded, visit: Visit) -> None:
    operator = visit("operator")
    before = _everything(db)
    for endpoint, (_rule, methods) in _rules(app).items():
        if "POST" not in methods:
            continue
        named, data = {**OWN_ROW, **OPERATORS}.get(endpoint, ({}, {}))
        answer = operator.client.post(_path(app, endpoint, _arguments(seeded, named)), data=data)
        assert answer.status_code == 400, endpoint
        assert "too old" in answer.text
    assert _everything(db) == before


class _Inline(HTMLParser):
    """Finds what the security policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if (tag == "script" and "src" not in names) or tag == "style":
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        self.found += [value or "" for value in names.values() if (value or "").lower().startswith("javascript:")]


def test_every_page_carries_the_policy_and_nothing_inline(app: Flask, seeded: Seeded, visit: Visit) -> None:
    operator, stranger = visit("operator"), visit()
    rows = {**OWN_ROW, **OPERATORS}
    paths = [_path(app, name, _arguments(seeded, rows[name][0])) for name in rows if "GET" in _rules(app)[name][1]]
    paths += ["/nothing-here", f"/review/{seeded.jobs['north-blocked']}?edit=1"]
    paths += [_rules(app)[name][0] for name in LISTS]
    paths += [f"/jobs/{number}" for number in seeded.jobs.values()]
    for visitor, path in [(operator, path) for path in paths] + [(stranger, "/sign-in")]:
        answer = visitor.get(path)
        assert answer.headers["Content-Security-Policy"] == content_security_policy(None), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        parser = _Inline()
        parser.feed(answer.text)
        assert parser.found == [], path
