"""Signing in: throttled, one sentence for every mistake, sessions that end when the password changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from bridge import users
from bridge.db import Database
from bridge.errors import AskHuman
from bridge.models import User
from tests.bridge.admin.conftest import Visitor
from tests.bridge.admin.seed import PASSWORD, Seeded

Visit = Callable[..., Visitor]


def test_a_right_password_opens_the_page(visit: Visit) -> None:
    visitor = visit()
    answer = visitor.sign_in("Operator ")
    assert answer.status_code == 303 and answer.headers["Location"] == "/"
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(("name", "password"), [("operator", "wrong password"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_look_the_same(visit: Visit, name: str, password: str) -> None:
    visitor = visit()
    answer = visitor.sign_in(name, password)
    assert answer.status_code == 401
    assert "Name and password do not belong together." in answer.text
    assert visitor.get("/").status_code == 303


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(visit: Visit) -> None:
    cookie = next(value for value in visit().sign_in("operator").headers.getlist("Set-Cookie") if "session=" in value)
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie


def test_guessing_from_one_address_is_stopped(visit: Visit) -> None:
    visitor = visit()
    visitor.get("/sign-in")
    codes = [visitor.post("/sign-in", {"name": f"name {n}", "password": "guess"}).status_code for n in range(11)]
    assert codes == [401] * 10 + [429]
    assert "Too many tries" in visitor.post("/sign-in", {"name": "operator", "password": PASSWORD}).text
    assert visitor.get("/sign-in").status_code == 200


def test_guessing_one_name_from_many_addresses_is_stopped(visit: Visit) -> None:
    visitor = visit()
    visitor.get("/sign-in")
    answers = [
        visitor.post("/sign-in", {"name": "operator", "password": "guess"}, environ_base={"REMOTE_ADDR": f"10.0.0.{n}"})
        for n in range(11)
    ]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


def test_right_passwords_do_not_use_up_the_tries_of_a_name(visit: Visit) -> None:
    for number in range(12):
        visitor = visit()
        visitor.get("/sign-in")
        data = {"name": "operator", "password": PASSWORD}
        answer = visitor.post("/sign-in", data, environ_base={"REMOTE_ADDR": f"10.0.1.{number}"})
        assert answer.status_code == 303


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x()"])
def test_nobody_is_sent_to_another_site(visit: Visit, target: str) -> None:
    visitor = visit()
    visitor.get("/sign-in")
    data = {"name": "operator", "password": PASSWORD}
    answer = visitor.post("/sign-in", data, query_string={"next": target})
    assert answer.headers["Location"] == "/"
    visitor.get("/account")
    answer = visitor.post("/preferences", {"theme": "dark", "back": target})
    assert answer.headers["Location"] == "/"


def test_the_page_asked_for_is_opened_after_signing_in(visit: Visit) -> None:
    visitor = visit()
    address = visitor.get("/jobs?state=failed").headers["Location"]
    visitor.get(address)
    answer = visitor.post(address, {"name": "operator", "password": PASSWORD})
    assert answer.headers["Location"] == "/jobs?state=failed"


def test_signing_out_ends_the_session(visit: Visit) -> None:
    visitor = visit("operator")
    assert visitor.post("/sign-out").headers["Location"] == "/sign-in"
    assert visitor.get("/").status_code == 303


def test_a_fragment_asked_for_by_a_stranger_leads_the_whole_page_to_the_sign_in(visit: Visit) -> None:
    answer = visit().get("/jobs", headers={"HX-Request": "true"})
    assert answer.status_code == 401 and answer.headers["HX-Redirect"] == "/sign-in"


def test_a_new_password_signs_out_everywhere_else(visit: Visit) -> None:
    here, there = visit("operator"), visit("operator")
    answer = here.post("/account", {"current": PASSWORD, "password": "another long password"})
    assert answer.status_code == 303
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303
    assert visit().sign_in("operator", "another long password").status_code == 303


def test_the_present_password_is_needed_for_a_new_one(visit: Visit, db: Database, seeded: Seeded) -> None:
    visitor = visit("operator")
    answer = visitor.post("/account", {"current": "not it at all", "password": "another long password"})
    assert "The present password is not right." in answer.text
    with db.reading() as session:
        assert session.get_one(User, seeded.operator.id).password_hash == seeded.operator.password_hash


def test_an_operator_resets_the_password_of_an_owner(visit: Visit, seeded: Seeded) -> None:
    owner, operator = visit("owner-north"), visit("operator")
    path = f"/people/{seeded.owners['north'].id}/password"
    assert operator.post(path, {"password": "a fresh long password"}).status_code == 303
    assert owner.get("/").status_code == 303
    assert visit().sign_in("owner-north", "a fresh long password").status_code == 303


def test_the_password_of_an_operator_cannot_be_set_by_another(visit: Visit, seeded: Seeded) -> None:
    operator = visit("operator")
    assert operator.post(f"/people/{seeded.operator.id}/password", {"password": "a" * 20}).status_code == 404


def test_hashes_are_made_anew_when_the_parameters_change(visit: Visit, db: Database, seeded: Seeded) -> None:
    with db.writing() as session:
        row = session.get_one(User, seeded.operator.id)
        row.password_hash = users.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
        weak = row.password_hash
    assert visit().sign_in("operator").status_code == 303
    with db.reading() as session:
        assert session.get_one(User, seeded.operator.id).password_hash != weak


@pytest.mark.parametrize(
    ("name", "password", "role", "shop_id", "sentence"),
    [
        ("new", "short", "operator", None, "A password needs at least 12 characters."),
        ("new", "x" * 1001, "operator", None, "This password is too long."),
        ("", PASSWORD, "operator", None, "A user needs a name."),
        ("OPERATOR", PASSWORD, "operator", None, "This name is taken."),
        ("new", PASSWORD, "owner", None, "An owner belongs to one shop, an operator to none."),
        ("new", PASSWORD, "operator", 1, "An owner belongs to one shop, an operator to none."),
        ("new", PASSWORD, "owner", 999, "This shop does not exist."),
    ],
)
def test_a_user_who_makes_no_sense_is_refused(
    db: Database, seeded: Seeded, name: str, password: str, role: str, shop_id: int | None, sentence: str
) -> None:
    with Session(db.engine) as session:
        before = session.query(User).count()
        with pytest.raises(AskHuman, match=sentence):
            users.add(session, name, password, role, shop_id)
        assert session.query(User).count() == before


def test_cookies_are_marked_secure_behind_https(app: Flask, seeded: Seeded) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    visitor = Visitor(app.test_client())
    visitor.get("/sign-in", base_url="https://localhost")
    data = {"name": "operator", "password": PASSWORD}
    answer = visitor.post("/sign-in", data, base_url="https://localhost", headers={"Referer": "https://localhost/"})
    assert any("session=" in value and "Secure" in value for value in answer.headers.getlist("Set-Cookie"))
