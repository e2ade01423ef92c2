"""What people decide: always about the draft they looked at, checked again, once, and on record."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from bridge import journal, review
from bridge.catalog import DESCRIPTION, SEO_TITLE, TAGS, Draft, Finding, Verdict
from bridge.db import Database
from bridge.errors import AskHuman
from bridge.journal import Change
from bridge.models import Audit, DraftRow, Job, Write
from bridge.shops import Policy
from bridge.vault import Vault
from tests.bridge import rows

UNGROUNDED = Finding("grounded", "block", DESCRIPTION, "No fact says so.", code="material-unsupported")
HARMFUL = Finding("markup", "block", DESCRIPTION, "This would run.", code="script")
HINT = Finding("lengths", "hint", DESCRIPTION, "Short.", code="too-few-words")


@pytest.mark.parametrize(
    ("findings", "auto", "author", "field", "state"),
    [
        ((), False, "", DESCRIPTION, "review"),
        ((), True, "", DESCRIPTION, "approved"),
        ((HINT,), True, "", DESCRIPTION, "approved"),
        ((replace(HINT, severity="person"),), True, "", DESCRIPTION, "review"),
        ((UNGROUNDED,), True, "", DESCRIPTION, "review"),
        ((), True, "bridge", DESCRIPTION, "approved"),
        ((), True, "person", DESCRIPTION, "review"),
        ((), True, "person", TAGS, "approved"),
    ],
)
def test_only_clean_drafts_skip_review_and_never_over_a_persons_words(
    findings: tuple[Finding, ...], auto: bool, author: str, field: str, state: str
) -> None:
    draft = Draft("en", {field: ""}, {field: "new"}, "template")
    assert review.route(Verdict(findings), Policy(auto_approve=auto), {field: author}, draft) == state


class Table:
    """One job in review, and somebody to decide."""

    def __init__(self, db: Database, vault: Vault, *findings: Finding, draft: Draft = rows.DRAFT) -> None:
        self.db = db
        with db.writing() as session:
            found = rows.subject(session, rows.connection(session, vault))
            job, row = rows.waiting(session, found, draft, Verdict(findings))
            self.job_id, self.draft_id, self.user_id = job.id, row.id, rows.owner(session, found.shop_id).id

    def job(self) -> Job:
        with self.db.reading() as session:
            return session.get_one(Job, self.job_id)

    def drafts(self) -> list[DraftRow]:
        with self.db.reading() as session:
            return list(session.scalars(select(DraftRow).order_by(DraftRow.id)))

    def audited(self) -> list[str]:
        with self.db.reading() as session:
            return list(session.scalars(select(Audit.action).order_by(Audit.id)))


def test_an_approved_draft_is_due_at_once_before_everything_else(db: Database, vault: Vault) -> None:
    table = Table(db, vault)
    with db.writing() as session:
        review.approve(session, table.job_id, table.draft_id, table.user_id)
    job = table.job()
    assert (job.state, job.priority, job.tries) == ("approved", 0, 0)
    assert job.due_at <= db.now()
    assert table.audited() == ["draft.approved"]


@pytest.mark.parametrize("decide", ["approve", "edit", "ask", "reject"])
def test_a_decision_about_an_older_draft_changes_nothing(db: Database, vault: Vault, decide: str) -> None:
    table = Table(db, vault)
    more = {"approve": (), "edit": ({DESCRIPTION: "x"},), "ask": ("shorter",), "reject": ("no",)}[decide]
    with db.writing() as session:
        review.edit(session, table.job_id, table.draft_id, {DESCRIPTION: "<p>A kettle.</p>"}, table.user_id)
    before = table.job()
    with pytest.raises(AskHuman, match="faster"), db.writing() as session:
        getattr(review, decide)(session, table.job_id, table.draft_id, *more, table.user_id)
    assert (table.job().state, table.job().draft_id) == ("review", before.draft_id)
    assert len(table.drafts()) == 2


def test_of_two_people_one_is_told_that_the_other_was_faster(db: Database, vault: Vault) -> None:
    table, told = Table(db, vault), []

    def approve() -> None:
        try:
            with db.writing() as session:
                review.approve(session, table.job_id, table.draft_id, table.user_id)
        except AskHuman as error:
            told.append(str(error))

    other = threading.Thread(target=approve)
    with db.writing() as session:
        review.edit(session, table.job_id, table.draft_id, {DESCRIPTION: "<p>Edited.</p>"}, table.user_id)
        other.start()
        other.join(0.3)  # it waits for us, or it would approve what nobody looked at
    other.join(10)
    assert told == [review.CHANGED]
    assert table.job().state == "review"


@pytest.mark.parametrize(
    ("finding", "confirmed", "passes"),
    [(UNGROUNDED, False, False), (UNGROUNDED, True, True), (HARMFUL, True, False), (HINT, False, True)],
)
def test_what_the_checks_block_needs_a_persons_word_and_harm_is_never_let_through(
    db: Database, vault: Vault, finding: Finding, confirmed: bool, passes: bool
) -> None:
    table = Table(db, vault, finding)
    try:
        with db.writing() as session:
            review.approve(session, table.job_id, table.draft_id, table.user_id, confirmed)
    except AskHuman as error:
        assert not passes and str(error) == review.BLOCKED
    assert table.job().state == ("approved" if passes else "review")
    assert table.audited() == (["draft.approved"] if passes else [])


def test_an_edit_is_checked_and_the_machines_draft_stays_in_the_thread(db: Database, vault: Vault) -> None:
    table = Table(db, vault)
    with db.writing() as session:
        changed = {DESCRIPTION: "<p>A kettle of copper.</p>", "title": "not in the draft"}
        row = review.edit(session, table.job_id, table.draft_id, changed, table.user_id)
        assert {finding["code"] for finding in row.findings} & {"material-unsupported", "material-contradicted"}
    assert [each.author for each in table.drafts()] == ["template", "person"]
    assert set(table.drafts()[-1].fields) == {DESCRIPTION}
    assert (table.job().state, table.job().draft_id) == ("review", row.id)


def test_an_edit_back_to_the_present_text_is_refused(db: Database, vault: Vault) -> None:
    table = Table(db, vault)
    with pytest.raises(AskHuman, match="nothing differs"), db.writing() as session:
        review.edit(session, table.job_id, table.draft_id, {DESCRIPTION: ""}, table.user_id)
    assert len(table.drafts()) == 1


def test_a_change_asked_for_in_words_goes_back_to_thinking(db: Database, vault: Vault) -> None:
    table = Table(db, vault)
    with db.writing() as session:
        review.ask(session, table.job_id, table.draft_id, "  Shorter, please. ", table.user_id)
    job = table.job()
    assert (job.state, job.input["wish"], job.priority) == ("queued", "Shorter, please.", 0)
    assert len(table.drafts()) == 1


def test_a_change_is_not_asked_for_beside_a_newer_job(db: Database, vault: Vault) -> None:
    table = Table(db, vault)
    with db.writing() as session:
        job = session.get_one(Job, table.job_id)
        session.add(Job(shop_id=job.shop_id, connection_id=job.connection_id, subject_id=job.subject_id, kind=job.kind))
    with pytest.raises(AskHuman, match="newer job"), db.writing() as session:
        review.ask(session, table.job_id, table.draft_id, "Shorter", table.user_id)
    assert table.job().state == "review"


def test_a_rejected_draft_keeps_its_reason(db: Database, vault: Vault) -> None:
    table = Table(db, vault)
    with db.writing() as session:
        review.reject(session, table.job_id, table.draft_id, "Wrong tone", table.user_id)
    assert (table.job().state, table.job().problem) == ("rejected", "Wrong tone")


TWO = Draft("en", {DESCRIPTION: "", SEO_TITLE: ""}, {DESCRIPTION: "<p>Ours</p>", SEO_TITLE: "Ours"}, "template")


@pytest.mark.parametrize(
    ("keep", "state", "fields"),
    [
        ([DESCRIPTION, SEO_TITLE], "approved", {DESCRIPTION: "<p>Ours</p>", SEO_TITLE: "Ours"}),
        ([SEO_TITLE], "approved", {SEO_TITLE: "Ours"}),
        ([], "rejected", None),
        (["title"], "rejected", None),
    ],
)
def test_a_conflict_is_decided_field_by_field(
    db: Database, vault: Vault, keep: list[str], state: str, fields: dict[str, str] | None
) -> None:
    table = Table(db, vault, draft=TWO)
    with db.writing() as session:
        job = session.get_one(Job, table.job_id)
        job.state = "conflict"
        for name in TWO.fields:
            journal.note(session, job, Change(name, "", "ours"), "conflict", "en", "theirs")
    with db.writing() as session:
        assert review.resolve(session, table.job_id, keep, table.user_id) == state
    assert table.job().state == state
    if fields is not None:
        last = table.drafts()[-1]
        assert (last.fields, last.base) == (fields, dict.fromkeys(fields, "theirs"))
    with db.reading() as session:
        assert set(session.scalars(select(Write.state))) == {"resolved"}
    with pytest.raises(AskHuman), db.writing() as session:
        review.resolve(session, table.job_id, keep, table.user_id)


def test_only_what_was_written_can_be_undone_and_only_once_at_a_time(db: Database, vault: Vault) -> None:
    table = Table(db, vault)
    with pytest.raises(AskHuman, match="nothing left"), db.writing() as session:
        review.undo(session, table.job_id, table.user_id)
    with db.writing() as session:
        job = session.get_one(Job, table.job_id)
        job.state = "done"
        journal.intend(session, job, "intent", [Change(DESCRIPTION, "", "ours")], "en", 0)
        journal.confirm(session, "intent", {}, None)
    with db.writing() as session:
        undo = review.undo(session, table.job_id, table.user_id)
        assert session.get_one(Job, undo).input == {"job_id": table.job_id}
    with pytest.raises(AskHuman, match="on its way"), db.writing() as session:
        review.undo(session, table.job_id, table.user_id)
