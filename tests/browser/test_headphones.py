"""The headphone check in a real browser: passed, failed, by keys, without scripts."""

import pytest
from django.utils.timezone import now
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from listening.models import HeadphoneTrial, Outcome, Session, Study
from listening.models.session import SOUND_HOLDS
from tests.browser.test_session import answer as rate
from tests.browser.test_session import tab_to
from tests.scene import Scene

LABELS = {"side": ("Left", "Right", "Both"), "huggins": ("First", "Second", "Third")}


@pytest.fixture
def link(live_server: LiveServer, scene: Scene) -> str:
    Study.objects.update(headphone_check="huggins", headphone_policy="exclude")
    for outcome in Outcome:
        scene.study.completion_paths.create(outcome=outcome, code=f"C-{outcome.value}")
    return f"{live_server.url}/r/{scene.study.code}/"


def begin(page: Page, link: str) -> None:
    page.goto(link)
    for name in ("Start", "I agree", "My volume is set"):
        page.get_by_role("button", name=name).click()
    expect(page.get_by_role("heading", name="Are your headphones on?")).to_be_visible()


def answer(page: Page, number: int, *, right: bool, round: int = 1) -> None:
    """Answer an attempt by mouse and send it."""
    for trial in HeadphoneTrial.objects.filter(round=round, attempt=number):
        label = LABELS[trial.kind][(trial.odd if right else trial.odd % 3 + 1) - 1]
        group = page.get_by_role("group", name=f"Sound {trial.position} of 7")
        group.get_by_role("radio", name=label).check()
    page.get_by_role("button", name="Go on", exact=True).click()


def test_who_passes_comes_to_the_trials(quiet_page: Page, link: str) -> None:
    begin(quiet_page, link)
    play = quiet_page.get_by_role("button", name="Play sound 1")
    other = quiet_page.get_by_role("button", name="Play sound 2")
    play.click()
    expect(play).to_have_attribute("aria-pressed", "true")
    other.click()
    expect(other).to_have_attribute("aria-pressed", "true")
    expect(play).to_have_attribute("aria-pressed", "false")
    other.click()
    expect(other).to_have_attribute("aria-pressed", "false")
    answer(quiet_page, 1, right=True)
    expect(quiet_page.get_by_role("button", name="Play A")).to_be_visible()
    assert Session.objects.get().passed_headphones


def test_who_fails_twice_is_screened_out_with_that_code(
    quiet_page: Page, link: str
) -> None:
    begin(quiet_page, link)
    answer(quiet_page, 1, right=False)
    expect(quiet_page.get_by_role("heading", name="Once more")).to_be_visible()
    answer(quiet_page, 2, right=False)
    code = quiet_page.get_by_role("status", name="Your completion code")
    expect(code).to_have_text("C-screened-out")
    quiet_page.goto(link)
    expect(code).to_have_text("C-screened-out")


def test_after_half_an_hour_it_comes_again_with_the_volume(
    quiet_page: Page, link: str
) -> None:
    page = quiet_page
    begin(page, link)
    answer(page, 1, right=True)
    expect(page.get_by_role("button", name="Play A")).to_be_enabled()
    Session.objects.update(sound_checked_at=now() - SOUND_HOLDS)
    rate(page, "A")
    page.get_by_role("button", name="My volume is set").click()
    still = page.get_by_role("heading", name="Are your headphones still on?")
    expect(still).to_be_visible()
    answer(page, 1, right=True, round=2)
    expect(page.get_by_text("1 of 4")).to_be_visible()
    assert Session.objects.get().trials.answered().count() == 1
    rate(page, "B")
    expect(page.get_by_text("2 of 4")).to_be_visible()


def test_by_keyboard_alone(quiet_page: Page, link: str) -> None:
    begin(quiet_page, link)
    for trial in HeadphoneTrial.objects.filter(attempt=1):
        tab_to(quiet_page, "button", f"Play sound {trial.position}")
        quiet_page.keyboard.press("Tab")
        quiet_page.keyboard.press("Space")
        for _ in range(trial.odd - 1):
            quiet_page.keyboard.press("ArrowRight")
    tab_to(quiet_page, "button", "Go on")
    quiet_page.keyboard.press("Enter")
    expect(quiet_page.get_by_role("button", name="Play A")).to_be_visible()


def test_without_scripts_on_a_narrow_screen(browser: Browser, link: str) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    begin(page, link)
    expect(page.locator("audio")).to_have_count(7)
    expect(page.get_by_role("button", name="Play sound")).to_have_count(0)
    answer(page, 1, right=True)
    expect(page.get_by_role("group", name="Which one would you rather")).to_be_visible()
    context.close()


def test_nothing_overflows_a_narrow_screen(quiet_page: Page, link: str) -> None:
    quiet_page.set_viewport_size({"width": 320, "height": 640})
    begin(quiet_page, link)
    assert quiet_page.evaluate("document.documentElement.scrollWidth") <= 320
