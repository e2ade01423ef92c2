"""Connecting a store and the settings of a shop."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from bridge import shops
from bridge.catalog import DESCRIPTION, TAGS
from bridge.db import Database
from bridge.models import Audit, Connection, Job, Shop, User
from bridge.vault import Vault
from tests.bridge.admin.conftest import Visitor
from tests.bridge.admin.seed import PASSWORD, Seeded

Visit = Callable[..., Visitor]
SECRET = "shpss_do_not_show_this"


def _connect(visitor: Visitor, seeded: Seeded, **form: str) -> str:
    data = {"shop": str(seeded.shops["north"].id), "account": "New-Store.myshopify.com ", "client_id": "id-1",
            "client_secret": SECRET, **form}  # fmt: skip
    return visitor.post("/connections/new", data, follow_redirects=True).text


def test_a_store_is_connected_checked_and_its_secret_never_shown(
    visit: Visit, db: Database, vault: Vault, seeded: Seeded
) -> None:
    owner = visit("owner-north")
    assert "A check is on its way" in _connect(owner, seeded)
    with db.reading() as session:
        row = shops.find(session, "shopify", "new-store.myshopify.com")
        assert row is not None and row.shop_id == seeded.shops["north"].id
        assert vault.open_json(row.credentials or b"")["client_secret"] == SECRET
        check = session.scalar(select(Job).where(Job.connection_id == row.id))
        assert check is not None and (check.kind, check.state) == ("check", "queued")
        details = list(session.scalars(select(Audit.detail)))
    for path in ("/connections", "/connections/new", "/audit", f"/jobs/{check.id}"):
        assert SECRET not in owner.get(path).text
    assert SECRET not in str(details) and SECRET.encode() not in (row.credentials or b"")


@pytest.mark.parametrize("account", ["new-store", "https://new-store.myshopify.com/admin/products?x=1"])
def test_a_pasted_address_or_a_bare_name_is_enough(visit: Visit, db: Database, seeded: Seeded, account: str) -> None:
    _connect(visit("owner-north"), seeded, account=account)
    with db.reading() as session:
        assert shops.find(session, "shopify", "new-store.myshopify.com") is not None


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"account": "https://evil.example/new.myshopify.com"}, "not a shop domain"),
        ({"account": "new.myshopify.com\n.evil.example"}, "not a shop domain"),
        ({"account": "169.254.169.254"}, "not a shop domain"),
        ({"client_secret": ""}, "Give the client id with its secret, or an access token."),
        ({"account": "kontor.myshopify.com"}, "already connected to another shop"),
        ({"shop": "2"}, "Not a valid choice"),
    ],
)
def test_a_connection_that_makes_no_sense_is_refused(
    visit: Visit, db: Database, seeded: Seeded, form: dict[str, str], sentence: str
) -> None:
    owner = visit("owner-north")
    page = _connect(owner, seeded, **form)
    assert sentence in page and SECRET not in page
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Connection)) == 2
        assert shops.find(session, "shopify", "kontor.myshopify.com").shop_id == seeded.shops["kontor"].id  # type: ignore[union-attr]


def test_policy_and_spend_cap_are_kept(visit: Visit, db: Database, seeded: Seeded) -> None:
    shop = seeded.shops["north"].id
    owner = visit("owner-north")
    form = {"name": " North ", "locale": "de", "spend_cap": "12,50", "write_description": "y", "auto_approve": "y"}
    assert owner.post(f"/shops/{shop}", form).status_code == 303
    with db.reading() as session:
        row = session.get_one(Shop, shop)
        policy = shops.read_policy(row.policy)
    assert (row.name, row.locale, row.spend_cap) == ("North", "de", 12_500_000)
    assert policy.fields == (DESCRIPTION,) and TAGS not in policy.fields
    assert (policy.auto_approve, policy.fill_empty_only, policy.write_alts) == (True, False, False)


@pytest.mark.parametrize("cap", ["", "-1", "many", "1000000"])
def test_a_spend_cap_that_makes_no_sense_changes_nothing(visit: Visit, db: Database, seeded: Seeded, cap: str) -> None:
    shop = seeded.shops["north"].id
    answer = visit("owner-north").post(f"/shops/{shop}", {"name": "x", "locale": "en", "spend_cap": cap})
    assert answer.status_code == 200
    with db.reading() as session:
        assert session.get_one(Shop, shop).spend_cap == 20_000_000


def test_the_brand_voice_comes_back_as_it_was_given(visit: Visit, db: Database, seeded: Seeded) -> None:
    shop, owner = seeded.shops["kontor"].id, visit("owner-kontor")
    form = {
        "role": "eine kleine Kerzenwerkstatt", "audience": "", "tone": "ruhig", "address": "Sie",
        "glossary": "Teelicht = Teekerze\n\n Paraffin=Bienenwachs", "forbidden": "günstig\nbillig\n",
        "words_least": "20", "words_most": "120", "seo_title_chars": "55", "seo_description_chars": "150",
        "alt_chars": "100",
    }  # fmt: skip
    assert owner.post(f"/shops/{shop}/voice/de", form).status_code == 303
    with db.reading() as session:
        voice = shops.read_voice("de-AT", session.get_one(Shop, shop).voices)
    assert (voice.role, voice.address, voice.description_words) == ("eine kleine Kerzenwerkstatt", "Sie", (20, 120))
    assert voice.glossary == {"Teelicht": "Teekerze", "Paraffin": "Bienenwachs"}
    assert voice.forbidden == ("günstig", "billig")
    assert "Teelicht = Teekerze" in owner.get(f"/shops/{shop}/voice/de").text


@pytest.mark.parametrize("wrong", [{"glossary": "no sign here"}, {"words_most": "1"}, {"seo_title_chars": "x"}])
def test_a_voice_that_makes_no_sense_is_refused(
    visit: Visit, db: Database, seeded: Seeded, wrong: dict[str, str]
) -> None:
    shop = seeded.shops["north"].id
    form = {"words_least": "5", "words_most": "9", "seo_title_chars": "60", "seo_description_chars": "150",
            "alt_chars": "100", "address": "du", **wrong}  # fmt: skip
    assert visit("owner-north").post(f"/shops/{shop}/voice/en", form).status_code == 200
    with db.reading() as session:
        assert session.get_one(Shop, shop).voices == {}


def test_a_voice_in_an_unknown_language_does_not_exist(visit: Visit, seeded: Seeded) -> None:
    assert visit("operator").get(f"/shops/{seeded.shops['north'].id}/voice/xx").status_code == 404


def test_an_operator_adds_an_owner_who_can_sign_in(visit: Visit, db: Database, seeded: Seeded) -> None:
    shop = seeded.shops["north"].id
    operator = visit("operator")
    answer = operator.post(f"/shops/{shop}/people", {"name": "Ruth", "password": PASSWORD})
    assert answer.status_code == 303
    assert visit().sign_in("ruth").status_code == 303
    answer = operator.post(f"/shops/{shop}/people", {"name": "RUTH", "password": PASSWORD})
    assert "This name is taken." in answer.text
    with db.reading() as session:
        found = session.scalars(select(User).where(User.name == "ruth")).one()
    assert (found.role, found.shop_id) == ("owner", shop)


def test_forms_that_are_too_large_are_refused(visit: Visit, seeded: Seeded) -> None:
    answer = visit("operator").post(f"/shops/{seeded.shops['north'].id}", {"name": "x" * 1_100_000})
    assert answer.status_code == 413 and "Too large" in answer.text
