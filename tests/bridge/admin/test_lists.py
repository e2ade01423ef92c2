"""Lists: every job once, filters that stand in the address, texts that stay texts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import insert, select

from bridge import users
from bridge.admin import chart
from bridge.catalog import DESCRIPTION, SEO_TITLE
from bridge.db import Database, now_ms
from bridge.errors import TryLater
from bridge.models import Heartbeat, Job
from tests.bridge.admin import seed
from tests.bridge.admin.conftest import Limits, Visitor
from tests.bridge.admin.seed import Seeded

Visit = Callable[..., Visitor]
ROW = re.compile(r'<a href="/jobs/(\d+)">')


def _walk(visitor: Visitor, path: str, rel: str) -> tuple[list[int], str]:
    """All job numbers in the order shown, following the links to one side; and the last page's address."""
    found: list[int] = []
    while True:
        page = visitor.get(path).text
        rows = [int(number) for number in ROW.findall(page)]
        found = found + rows if rel == "next" else rows + found
        link = re.search(rf'rel="{rel}" href="([^"]+)"', page)
        if link is None:
            return found, path
        path = link.group(1).replace("&amp;", "&")


def test_paging_shows_every_one_of_a_thousand_jobs_once_in_both_directions(
    visit: Visit, db: Database, seeded: Seeded
) -> None:
    with db.writing() as session:
        row = seed.subject(session, seeded, "north", "Bulk product", 6_000)
        one = {"shop_id": row.shop_id, "connection_id": row.connection_id, "subject_id": row.id, "kind": "listing",
               "state": "done", "input": {}, "result": {}}  # fmt: skip
        session.execute(insert(Job), [one] * 1_000)
    with db.reading() as session:
        own = Job.shop_id == seeded.shops["north"].id
        expected = list(session.scalars(select(Job.id).where(own).order_by(Job.id.desc())))
    owner = visit("owner-north")
    forward, last = _walk(owner, "/jobs", "next")
    assert len(expected) > 1_000 and forward == expected
    backward, _first = _walk(owner, last, "prev")
    assert backward == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=conflict", ["north-conflict"]),
        ("state=review", ["kontor-review", "north-blocked", "north-review"]),
        ("kind=dry_run", ["north-dry-run"]),
        ("q=olive", ["north-review"]),
        ("q=Product/7002", ["north-blocked"]),
        ("q=%25", []),
        ("state=nonsense", []),
    ],
)
def test_filters_find_what_they_say(visit: Visit, seeded: Seeded, query: str, expected: list[str]) -> None:
    numbers = {int(number) for number in ROW.findall(visit("operator").get(f"/jobs?{query}").text)}
    assert numbers == {seeded.jobs[name] for name in expected}


def test_a_job_is_found_by_its_number(visit: Visit, seeded: Seeded) -> None:
    number = seeded.jobs["north-done"]
    assert ROW.findall(visit("operator").get(f"/jobs?q=%23{number}").text) == [str(number)]


def test_an_operator_filters_by_shop_and_the_links_keep_it(visit: Visit, seeded: Seeded) -> None:
    shop = seeded.shops["kontor"].id
    page = visit("operator").get(f"/?shop={shop}").text
    assert "Kerzenkontor Elbe" in page and "Olive wood" not in page and f"/jobs?shop={shop}" in page


def test_odd_addresses_do_no_harm(visit: Visit) -> None:
    operator = visit("operator")
    for query in ("before=x", "after=-1", "before=99999999999999999999", "shop=abc", "state='", "q=%00x", "before=0"):
        assert operator.get(f"/jobs?{query}").status_code == 200, query


BAD = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def test_texts_from_outside_stay_texts(visit: Visit, db: Database, seeded: Seeded) -> None:
    with db.writing() as session:
        now = session.scalar(now_ms().select()) or 0
        row = seed.subject(session, seeded, "north", BAD, 6_666)
        one = {"check": "x", "severity": "block", "field": SEO_TITLE, "message": BAD, "quote": BAD, "args": {}}
        found = [one, {**one, "field": DESCRIPTION, "message": "%(x)s", "quote": "alert"}]
        numbers = []
        for state in ("review", "failed", "conflict"):
            made = seed.job(session, row, state, now, problem=BAD)
            seed.draft(session, made, "en", {DESCRIPTION: f"<p>Fine</p>{BAD}", SEO_TITLE: BAD}, {SEO_TITLE: BAD[:20]},
                       BAD, BAD, findings=found, wish=BAD, author=BAD[:60],
                       evidence=[{"field": SEO_TITLE, "sentence": BAD, "facts": ["vendor"]}])  # fmt: skip
            numbers.append(made.id)
        seeded.connections["north"].problem = BAD
    operator = visit("operator")
    paths = ["/", "/jobs", "/review/clean", "/audit", "/jobs?q=" + BAD, f"/review/{numbers[0]}"]
    for path in [*paths, f"/review/{numbers[0]}?edit=1", *(f"/jobs/{number}" for number in numbers)]:
        page = operator.get(path, follow_redirects=True).text
        assert "<script>alert" not in page and "onerror=alert(1)>" not in page.replace("&gt;", ""), path
        assert "<img" not in page, path


def test_the_overview_shows_what_counts(visit: Visit, db: Database) -> None:
    page = visit("operator").get("/").text
    found = re.findall(r'figure-number">([^<]+)</span><span class="figure-label">([^<]+)<', page)
    figures = {label: int(number) for number, label in found}
    with db.reading() as session:
        failed = len(session.scalars(select(Job.id).where(Job.state == "failed")).all())
    assert figures == {
        "drafts to review": 3, "conflicts to decide": 1, "bulk runs to start": 2, "failed jobs": failed,
        "unreadable deliveries": 2, "jobs under way": 25,
    }  # fmt: skip
    assert "1,180 of 2,000 points in use" in page
    assert "$2.31 of $20.00" in page and "$0.64 of $20.00" in page
    assert "The workers are silent." not in page


def test_silent_workers_are_said_aloud_to_operators(visit: Visit, db: Database) -> None:
    with db.writing() as session:
        session.get_one(Heartbeat, "write@host:2").at -= 90_000
    assert "No sign of life for over a minute from: write." in visit("operator").get("/").text
    assert "No sign of life" not in visit("owner-north").get("/").text


def test_rate_limits_whose_store_is_away_are_not_known(visit: Visit, limits: Limits) -> None:
    limits.error = TryLater("The store of the rate limits cannot be reached.")
    operator = visit("operator")
    assert "not known yet" in operator.get("/").text
    assert operator.get("/bulk-runs").status_code == 200


def test_the_chart_counts_every_job_of_two_weeks_by_day(visit: Visit, db: Database, seeded: Seeded) -> None:
    page = visit("operator").get("/").text
    with db.reading() as session:
        since = (session.scalar(now_ms().select()) or 0) // chart._DAY_MS * chart._DAY_MS - 13 * chart._DAY_MS
        expected = len(session.scalars(select(Job.id).where(Job.created_at >= since)).all())
    assert f"{expected} jobs in 14 days" in page
    rows = re.findall(r"<tr><th scope=\"row\">[^<]+</th>(.*?)</tr>", page)
    assert len(rows) == 14
    assert sum(int(number) for row in rows for number in re.findall(r"<td>(\d+)</td>", row)) == expected


def test_a_shop_without_a_store_is_told_what_to_do_next(visit: Visit) -> None:
    operator = visit("operator")
    answer = operator.post("/shops/new", {"name": "A third shop", "locale": "de"})
    shop = answer.headers["Location"].rsplit("=", 1)[1]
    page = operator.get(f"/?shop={shop}").text
    assert "Connect its store" in page and "Nothing has happened yet" in page


def test_an_installation_without_shops_is_told_what_to_do_first(app: Flask, db: Database) -> None:
    with db.writing() as session:
        user = users.add(session, "first", seed.PASSWORD, users.OPERATOR)
    visitor = Visitor(app.test_client())
    assert visitor.sign_in(user.name).status_code == 303
    page = visitor.get("/").text
    assert "First steps" in page and "Create a shop" in page
    for path in ("/jobs", "/review", "/bulk-runs", "/deliveries", "/connections", "/connections/new", "/shops"):
        assert visitor.get(path).status_code == 200, path
