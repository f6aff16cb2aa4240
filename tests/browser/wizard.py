"""The wizard of a study in a browser: for tests, and for the README's pictures."""

import re
from collections.abc import Mapping

from playwright.sync_api import Page, expect


def go_on(page: Page, heading: str) -> None:
    """Save the page, and see that the next one is there."""
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()


def declare_and_open(
    page: Page, title: str, *, hypotheses: str, codes: Mapping[str, str]
) -> None:
    """From the checks on, walk to the end; recruit from Prolific with its codes."""
    go_on(page, "Hypotheses and stop rule")
    page.get_by_label("Hypotheses").fill(hypotheses)
    go_on(page, "Texts")
    go_on(page, "Recruiting")
    page.get_by_label("Open to").select_option("prolific")
    for outcome, code in codes.items():
        page.get_by_label(f"{outcome}: code").fill(code)
    go_on(page, title)
    page.get_by_role("button", name="Freeze and open study").click()
    expect(page.get_by_text("The study is open")).to_be_visible()


def link_for_prolific(page: Page, of_panel: Mapping[str, str]) -> str:
    """Return the link on the recruiting page, filled in as the panel does."""
    template = page.get_by_label("Prolific", exact=True).input_value()
    link = re.sub(r"\{\{%(\w+)%\}\}", lambda name: of_panel[name[1]], template)
    assert all(told in link for told in of_panel.values())
    return link
