"""All jobs, and the story of each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from bridge import jobs, review, shops
from bridge.admin import paging, scope, story, words
from bridge.admin.auth import person
from bridge.admin.desk import desk
from bridge.admin.languages import say
from bridge.catalog import fingerprint
from bridge.errors import AskHuman
from bridge.models import Job, Shop, Subject

page = Blueprint("jobs", __name__)

MOST_AT_ONCE = 200
GROUPS = {
    "waits": ("review", "conflict"),
    "moving": story.RUNNING,
    "live": ("done",),
    "failed": ("failed",),
    "ended": ("skipped", "rejected", "superseded", "cancelled", "undone"),
}


@page.get("/jobs")
def index() -> str | Response:
    """The list; what is chosen stands in the address."""
    with desk().db.reading() as session:
        found = paging.turn(session, _wanted(), Job.id)
        version = "-".join(f"{row[0].id}.{row[0].updated_at}" for row in found.rows)
        mark = fingerprint(version)[:16]
        if request.headers.get("HX-Request") and request.args.get("seen") == mark:
            return Response(status=204)
        runs = any(row[0].state in story.RUNNING for row in found.rows)
        return render_template(
            "admin/jobs.html", page=found, mark=mark, runs=runs, kinds=list(words.KINDS), groups=GROUPS,
            chosen=_chosen(), shops=scope.shops(session),
        )  # fmt: skip


def _chosen() -> dict[str, str]:
    given = {name: request.args.get(name, "").strip()[:200] for name in ("state", "kind", "q", "shop")}
    return {name: text for name, text in given.items() if text}


def _wanted() -> Any:
    chosen = _chosen()
    joined = select(Job, Subject, Shop).join(Subject, Subject.id == Job.subject_id).join(Shop, Shop.id == Job.shop_id)
    found = scope.only(joined, Job)
    if "state" in chosen:
        found = found.where(Job.state.in_(GROUPS.get(chosen["state"], (chosen["state"],))))
    if "kind" in chosen:
        found = found.where(Job.kind == chosen["kind"])
    return _searched(found, chosen["q"]) if "q" in chosen else found


def _searched(statement: Any, words_given: str) -> Any:
    """By number of the job, or by title or id of the product."""
    number = words_given.removeprefix("#")
    if words_given.startswith("#") and number.isdigit() and len(number) < 16:
        return statement.where(Job.id == int(number))
    return statement.where(
        or_(Subject.title.icontains(words_given, autoescape=True), Subject.ref.contains(words_given, autoescape=True))
    )


@page.post("/jobs/retrigger")
def retrigger_many() -> BaseResponse:
    """Start the chosen jobs once more."""
    ids = [int(text) for text in request.form.getlist("job") if text.isdigit() and len(text) < 16][:MOST_AT_ONCE]
    with desk().db.writing() as session:
        found = [scope.visible(session, Job, job_id) for job_id in ids]
        started = sum(_retriggered(session, job) is not None for job in found)
    flash(_said(started, len(ids)))
    return redirect(_back("jobs.index"), 303)


def _said(started: int, asked: int) -> str:
    if not asked:
        return gettext("Nothing was chosen.")
    done = ngettext("%(num)s job was started again.", "%(num)s jobs were started again.", started)
    left = asked - started
    rest = ngettext("%(num)s could not be: the same work already waits or runs.",
                    "%(num)s could not be: the same work already waits or runs.", left)  # fmt: skip
    return f"{done} {rest}" if left else done


def _retriggered(session: Session, job: Job) -> int | None:
    """The job that does the work once more; None when it waits or runs already."""
    if job.state != "failed" and jobs.MOVES[job.state] and job.state != "done":
        return None
    found = jobs.retrigger(session, job.id, person().id)
    if found is not None:
        shops.audit(session, "job.retriggered", shop_id=job.shop_id, user_id=person().id, job_id=job.id)
    return found


def _back(endpoint: str) -> str:
    """The list as it was filtered."""
    kept = {name: request.form[name] for name in ("state", "kind", "q", "shop") if request.form.get(name)}
    return url_for(endpoint, **kept)  # type: ignore[arg-type]


# --- one job ----------------------------------------------------------------------------------------------------


@page.get("/jobs/<int:job_id>")
def show(job_id: int) -> str | Response:
    """The story of a job; asked again by itself while something moves."""
    with desk().db.reading() as session:
        found = story.gather(session, scope.visible(session, Job, job_id))
        if request.headers.get("HX-Request") and request.args.get("seen") == found.version:
            return Response(status=204)
        return render_template("admin/story.html", story=found)


@page.post("/jobs/<int:job_id>/retrigger")
def retrigger(job_id: int) -> BaseResponse:
    """The same work once more."""
    with desk().db.writing() as session:
        started = _retriggered(session, scope.visible(session, Job, job_id))
    flash(gettext("Started again.") if started else gettext("The same work already waits or runs."))
    return redirect(url_for("jobs.show", job_id=started or job_id), 303)


@page.post("/jobs/<int:job_id>/undo")
def undo(job_id: int) -> BaseResponse:
    """Take back what this job wrote."""
    try:
        with desk().db.writing() as session:
            review.undo(session, scope.visible(session, Job, job_id).id, person().id)
        flash(gettext("The undo is on its way. Texts that were changed since stay as they are."))
    except AskHuman as error:
        flash(say(str(error)), "problem")
    return redirect(url_for("jobs.show", job_id=job_id), 303)


@page.post("/jobs/<int:job_id>/dry-run")
def dry_run(job_id: int) -> BaseResponse:
    """Ask what this job would send now. Nothing is sent."""
    with desk().db.writing() as session:
        job = scope.visible(session, Job, job_id)
        if job.draft_id is None:
            flash(gettext("There is no draft yet that could be tried."), "problem")
        elif _ask_dry_run(session, job):
            flash(gettext("The dry run is on its way. It sends nothing."))
        else:
            flash(gettext("A dry run for this product is already on its way."), "problem")
    return redirect(url_for("jobs.show", job_id=job_id) + "#dry-run", 303)


def _ask_dry_run(session: Session, job: Job) -> bool:
    added = jobs.add(
        session,
        shop_id=job.shop_id,
        connection_id=job.connection_id,
        subject_id=job.subject_id,
        kind="dry_run",
        priority=0,
        input={"job_id": job.id},
        asked_by=person().id,
    )
    if added is not None:
        shops.audit(session, "job.dry_run_asked", shop_id=job.shop_id, user_id=person().id, job_id=job.id)
    return added is not None


@page.post("/jobs/<int:job_id>/resolve")
def resolve(job_id: int) -> BaseResponse:
    """Decide a conflict, field by field."""
    ours = [name.removeprefix("choice:") for name, value in request.form.items()
            if name.startswith("choice:") and value == "ours"]  # fmt: skip
    try:
        with desk().db.writing() as session:
            state = review.resolve(session, scope.visible(session, Job, job_id).id, ours, person().id)
    except AskHuman as error:
        flash(say(str(error)), "problem")
    else:
        flash(gettext("Decided. Your choice is written next.") if state == "approved"
              else gettext("Decided. The shop's text stays; nothing is written."))  # fmt: skip
    return redirect(url_for("jobs.show", job_id=job_id), 303)
