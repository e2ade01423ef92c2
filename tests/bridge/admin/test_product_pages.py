"""Products with their history, the audit as a file, a voice that is tried, and the address for the daily mail."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from bridge import shops
from bridge.catalog import DESCRIPTION
from bridge.db import Database
from bridge.models import Audit, FieldText, Job, Shop, Subject, User
from tests.bridge.admin.conftest import Visitor
from tests.bridge.admin.seed import Seeded

Visit = Callable[..., Visitor]


def _asked(db: Database, kind: str) -> list[Job]:
    with db.reading() as session:
        return list(session.scalars(select(Job).where(Job.kind == kind, Job.state == "queued")))


def test_products_are_chosen_by_the_state_of_their_texts(visit: Visit, db: Database, seeded: Seeded) -> None:
    owner = visit("owner-north")
    north = Subject.shop_id == seeded.shops["north"].id
    with db.writing() as session:
        unseen, weak = session.scalars(select(Subject).where(north, Subject.kind == "product").limit(2))
        unseen.title, unseen.quality = "Never looked at", None
        weak.title, weak.quality = "Hardly any text", 1
    shown = owner.get("/products?texts=unknown").text
    assert "Never looked at" in shown and "Hardly any text" not in shown
    assert "Hardly any text" in owner.get("/products?q=HARDLY").text
    assert "Hardly any text" not in visit("owner-kontor").get("/products?q=hardly").text


def test_an_earlier_text_is_put_back_by_a_job_of_its_own_and_asked_for_once(
    visit: Visit, db: Database, seeded: Seeded
) -> None:
    owner, product = visit("owner-north"), seeded.rows["north-product"]
    with db.reading() as session:
        earlier = session.scalars(
            select(FieldText.id).where(FieldText.subject_id == product, FieldText.field == DESCRIPTION)
        ).first()
    for sentence in ("is on its way back", "is being worked on"):
        answer = owner.post(f"/products/{product}/put-back", {"text": str(earlier)}, follow_redirects=True)
        assert sentence in answer.text
    (job,) = _asked(db, "revert")
    assert (job.subject_id, job.input) == (product, {"texts": [earlier]})


@pytest.mark.parametrize("path", ["write", "put-back"])
def test_another_shops_product_is_neither_shown_nor_worked_on(
    visit: Visit, db: Database, seeded: Seeded, path: str
) -> None:
    stranger, product = visit("owner-kontor"), seeded.rows["north-product"]
    with db.reading() as session:
        before = session.scalar(select(func.count(Job.id)))
    assert stranger.get(f"/products/{product}").status_code == 404
    assert stranger.post(f"/products/{product}/{path}", {"text": "1"}).status_code == 404
    with db.reading() as session:
        assert session.scalar(select(func.count(Job.id))) == before


def _lines(visitor: Visitor, asked: str = "") -> list[dict[str, str]]:
    answer = visitor.get(f"/audit.csv{asked}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_audit_goes_into_a_file_that_no_spreadsheet_runs(visit: Visit, db: Database, seeded: Seeded) -> None:
    with db.writing() as session:
        shops.audit(session, "=HYPERLINK(1)", shop_id=seeded.shops["north"].id)
        shops.audit(session, "voice.changed", shop_id=seeded.shops["kontor"].id, locale="de")
    deeds = [line["deed"] for line in _lines(visit("owner-north"))]
    assert deeds[0] == "'=HYPERLINK(1)"
    assert [line["detail"] for line in _lines(visit("owner-kontor"), "?deed=voice.changed")][0] == "locale=de"


def test_the_audit_is_chosen_by_day_and_a_day_that_is_none_chooses_nothing(visit: Visit, seeded: Seeded) -> None:
    owner = visit("owner-north")
    everything = _lines(owner)
    assert everything and _lines(owner, "?until=2001-01-01") == []
    assert _lines(owner, "?since=2001-01-01") == everything == _lines(owner, "?since=tomorrow")


VOICE: dict[str, Any] = {
    "role": "a quiet shopkeeper", "words_least": "20", "words_most": "90", "seo_title_chars": "60",
    "seo_description_chars": "150", "alt_chars": "120", "address": "du", "try": "1",
}  # fmt: skip


def test_a_voice_is_tried_unsaved_and_only_on_a_product_of_the_shop(visit: Visit, db: Database, seeded: Seeded) -> None:
    owner, shop = visit("owner-north"), seeded.shops["north"].id
    foreign = owner.post(f"/shops/{shop}/voice/en", {**VOICE, "product": str(seeded.rows["kontor-product"])})
    assert foreign.status_code == 404 and _asked(db, "preview") == []
    answer = owner.post(f"/shops/{shop}/voice/en", {**VOICE, "product": str(seeded.rows["north-product"])})
    (job,) = _asked(db, "preview")
    assert answer.headers["Location"].endswith(f"/previews/{job.id}")
    assert job.input["voice"]["role"] == "a quiet shopkeeper"
    with db.reading() as session:
        assert "a quiet shopkeeper" not in str(session.get_one(Shop, shop).voices)
    assert visit("owner-kontor").get(f"/previews/{job.id}").status_code == 404


@pytest.mark.parametrize("wrong", ["nobody", "a@b", "a@b.de\nBcc: c@d.de", "<a@b.de>"])
def test_what_is_no_address_gets_no_mail_and_a_sentence(visit: Visit, db: Database, seeded: Seeded, wrong: str) -> None:
    owner = visit("owner-north")
    assert "This is no e-mail address." in owner.post("/account/digest", {"email": wrong}).text
    with db.reading() as session:
        assert set(session.scalars(select(User.email))) == {""}


def test_an_address_is_kept_and_taken_out_again_and_the_audit_does_not_tell_it(
    visit: Visit, db: Database, seeded: Seeded
) -> None:
    owner = visit("owner-north")
    for address in ("anna@example.com", ""):
        assert owner.post("/account/digest", {"email": address}).status_code == 303
        with db.reading() as session:
            assert session.scalars(select(User.email).where(User.email != "")).all() == ([address] if address else [])
            assert "anna@" not in str(list(session.scalars(select(Audit.detail))))
