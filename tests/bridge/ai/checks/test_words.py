"""Risky claims, bias, personal data and language: what is found, where, why, and what raises no alarm."""

from __future__ import annotations

import time

import pytest

from bridge.ai import checks
from bridge.ai.checks import bias, language, phrases, private, risky
from bridge.catalog import DESCRIPTION, SEO_TITLE, TAGS, Draft, Fact, Facts, Finding, Voice


def draft(text: str, locale: str = "de", field: str = DESCRIPTION) -> Draft:
    return Draft(locale, {field: ""}, {field: text}, "a model")


def found(check: object, text: str, locale: str = "de", field: str = DESCRIPTION, **facts: str) -> tuple[Finding, ...]:
    known = Facts(tuple(Fact(key, key, value) for key, value in facts.items()), locale)
    return check.findings(draft(text, locale, field), known, Voice(locale))  # type: ignore[attr-defined,no-any-return]


# --- risky claims -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "locale", "rule", "words"),
    [
        ("<p>Die umweltfreundliche Kanne.</p>", "de", "environment", "umweltfreundliche"),
        ("<p>Ein klima\u00adneutraler Becher.</p>", "de-DE", "climate-neutral", "klimaneutraler"),
        ("<p>Unser <b>Test</b>sieger für die Küche.</p>", "de", "tested", "Testsieger"),
        ("<p>Lindert Beschwerden im Alltag.</p>", "de", "illness", "Lindert"),
        ("<p>Er beugt wirksam Erkältungen vor.</p>", "de", "illness", "beugt wirksam Erkältungen vor"),
        ("<p>Stärkt das Immunsystem.</p>", "de-AT", "health", "Stärkt das Immunsystem"),
        ("<p>Die Nr. 1 unter den Kesseln.</p>", "de", "superlative", "Nr. 1"),
        ("<p>Nur heute im Angebot.</p>", "de", "pressure", "Nur heute"),
        ("<p>An eco-friendly kettle.</p>", "en-IE", "environment", "eco-friendly"),
        ("<p>Clinically proven to work.</p>", "en-GB", "tested", "Clinically proven"),
        ("<p>The world's best kettle.</p>", "en-US", "superlative", "world's best"),
        ("<p>A carbon\u00a0neutral kettle.</p>", "en", "climate-neutral", "carbon\u00a0neutral"),
    ],
)
def test_a_risky_claim_is_found_with_its_reason_and_its_law(text: str, locale: str, rule: str, words: str) -> None:
    finding = next(each for each in found(risky, text, locale) if each.code == rule)
    assert finding.quote == words
    assert words in finding.text() and finding.text().endswith(".")
    assert finding.args["source"].startswith("https://")


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("<p>Eine Kanne aus Steinzeug, spülmaschinenfest.</p>", "de"),
        ("<p>Die bestehende Kanne, für das Team gemacht.</p>", "de"),
        ("<p>Der Deckel schließt gut und hält den Tee warm.</p>", "de"),
        ("<p>Verheilt ist hier nichts, und Detoxikation auch nicht.</p>", "de"),
        ("<p>A kettle of steel, tested by nobody.</p>", "en"),
        ("<p>Umweltfreundlich</p>", "fr"),
        ("<p>Best before 2027.</p>", "en"),
    ],
)
def test_an_honest_text_raises_no_alarm(text: str, locale: str) -> None:
    assert found(risky, text, locale) == ()


def test_the_law_of_a_country_holds_for_its_texts_only() -> None:
    text = "<p>An eco-friendly kettle.</p>"
    severities = {
        locale: [each.severity for each in found(risky, text, locale)] for locale in ("en-GB", "en-US", "en-IE")
    }
    assert severities == {"en-GB": ["person"], "en-US": ["person"], "en-IE": ["block"]}
    assert found(risky, text, "de-CH") == ()


def test_a_claim_that_the_shop_itself_makes_goes_to_a_person() -> None:
    (finding,) = found(risky, "<p>Nachhaltig aus Eiche.</p>", title="Tisch, nachhaltig")
    assert finding.severity == "person"


def test_a_claim_is_reported_once_a_field() -> None:
    assert len(found(risky, "<p>Nachhaltig. Nachhaltig! nachhaltig</p>")) == 1


@pytest.mark.parametrize("name", ["claims", "bias"])
def test_every_rule_is_complete_and_fast(name: str) -> None:
    for rule in phrases.rules(name):
        assert rule.severity in ("block", "person", "hint") and rule.source.startswith("https://")
        assert "%(words)s" in rule.why and rule.why.endswith(".")
        assert ("%(better)s" in rule.why) == bool(rule.better)
        began = time.monotonic()
        for nasty in ("a" * 50_000, "beugt " * 10_000, "- " * 20_000, "Nr. " * 10_000):
            list(rule.pattern.finditer(nasty))
        assert time.monotonic() - began < 5


# --- bias -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "locale", "rule"),
    [
        ("<p>Ein Werkzeug für echte Männer.</p>", "de", "gender"),
        ("<p>Muster im Zigeunerstil.</p>", "de", "origin"),
        ("<p>Idiotensichere Bedienung.</p>", "de", "disability"),
        ("<p>Kaschiert jede Problemzone.</p>", "de", "body"),
        ("<p>So easy even grandma can use it.</p>", "en", "age"),
        ("<p>A gypsy pattern.</p>", "en", "origin"),
    ],
)
def test_wording_that_shuts_people_out_is_found_with_something_better(text: str, locale: str, rule: str) -> None:
    (finding,) = found(bias, text, locale)
    assert finding.code == rule and finding.args["better"] in finding.text()


@pytest.mark.parametrize(
    "text", ["<p>Ein Hemd für Männer.</p>", "<p>A shirt for men and women.</p>", "<p>Große Tasten.</p>"]
)
def test_who_a_product_is_for_may_be_said(text: str) -> None:
    assert found(bias, text) == ()


# --- personal data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Schreiben Sie an kundin@example.com.", "email"),
        ("Schreiben Sie an kundin (at) example (punkt) com.", "email"),
        ("Schreiben Sie an kun\u200bdin@example.com.", "email"),
        ("Rufen Sie an: +49 30 5550 1234.", "phone"),
        ("Rufen Sie an: 030 / 55501234.", "phone"),
        ("Konto DE89 3704 0044 0532 0130 00.", "iban"),
        ("Karte 4111 1111 1111 1111.", "card"),
        ("Steuernummer DE123456789.", "vat"),
        ("Abzuholen: Musterstraße 5, 12345 Berlin.", "street"),
    ],
)  # fmt: skip
def test_personal_data_is_found(text: str, code: str) -> None:
    (finding,) = found(private, f"<p>{text}</p>")
    assert (finding.code, finding.severity) == (code, "block")
    assert finding.quote in finding.text()


@pytest.mark.parametrize(
    "text",
    [
        "EAN 4006381333931", "Artikel 0815-4711-12", "30 x 40 x 50 cm", "1.200 ml, 0,8 l, 12.500 Stück",
        "SKU AB12-3456-7890", "Artikelnummer 0532 0130 01",
        "Konto DE89 3704 0044 0532 0130 01", "Karte 4111 1111 1111 1112", "Baujahr 1998-2004", "DIN EN ISO 9001:2015",
        "220-240 V, 50/60 Hz, 2200 W", "Größe 36/38/40/42/44/46", "100 % Baumwolle @ Hof", "0,5 l und 0,75 l",
    ],
)  # fmt: skip
def test_numbers_of_products_are_nobodys_data(text: str) -> None:
    assert found(private, f"<p>{text}</p>") == ()


def test_what_the_shop_says_about_itself_is_no_finding() -> None:
    assert found(private, "<p>Hotline: +49 30 5550 1234.</p>", contact="Service +49 (30) 55501234") == ()


# --- language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "locale", "code"),
    [
        ("<p>This kettle is made of steel and fits your kitchen.</p>", "de", "is-en"),
        ("<p>Dieser Kessel ist aus Stahl und passt in jede Küche.</p>", "en", "is-de"),
        ("<p>Aus Steinzeug. It is made for the table and not for the oven.</p>", "de-AT", "is-en"),
        ("<p>Cette tasse est faite pour le thé et les matins.</p>", "de", "is-fr"),
    ],
)
def test_a_sentence_in_another_language_is_quoted(text: str, locale: str, code: str) -> None:
    (finding,) = found(language, text, locale)
    assert finding.code == code and finding.quote in text


@pytest.mark.parametrize(
    ("text", "locale", "field"),
    [
        ("Outdoor Kettle by Ember Goods", "de", SEO_TITLE),
        ("<p>Der „Best of the West“ Becher ist aus Steinzeug.</p>", "de", DESCRIPTION),
        ("<p>The kettle “Die Kleine” is made of steel.</p>", "en", DESCRIPTION),
        ("<p>Das Set: Made in Germany, Design by Ute.</p>", "de", DESCRIPTION),
        ("the and of with for, is, this", "de", TAGS),
        ("<p>Whatever it is in a language nobody has words for.</p>", "pl", DESCRIPTION),
    ],
)
def test_names_and_titles_of_another_language_are_fine(text: str, locale: str, field: str) -> None:
    assert found(language, text, locale, field) == ()


def test_a_sentence_that_the_shop_itself_wrote_is_no_finding() -> None:
    text = "This kettle is made of steel and fits your kitchen."
    assert found(language, f"<p>{text}</p>", "de", original=text) == ()


# --- together ---------------------------------------------------------------------------------------------------


def test_all_checks_together_take_little_time() -> None:
    text = "<p>" + "Die Kanne aus Steinzeug fasst 1,2 Liter und ist spülmaschinenfest. " * 60 + "</p>"
    facts = Facts(
        (Fact("title", "Title", "Kanne"), Fact("m", "Material", "Steinzeug"), Fact("c", "Inhalt", "1,2 l")), "de"
    )
    checks.run(draft(text), facts, Voice("de"))
    began = time.process_time()
    checks.run(draft(text), facts, Voice("de"))
    assert time.process_time() - began < 5, "a text that hangs the checks would hang a worker"
