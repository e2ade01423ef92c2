"""What people do with the page, done by a browser: keyboard, narrow screens, both looks, a silent console."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import update

from bridge import jobs
from bridge.models import Job
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def _state(site: Site, key: str) -> str:
    with site.db.reading() as session:
        return session.get_one(Job, site.seeded.jobs[key]).state


def _paths(site: Site) -> list[str]:
    seeded = site.seeded
    shop, person = seeded.shops["kontor"].id, seeded.owners["kontor"].id
    return [
        "/", "/products", "/products?texts=empty", "/products?q=nothing-like-this",
        f"/products/{seeded.rows['kontor-product']}", f"/products/{seeded.rows['north-product']}",
        f"/shops/{shop}/references", f"/previews/{seeded.jobs['north-preview']}", "/account/digest",
        "/audit?deed=connection.checked", "/jobs",
        "/jobs?q=nothing-like-this", "/review/clean", "/bulk-runs", "/deliveries",
        "/deliveries?state=ignored", "/connections", "/connections/new", "/shops", "/shops/new", f"/shops/{shop}",
        f"/shops/{shop}/voice/de", f"/shops/{shop}/people", f"/people/{person}/password", "/account", "/audit",
        "/privacy",
        f"/review/{seeded.jobs['north-review']}", f"/review/{seeded.jobs['north-blocked']}",
        f"/review/{seeded.jobs['north-review']}?edit=1",
        *(f"/jobs/{seeded.jobs[key]}" for key in ("north-done", "north-conflict", "north-failed", "north-check",
          "kontor-approved", "north-dry-run")),
    ]  # fmt: skip


def test_a_draft_is_approved_by_keyboard_and_the_next_one_follows(
    page: Page, site: Site, complaints: list[str]
) -> None:
    site.open(page, "owner-north")
    page.goto(site.url + "/review")
    expect(page.get_by_role("heading", level=1)).to_have_text("Olive wood salad servers")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", level=1)).to_have_text("Linen apron “Harbour”")
    expect(page.get_by_role("status")).to_contain_text("Approved. It is written to the shop next")
    assert _state(site, "north-review") == "approved"


def test_keys_do_nothing_while_somebody_types(page: Page, site: Site, complaints: list[str]) -> None:
    site.open(page, "owner-north")
    page.goto(site.url + "/review")
    page.keyboard.press("c")
    expect(page.locator("#wish")).to_be_focused()
    page.keyboard.type("a rejection, e.g. jk")
    expect(page.locator("#wish")).to_have_value("a rejection, e.g. jk")
    page.keyboard.press("Escape")
    expect(page.locator("#wish")).to_be_hidden()
    page.keyboard.press("Control+a")
    assert _state(site, "north-review") == "review"
    page.keyboard.press("r")
    expect(page.locator("#reason")).to_be_focused()


def test_j_and_k_walk_through_the_queue(page: Page, site: Site, complaints: list[str]) -> None:
    site.open(page)
    page.goto(site.url + "/review")
    first = page.url
    page.keyboard.press("j")
    page.wait_for_url(f"**/review/{site.seeded.jobs['north-blocked']}")
    page.keyboard.press("k")
    page.wait_for_url(first)


def test_a_blocked_draft_asks_for_the_confirmation_first(page: Page, site: Site, complaints: list[str]) -> None:
    site.open(page, "owner-north")
    page.goto(f"{site.url}/review/{site.seeded.jobs['north-blocked']}")
    page.keyboard.press("a")
    assert _state(site, "north-blocked") == "review"
    page.get_by_label("I confirm that these claims are true").check()
    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text("Approved.")
    assert _state(site, "north-blocked") == "approved"


def test_an_edit_counts_characters_and_is_saved(page: Page, site: Site, complaints: list[str]) -> None:
    site.open(page, "owner-north")
    page.goto(site.url + "/review")
    page.keyboard.press("e")
    field = page.get_by_label("Search title", exact=True)
    field.fill("x" * 61)
    size = page.locator(f"#{field.get_attribute('id')}-size")
    expect(size).to_have_text("61 of 60 characters")
    expect(size).to_have_class("hint size is-over")
    field.fill("Olive wood salad servers, 30 cm")
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_role("status")).to_contain_text("Saved and checked.")
    expect(page.locator(".text-shown", has_text="Olive wood salad servers, 30 cm").first).to_be_visible()


def test_a_conflict_is_decided(page: Page, site: Site, complaints: list[str]) -> None:
    site.open(page, "owner-north")
    page.goto(f"{site.url}/jobs/{site.seeded.jobs['north-conflict']}")
    page.get_by_label("Write the draft").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("status")).to_contain_text("Decided. Your choice is written next.")
    assert _state(site, "north-conflict") == "approved"


def test_sources_show_on_focus_and_go_with_escape(page: Page, site: Site, complaints: list[str]) -> None:
    site.open(page, "owner-north")
    page.goto(site.url + "/review")
    mark = page.locator(".mark-fact").first
    bubble = page.locator(f"#{mark.get_attribute('aria-describedby')}")
    expect(bubble).to_be_hidden()
    mark.focus()
    expect(bubble).to_be_visible()
    expect(bubble).to_have_text("Material: Olive wood · Vendor: Harbour Workshop")
    expect(page.locator(".facts .is-lit")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(bubble).to_be_hidden()


def test_the_story_moves_by_itself(page: Page, site: Site, complaints: list[str]) -> None:
    site.open(page, "owner-kontor")
    number = site.seeded.jobs["kontor-approved"]
    page.goto(f"{site.url}/jobs/{number}")
    expect(page.locator(".head .chip")).to_have_text("Approved")
    with site.db.writing() as session:
        assert jobs.move(session, number, 1, "approved", "writing")
        assert jobs.move(session, number, 1, "writing", "done")
    expect(page.locator(".head .chip")).to_have_text("Live", timeout=8_000)
    assert page.locator("[hx-trigger]").count() == 0


def test_choosing_survives_an_update_of_the_list(page: Page, site: Site, complaints: list[str]) -> None:
    site.open(page, "operator")
    page.goto(site.url + "/jobs?state=queued")
    box = page.locator("input[name=job]").nth(3)
    value = box.get_attribute("value")
    box.check()
    expect(page.get_by_role("button", name="Start the chosen again")).to_contain_text("(1)")
    with site.db.writing() as session:
        session.execute(update(Job).where(Job.id == site.seeded.jobs["kontor-approved"]).values(problem="Moved."))
        session.execute(update(Job).where(Job.state == "queued").values(updated_at=Job.updated_at + 1))
    with page.expect_response(lambda answer: "seen=" in answer.url and answer.status == 200, timeout=10_000):
        pass
    expect(page.locator(f"input[name=job][value='{value}']")).to_be_checked()


def test_the_look_changes_at_once_and_stays(page: Page, site: Site, complaints: list[str]) -> None:
    site.open(page, theme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.goto(site.url + "/jobs")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aufträge")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_the_menu_opens_on_a_narrow_screen(page: Page, site: Site, complaints: list[str]) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    site.open(page)
    link = page.get_by_role("link", name="Connections")
    expect(link).to_be_hidden()
    page.get_by_text("Menu").click()
    link.click()
    page.wait_for_url("**/connections")


def test_everything_is_reached_without_scripts(browser, site: Site) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    site.open(page, "owner-north")
    page.goto(f"{site.url}/review/{site.seeded.jobs['north-review']}")
    page.get_by_role("button", name="Approve").click()
    assert _state(site, "north-review") == "approved"
    context.close()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("width", [390, 768, 1024, 1280])
def test_no_page_is_wider_than_the_screen(
    page: Page, shared_site: Site, complaints: list[str], width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    shared_site.open(page, language=language)
    wide = {}
    for path in _paths(shared_site):
        page.goto(shared_site.url + path)
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if over > 0:
            wide[path] = over
    assert wide == {}


def test_touch_targets_are_large_enough(page: Page, shared_site: Site, complaints: list[str]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    shared_site.open(page)
    small = {}
    for path in _paths(shared_site):
        page.goto(shared_site.url + path)
        found = page.evaluate(
            """() => [...document.querySelectorAll('.button, select, .choose, .figure, .rail-nav a, textarea')]
               .filter((e) => e.getClientRects().length && e.getBoundingClientRect().height < 43.5)
               .map((e) => e.outerHTML.slice(0, 80))"""
        )
        if found:
            small[path] = found
    assert small == {}


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_axe_finds_nothing_serious(
    page: Page, shared_site: Site, complaints: list[str], language: str, theme: str
) -> None:
    axe = Axe()
    page.context.add_cookies([{"name": n, "value": v, "url": shared_site.url} for n, v in
                              (("language", language), ("theme", theme))])  # fmt: skip
    found = {}
    page.goto(shared_site.url + "/sign-in")
    found["/sign-in"] = _serious(axe, page)
    shared_site.open(page, language=language, theme=theme)
    for path in [*_paths(shared_site), "/not-there"]:
        page.goto(shared_site.url + path)
        found[path] = _serious(axe, page)
    complaints[:] = [text for text in complaints if "404" not in text]  # the page that is not there
    assert {path: serious for path, serious in found.items() if serious} == {}


def _serious(axe: Axe, page: Page) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:120]} {(node.get('any') or [{}])[0].get('message', '')[:140]}"
        for violation in axe.run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"][:3]
    ]
