"""What the browser tells of listening, and when it pauses by itself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import Response as Reply
from pytest_django.live_server_helper import LiveServer

from listening.models import Event, Response
from tests.browser.test_session import HIDE, answer, begin
from tests.scene import Scene

BACK = """
Object.defineProperty(document, "hidden", { value: false, configurable: true });
document.dispatchEvent(new Event("visibilitychange"));
"""
DEVICE = "navigator.mediaDevices.dispatchEvent(new Event('devicechange'))"
SLOW = """
import("/static/listening/underruns.js").then(({ UnderrunCounter }) => {
  const context = { currentTime: 0 };
  const counter = new UnderrunCounter(context);
  const counts = [];
  for (const [now, audio] of STEPS) {
    context.currentTime = audio;
    counter.look(now);
    counts.push(counter.count);
  }
  return counts;
})
"""


@pytest.fixture
def link(live_server: LiveServer, scene: Scene) -> str:
    return f"{live_server.url}/r/{scene.study.code}/"


def tells_of(kind: str) -> Callable[[Reply], bool]:
    """Return what knows the reply to a batch with such an event."""

    def is_it(reply: Reply) -> bool:
        sent = reply.request.post_data or ""
        return reply.url.endswith("/events/") and f'"kind":"{kind}"' in sent

    return is_it


def test_what_the_rater_does_is_told(quiet_page: Page, link: str) -> None:
    begin(quiet_page, link)
    slider = quiet_page.get_by_role("slider", name="Position")
    expect(slider).to_be_enabled()
    slider.fill("700")
    quiet_page.get_by_role("button", name="Play A").click()
    quiet_page.evaluate(HIDE)
    expect(quiet_page.get_by_text("Paused, since you left this page")).to_be_visible()
    quiet_page.evaluate(BACK)
    with quiet_page.expect_response(tells_of("answer")) as told:
        answer(quiet_page, "B")
    assert told.value.status == 204
    expect(quiet_page.get_by_text("1 of 4")).to_be_visible()
    response = Response.objects.get()
    counts = (response.plays, response.switches, response.seeks, response.absences)
    assert counts == (2, 1, 1, 1)
    assert (response.device_changes, response.context_rate_hz) == (0, 48_000)
    assert response.underruns is not None
    kinds = list(
        Event.objects.filter(trial=response.trial)
        .exclude(kind__in=["underrun", "blur", "focus"])
        .values_list("kind", flat=True)
    )
    expected = ["loaded", "seek", "play", "hidden", "pause", "visible", "play"]
    assert kinds == [*expected, "switch", "choose", "pause", "answer"]
    played = Event.objects.filter(kind="play").first()
    assert played is not None
    assert played.member == "a"
    assert played.position_s == pytest.approx(0.7 * 0.85, abs=0.1)


def test_what_happened_last_is_told_when_the_page_goes(
    quiet_page: Page, link: str
) -> None:
    begin(quiet_page, link)
    expect(quiet_page.get_by_role("button", name="Play A")).to_be_enabled()
    with quiet_page.expect_response(tells_of("loaded")) as told:
        quiet_page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert told.value.status == 204
    assert Event.objects.filter(kind="loaded").exists()


def test_another_device_pauses_and_asks_for_the_headphones(
    quiet_page: Page, link: str
) -> None:
    begin(quiet_page, link)
    quiet_page.get_by_role("button", name="Play A").click()
    expect(quiet_page.get_by_text("Playing A")).to_be_attached()
    quiet_page.evaluate(DEVICE)
    card = quiet_page.get_by_text("Are your headphones on, and as loud as before?")
    expect(card).to_be_visible()
    expect(quiet_page.get_by_text("since you left")).to_be_hidden()
    expect(quiet_page.get_by_role("button", name="Pause")).to_be_disabled()
    answer(quiet_page, "A")
    expect(quiet_page.get_by_text("1 of 4")).to_be_visible()
    assert Response.objects.get().device_changes == 1


def test_events_that_do_not_arrive_hold_nothing_up(page: Page, link: str) -> None:
    page.route("**/events/", lambda route: route.abort())
    begin(page, link)
    answer(page, "A")
    expect(page.get_by_text("1 of 4")).to_be_visible()
    assert Response.objects.get().plays == 1


@pytest.mark.parametrize(
    ("steps", "counts"),
    [
        ("[[10, 0], [10.1, 0.1], [10.2, 0.19], [10.3, 0.3]]", [0, 0, 0, 0]),
        ("[[10, 0], [10.1, 0.1], [10.4, 0.2], [10.5, 0.3]]", [0, 0, 1, 1]),
        ("[[10, 0], [10.2, 0.1], [10.3, 0.2], [10.5, 0.3]]", [0, 1, 1, 2]),
    ],
    ids=["in time", "once behind", "twice behind"],
)
def test_a_clock_that_falls_behind_is_an_underrun(
    quiet_page: Page, link: str, steps: str, counts: list[int]
) -> None:
    quiet_page.goto(link)
    assert quiet_page.evaluate(SLOW.replace("STEPS", steps)) == counts
