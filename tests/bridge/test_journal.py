"""The write journal and the memory of texts: what happened, what is ours, what can be taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bridge import journal, texts
from bridge.catalog import DESCRIPTION, SEO_TITLE, TAGS, TITLE, Attribute, Product
from bridge.db import Database
from bridge.journal import Change
from bridge.models import FieldText, Job, Subject, Write
from bridge.vault import Vault
from tests.bridge import rows

OURS = Change(DESCRIPTION, "", "<p>Ours</p>")


@pytest.fixture
def job(db: Database, vault: Vault) -> Job:
    with db.writing() as session:
        return rows.job(session, rows.subject(session, rows.connection(session, vault)), "writing")


def test_an_intent_is_open_until_its_fate_is_known(db: Database, job: Job) -> None:
    with db.writing() as session:
        journal.intend(session, job, "one", [OURS, Change(SEO_TITLE, "", "Ours")], "en", 5)
        journal.intend(session, job, "two", [Change(TAGS, "", "a")], "en", 5)
        assert {name: len(found) for name, found in journal.open_intents(session, job.id).items()} == {
            "one": 2,
            "two": 1,
        }
        journal.confirm(session, "one", {DESCRIPTION: "<p>Ours</p>\n"}, 1000)
        journal.refuse(session, "two")
        assert journal.open_intents(session, job.id) == {}
    with db.reading() as session:
        found = {row.field: row for row in session.scalars(select(Write))}
    assert [found[name].state for name in (DESCRIPTION, SEO_TITLE, TAGS)] == ["confirmed", "confirmed", "refused"]
    assert found[DESCRIPTION].stored == "<p>Ours</p>\n"
    assert found[SEO_TITLE].stored is None
    assert found[DESCRIPTION].platform_updated_at == 1000


def test_our_text_is_recognised_also_as_the_platform_rewrote_it(db: Database, job: Job) -> None:
    with db.writing() as session:
        journal.intend(session, job, "one", [OURS], "en", 5)
        row = journal.newest(session, job.subject_id, DESCRIPTION)
        assert row is not None and journal.is_ours(row, "<p>Ours</p>") and not journal.is_ours(row, "<p>Ours</p>\n")
        journal.confirm(session, "one", {DESCRIPTION: "<p>Ours</p>\n"}, None)
        assert journal.is_ours(row, "<p>Ours</p>\n")
        assert not journal.is_ours(row, "<p>Theirs</p>")


def test_a_refused_write_is_not_what_stands_there(db: Database, job: Job) -> None:
    with db.writing() as session:
        journal.intend(session, job, "one", [OURS], "en", 5)
        journal.refuse(session, "one")
        assert journal.newest(session, job.subject_id, DESCRIPTION) is None


def test_edits_announced_after_the_read_are_found_and_our_own_texts_are_not(db: Database, job: Job) -> None:
    with db.writing() as session:
        now = db.now() if not db.sqlite else 0
        for value, author in (("<p>Theirs</p>", texts.PERSON), ("<p>Bridge</p>", texts.BRIDGE)):
            texts.record(session, job.subject_id, DESCRIPTION, "en", value, author)
        texts.record(session, job.subject_id, TAGS, "en", "x", texts.PERSON)
        changes = [OURS, Change(TAGS, "", "a")]
        assert journal.edits_since(session, job.subject_id, changes, now) == {DESCRIPTION: "<p>Theirs</p>"}
        assert journal.edits_since(session, job.subject_id, changes, 2**52) == {}


@pytest.mark.parametrize(
    ("field", "before", "after", "live", "restored"),
    [
        (DESCRIPTION, "old", "ours", "ours", "old"),
        (DESCRIPTION, "old", "ours", "theirs", None),
        (DESCRIPTION, "", "ours", "ours", ""),
        (TAGS, "a", "a, b, c", "a, b, c", "a"),
        (TAGS, "a", "a, b", "a, b, later", "a, later"),
        (TAGS, "a", "a, b", "a", None),
        (TAGS, "", "b", "", None),
    ],
)
def test_undoing_restores_only_what_still_holds_our_text(
    db: Database, job: Job, field: str, before: str, after: str, live: str, restored: str | None
) -> None:
    with db.writing() as session:
        journal.intend(session, job, "one", [Change(field, before, after)], "en", 5)
        journal.confirm(session, "one", {}, None)
        assert journal.restore_text(journal.undoable(session, job.id)[field], live) == restored
        journal.mark_undone(session, job.id)
        assert journal.undoable(session, job.id) == {}


def test_undoing_takes_the_tags_of_every_write_of_the_job_away(db: Database, job: Job) -> None:
    with db.writing() as session:
        for intent, before, after in (("one", "a", "a, b"), ("two", "a, b, theirs", "a, b, theirs, c")):
            journal.intend(session, job, intent, [Change(TAGS, before, after)], "en", 5)
            journal.confirm(session, intent, {}, None)
        assert journal.restore_text(journal.undoable(session, job.id)[TAGS], "a, b, theirs, c") == "a, theirs"


# --- whose words --------------------------------------------------------------------------------------------------


def product(**fields: str) -> Product:
    return Product("p1", fields.pop("title", "Kettle"), attributes=(Attribute("m", "Material", "Steel"),), **fields)


def write(db: Database, job: Job, before: str, after: str) -> None:
    with db.writing() as session:
        journal.intend(session, job, after, [Change(DESCRIPTION, before, after)], "en", 0)
        journal.confirm(session, after, {}, None)


def test_a_text_of_ours_is_never_a_fact_but_the_shops_last_own_word_is(db: Database, job: Job) -> None:
    with db.writing() as session:
        texts.record(session, job.subject_id, DESCRIPTION, "en", "<p>The shop's own</p>", texts.PERSON)
    write(db, job, "<p>The shop's own</p>", "<p>Ours</p>")
    with db.reading() as session:
        facts = texts.facts(session, job.subject_id, product(description="<p>Ours</p>"), "en")
        assert facts.value(DESCRIPTION) == "<p>The shop's own</p>"
        assert facts.value("m") == "Steel"
        first = texts.facts(session, job.subject_id, product(description="<p>Edited</p>"), "en")
        assert first.value(DESCRIPTION) == "<p>Edited</p>"


def test_a_text_of_ours_with_nothing_before_it_leaves_no_fact(db: Database, job: Job) -> None:
    write(db, job, "", "<p>Ours</p>")
    with db.reading() as session:
        found = texts.facts(session, job.subject_id, product(description="<p>Ours</p>"), "en")
    assert [fact.key for fact in found.items if fact.key == DESCRIPTION] == []


def test_an_undo_gives_the_merchants_words_back_as_the_merchants(db: Database, job: Job) -> None:
    with db.writing() as session:
        texts.record(session, job.subject_id, DESCRIPTION, "en", "theirs", texts.PERSON)
    write(db, job, "theirs", "ours")
    write(db, job, "ours", "theirs")
    with db.reading() as session:
        wrote = texts.authors(session, job.subject_id, {DESCRIPTION: "theirs", TITLE: "unknown", SEO_TITLE: ""})
        assert wrote == {DESCRIPTION: "person", TITLE: "person", SEO_TITLE: ""}
        assert texts.authors(session, job.subject_id, {DESCRIPTION: "ours"}) == {DESCRIPTION: "bridge"}


def test_a_text_is_remembered_once_until_it_changes(db: Database, job: Job) -> None:
    with db.writing() as session:
        told = [texts.record(session, job.subject_id, DESCRIPTION, "en", value, texts.PERSON) for value in "aabba"]
        assert told == [True, False, True, False, True]
        assert len(session.scalars(select(FieldText)).all()) == 3
        assert session.scalars(select(Subject)).one().id == job.subject_id
