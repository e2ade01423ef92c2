"""The first steps: from nothing to the first approved text, and how far somebody is."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.admin import scope
from bridge.admin.auth import person
from bridge.models import Connection, Job, Shop, Subject


@dataclass(frozen=True)
class Step:
    """One step; ``state`` is passed, here or later."""

    title: str
    hint: str
    state: str
    link: str = ""
    label: str = ""


def steps(session: Session) -> list[Step]:
    """The steps, or none when the first text has gone live."""
    if _any(session, Job, Job.kind == "listing", Job.state.in_(("done", "undone"))):
        return []  # asked first: on a living installation it is the only question
    passed = [
        _any(session, Shop, Shop.id > 0),
        _any(session, Connection, Connection.status != "disconnected"),
        _any(session, Subject, Subject.kind == "product"),
        _any(session, Job, Job.kind == "listing", Job.draft_id.is_not(None)),
        False,
    ]
    here = passed.index(False)
    return [
        Step(title, hint, "passed" if done else "here" if place == here else "later", link, label)
        for place, (done, (title, hint, link, label)) in enumerate(zip(passed, _texts(), strict=True))
    ]


def _any(session: Session, model: type[Shop | Connection | Subject | Job], *conditions: object) -> bool:
    wanted = select(model.id).where(*conditions).limit(1)  # type: ignore[arg-type]
    return session.scalar(scope.only(wanted, model)) is not None


def _texts() -> list[tuple[str, str, str, str]]:
    shop = scope.chosen_shop()
    return [
        (gettext("Create a shop"), gettext("Its rules, its voice and its budget belong to it."),
         url_for("shops.new") if person().sees_all else "", gettext("Create a shop")),
        (gettext("Connect its store"), gettext("Install the app from here, or paste the keys of an app of your own."),
         url_for("connections.new", shop=shop), gettext("Connect a store")),
        (gettext("Let the products arrive"),
         gettext("The catalogue is looked through by itself; that takes a minute. A new product arrives at once."),
         url_for("connections.index", shop=shop), gettext("Look at the connection")),
        (gettext("Choose a product to begin with"),
         gettext("One product is enough to see how it reads. Nothing is written without you."),
         url_for("products.index", shop=shop), gettext("Choose a product")),
        (gettext("Approve the first text"),
         gettext("Every sentence shows the facts it rests on. Edit it, ask for a change, or approve it."),
         url_for("review.index", shop=shop), gettext("Decide")),
    ]  # fmt: skip
