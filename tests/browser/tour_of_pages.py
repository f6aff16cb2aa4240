"""The README's pictures of an experimenter's pages and of a trial, from a running demo.

    uv run manage.py demo                                  # in another terminal
    uv run python -m tests.browser.tour_of_pages PASSWORD [--site URL] [--to DIR]

PASSWORD is the one that `demo` prints for its admin. One rater arrives at the demo's
study and stays at the first trial.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.tour import PATIENCE_MS, log_in, options_of

STUDY = "/studies/demo/"
PAGES = {  # picture: page, and the height of what is shown of it
    "study": (STUDY, 1240),
    "board": (f"{STUDY}board/", 1420),
    "results": (f"{STUDY}results/", 1160),
}
SETS = "/admin/stimuli/stimulusset/"


def main() -> None:
    options = options_of((__doc__ or "").splitlines()[0]).parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--mute-audio"],
        )
        page = log_in(browser, options.site, options.password, STUDY)
        link = page.get_by_label("Rater link").input_value()
        for name, (address, height) in PAGES.items():
            page.goto(options.site + address)
            picture(page, options.to / f"{name}.png", height)
        page.goto(options.site + SETS)
        page.locator("#result_list tbody th a").first.click()
        page.get_by_role("link", name="Generation").click()
        picture(page, options.to / "generation.png", 760)
        trial(browser, link, options.to / "trial.png")


def trial(browser: Browser, link: str, path: Path) -> None:
    """Take the first trial, both members heard and the second still playing."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(link)
    for button in ("Start", "I agree", "My volume is set"):
        page.get_by_role("button", name=button).click()
    for letter in "AB":
        page.get_by_role("button", name=f"Play {letter}").click()
        heard = page.get_by_role("progressbar", name=f"{letter} heard")
        expect(heard).to_have_js_property("value", 1, timeout=PATIENCE_MS)
    page.screenshot(path=path)


def picture(page: Page, path: Path, height: int) -> None:
    """Take so much of the page from its top, once nothing more is coming."""
    page.set_viewport_size({"width": 1280, "height": height})
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
