"""An ABX session in a real browser: three sounds, by mouse and by keys."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from listening import methods
from listening.models import Event, Response
from tests.browser.test_session import begin, expect_completion
from tests.scene import Scene, make_study

ABX = methods.load("abx")


@pytest.fixture
def link(live_server: LiveServer, scene: Scene) -> str:
    words = {"question": ABX.question, "introduction": ABX.introduction}
    study = make_study(scene.ada, scene.stimulus_set, slug="abx", method="abx", **words)
    return f"{live_server.url}/r/{study.code}/"


def hear(page: Page, name: str) -> None:
    expect(page.get_by_text(f"Playing {name}")).to_be_attached()
    heard = page.get_by_role("progressbar", name=f"{name} heard")
    expect(heard).to_have_js_property("value", 1)


def test_a_session_by_mouse_and_by_keys(quiet_page: Page, link: str) -> None:
    page = quiet_page
    begin(page, link)
    expect(page.get_by_role("group", name=ABX.question)).to_be_visible()
    answers = page.get_by_role("radio")
    for name in "ABX":
        expect(answers.first).to_be_disabled()  # until all three were heard
        page.get_by_role("button", name=f"Play {name}").click()
        hear(page, name)
    page.get_by_role("radio", name="B", exact=True).check()
    page.get_by_role("button", name="Next").click()
    for position in range(1, 5):
        expect(page.get_by_text(f"{position} of 4")).to_be_visible()
        expect(page.get_by_role("button", name="Play X")).to_be_enabled()
        for key in "xba":
            page.keyboard.press(key)
            hear(page, key.upper())
        expect(answers.first).to_be_enabled()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
    expect_completion(page)
    told = Response.objects.order_by("trial__position")
    assert [response.value for response in told] == [1, -1, -1, -1, -1]
    for response in told:
        assert response.switches == 2
        assert response.listened_x_s is not None
        assert response.listened_x_s >= 0.2
    assert Event.objects.filter(member="x").exists()
