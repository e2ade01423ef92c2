"""German is as complete as English, also for sentences that were stored in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from bridge.admin import diff, formats, preview, translating
from bridge.admin.languages import say, say_finding
from bridge.admin.preview import Mark
from bridge.admin.sentences import SENTENCES
from bridge.db import Database
from bridge.models import User
from tests.bridge.admin.conftest import Visitor
from tests.bridge.admin.seed import Seeded

Visit = Callable[..., Visitor]
UPDATE = "run: python -m bridge.admin.translating, then fill the empty msgstr lines"


def test_every_text_of_the_code_is_in_the_catalogue() -> None:
    assert translating.SENTENCES.read_text() == translating.sentences_file(translating.collect()), UPDATE
    for language in translating.LANGUAGES:
        known = {message.id if isinstance(message.id, str) else message.id[0] for message in translating.read(language)}
        wanted = {message.id if isinstance(message.id, str) else message.id[0] for message in translating.extract()}
        assert wanted - known == set(), UPDATE
        assert known - wanted == set(), UPDATE


@pytest.mark.parametrize("language", translating.LANGUAGES)
def test_nothing_lacks_a_translation_or_is_a_guess(language: str) -> None:
    assert translating.untranslated(translating.read(language)) == [], UPDATE


@pytest.mark.parametrize("language", translating.LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    compiled = translating.po_path(language).with_suffix(".mo")
    assert compiled.read_bytes() == translating.compiled(translating.read(language)), UPDATE


@pytest.mark.parametrize("language", translating.LANGUAGES)
def test_translations_keep_the_places_of_their_texts(language: str) -> None:
    for message in translating.read(language):
        if not message.id:
            continue
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(re.findall(r"%\(\w+\)s", originals[-1]))
        for form in forms:
            assert set(re.findall(r"%\(\w+\)s", form)) == wanted, message.id


@pytest.mark.parametrize("language", translating.LANGUAGES)
def test_german_quotation_marks_and_apostrophes_are_german(language: str) -> None:
    for message in translating.read(language):
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        for form in forms:
            if message.id:
                assert '"' not in form and "'" not in form and " - " not in form, form


ENGLISH = re.compile(
    r"\b(the|and|with|your|waits?|review|jobs?|drafts?|approve|reject|nothing|what|sign in|save)\b", re.IGNORECASE
)


def test_a_german_page_has_no_english_left_over(visit: Visit, seeded: Seeded) -> None:
    owner = visit("owner-kontor", language="de")
    shop = seeded.shops["kontor"].id
    paths = ["/", "/jobs", "/review", "/review/clean", "/bulk-runs", "/deliveries", "/connections", "/connections/new",
             f"/shops/{shop}", f"/shops/{shop}/voice/de", "/audit", "/account", "/not-there", "/shops/new",
             f"/review/{seeded.jobs['kontor-review']}?edit=1"]  # fmt: skip
    for path in paths + [f"/jobs/{number}" for name, number in seeded.jobs.items() if name.startswith("kontor")]:
        page = owner.get(path, follow_redirects=True).text
        assert '<html lang="de"' in page
        body = re.sub(r"<(head|script|code|pre)\b.*?</\1>", "", page, flags=re.DOTALL)
        text = re.sub(r"<[^>]+>", " ", body)
        assert ENGLISH.findall(text) == [], path


def test_stored_sentences_are_said_in_german(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert say("This shop is paused.") == "Dieser Shop ist pausiert."
        assert say("The app lacks the permission write_products.") == "Der App fehlt die Berechtigung write_products."
        two = "Shopify had an internal error. This was tried five times and failed every time."
        assert say(two).startswith("Bei Shopify gab es einen internen Fehler. Es wurde fünfmal versucht")
        assert say("Nobody has a translation for this. This shop is paused.").endswith("Dieser Shop ist pausiert.")
        assert say("Der Ton passt nicht zu uns.") == "Der Ton passt nicht zu uns."
        assert say("") == ""
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert say("This shop is paused.") == "This shop is paused."


def test_findings_are_said_with_their_values(app: Flask) -> None:
    with app.test_request_context():
        assert say_finding({"message": "No %(what)s.", "args": {"what": "<b>"}}) == "No <b>."
        assert say_finding({"message": "No %(what)s.", "args": {}}) == "No %(what)s."
        assert say_finding({"message": "100 % wool"}) == "100 % wool"


@pytest.mark.parametrize(
    ("own", "cookie", "browser", "expected"),
    [("de", "en", "en", "de"), ("", "de", "en", "de"), ("", "", "de-AT,de;q=0.9", "de"), ("", "", "fr", "en"),
     ("xx", "xx", "de", "de")],
)  # fmt: skip
def test_the_language_is_ones_own_then_the_cookies_then_the_browsers(
    visit: Visit, db: Database, seeded: Seeded, own: str, cookie: str, browser: str, expected: str
) -> None:
    with db.writing() as session:
        session.get_one(User, seeded.operator.id).locale = own
    visitor = visit("operator", language=cookie)
    page = visitor.get("/account", headers={"Accept-Language": browser}).text
    assert f'<html lang="{expected}"' in page


def test_a_chosen_language_and_look_are_kept(visit: Visit, db: Database, seeded: Seeded) -> None:
    visitor = visit("operator")
    visitor.post("/preferences", {"language": "de", "back": "/jobs"})
    visitor.post("/preferences", {"theme": "dark", "back": "/jobs"})
    page = visitor.get("/jobs").text
    assert '<html lang="de" data-theme="dark">' in page
    with db.reading() as session:
        assert session.get_one(User, seeded.operator.id).locale == "de"
    visitor.post("/preferences", {"theme": '"><script>', "language": "../../etc"})
    assert '<html lang="de" data-theme="dark">' in visitor.get("/jobs").text


def test_numbers_and_money_are_written_as_the_language_does(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert formats.dollars(1_234_560_000) == "1.234,56 $" and formats.number(12_345) == "12.345"
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert formats.dollars(1_234_560_000) == "$1,234.56" and formats.dollars(1_200) == "$0.0012"
        assert formats.duration(2_900) == "2.9 s" and formats.ago(None) == "–"


# --- differences and previews ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a red cup", "a blue cup", [("same", "a "), ("removed", "red"), ("added", "blue"), ("same", " cup")]),
        ("same", "same", [("same", "same")]),
        ("", "new words", [("added", "new words")]),
        ("gone", "", [("removed", "gone")]),
        ("one two three", "uno dos three", [("removed", "one two"), ("added", "uno dos"), ("same", " three")]),
    ],
)
def test_differences_are_whole_words(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert list(diff.changes(before, after)) == expected


def test_a_difference_holds_both_texts_whole() -> None:
    before, after = "Größe: 30 cm, aus Eiche.\nHandwäsche.", "Größe: 32,5 cm, aus geölter Eiche."
    pieces = list(diff.changes(before, after))
    assert "".join(text for kind, text in pieces if kind != "added") == before
    assert "".join(text for kind, text in pieces if kind != "removed") == after


def test_very_long_texts_are_compared_by_lines_in_time() -> None:
    before = "\n".join(f"line {n} of a long text" for n in range(3_000))
    pieces = list(diff.changes(before, before.replace("line 7 of", "row 7 of")))
    assert ("removed", "line 7 of a long text\n") in pieces


def test_differences_are_escaped_and_named_for_screen_readers(app: Flask) -> None:
    with app.test_request_context():
        shown = diff.words("a <b>", "a <i>")
    assert "<b>" not in shown and "&lt;i&gt;" in shown and '<span class="quiet">added: </span>' in shown


def test_a_preview_keeps_the_shape_and_nothing_that_acts() -> None:
    html = '<h2 class="card" onclick="x()">Title</h2><a href="javascript:x()">link</a>'
    html += '<img src="https://x/y.png"><p style="a">P</p>'
    assert preview.shown(html, is_html=True) == "<h2>Title</h2>link<p>P</p>"


def test_marks_stand_where_their_words_stand_once() -> None:
    text = "Oak & linen. Oak & linen."
    marks = [Mark("Oak & linen.", "fact", "id-1", "Material: <oak>"), Mark("nowhere", "fact", "x")]
    shown = str(preview.shown(text, False, marks))
    assert shown.count('class="mark mark-fact"') == 1 and "Material: &lt;oak&gt;" in shown
    assert re.sub(r'<span class="bubble".*?</span>|<[^>]+>', "", shown) == "Oak &amp; linen. Oak &amp; linen."


def test_an_objection_comes_before_a_source_and_marks_do_not_overlap() -> None:
    marks = [Mark("90 °C", "block", "a"), Mark("Safe to 90 °C.", "fact", "b")]
    shown = str(preview.shown("<p>Safe to 90 °C.</p>", True, marks))
    assert "mark-block" in shown and "mark-fact" not in shown


def test_plain_text_of_html_keeps_its_lines() -> None:
    assert preview.plain("<p>One &amp; two</p><ul><li>a</li><li>b</li></ul>") == "One & two\n• a\n• b"


def test_static_files_are_kept_and_change_their_address_with_their_content(visit: Visit) -> None:
    page = visit().get("/sign-in").text
    address = re.search(r'href="(/static/parts\.css\?v=[0-9a-f]{12})"', page)
    assert address is not None
    answer = visit().get(address.group(1))
    assert answer.status_code == 200 and "max-age=31536000" in answer.headers["Cache-Control"]


def test_the_vendored_script_comes_with_its_licence() -> None:
    static = Path(translating.ADMIN) / "static"
    assert 'version:"2.0.11"' in (static / "htmx.min.js").read_text()
    assert "Zero-Clause BSD" in (static / "htmx.LICENSE.txt").read_text()


def test_the_running_page_knows_every_stored_sentence_one_by_one() -> None:
    assert list(SENTENCES) == translating.collect()
