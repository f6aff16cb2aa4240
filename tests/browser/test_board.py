"""The live board, looking before the end, and a session's sheet, in a real browser."""

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from listening.enrolment import enrol
from listening.models import Exclusion, Unblinding
from tests.browser.test_accessibility import violations
from tests.browser.test_experimenter import log_in
from tests.raters import finish
from tests.scene import Scene

RESULTS_MS = 60_000  # analysed and drawn when they are asked for, on a busy machine
NEXT_MS = 30_000  # the board asks every five seconds


@pytest.fixture
def board(quiet_page: Page, live_server: LiveServer, scene: Scene) -> Page:
    """The board of a study of which one of fifty raters has finished."""
    rate(scene, 1)
    log_in(quiet_page, live_server.url, "ada", "ada's password")
    quiet_page.get_by_role("link", name="Does it help?", exact=True).click()
    quiet_page.get_by_role("link", name="Live board").first.click()
    return quiet_page


def rate(scene: Scene, seed: int) -> None:
    finish(enrol(study=scene.study, stage="live", seed=seed, at=now()), at=now())


def test_the_board_goes_along_without_a_reload(board: Page, scene: Scene) -> None:
    expect(board.get_by_text("1 of 50 raters finished")).to_be_visible()
    board.evaluate("window.stayed = true")
    rate(scene, 2)
    finished = board.get_by_text("2 of 50 raters finished")
    expect(finished).to_be_visible(timeout=NEXT_MS)
    assert board.evaluate("window.stayed")
    expect(board.get_by_text("hidden until all are here")).to_be_visible()
    assert violations(board) == []


def test_looking_before_the_end_takes_a_reason(board: Page) -> None:
    board.get_by_role("link", name="Results", exact=True).click()
    expect(board.get_by_text("The outcome is hidden for now")).to_be_visible()
    unblind = board.get_by_role("button", name="Unblind early")
    expect(unblind).to_be_hidden()
    board.get_by_text("Look before the end").click()
    assert violations(board) == []
    board.get_by_label("Reason").fill("The board of ethics asks.")
    unblind.click(timeout=RESULTS_MS)
    seen = board.locator(".notice", has_text="Seen before the end.")
    expect(seen).to_be_visible(timeout=RESULTS_MS)
    expect(seen).to_contain_text("The board of ethics asks.")
    assert Unblinding.objects.get().raters == 1


def test_a_session_is_left_out_and_taken_back(board: Page) -> None:
    board.get_by_role("link", name="Sessions", exact=True).click()
    assert violations(board) == []
    board.get_by_role("link", name="Session ").first.click()
    expect(board.get_by_role("heading", name="Timeline")).to_be_visible()
    assert violations(board) == []
    board.get_by_label("Reason").fill("A child answered.")
    board.get_by_role("button", name="Leave out").click()
    expect(board.get_by_text("Left out by hand.")).to_be_visible()
    board.get_by_label("Reason").fill("It was another session.")
    board.get_by_role("button", name="Take the exclusion back").click()
    expect(board.get_by_text("This session counts again.")).to_be_visible()
    assert violations(board) == []
    log = Exclusion.objects.get()
    assert (log.reason, log.undone_reason) == (
        "A child answered.",
        "It was another session.",
    )
