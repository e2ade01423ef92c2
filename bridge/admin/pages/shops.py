"""Settings of a shop: what the machine may do, how the shop speaks, and who may sign in."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bridge import copies, jobs, shops, users
from bridge.admin import scope
from bridge.admin.auth import operators_only, person
from bridge.admin.desk import desk
from bridge.admin.fieldviews import FindingView
from bridge.admin.forms import LOCALES, BrandVoice, NewReference, NewShop, NewUser, SetPassword, ShopSettings
from bridge.admin.languages import say, say_finding
from bridge.admin.preview import shown
from bridge.ai import spend
from bridge.catalog import DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, Voice
from bridge.errors import AskHuman
from bridge.models import Job, ReferenceText, Shop, Subject, User
from bridge.priority import PERSON

page = Blueprint("shops", __name__)


@page.get("/shops")
def index() -> str | Response:
    """All shops; an owner goes straight to the own one."""
    with desk().db.reading() as session:
        found = scope.shops(session)
        if not person().sees_all and found:
            return redirect(url_for("shops.show", shop_id=found[0].id), 303)
        return render_template("admin/shops.html", shops=[(row, spend.spent(session, row.id)) for row in found])


@page.route("/shops/new", methods=["GET", "POST"])
@operators_only
def new() -> str | Response:
    """A new shop, cautious until told otherwise."""
    form = NewShop()
    if not form.validate_on_submit():
        return render_template("admin/shop_new.html", form=form)
    with desk().db.writing() as session:
        shop = shops.create(session, form.name.data, form.locale.data)
        shops.audit(session, "shop.created", shop_id=shop.id, user_id=person().id)
    flash(gettext("The shop is there. Connect its store next."))
    return redirect(url_for("connections.new", shop=shop.id), 303)


@page.route("/shops/<int:shop_id>", methods=["GET", "POST"])
def show(shop_id: int) -> str | Response:
    """Name, language, policy, spend cap."""
    with desk().db.reading() as session:
        shop = scope.visible(session, Shop, shop_id)
        spent = spend.spent(session, shop.id)
    form = ShopSettings(data=_as_form(shop))
    if form.validate_on_submit():
        with desk().db.writing() as session:
            _keep(scope.visible(session, Shop, shop_id), form)
            shops.audit(session, "shop.changed", shop_id=shop_id, user_id=person().id)
        flash(gettext("Saved. It counts for every draft from now on."))
        return redirect(url_for("shops.show", shop_id=shop_id), 303)
    return render_template("admin/shop.html", shop=shop, form=form, spent=spent, locales=LOCALES)


def _as_form(shop: Shop) -> dict[str, Any]:
    policy = shops.read_policy(shop.policy)
    return {
        "name": shop.name,
        "locale": shop.locale,
        "spend_cap": shop.spend_cap / 1_000_000,
        "fill_empty_only": policy.fill_empty_only,
        "auto_approve": policy.auto_approve,
        "write_title": policy.write_title,
        "write_description": DESCRIPTION in policy.fields,
        "write_seo": SEO_TITLE in policy.fields or SEO_DESCRIPTION in policy.fields,
        "write_tags": policy.write_tags,
        "write_alts": policy.write_alts,
    }


def _keep(shop: Shop, form: ShopSettings) -> None:
    chosen = (
        *((DESCRIPTION,) if form.write_description.data else ()),
        *((SEO_TITLE, SEO_DESCRIPTION) if form.write_seo.data else ()),
        *((TAGS,) if form.write_tags.data else ()),
    )
    policy = replace(
        shops.read_policy(shop.policy),
        fill_empty_only=form.fill_empty_only.data,
        auto_approve=form.auto_approve.data,
        write_title=form.write_title.data,
        write_tags=form.write_tags.data,
        write_alts=form.write_alts.data,
        fields=chosen,
    )
    shop.name, shop.locale = form.name.data, form.locale.data
    shop.spend_cap = int(form.spend_cap.data * 1_000_000)
    shop.policy = {**asdict(policy), "fields": list(chosen)}


# --- brand voice ------------------------------------------------------------------------------------------------


@page.route("/shops/<int:shop_id>/voice/<locale>", methods=["GET", "POST"])
def voice(shop_id: int, locale: str) -> str | Response:
    """How the shop speaks in one language."""
    if locale not in LOCALES:
        abort(404)
    with desk().db.reading() as session:
        shop = scope.visible(session, Shop, shop_id)
        products = session.scalars(_products(shop.id)).all()
    form = BrandVoice(data=_voice_form(shops.read_voice(locale, shop.voices)))
    if form.validate_on_submit() and request.form.get("try"):
        return _try(shop_id, locale, form)
    if form.validate_on_submit():
        with desk().db.writing() as session:
            row = scope.visible(session, Shop, shop_id)
            row.voices = {**row.voices, locale: _voice(form)}
            shops.audit(session, "voice.changed", shop_id=shop_id, user_id=person().id, locale=locale)
        flash(gettext("Saved. It counts for every draft from now on."))
        return redirect(url_for("shops.voice", shop_id=shop_id, locale=locale), 303)
    return render_template("admin/voice.html", shop=shop, form=form, locale=locale, locales=LOCALES, products=products)


def _products(shop_id: int) -> Any:
    """Some products to try a voice on, the newest first."""
    mine = (Subject.shop_id == shop_id, Subject.kind == "product", Subject.deleted_at.is_(None))
    return select(Subject).where(*mine).order_by(Subject.id.desc()).limit(50)


def _try(shop_id: int, locale: str, form: BrandVoice) -> Response:
    """Ask for one product in the voice as it stands in the form, saved or not."""
    chosen = request.form.get("product", "")
    with desk().db.writing() as session:
        subject = scope.visible(session, Subject, int(chosen) if chosen.isdigit() and len(chosen) < 16 else 0)
        if subject.shop_id != shop_id or subject.kind != "product":
            abort(404)
        added = jobs.add(
            session, shop_id=subject.shop_id, connection_id=subject.connection_id, subject_id=subject.id,
            kind="preview", priority=PERSON, input={"locale": locale, "voice": _voice(form)}, asked_by=person().id,
        )  # fmt: skip
        if added is not None:
            shops.audit(session, "voice.tried", shop_id=shop_id, user_id=person().id, job_id=added, locale=locale)
        else:
            under_way = select(Job.id).where(Job.subject_id == subject.id, Job.kind == "preview")
            added = session.scalar(under_way.order_by(Job.id.desc()).limit(1))
    return redirect(url_for("shops.preview", job_id=added), 303)


@page.get("/previews/<int:job_id>")
def preview(job_id: int) -> str:
    """How a product reads in a voice that was tried; asked again by itself until it is there."""
    with desk().db.reading() as session:
        job = scope.visible(session, Job, job_id)
        if job.kind != "preview":
            abort(404)
        result = job.result or ({"texts": {}} if job.state in ("failed", "cancelled", "skipped", "superseded") else {})
        texts = {name: shown(text, name == DESCRIPTION) for name, text in result.get("texts", {}).items()}
        fragment = "admin/_preview.html" if request.headers.get("HX-Request") else "admin/preview.html"
        return render_template(
            fragment, job=job, subject=session.get_one(Subject, job.subject_id), result=result, texts=texts,
            findings=[_finding(n, each) for n, each in enumerate(result.get("findings", []))],
        )  # fmt: skip


def _finding(number: int, stored: dict[str, Any]) -> FindingView:
    severity, check, quote = (str(stored.get(name, "")) for name in ("severity", "check", "quote"))
    return FindingView(f"preview-{number}", severity, check, say_finding(stored), quote)


def _voice_form(stored: Voice) -> dict[str, Any]:
    return {
        **asdict(stored),
        "glossary": "\n".join(f"{wrong} = {right}" for wrong, right in stored.glossary.items()),
        "forbidden": "\n".join(stored.forbidden),
        "words_least": stored.description_words[0],
        "words_most": stored.description_words[1],
    }


def _voice(form: BrandVoice) -> dict[str, Any]:
    pairs = (line.partition("=") for line in (form.glossary.data or "").splitlines() if line.strip())
    kept = ("role", "audience", "tone", "address", "seo_title_chars", "seo_description_chars", "alt_chars")
    return {
        **{name: form[name].data for name in kept},
        "glossary": {wrong.strip(): right.strip() for wrong, _sign, right in pairs},
        "forbidden": [line.strip() for line in (form.forbidden.data or "").splitlines() if line.strip()],
        "description_words": [form.words_least.data, form.words_most.data],
    }


# --- reference texts --------------------------------------------------------------------------------------------


@page.route("/shops/<int:shop_id>/references", methods=["GET", "POST"])
def references(shop_id: int) -> str | Response:
    """Texts that no draft may copy: makers' and competitors'."""
    form = NewReference()
    if form.validate_on_submit():
        with desk().db.writing() as session:
            shop = scope.visible(session, Shop, shop_id)
            copies.add_reference(session, shop.id, form.name.data, form.text.data)
            shops.audit(session, "reference.added", shop_id=shop.id, user_id=person().id)
        flash(gettext("Added. Every draft from now on is compared with it."))
        return redirect(url_for("shops.references", shop_id=shop_id), 303)
    with desk().db.reading() as session:
        shop = scope.visible(session, Shop, shop_id)
        found = session.scalars(
            select(ReferenceText).where(ReferenceText.shop_id == shop.id).order_by(ReferenceText.id.desc())
        ).all()
        return render_template("admin/references.html", shop=shop, form=form, found=found)


@page.post("/references/<int:reference_id>/remove")
def remove_reference(reference_id: int) -> Response:
    """Drafts are compared with it no more."""
    with desk().db.writing() as session:
        row = scope.visible(session, ReferenceText, reference_id)
        shop_id = row.shop_id
        copies.remove_reference(session, row)
        shops.audit(session, "reference.removed", shop_id=shop_id, user_id=person().id)
    flash(gettext("Removed."))
    return redirect(url_for("shops.references", shop_id=shop_id), 303)


# --- people -----------------------------------------------------------------------------------------------------


@page.route("/shops/<int:shop_id>/people", methods=["GET", "POST"])
@operators_only
def people(shop_id: int) -> str | Response:
    """The owners of a shop."""
    form = NewUser()
    if form.validate_on_submit():
        try:
            _add(shop_id, form)
        except AskHuman as error:
            form.name.errors = [say(str(error))]
        else:
            flash(gettext("Added. The new owner can sign in now."))
            return redirect(url_for("shops.people", shop_id=shop_id), 303)
    with desk().db.reading() as session:
        shop = scope.visible(session, Shop, shop_id)
        return render_template("admin/people.html", shop=shop, form=form, people=_owners(session, shop))


def _add(shop_id: int, form: NewUser) -> None:
    with desk().db.writing() as session:
        shop = scope.visible(session, Shop, shop_id)
        made = users.add(session, form.name.data, form.password.data, users.OWNER, shop.id)
        shops.audit(session, "user.added", shop_id=shop.id, user_id=person().id, user=made.id)


def _owners(session: Session, shop: Shop) -> list[User]:
    return list(session.scalars(select(User).where(User.shop_id == shop.id).order_by(User.name)))


@page.route("/people/<int:user_id>/password", methods=["GET", "POST"])
@operators_only
def password(user_id: int) -> str | Response:
    """A new password for an owner, who is signed out everywhere."""
    form = SetPassword()
    with desk().db.reading() as session:
        user = scope.visible(session, User, user_id)
    if user.shop_id is None:
        abort(404)  # operators change their own on the account page
    if not form.validate_on_submit():
        return render_template("admin/password.html", form=form, user=user)
    with desk().db.writing() as session:
        row = scope.visible(session, User, user_id)
        users.set_password(session, row, form.password.data)
        shops.audit(session, "user.password_set", shop_id=row.shop_id, user_id=person().id, user=row.id)
    flash(gettext("The password is set. Every session of this user has ended."))
    return redirect(url_for("shops.people", shop_id=user.shop_id), 303)
