"""A rater's way in a real browser: by mouse, by keys, without scripts, in trouble."""

from collections.abc import Iterator

import pytest
from django.utils.timezone import now
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from listening.enrolment import enrol
from listening.models import Response, Session
from tests.scene import Scene, make_study

QUESTION = "Which one would you rather listen to?"


@pytest.fixture
def link(live_server: LiveServer, scene: Scene) -> str:
    return f"{live_server.url}/r/{scene.study.code}/"


def begin(page: Page, link: str) -> None:
    """Go to the first trial by mouse."""
    page.goto(link)
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="I agree").click()
    page.get_by_role("button", name="Play test sound").click()
    expect(page.get_by_text("Press again to stop")).to_be_visible()
    page.get_by_role("button", name="My volume is set").click()


def answer(page: Page, label: str) -> None:
    """Listen to both members, choose `label` and go on."""
    page.get_by_role("button", name="Play A").click()
    expect(page.get_by_text("Playing A")).to_be_attached()
    expect(page.get_by_role("progressbar", name="A heard")).to_have_js_property(
        "value", 1
    )
    page.get_by_role("button", name="Play B").click()
    page.get_by_role("radio", name=label, exact=True).check()
    page.get_by_role("button", name="Next").click()


def test_by_mouse(quiet_page: Page, link: str) -> None:
    begin(quiet_page, link)
    expect(quiet_page.get_by_role("group", name=QUESTION)).to_be_visible()
    answer(quiet_page, "A")
    for position in range(1, 5):
        expect(quiet_page.get_by_text(f"{position} of 4")).to_be_visible()
        answer(quiet_page, "B")
    session = expect_completion(quiet_page)
    responses = Response.objects.order_by("trial__position")
    assert [r.value for r in responses] == [-1, 1, 1, 1, 1]
    for response in responses:
        assert response.listened_a_s is not None
        assert response.listened_a_s >= 0.2
        assert response.switches == 1
    assert session.sound_checked_at is not None


def expect_completion(page: Page) -> Session:
    """Expect the page with the code that the server holds."""
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    session = Session.objects.get(state=Session.State.COMPLETE)
    expect(page.get_by_role("status", name="completion code")).to_have_text(
        session.completion_code
    )
    return session


def test_by_keyboard_alone(quiet_page: Page, link: str) -> None:
    press = quiet_page.keyboard.press
    quiet_page.goto(link)
    for button in ("Start", "I agree", "My volume is set"):
        tab_to(quiet_page, "button", button)
        press("Enter")
    for done in range(5):
        bar = quiet_page.get_by_role("progressbar", name="Answered so far")
        expect(bar).to_have_js_property("value", done)
        expect(quiet_page.get_by_role("button", name="Play A")).to_be_enabled()
        press("b")
        expect(quiet_page.get_by_text("Playing B")).to_be_attached()
        heard = quiet_page.get_by_role("progressbar", name="B heard")
        expect(heard).to_have_js_property("value", 1)
        press("a")
        expect(quiet_page.get_by_role("radio", name="A", exact=True)).to_be_enabled()
        press(" ")
        expect(quiet_page.get_by_text("Paused", exact=True)).to_be_attached()
        press("1")
        press("Enter")
    expect_completion(quiet_page)
    assert set(Response.objects.values_list("value", flat=True)) == {-1}


def tab_to(page: Page, role: str, name: str) -> None:
    """Press Tab until the control has the focus: nothing may trap it."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
    expect(wanted).to_be_visible()
    for _ in range(20):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name}")


def test_every_control_of_a_trial_is_reached_by_tab(
    quiet_page: Page, link: str
) -> None:
    begin(quiet_page, link)
    expect(quiet_page.get_by_role("button", name="Play A")).to_be_enabled()
    for name in ("Play A", "Play B"):
        tab_to(quiet_page, "button", name)
    tab_to(quiet_page, "slider", "Position")


def test_answers_are_locked_until_both_were_heard(quiet_page: Page, link: str) -> None:
    begin(quiet_page, link)
    radios = quiet_page.get_by_role("radio")
    quiet_page.get_by_role("button", name="Play A").click()
    expect(quiet_page.get_by_role("progressbar", name="A heard")).to_have_js_property(
        "value", 1
    )
    expect(radios.first).to_be_disabled()
    quiet_page.keyboard.press("2")
    expect(quiet_page.get_by_text("Listen to both before you answer")).to_be_attached()
    expect(quiet_page.get_by_role("button", name="Next")).to_be_disabled()
    quiet_page.get_by_role("button", name="Play B").click()
    expect(radios.first).to_be_enabled()


def test_the_focus_goes_to_the_question_of_each_new_trial(
    quiet_page: Page, link: str
) -> None:
    begin(quiet_page, link)
    answer(quiet_page, "A")
    expect(quiet_page.get_by_text("1 of 4")).to_be_visible()
    expect(quiet_page.locator("#question")).to_be_focused()
    expect(quiet_page.locator("#chip")).to_have_text("Saved")


def test_seven_steps_have_their_names(
    quiet_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    study = make_study(
        scene.ada, scene.stimulus_set, slug="graded", method="ccr", training_trials=0
    )
    begin(quiet_page, f"{live_server.url}/r/{study.code}/")
    answer(quiet_page, "Strongly prefer B")
    expect(quiet_page.get_by_text("2 of 4")).to_be_visible()
    answer(quiet_page, "No preference")
    expect(quiet_page.get_by_text("3 of 4")).to_be_visible()
    assert list(Response.objects.values_list("value", flat=True)) == [3, 0]


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """Return a page with JavaScript off."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_without_scripts(plain_page: Page, link: str) -> None:
    plain_page.goto(link)
    for button in ("Start", "I agree", "My volume is set"):
        plain_page.get_by_role("button", name=button).click()
    for done in range(5):
        bar = plain_page.get_by_role("progressbar", name="Answered so far")
        expect(bar).to_have_attribute("value", str(done))
        expect(plain_page.locator("audio")).to_have_count(2)
        expect(plain_page.get_by_role("button", name="Play A")).to_be_hidden()
        plain_page.get_by_role("radio", name="B", exact=True).check()
        plain_page.get_by_role("button", name="Next").click()
    expect_completion(plain_page)


def test_a_reload_and_another_tab_go_on_where_the_rater_was(
    quiet_page: Page, link: str
) -> None:
    begin(quiet_page, link)
    answer(quiet_page, "A")
    expect(quiet_page.get_by_text("1 of 4")).to_be_visible()
    quiet_page.reload()
    expect(quiet_page.get_by_text("1 of 4")).to_be_visible()
    other = quiet_page.context.new_page()
    other.goto(link)
    expect(other.get_by_text("1 of 4")).to_be_visible()
    answer(other, "B")
    expect(other.get_by_text("2 of 4")).to_be_visible()
    quiet_page.bring_to_front()
    answer(quiet_page, "A")  # too late: the other tab was first
    expect(quiet_page.get_by_text("2 of 4")).to_be_visible()
    assert list(Response.objects.values_list("value", flat=True)) == [-1, 1]


def test_an_answer_survives_a_lost_connection(
    page: Page, context: BrowserContext, link: str
) -> None:
    begin(page, link)
    expect(page.get_by_role("button", name="Play A")).to_be_enabled()
    context.set_offline(True)
    answer(page, "B")
    expect(page.locator("#chip")).to_have_text("Offline, kept on this device")
    assert not Response.objects.exists()
    context.set_offline(False)
    expect(page.locator("#chip")).to_have_text("Saved")
    expect(page.get_by_text("1 of 4")).to_be_visible()
    assert Response.objects.get().value == 1


def test_an_answer_survives_a_lost_connection_and_a_reload(
    page: Page, context: BrowserContext, link: str
) -> None:
    begin(page, link)
    expect(page.get_by_role("button", name="Play A")).to_be_enabled()
    address = page.url
    context.set_offline(True)
    answer(page, "B")
    expect(page.locator("#chip")).to_have_text("Offline, kept on this device")
    page.close(run_before_unload=False)
    context.set_offline(False)
    again = context.new_page()
    again.goto(address)
    expect(again.get_by_text("1 of 4")).to_be_visible()
    response = Response.objects.get()
    assert response.value == 1
    assert response.listened_b_s


def test_a_sound_that_does_not_come_can_be_fetched_again(page: Page, link: str) -> None:
    page.route("**/audio/**", lambda route: route.abort())
    begin(page, link)
    expect(page.get_by_text("The sound could not be loaded. Is")).to_be_visible()
    page.unroute("**/audio/**")
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("button", name="Play A")).to_be_enabled()
    expect(page.get_by_text("The sound could not be loaded. Is")).to_be_hidden()


def test_the_next_pair_is_there_before_it_is_due(quiet_page: Page, link: str) -> None:
    begin(quiet_page, link)
    expect(quiet_page.get_by_role("button", name="Play A")).to_be_enabled()
    asked: list[str] = []
    section = quiet_page.locator("#trial")
    ahead = section.get_attribute("data-next-a")
    quiet_page.wait_for_load_state("networkidle")
    quiet_page.on("request", lambda request: asked.append(request.url))
    answer(quiet_page, "A")
    expect(quiet_page.get_by_text("1 of 4")).to_be_visible()
    expect(section).to_have_attribute("data-a", str(ahead))
    expect(quiet_page.get_by_role("button", name="Play A")).to_be_enabled()
    assert not [address for address in asked if address.endswith(str(ahead))]


HIDE = """
Object.defineProperty(document, "hidden", { value: true, configurable: true });
document.dispatchEvent(new Event("visibilitychange"));
"""


def test_leaving_the_page_pauses(quiet_page: Page, link: str) -> None:
    begin(quiet_page, link)
    quiet_page.get_by_role("button", name="Play A").click()
    expect(quiet_page.get_by_text("Playing A")).to_be_attached()
    quiet_page.evaluate(HIDE)
    expect(quiet_page.get_by_text("Paused, since you left this page")).to_be_visible()
    expect(quiet_page.get_by_role("button", name="Pause")).to_be_disabled()
    quiet_page.get_by_role("button", name="Play B").click()
    expect(quiet_page.get_by_text("Paused, since you left this page")).to_be_hidden()


def test_the_place_in_the_sound_can_be_chosen(quiet_page: Page, link: str) -> None:
    begin(quiet_page, link)
    slider = quiet_page.get_by_role("slider", name="Position")
    expect(slider).to_be_enabled()
    slider.fill("700")
    quiet_page.get_by_role("button", name="Play A").click()
    expect(slider).not_to_have_value("700")


def test_a_study_that_closes_meanwhile_says_so(page: Page, link: str) -> None:
    begin(page, link)
    expect(page.get_by_role("button", name="Play A")).to_be_enabled()
    session = Session.objects.get()
    session.study.state = "closed"
    session.study.save()
    answer(page, "A")
    expect(page.get_by_text("This study was closed while you were")).to_be_visible()


def test_a_preview_is_what_a_rater_sees_with_a_bar(
    quiet_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    session = enrol(study=scene.study, stage="preview", seed=1, at=now())
    quiet_page.goto(f"{live_server.url}/session/{session.code}/")
    expect(quiet_page.get_by_text("Preview: answers are not counted")).to_be_visible()
    quiet_page.get_by_role("button", name="I agree").click()
    expect(quiet_page.get_by_role("button", name="Play test sound")).to_be_visible()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_is_cut_off(quiet_page: Page, link: str, width: int) -> None:
    quiet_page.set_viewport_size({"width": width, "height": 800})
    begin(quiet_page, link)
    expect(quiet_page.get_by_role("button", name="Play A")).to_be_enabled()
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert quiet_page.evaluate(over) <= 0
    for button in quiet_page.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
