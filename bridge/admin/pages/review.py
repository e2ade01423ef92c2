"""Drafts that wait for a person, one after another, or several clean ones at once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bridge import review, shops
from bridge.admin import fieldviews, scope, story
from bridge.admin.auth import person
from bridge.admin.desk import desk
from bridge.admin.languages import say
from bridge.errors import AskHuman
from bridge.models import DraftRow, Job, Shop, Subject

page = Blueprint("review", __name__)

MOST_AT_ONCE = 100


@page.get("/review")
def index() -> str | Response:
    """The oldest draft that waits."""
    with desk().db.reading() as session:
        first = session.scalar(_waiting(select(Job.id)).order_by(Job.id).limit(1))
        if first is None:
            return render_template("admin/review_empty.html")
    return redirect(url_for("review.show", job_id=first, shop=scope.chosen_shop()), 303)


def _waiting(statement: Any) -> Any:
    return scope.only(statement.where(Job.state == "review"), Job)


@page.get("/review/<int:job_id>")
def show(job_id: int) -> str | Response:
    """One draft with everything needed to decide."""
    with desk().db.reading() as session:
        job = scope.visible(session, Job, job_id)
        if job.state != "review" or job.draft_id is None:
            return redirect(url_for("jobs.show", job_id=job_id), 303)
        return _page(session, job, edits={})


def _page(session: Session, job: Job, edits: dict[str, str]) -> str:
    found = story.gather(session, job)
    findings = review.as_findings(found.draft) if found.draft else ()
    serious = [item for item in findings if item.severity == "block"]
    return render_template(
        "admin/review.html",
        story=found,
        older=session.scalar(_waiting(select(Job.id)).where(Job.id < job.id).order_by(Job.id.desc()).limit(1)),
        newer=session.scalar(_waiting(select(Job.id)).where(Job.id > job.id).order_by(Job.id).limit(1)),
        waiting=session.scalar(_waiting(select(func.count()).select_from(Job))) or 0,
        place=session.scalar(_waiting(select(func.count()).select_from(Job)).where(Job.id <= job.id)) or 1,
        serious=serious,
        confirmable=not any(item.check in review.NEVER_CONFIRMABLE for item in serious),
        editing=request.args.get("edit") == "1" or bool(edits),
        edits=edits,
    )


@page.post("/review/<int:job_id>/approve")
def approve(job_id: int) -> Response:
    """Let it be written."""
    confirmed = request.form.get("confirmed") == "yes"
    try:
        with desk().db.writing() as session:
            job = scope.visible(session, Job, job_id)
            review.approve(session, job.id, _draft_id(), person().id, confirmed)
            stopped = session.get_one(Shop, job.shop_id).writes_stopped
    except AskHuman as error:
        return _refused(job_id, error)
    if stopped:
        flash(gettext("Approved. Writing is stopped for this shop, so the text waits until you allow it again."))
    else:
        flash(gettext("Approved. It is written to the shop next; fields changed there meanwhile are left alone."))
    return _onward(job_id)


@page.post("/review/<int:job_id>/edit")
def edit(job_id: int) -> Response | str:
    """A person's own words, checked like the machine's."""
    given = {name.removeprefix("field:"): text.replace("\r\n", "\n") for name, text in request.form.items()
             if name.startswith("field:")}  # fmt: skip
    try:
        with desk().db.writing() as session:
            review.edit(session, scope.visible(session, Job, job_id).id, _draft_id(), given, person().id)
    except AskHuman as error:
        return _not_edited(job_id, given, error)
    flash(gettext("Saved and checked. Approve it when you are content."))
    return redirect(url_for("review.show", job_id=job_id, shop=scope.chosen_shop()), 303)


def _not_edited(job_id: int, given: dict[str, str], error: AskHuman) -> Response | str:
    """The form again, so that what was typed is not lost, unless the draft itself is gone."""
    flash(say(str(error)), "problem")
    with desk().db.reading() as session:
        job = scope.visible(session, Job, job_id)
        if job.state == "review" and job.draft_id == _draft_id():
            return _page(session, job, edits=given)
    return redirect(url_for("review.show", job_id=job_id), 303)


@page.post("/review/<int:job_id>/ask")
def ask(job_id: int) -> Response:
    """A change asked for in words."""
    wish = request.form.get("wish", "").strip()
    if not wish:
        flash(gettext("Please say what should change."), "problem")
        return redirect(url_for("review.show", job_id=job_id), 303)
    try:
        with desk().db.writing() as session:
            review.ask(session, scope.visible(session, Job, job_id).id, _draft_id(), wish, person().id)
    except AskHuman as error:
        return _refused(job_id, error)
    flash(gettext("Asked. A new draft is written next and comes back here for your decision."))
    return _onward(job_id)


@page.post("/review/<int:job_id>/reject")
def reject(job_id: int) -> Response:
    """Nothing of it is written."""
    reason = request.form.get("reason", "")
    try:
        with desk().db.writing() as session:
            review.reject(session, scope.visible(session, Job, job_id).id, _draft_id(), reason, person().id)
    except AskHuman as error:
        return _refused(job_id, error)
    flash(gettext("Rejected. The shop keeps its present text."))
    return _onward(job_id)


def _draft_id() -> int:
    text = request.form.get("draft_id", "")
    return int(text) if text.isdigit() and len(text) < 16 else 0


def _refused(job_id: int, error: AskHuman) -> Response:
    flash(say(str(error)), "problem")
    return redirect(url_for("review.show", job_id=job_id), 303)


def _onward(job_id: int) -> Response:
    """To the next draft that waits, else to the first."""
    with desk().db.reading() as session:
        following = session.scalar(_waiting(select(Job.id)).where(Job.id > job_id).order_by(Job.id).limit(1))
    chosen = scope.chosen_shop()
    if following is None:
        return redirect(url_for("review.index", shop=chosen), 303)
    return redirect(url_for("review.show", job_id=following, shop=chosen), 303)


# --- several at once --------------------------------------------------------------------------------------------


@page.get("/review/clean")
def clean() -> str:
    """Drafts to which no check objects."""
    with desk().db.reading() as session:
        rows = session.execute(
            scope.only(
                select(Job, DraftRow, Subject, Shop)
                .join(DraftRow, DraftRow.id == Job.draft_id)
                .join(Subject, Subject.id == Job.subject_id)
                .join(Shop, Shop.id == Job.shop_id)
                .where(Job.state == "review", Job.stale.is_(False)),
                Job,
            )
            .order_by(Job.id)
            .limit(MOST_AT_ONCE * 2)
        )
        found = [
            (job, subject, fieldviews.of_draft(draft, shops.read_voice(draft.locale, shop.voices)))
            for job, draft, subject, shop in rows
            if _is_clean(draft)
        ]
        return render_template("admin/review_clean.html", found=found[:MOST_AT_ONCE])


@page.post("/review/clean")
def approve_clean() -> Response:
    """Approve the chosen ones, each with the draft that was shown."""
    pairs = [text.partition(":") for text in request.form.getlist("draft")][:MOST_AT_ONCE]
    wanted = [(int(job), int(draft)) for job, _colon, draft in pairs if job.isdigit() and draft.isdigit()]
    approved = 0
    with desk().db.writing() as session:
        for job_id, draft_id in wanted:
            job = scope.visible(session, Job, job_id)
            draft = session.get(DraftRow, draft_id)
            if draft is None or draft.job_id != job.id or not _is_clean(draft) or job.stale:
                continue
            try:
                review.approve(session, job.id, draft_id, person().id)
                approved += 1
            except AskHuman:
                continue  # somebody was faster; the count below says so
    flash(ngettext("%(num)s draft approved.", "%(num)s drafts approved.", approved))
    if approved < len(wanted):
        left = len(wanted) - approved
        flash(ngettext("%(num)s had changed meanwhile and still waits.",
                       "%(num)s had changed meanwhile and still wait.", left), "problem")  # fmt: skip
    return redirect(url_for("review.clean", shop=scope.chosen_shop()), 303)


def _is_clean(draft: DraftRow) -> bool:
    return not any(finding.get("severity") in ("block", "person") for finding in draft.findings)
