"""Privacy, permissions, looks and outages as the page shows them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from bridge.db import Database
from bridge.models import Audit, Connection, Job, Outage, PrivacyRequest, Subject
from tests.bridge.admin.conftest import Visitor
from tests.bridge.admin.seed import Seeded

Visit = Callable[..., Visitor]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("A customer wants to know what is kept", "Hand the export to the customer before", "Found: deliveries",
                "Erased: deliveries", "please look at them yourself", "Open", "Done")),
        ("de", ("möchte wissen, was gespeichert ist", "Übergeben Sie den Export vor dem", "Gefunden: Lieferungen",
                "Gelöscht: Lieferungen", "bitte sehen Sie sie selbst an", "Offen", "Erledigt")),
    ],
)  # fmt: skip
def test_requests_are_shown_with_deadline_and_report(visit: Visit, language: str, words: tuple[str, ...]) -> None:
    page = visit("owner-north", language).get("/privacy").text
    for word in words:
        assert word in page, word
    assert "north.myshopify.com" in page and "kontor.myshopify.com" not in page


def test_the_overview_says_that_a_customer_waits(visit: Visit) -> None:
    assert "1 customer waits for what is kept about them." in visit("owner-north").get("/").text
    assert "2 customers wait" in visit("operator").get("/").text


def test_an_export_is_downloaded_on_record_and_handed_over(visit: Visit, seeded: Seeded, db: Database) -> None:
    owner, request = visit("owner-north"), seeded.rows["north-export"]
    answer = owner.get(f"/privacy/{request}/export.json")
    assert answer.json == {"found": ["of north"]}
    assert "attachment" in answer.headers["Content-Disposition"] and answer.headers["Cache-Control"] == "no-store"
    owner.get("/privacy")
    assert owner.post(f"/privacy/{request}/handed-over").status_code == 303
    with db.reading() as session:
        assert session.get_one(PrivacyRequest, request).state == "done"
        deeds = session.scalars(select(Audit.action).where(Audit.action.like("privacy.%")).order_by(Audit.id)).all()
    assert deeds == ["privacy.exported", "privacy.handed_over"]
    owner.get("/privacy")
    owner.post(f"/privacy/{request}/handed-over")
    assert "There is nothing to note here." in owner.get("/privacy").text


def test_an_export_that_is_gone_is_not_found(visit: Visit, seeded: Seeded, db: Database) -> None:
    with db.writing() as session:
        session.execute(update(PrivacyRequest).values(export=None))
    assert visit("operator").get(f"/privacy/{seeded.rows['north-export']}/export.json").status_code == 404


def test_a_shop_without_requests_is_told_what_comes_here(visit: Visit, db: Database) -> None:
    with db.writing() as session:
        session.query(PrivacyRequest).delete()
    assert "No request" in visit("operator").get("/privacy").text


@pytest.mark.parametrize(("language", "word"), [("en", "Not granted."), ("de", "Nicht erteilt.")])
def test_a_connection_shows_what_the_app_may_do_and_the_last_look(
    visit: Visit, seeded: Seeded, db: Database, language: str, word: str
) -> None:
    connection = seeded.connections["north"]
    permissions = [
        {"name": "read_products", "why": "To write the alternative texts of product pictures.", "granted": True},
        {"name": "write_files", "why": "To write the alternative texts of product pictures.", "granted": False},
    ]
    line = "Looked at 7 changed products; 3 events had been missed and are recovered."
    with db.writing() as session:
        session.get_one(Connection, connection.id).can = {"permissions": permissions}
        subject = session.scalars(
            select(Subject).where(Subject.connection_id == connection.id, Subject.kind == "connection")
        ).one()
        session.add(
            Job(shop_id=connection.shop_id, connection_id=connection.id, subject_id=subject.id, kind="reconcile",
                state="skipped", result={"ok": True, "lines": [line], "recovered": 3})
        )  # fmt: skip
    page = visit("owner-north", language).get("/connections").text
    assert word in page and "write_files" in page
    assert (line in page) == (language == "en")
    assert ("3 Ereignisse waren verpasst worden" in page) == (language == "de")


def test_a_look_is_asked_for_once(visit: Visit, seeded: Seeded, db: Database) -> None:
    owner, connection = visit("owner-north"), seeded.connections["north"]
    for _ in range(2):
        owner.get("/connections")
        assert owner.post(f"/connections/{connection.id}/look").status_code == 303
    with db.reading() as session:
        (job,) = session.scalars(select(Job).where(Job.kind == "reconcile")).all()
        assert (job.state, job.input, job.priority) == ("queued", {"reason": "asked"}, 0)


def test_outages_are_told_to_operators_with_what_was_recovered(visit: Visit, db: Database) -> None:
    with db.writing() as session:
        session.add_all([Outage(since=1_790_000_000_000, until=1_790_000_600_000), Outage(since=1_790_100_000_000)])
    page = visit("operator").get("/deliveries").text
    assert "0 missed events were recovered afterwards" in page and "No door has been open since" in page
    assert "No door" not in visit("owner-north").get("/deliveries").text
