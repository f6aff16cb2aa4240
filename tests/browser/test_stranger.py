"""The whole way of a stranger: a study by the wizard, oneself as its first rater."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from listening.export.columns import HEADPHONES, TRIALS
from listening.export.folder import Export
from listening.models import Session, Study
from tests.browser.test_experimenter import EXPORT_MS, log_in
from tests.browser.test_headphones import answer as answer_sounds
from tests.browser.test_session import answer
from tests.browser.wizard import declare_and_open, go_on, link_for_prolific
from tests.scene import Scene

TITLE = "Do I hear it?"
CODES = {"Complete": "CDONE", "Screened out": "COUT"}
PANEL = "https://app.prolific.com/submissions/complete?cc="
# What Prolific puts in place of each of its {{%...%}}
OF_PANEL = {
    "PROLIFIC_PID": "5f0c1d2e3a4b5c6d7e8f9a0b",
    "STUDY_ID": "64aa",
    "SESSION_ID": "77bb",
}


@pytest.fixture
def stranger(quiet_page: Page, live_server: LiveServer, scene: Scene) -> Page:
    """Return the page of an experimenter who has no study yet."""
    log_in(quiet_page, live_server.url, "eve", "eve's password")
    return quiet_page


@pytest.fixture
def rater(browser: Browser) -> Iterator[Page]:
    """Return a page in a browser that knows nothing of the experimenter.

    The panel is answered for: nothing leaves this machine.
    """
    context: BrowserContext = browser.new_context()

    def submitted(route: Route) -> None:
        route.fulfill(body="<h1>Submitted</h1>", content_type="text/html")

    context.route("https://app.prolific.com/**", submitted)
    yield context.new_page()
    context.close()


def set_up(page: Page) -> None:
    """Walk through every page of the wizard, open the study, and look at its links."""
    page.get_by_role("link", name="New study").click()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("log-mmse against unprocessed").uncheck()
    page.get_by_label("Trials per session").fill("2")
    page.get_by_label("Training trials").fill("0")
    page.get_by_label("Least listening").fill("0.2")
    go_on(page, "Checks on raters")
    page.get_by_label("Headphone check").select_option("huggins")
    page.get_by_label("Who does not pass").select_option("exclude")
    declare_and_open(page, TITLE, hypotheses="I do.", codes=CODES)
    page.get_by_role("link", name="Recruiting").first.click()


def arrive(page: Page, link: str) -> str:
    """Go to the headphone check, and return the withdrawal code that was shown."""
    page.goto(link)
    page.get_by_role("button", name="Start").click()
    code = page.get_by_role("status", name="Your withdrawal code").inner_text()
    page.get_by_role("button", name="I agree").click()
    page.get_by_role("button", name="My volume is set").click()
    return code


def test_from_the_wizard_to_the_panel_and_out_of_the_export(
    stranger: Page, rater: Page
) -> None:
    set_up(stranger)
    withdrawal_code = arrive(rater, link_for_prolific(stranger, OF_PANEL))
    answer_sounds(rater, 1, right=True)
    for place in ("1 of 2", "2 of 2"):
        expect(rater.get_by_text(place)).to_be_visible()
        answer(rater, "A")
    rater.get_by_role("link", name="Go back to Prolific").click()
    rater.wait_for_url(f"{PANEL}CDONE")

    study = Study.objects.get(title=TITLE)
    who = study.sessions.get().rater.code
    assert Export(study).csv(TRIALS).count(who) == 2
    assert Export(study).csv(HEADPHONES).count(who) == 7
    withdraw(rater, study, withdrawal_code, stranger.url)
    assert not study.sessions.exists()
    for name, content in exported(stranger, study).items():
        assert who not in content, name


def withdraw(page: Page, study: Study, code: str, address: str) -> None:
    page.goto(re.sub(r"/studies/.*", "/withdraw/", address))
    page.get_by_label("Withdrawal code").fill(code)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("2 answers")).to_be_visible()
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("heading", name="Everything is deleted")).to_be_visible()


def exported(page: Page, study: Study) -> dict[str, str]:
    """Return the text of every file of the export, as its owner downloads it."""
    page.goto(re.sub(r"/recruiting/.*", "/", page.url))
    expect(
        page.get_by_text("1 rater withdrew and left nothing behind.")
    ).to_be_visible()
    with page.expect_download(timeout=EXPORT_MS) as download:
        page.get_by_role("link", name="Export").click(timeout=EXPORT_MS)
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        return {name: archive.read(name).decode(errors="replace") for name in names}


def test_who_fails_the_headphone_check_is_sent_back_with_that_code(
    stranger: Page, rater: Page
) -> None:
    set_up(stranger)
    link = link_for_prolific(stranger, OF_PANEL)
    arrive(rater, link)
    for number in (1, 2):
        answer_sounds(rater, number, right=False)
    code = rater.get_by_role("status", name="Your completion code")
    expect(code).to_have_text("COUT")
    rater.get_by_role("link", name="Go back to Prolific").click()
    rater.wait_for_url(f"{PANEL}COUT")
    session = Study.objects.get(title=TITLE).sessions.get()
    assert session.state == Session.State.SCREENED_OUT
    rater.goto(link)  # the same participant gets no more attempts
    expect(code).to_have_text("COUT")
