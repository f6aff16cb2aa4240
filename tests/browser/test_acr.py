"""A session of scores in a real browser: one sound at a time, by mouse and by keys."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from listening import methods
from listening.models import Event, Response
from tests.browser.test_session import begin, expect_completion
from tests.scene import Scene, make_scored_study

ACR = methods.load("acr")


@pytest.fixture
def link(live_server: LiveServer, scene: Scene) -> str:
    words = {"question": ACR.question, "introduction": ACR.introduction}
    study = make_scored_study(
        scene.ada, scene.stimulus_set, trials_per_session=3, **words
    )
    return f"{live_server.url}/r/{study.code}/"


def hear(page: Page) -> None:
    expect(page.get_by_text("Playing", exact=True)).to_be_attached()
    heard = page.get_by_role("progressbar", name="Heard")
    expect(heard).to_have_js_property("value", 1)


def test_a_session_by_mouse_and_by_keys(quiet_page: Page, link: str) -> None:
    page = quiet_page
    begin(page, link)
    expect(page.get_by_role("group", name=ACR.question)).to_be_visible()
    excellent = page.get_by_role("radio", name="Excellent")
    expect(excellent).to_be_disabled()  # until it was heard
    page.get_by_role("button", name="Play").click()
    hear(page)
    excellent.check()
    page.get_by_role("button", name="Next").click()
    for position in range(1, 4):
        expect(page.get_by_text(f"{position} of 3")).to_be_visible()
        expect(page.get_by_role("button", name="Play")).to_be_enabled()
        page.keyboard.press(" ")
        hear(page)
        expect(excellent).to_be_enabled()
        page.keyboard.press(str(position))
        page.keyboard.press("Enter")
    expect_completion(page)
    told = Response.objects.order_by("trial__position")
    assert [response.value for response in told] == [5, 1, 2, 3]
    for response in told:
        assert response.listened_a_s is not None
        assert response.listened_a_s >= 0.2
        assert response.listened_b_s is None
        assert response.switches == 0
    assert set(Event.objects.values_list("member", flat=True)) == {"", "a"}


def test_without_scripts(browser: Browser, link: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(link)
    for name in ("Start", "I agree", "My volume is set"):
        page.get_by_role("button", name=name).click()
    for _ in range(4):
        expect(page.locator("audio")).to_have_count(1)
        page.get_by_role("radio", name="Good").check()
        page.get_by_role("button", name="Next").click()
    expect_completion(page)
    page.context.close()
    assert set(Response.objects.values_list("value", flat=True)) == {4}
