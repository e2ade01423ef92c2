"""Markup that harms or was lost, and texts that do not fit; each with what a clean one looks like."""

from __future__ import annotations

import pytest

from bridge.ai.checks import lengths, markup
from bridge.catalog import ALT, DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, TITLE, Draft, Facts, Finding, Voice

NONE = Facts((), "en")


def found(field: str, text: str, base: str = "") -> list[str]:
    """The codes of what blocks a text."""
    draft = Draft("en", {field: base}, {field: text}, "model")
    return [each.code for each in markup.findings(draft, NONE, Voice()) if each.severity == "block"]


@pytest.mark.parametrize(
    "html",
    [
        "<p>Plain</p>",
        "<h2>Care</h2><ul><li>30 °C</li></ul>",
        '<p>See <a href="https://shop.example/care">care</a></p>',
        '<img src="https://cdn.example/a.jpg" alt="A lamp">',
        "<table><tr><td>S</td></tr></table>",
        "5 &lt; 6 &amp; 7",
        "<p>Größe 🎁</p>",
    ],
)
def test_what_a_listing_may_hold_passes(html: str) -> None:
    assert found(DESCRIPTION, html) == []


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
        '<p onclick="alert(1)">x</p>',
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" jAvAsCrIpT:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        "<svg><script>alert(1)</script></svg>",
        '<iframe src="https://evil.example"></iframe>',
        "<form><input></form>",
        "<style>p{}</style>",
        '<meta http-equiv="refresh" content="0;url=//evil.example">',
        '<base href="//evil.example">',
        "<p>{{ shop.secret }}</p>",
        "<p>{% include 'x' %}</p>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
        "<!--<img src=x onerror=alert(1)>-->",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<p>half a <b",
    ],
)  # fmt: skip
def test_what_would_run_or_load_in_the_shop_is_blocked(html: str) -> None:
    assert found(DESCRIPTION, html) != []


@pytest.mark.parametrize(
    "treasure",
    [
        '<a href="https://shop.example/size">Sizes</a>',
        '<img src="https://cdn.example/a.jpg" alt="a">',
        "<table><tr><td>S</td><td>38</td></tr></table>",
        '<h2 id="care">Care</h2>',
        '<iframe src="https://video.example/1"></iframe>',
    ],
)
def test_what_the_present_text_holds_may_not_get_lost(treasure: str) -> None:
    base = f"<p>Old words</p>{treasure}"
    assert found(DESCRIPTION, f"<p>New words</p>{treasure}", base) == []
    assert found(DESCRIPTION, "<p>New words</p>", base) != []


def test_a_treasure_that_stood_there_twice_must_stand_there_twice() -> None:
    link = '<a href="https://shop.example/x">x</a>'
    assert found(DESCRIPTION, f"<p>{link} {link}</p>", f"{link}{link}") == []
    assert found(DESCRIPTION, f"<p>{link}</p>", f"{link}{link}") != []


@pytest.mark.parametrize("field", [TITLE, SEO_TITLE, SEO_DESCRIPTION, TAGS, ALT + "1"])
def test_plain_fields_take_plain_text_alone(field: str) -> None:
    assert found(field, "Lamp < 5 cm & nice") == []
    for text in ("<b>Lamp</b>", "Lamp &amp; shade", "Lamp\x07", "Lamp {{ x }}", "<!-- x -->"):
        assert found(field, text) != [], text


def test_cleaning_leaves_nothing_that_runs() -> None:
    dirty = '<p onclick="x()">a</p><script>alert(1)</script><a href="javascript:x">b</a><h2 id="c">c</h2>'
    clean = markup.clean(dirty)
    assert "script" not in clean and "onclick" not in clean
    assert '<h2 id="c">c</h2>' in clean
    assert found(DESCRIPTION, clean) == []


# --- lengths ------------------------------------------------------------------------------------------------------


def said(field: str, text: str, voice: Voice | None = None, base: str = "") -> list[Finding]:
    draft = Draft((voice or Voice()).locale, {field: base}, {field: text}, "model")
    return list(lengths.findings(draft, NONE, voice or Voice()))


@pytest.mark.parametrize(
    ("field", "fits", "blocked"),
    [
        (TITLE, "x" * 255, "x" * 256),
        (DESCRIPTION, "word " * 100, ""),
        (TAGS, "a, b", ", ".join(f"tag {number}" for number in range(251))),
        (TAGS, "x" * 255, "x" * 256),
        (ALT + "1", "x" * 125, "x" * 513),
        (SEO_TITLE, "x" * 60, " "),
    ],
)
def test_what_the_platform_would_refuse_is_blocked(field: str, fits: str, blocked: str) -> None:
    assert [each for each in said(field, fits) if each.severity == "block"] == []
    assert [each for each in said(field, blocked) if each.severity == "block"] != []


@pytest.mark.parametrize(("field", "limit"), [(SEO_TITLE, 60), (SEO_DESCRIPTION, 155), (ALT + "1", 125)])
def test_what_is_longer_than_the_shop_wishes_is_told_and_not_blocked(field: str, limit: int) -> None:
    assert said(field, "x" * limit) == []
    told = said(field, "x" * (limit + 1))
    assert told and all(each.severity in ("hint", "person") for each in told)
    assert str(limit + 1) in told[0].text()


def test_words_are_counted_without_their_markup() -> None:
    voice = Voice(description_words=(3, 5))
    assert said(DESCRIPTION, "<p>one</p><ul><li>two</li><li>three</li></ul>", voice) == []
    assert [each.code for each in said(DESCRIPTION, "<p>one two</p>", voice)] == ["too-few-words"]
    assert [each.code for each in said(DESCRIPTION, "<p>1 2 3 4 5 6</p>", voice)] == ["too-many-words"]


def test_the_shops_own_words_are_insisted_on() -> None:
    voice = Voice("de", address="Sie", glossary={"Handy": "Telefon"}, forbidden=("billig",), description_words=(0, 99))
    assert said(DESCRIPTION, "<p>Ihr Telefon ist günstig.</p>", voice) == []
    for text in ("<p>Ein Handy.</p>", "<p>Ein billiges Telefon.</p>", "<p>Ganz billig.</p>", "<p>Dein Telefon.</p>"):
        told = said(DESCRIPTION, text, voice)
        assert told or text == "<p>Ein billiges Telefon.</p>", text
