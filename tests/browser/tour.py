"""The README's picture of a stimulus whose network skips frames, from a running demo.

    uv run manage.py demo                                  # in another terminal
    uv run python -m tests.browser.tour PASSWORD [--site URL] [--to DIR]

PASSWORD is the one that `demo` prints for its admin. `--looks` takes the page at three
widths, light and dark, instead. `tour_of_raters` takes the pictures of the way from a
wizard to a withdrawal, `tour_of_pages` the others.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

TOUR = Path("listening/static/listening/tour")
SYSTEM = "tinylstm-skip"
PATIENCE_MS = 180_000  # sixteen pictures are drawn for the page
WIDTHS = (320, 768, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    parser = options_of((__doc__ or "").splitlines()[0])
    parser.add_argument("--looks", action="store_true")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if options.looks:
            looks(browser, options.site, options.password, options.to)
        else:
            page = stimulus_page(browser, options.site, options.password, 1280, "light")
            member = page.locator(".es-member", has=page.locator(".es-skips"))
            member.screenshot(path=options.to / "skips.png")


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--mute-audio"]
    )


def options_of(what: str) -> argparse.ArgumentParser:
    """Return the options that every program of the tour has."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("password")
    parser.add_argument("--site", default="http://localhost:8000")
    parser.add_argument("--to", type=Path, default=TOUR)
    return parser


def looks(browser: Browser, site: str, password: str, to: Path) -> None:
    for width in WIDTHS:
        for scheme in SCHEMES:
            page = stimulus_page(browser, site, password, width, scheme)
            path = to / f"skips-{width}-{scheme}.png"
            page.locator(".es-member", has=page.locator(".es-skips")).screenshot(
                path=path
            )


def stimulus_page(
    browser: Browser,
    site: str,
    password: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> Page:
    """Log in, and go to the first stimulus of the system that skips."""
    there = f"/admin/stimuli/stimulus/?system={SYSTEM}"
    page = log_in(browser, site, password, there, width=width, scheme=scheme)
    page.locator("#result_list tbody th a").first.click()
    page.locator(".es-skips").wait_for()
    page.wait_for_load_state("networkidle")
    return page


def log_in(
    browser: Browser,
    site: str,
    password: str,
    there: str,
    *,
    width: int = WIDTHS[-1],
    scheme: Literal["light", "dark"] = "light",
) -> Page:
    """Return a new page on which the demo's admin is at `there`."""
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{site}/admin/login/?next={there}")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    return page


def begin(browser: Browser, link: str, width: int, height: int) -> Page:
    """Return a new page on which a rater has come by `link`, and set the volume."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(link)
    for button in ("Start", "I agree", "My volume is set"):
        page.get_by_role("button", name=button).click()
    return page


def hear_both(page: Page) -> None:
    for letter in "AB":
        page.get_by_role("button", name=f"Play {letter}").click()
        heard = page.get_by_role("progressbar", name=f"{letter} heard")
        expect(heard).to_have_js_property("value", 1, timeout=PATIENCE_MS)


def picture(page: Page, path: Path) -> None:
    """Take what the window shows of the page from its top."""
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
