"""A session of sliders in a real browser: by mouse, by keys alone, without scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from listening.methods.mushra import METHOD as MUSHRA
from listening.models import Event, Response, Study, TrialSound
from tests.browser.test_session import begin, expect_completion
from tests.scene import Scene, make_mushra_study

SOUNDS = 6  # three systems, the hidden reference and two anchors


@pytest.fixture
def study(scene: Scene) -> Study:
    return make_mushra_study(scene, trials_per_session=2)


@pytest.fixture
def link(live_server: LiveServer, study: Study) -> str:
    return f"{live_server.url}/r/{study.code}/"


def expect_heard(page: Page, name: str) -> None:
    heard = page.get_by_role("progressbar", name=name)
    expect(heard).to_have_js_property("value", 1)


def slider(number: int) -> str:
    return f"Score of {number}, from 0 to 100"


def score_by_keys(page: Page) -> None:
    """Hear all, and give 100 to the first, 99 to the second, and so on."""
    expect(page.get_by_role("button", name="Play 1", exact=True)).to_be_enabled()
    page.keyboard.press("r")
    expect_heard(page, "Reference heard")
    for number in range(1, SOUNDS + 1):
        page.keyboard.press(str(number))
        expect(page.get_by_role("slider", name=slider(number))).to_be_focused()
        page.keyboard.press("End")
        for _ in range(number - 1):
            page.keyboard.press("ArrowLeft")
        expect_heard(page, f"{number} heard")


def test_a_session_by_mouse(quiet_page: Page, link: str) -> None:
    page = quiet_page
    begin(page, link)
    for position in ("1 of 1", "1 of 2", "2 of 2"):
        expect(page.get_by_text(position)).to_be_visible()
        onward = page.get_by_role("button", name="Next")
        page.get_by_role("button", name="Play the reference").click()
        expect_heard(page, "Reference heard")
        for number in range(1, SOUNDS + 1):
            here = page.get_by_role("slider", name=slider(number))
            expect(here).to_be_disabled()  # it is not what is heard
            expect(onward).to_be_disabled()
            page.get_by_role("button", name=f"Play {number}", exact=True).click()
            expect(here).to_be_enabled()
            here.fill(str(10 * number))
            expect_heard(page, f"{number} heard")
        expect(here).to_have_attribute("aria-valuetext", "60, Good")
        onward.click()
    expect_completion(page)
    for response in Response.objects.all():
        sounds = list(response.trial.sounds.all())
        assert [sound.score for sound in sounds] == [10, 20, 30, 40, 50, 60]
        assert all((sound.listened_s or 0) >= 0.2 for sound in sounds)
        assert (response.listened_a_s or 0) >= 0.2
        assert response.switches == SOUNDS
    assert set(Event.objects.values_list("member", flat=True)) == {"", *"abcdefg"}


def test_a_session_by_keys_alone(quiet_page: Page, link: str) -> None:
    page = quiet_page
    begin(page, link)
    for position in ("1 of 1", "1 of 2", "2 of 2"):
        expect(page.get_by_text(position)).to_be_visible()
        score_by_keys(page)
        page.keyboard.press(" ")
        expect(page.get_by_role("button", name="Pause")).to_be_disabled()
        page.keyboard.press("Home")  # while it is paused the last one still moves
        page.keyboard.press("Enter")
    expect_completion(page)
    scores = TrialSound.objects.order_by("trial__position", "place")
    told = list(scores.values_list("score", flat=True))
    assert told == 3 * [100, 99, 98, 97, 96, 0]


def test_the_lowest_score_can_be_kept_where_it_is(quiet_page: Page, link: str) -> None:
    page = quiet_page
    begin(page, link)
    page.get_by_role("button", name="Play 1", exact=True).click()
    here = page.get_by_role("slider", name=slider(1))
    expect(here).to_be_enabled()
    shown = page.locator("output").first
    expect(shown).to_have_text("–")
    here.press("Home")
    expect(shown).to_have_text("0")


def test_an_answer_outlasts_a_reload(page: Page, link: str) -> None:
    page.set_default_timeout(10_000)
    begin(page, link)
    address = page.url
    score_by_keys(page)
    page.route("**/trial/", lambda route: route.abort())
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Offline")).to_be_visible()
    page.unroute("**/trial/")
    page.goto(address)
    expect(page.get_by_text("1 of 2")).to_be_visible()
    kept = TrialSound.objects.exclude(score=None)
    assert list(kept.values_list("score", flat=True)) == [100, 99, 98, 97, 96, 95]


def test_without_scripts(browser: Browser, link: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(link)
    for name in ("Start", "I agree", "My volume is set"):
        page.get_by_role("button", name=name).click()
    for _ in range(3):
        expect(page.get_by_role("group", name=MUSHRA.question)).to_be_visible()
        expect(page.locator("audio")).to_have_count(SOUNDS + 1)
        for number in range(1, SOUNDS + 1):
            page.get_by_role("spinbutton", name=slider(number)).fill("70")
        page.get_by_role("button", name="Next").click()
    expect_completion(page)
    page.context.close()
    assert set(TrialSound.objects.values_list("score", flat=True)) == {70}
