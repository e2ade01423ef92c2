"""Pictures of every page, to look at: ``python -m tests.browser.screenshots pictures``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, Site, serve

WIDTHS = (1280, 390)
LOOKS = (("en", "light"), ("de", "light"), ("en", "dark"))


def paths(site: Site) -> dict[str, str]:
    """Addresses by name."""
    found, shop = site.seeded.jobs, site.seeded.shops["kontor"].id
    return {
        "overview": "/",
        "products": "/products",
        "product": f"/products/{site.seeded.rows['kontor-product']}",
        "references": f"/shops/{shop}/references",
        "preview": f"/previews/{found['north-preview']}",
        "digest": "/account/digest",
        "jobs": "/jobs",
        "jobs-none": "/jobs?q=nothing-like-this",
        "review": f"/review/{found['north-review']}",
        "review-blocked": f"/review/{found['north-blocked']}",
        "review-edit": f"/review/{found['north-review']}?edit=1",
        "story-done": f"/jobs/{found['north-done']}",
        "story-conflict": f"/jobs/{found['north-conflict']}",
        "story-failed": f"/jobs/{found['north-failed']}",
        "story-dry-run": f"/jobs/{found['north-dry-run']}",
        "runs": "/bulk-runs",
        "deliveries": "/deliveries",
        "connections": "/connections",
        "connect": "/connections/new",
        "privacy": "/privacy",
        "shop": f"/shops/{shop}",
        "voice": f"/shops/{shop}/voice/de",
        "audit": "/audit",
        "account": "/account",
    }


def take(browser: Browser, site: Site, folder: Path) -> None:
    """All pages, in all widths and looks, from top to bottom."""
    for language, theme in LOOKS:
        for width in WIDTHS:
            context = browser.new_context(viewport={"width": width, "height": 844})
            page = context.new_page()
            site.open(page, language=language, theme=theme)
            for name, path in paths(site).items():
                page.goto(site.url + path)
                page.screenshot(path=folder / f"{name}-{width}-{language}-{theme}.png", full_page=True)
            context.close()


def main() -> None:
    """Into the folder that the command line names."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, serve(Path(home)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take(browser, site, folder)
        browser.close()


if __name__ == "__main__":
    main()
