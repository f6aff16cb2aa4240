"""From a panel's link to its completion page, and out again by the withdrawal code."""

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from listening.export.columns import RATERS, TRIALS
from listening.export.folder import Export
from listening.models import Outcome, Session, Study
from tests.browser.test_session import answer
from tests.scene import Scene

PARAMETERS = "?PROLIFIC_PID=5f0c1d2e3a4b5c6d7e8f9a0b&STUDY_ID=64aa&SESSION_ID=77bb"
PANEL = "https://app.prolific.com/submissions/complete?cc="


@pytest.fixture
def link(live_server: LiveServer, scene: Scene) -> str:
    """Return the link that a participant of Prolific follows."""
    scene.study.completion_paths.create(outcome=Outcome.COMPLETE, code="CDONE")
    scene.study.completion_paths.create(outcome=Outcome.NO_CONSENT, code="CNO")
    scene.study.completion_paths.create(outcome=Outcome.SCREENED_OUT, code="COUT")
    Study.objects.update(panel="prolific")
    return f"{live_server.url}/r/{scene.study.code}/{PARAMETERS}"


@pytest.fixture
def panel(context: BrowserContext) -> None:
    """Answer in the panel's place: nothing leaves this machine."""

    def answer_for_it(route: Route) -> None:
        route.fulfill(body="<h1>Submitted</h1>", content_type="text/html")

    context.route("https://app.prolific.com/**", answer_for_it)


@pytest.mark.usefixtures("panel")
def test_from_the_link_to_the_code_and_gone_again(quiet_page: Page, link: str) -> None:
    page = quiet_page
    page.goto(link)
    page.get_by_role("button", name="Start").click()
    code = page.get_by_role("status", name="Your withdrawal code").inner_text()
    page.get_by_role("button", name="I agree").click()
    page.get_by_role("button", name="My volume is set").click()
    for place in ("1 of 1", "1 of 4", "2 of 4", "3 of 4", "4 of 4"):
        expect(page.get_by_text(place)).to_be_visible()
        answer(page, "A")
    done = page.get_by_role("status", name="Your completion code")
    expect(done).to_have_text("CDONE")
    page.get_by_label("Anything to tell us?").fill("It <b>hummed</b>.")
    page.get_by_role("button", name="Send comment").click()
    expect(page.get_by_text("Your comment is saved.")).to_be_visible()
    page.get_by_role("link", name="Go back to Prolific").click()
    page.wait_for_url(f"{PANEL}CDONE")

    study = Study.objects.get()
    rater = Session.objects.get().rater.code
    assert rater in Export(study).csv(TRIALS)
    page.goto(link)  # the same participant: the session is known, and over
    page.get_by_role("link", name="enter it").click()
    page.get_by_label("Withdrawal code").fill(code.lower())
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("5 answers")).to_be_visible()
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("heading", name="Everything is deleted")).to_be_visible()
    assert not Session.objects.exists()
    assert rater not in Export(study).csv(TRIALS) + Export(study).csv(RATERS)


@pytest.mark.usefixtures("panel")
def test_who_does_not_agree_is_sent_back_with_that_code(
    quiet_page: Page, link: str
) -> None:
    quiet_page.goto(link)
    quiet_page.get_by_role("button", name="Start").click()
    quiet_page.get_by_role("button", name="I do not agree").click()
    quiet_page.get_by_role("link", name="Go back to Prolific").click()
    quiet_page.wait_for_url(f"{PANEL}CNO")


@pytest.mark.usefixtures("panel")
def test_without_headphones_one_is_screened_out(quiet_page: Page, link: str) -> None:
    quiet_page.goto(link)
    quiet_page.get_by_role("button", name="Start").click()
    quiet_page.get_by_role("button", name="I agree").click()
    quiet_page.get_by_text("I cannot go on").click()
    quiet_page.get_by_role("button", name="I have no headphones").click()
    expect(quiet_page.get_by_text("with headphones, so it ends")).to_be_visible()
    quiet_page.get_by_role("link", name="Go back to Prolific").click()
    quiet_page.wait_for_url(f"{PANEL}COUT")


SCRIPT = (
    "<img src=x onerror='document.title=`run`'><script>document.title='run'</script>"
)


def test_nothing_that_is_typed_runs(
    quiet_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    fields = ("title", "question", "introduction", "consent_text", "contact")
    Study.objects.update(**dict.fromkeys(fields, SCRIPT[:200]), training_trials=0)
    page = quiet_page
    page.goto(f"{live_server.url}/r/{scene.study.code}/kept/")
    expect(page).not_to_have_title("run")
    page.goto(f"{live_server.url}/r/{scene.study.code}/")
    for button in ("Start", "I agree", "My volume is set"):
        expect(page).not_to_have_title("run")
        page.get_by_role("button", name=button).click()
    answer(page, "A")
    expect(page.get_by_text("2 of 4")).to_be_visible()
    expect(page).not_to_have_title("run")
    assert page.locator('img, main script:not([type="application/json"])').count() == 0
