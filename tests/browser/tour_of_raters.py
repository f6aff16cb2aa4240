"""The README's pictures of the way from a wizard to a withdrawal, from a running demo.

    uv run manage.py demo                                  # in another terminal
    uv run python -m tests.browser.tour_of_raters PASSWORD [--site URL] [--to DIR]

PASSWORD is the one that `demo` prints for its admin. A study is made by the wizard, one
rater goes through it and withdraws, and the study is closed again.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.tour import begin, hear_both, launch, log_in, options_of, picture
from tests.browser.wizard import declare_and_open, go_on, link_for_prolific

TITLE = "Does it help in a kitchen?"
COMPARED = "tinylstm against unprocessed"
CODES = {"Complete": "C1HEARD2", "Screened out": "C3LOUD4"}
OF_PANEL = {"PROLIFIC_PID": "5f0c1d2e", "STUDY_ID": "64aa", "SESSION_ID": "77bb"}


def main() -> None:
    options = options_of((__doc__ or "").splitlines()[0]).parse_args()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = log_in(browser, options.site, options.password, "/studies/new/")
        page.set_viewport_size({"width": 1000, "height": 720})
        link = by_the_wizard(page, options.to)
        as_a_rater(browser, link, options.to)
        page.get_by_role("link", name=TITLE, exact=True).first.click()
        page.get_by_text("Close for good").click()
        page.get_by_role("button", name="Close study").click()


def by_the_wizard(page: Page, to: Path) -> str:
    """Make a study and open it; return the link that a participant comes by."""
    page.get_by_label("Title").fill(TITLE)
    chosen = page.get_by_role("checkbox", checked=True)
    while chosen.count():
        chosen.first.uncheck()
    page.get_by_label(COMPARED, exact=True).check()
    page.get_by_label("Trials per session").fill("2")
    page.get_by_label("Training trials").fill("0")
    go_on(page, "Checks on raters")
    page.get_by_label("Headphone check").select_option("huggins")
    picture(page, to / "wizard.png")
    declare_and_open(page, TITLE, hypotheses="It does.", codes=CODES)
    page.get_by_role("link", name="Recruiting").first.click()
    picture(page, to / "recruiting.png")
    return link_for_prolific(page, OF_PANEL)


def as_a_rater(browser: Browser, link: str, to: Path) -> None:
    """Go through the study as somebody who has no headphones on, and withdraw."""
    page = begin(browser, link, 720, 760)
    expect(page.get_by_role("heading", name="Are your headphones on?")).to_be_visible()
    picture(page, to / "headphones.png")
    for title in ("Are your headphones on?", "Once more, please"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        for sound in page.get_by_role("group", name="Sound").all():
            sound.get_by_role("radio").first.check()
        page.get_by_role("button", name="Go on", exact=True).click()
    for _ in range(2):
        answer(page)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    code = page.get_by_role("status", name="Your withdrawal code").inner_text()
    picture(page, to / "finish.png")
    page.get_by_role("link", name="enter it").click()
    page.get_by_label("Withdrawal code").fill(code)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Delete everything")).to_be_visible()
    picture(page, to / "withdrawal.png")
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("heading", name="Everything is deleted")).to_be_visible()


def answer(page: Page) -> None:
    """Listen to both members and choose A."""
    place = page.get_by_text(re.compile(r"\d of 2")).first.inner_text()
    hear_both(page)
    page.get_by_role("radio", name="A", exact=True).check()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text(place)).to_be_hidden()


if __name__ == "__main__":
    main()
