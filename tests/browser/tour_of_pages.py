"""The README's pictures of an experimenter's pages and of a trial, from a running demo.

    uv run manage.py demo                                  # in another terminal
    uv run python -m tests.browser.tour_of_pages PASSWORD [--site URL] [--to DIR]

PASSWORD is the one that `demo` prints for its admin. One rater arrives at the demo's
study and stays at the first trial.
"""

from __future__ import annotations

from playwright.sync_api import sync_playwright

from tests.browser.tour import (
    WIDTHS,
    begin,
    hear_both,
    launch,
    log_in,
    options_of,
    picture,
)

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
        browser = launch(playwright)
        page = log_in(browser, options.site, options.password, STUDY)
        link = page.get_by_label("Rater link").input_value()
        for name, (address, height) in PAGES.items():
            page.goto(options.site + address)
            page.set_viewport_size({"width": WIDTHS[-1], "height": height})
            picture(page, options.to / f"{name}.png")
        page.goto(options.site + SETS)
        page.locator("#result_list tbody th a").first.click()
        page.get_by_role("link", name="Generation").click()
        page.set_viewport_size({"width": WIDTHS[-1], "height": 760})
        picture(page, options.to / "generation.png")
        page = begin(browser, link, WIDTHS[-1], 720)
        hear_both(page)
        page.screenshot(path=options.to / "trial.png")


if __name__ == "__main__":
    main()
