"""A session of three scores a sound in a real browser."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from listening import methods
from listening.methods.method import BACKGROUND, OVERALL, SIGNAL
from listening.models import Response, Trial
from tests.browser.test_acr import hear
from tests.browser.test_session import begin, expect_completion
from tests.scene import Scene, make_scored_study

P835 = methods.load("p835")
# Scale -> the answer that is given on it
ANSWERS = {
    SIGNAL: "Slightly distorted",
    BACKGROUND: "Very intrusive",
    OVERALL: "Fair",
}
VALUES = {SIGNAL: 4, BACKGROUND: 1, OVERALL: 3}


@pytest.fixture
def link(live_server: LiveServer, scene: Scene) -> str:
    study = make_scored_study(
        scene.ada,
        scene.stimulus_set,
        method="p835",
        trials_per_session=3,
        training_trials=0,
        question=P835.question,
        introduction=P835.introduction,
    )
    return f"{live_server.url}/r/{study.code}/"


def test_a_session_has_three_questions_about_each_sound(
    quiet_page: Page, link: str
) -> None:
    page = quiet_page
    begin(page, link)
    scales = Trial.objects.order_by("position").values_list("scale", flat=True)
    for position, scale in enumerate(scales, start=1):
        expect(page.get_by_text(f"{position} of 9")).to_be_visible()
        question = P835.question_on(scale) or P835.question
        expect(page.get_by_role("group", name=question)).to_be_visible()
        page.get_by_role("button", name="Play").click()
        hear(page)
        page.get_by_role("radio", name=ANSWERS[scale]).check()
        page.get_by_role("button", name="Next").click()
    expect_completion(page)
    told = Response.objects.order_by("trial__position").select_related("trial")
    assert [r.value for r in told] == [VALUES[r.trial.scale] for r in told]
    assert all(r.listened_a_s and r.listened_a_s >= 0.2 for r in told)
