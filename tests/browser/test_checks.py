"""Trials of every kind in a real browser, and results with and without raters."""

from django.utils.timezone import now
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from listening.enrolment import enrol
from listening.models import Response, Session
from tests.browser.test_experimenter import log_in
from tests.browser.test_session import answer, begin, expect_completion
from tests.raters import finish
from tests.scene import Scene, make_checked_study, uncover

WAIT_MS = 60_000  # figures are drawn when they are asked for, on a busy machine


def test_a_session_of_every_kind_by_mouse(
    quiet_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    study = make_checked_study(scene)
    begin(quiet_page, f"{live_server.url}/r/{study.code}/")
    expect(quiet_page.get_by_text("Practice")).to_be_visible()
    answer(quiet_page, "A")
    for position in range(1, 9):
        expect(quiet_page.get_by_text(f"{position} of 8")).to_be_visible()
        expect(quiet_page.get_by_text("Practice")).to_be_hidden()
        answer(quiet_page, "B")
    session = expect_completion(quiet_page)
    kinds = [trial.kind for trial in session.trials.all()]
    assert set(kinds) == {"training", "test", "gold", "placebo", "repeat"}
    assert Response.objects.filter(trial__session=session).count() == len(kinds) == 9


def test_the_owner_turns_from_all_raters_to_those_who_are_used(
    quiet_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    study = make_checked_study(scene, exclusion_rules={"gold": {"use": 0.34}})
    for seed in range(3):
        session = enrol(study=study, stage=Session.Stage.LIVE, seed=seed, at=now())
        finish(session, at=now())
    gold = Response.objects.filter(trial__session__seed__lt=2, trial__kind="gold")
    gold.filter(trial__enhanced_first=False).update(value=1)
    uncover(study)
    page = quiet_page
    page.set_default_timeout(WAIT_MS)
    log_in(page, live_server.url, "ada", "ada's password")
    page.goto(f"{live_server.url}/studies/checked/results/")
    page.evaluate("window.stayed = true")
    told = "The declared rules leave out 1 of 3 raters."
    expect(page.get_by_text(told, exact=True)).to_be_visible()
    expect_raters(page, 3)
    page.get_by_role("link", name="Without the 1 left out").click()
    expect_raters(page, 2)
    expect(page).to_have_url(f"{live_server.url}/studies/checked/results/?raters=used")
    assert page.evaluate("window.stayed")  # a part was swapped, the page stayed
    current = page.get_by_role("link", name="Without the 1 left out")
    expect(current).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="All 3 raters").click()
    expect_raters(page, 3)


def expect_raters(page: Page, raters: int) -> None:
    """Expect the numbers of so many raters, and every figure drawn."""
    told = page.get_by_text(f"of {raters} raters preferred")
    expect(told).to_be_visible(timeout=WAIT_MS)
    for image in page.get_by_role("img").all():
        expect(image).to_have_js_property("complete", True, timeout=WAIT_MS)
