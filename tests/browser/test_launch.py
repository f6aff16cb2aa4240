"""From nothing to a live study by the steps of its page; a paused study is amended."""

import hashlib
import json

from django.utils.timezone import now
from playwright.sync_api import Download, Page, expect
from pytest_django.live_server_helper import LiveServer

from listening import launching
from listening.enrolment import enrol
from listening.models import Session, Study
from tests.browser.test_experimenter import log_in
from tests.browser.test_session import answer, begin
from tests.browser.wizard import go_on
from tests.raters import finish
from tests.scene import Scene, make_study

HYPOTHESIS = "Wiener is preferred to the unprocessed speech at 0 dB and above."


def step(page: Page, title: str, standing: str) -> None:
    """Expect the step called `title` to stand so on the study's page."""
    name = f"{title} ({standing})"
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def design_it(page: Page) -> None:
    """Walk from the list of studies through every page of the design."""
    page.get_by_role("link", name="New study").click()
    page.get_by_label("Title").fill("Does Wiener help?")
    page.get_by_label("log-mmse against unprocessed").uncheck()
    page.get_by_label("Trials per session").fill("2")
    page.get_by_label("Training trials").fill("1")
    page.get_by_label("Least listening").fill("0.2")
    go_on(page, "Checks on raters")
    page.get_by_label("Repeats").fill("1")
    go_on(page, "Hypotheses and stop rule")
    page.get_by_label("Hypotheses").fill(HYPOTHESIS)
    page.get_by_label("Raters wanted").fill("20")
    go_on(page, "Texts")
    page.get_by_label("Question").fill("Which is nicer?")
    go_on(page, "Recruiting")
    page.get_by_label("Contact").fill("Ada")
    go_on(page, "Does Wiener help?")


def test_from_nothing_to_a_live_study(
    quiet_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    page = quiet_page
    log_in(page, live_server.url, "ada", "ada's password")
    design_it(page)
    for title in ("Stimuli", "Method and comparisons", "Texts", "Recruiting"):
        step(page, title, "done")
    for title in ("Preview", "Dry run"):
        step(page, title, "open")
    study = Study.objects.get(title="Does Wiener help?")
    address = page.url
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("button", name="I agree")).to_be_visible()
    page.goto(address)
    page.get_by_role("link", name="Dry run").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("4 of 4 simulated raters")).to_be_visible()
    page.goto(address)
    for title in ("Preview", "Dry run"):
        step(page, title, "done")
    rehearse_with_people(page, f"{live_server.url}/r/{study.code}/")
    page.goto(address)
    page.get_by_role("button", name="Freeze and open study").click()
    expect(page.get_by_text("The study is open")).to_be_visible()
    expect(page.get_by_text("1 came to the pilot, 1 finished.")).to_be_visible()
    expect(page.get_by_text("0 of 20 raters finished")).to_be_visible()
    frozen = study.frozen_designs.get()
    expect(page.get_by_text(frozen.sha256)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    design = design_in(download.value, frozen.sha256)
    assert (design["hypotheses"], design["rater_quota"]) == (HYPOTHESIS, 20)


def rehearse_with_people(page: Page, link: str) -> None:
    """Run a pilot that one person finishes."""
    address = page.url
    page.get_by_role("button", name="Start the pilot").click()
    expect(page.get_by_text("The pilot runs: the link takes raters.")).to_be_visible()
    begin(page, link)
    for _ in range(4):
        answer(page, "A")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert Session.objects.of_pilot().get().state == Session.State.COMPLETE
    page.goto(address)


def design_in(download: Download, sha256: str) -> dict[str, object]:
    content = download.path().read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256
    design: dict[str, object] = json.loads(content)["design"]
    return design


def test_a_pilot_ends_and_is_discarded(
    quiet_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    study = make_study(
        scene.ada, scene.stimulus_set, slug="draft", state="draft", opened_at=None
    )
    launching.start_pilot(study)
    finish(enrol(study=study, stage="pilot", seed=1, at=now()), at=now())
    page = quiet_page
    log_in(page, live_server.url, "ada", "ada's password")
    page.goto(f"{live_server.url}/studies/draft/")
    page.get_by_role("button", name="End the pilot").click()
    expect(page.get_by_role("heading", name="Before it opens")).to_be_visible()
    discard = page.get_by_role("button", name="Delete the pilot’s sessions")
    expect(discard).to_be_hidden()
    page.get_by_text("Discard the pilot").click()
    discard.click()
    expect(page.get_by_text("The sessions of the pilot are deleted.")).to_be_visible()
    assert not study.sessions.exists()


def test_a_paused_study_is_amended(
    quiet_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    study = make_study(
        scene.ada, scene.stimulus_set, slug="draft", state="draft", opened_at=None
    )
    launching.open_study(study, at=now())
    finish(enrol(study=study, stage="live", seed=1, at=now()), at=now())
    page = quiet_page
    log_in(page, live_server.url, "ada", "ada's password")
    page.goto(f"{live_server.url}/studies/draft/declaration/")
    expect(page.get_by_label("Raters wanted")).to_be_disabled()
    page.get_by_role("link", name="Back to the study").click()
    page.get_by_role("button", name="Pause study").click()
    page.get_by_role("link", name="Hypotheses and stop rule").click()
    page.get_by_label("Raters wanted").fill("30")
    page.get_by_label("Why it is changed").fill("Fewer came than we hoped.")
    page.get_by_role("button", name="Record the amendment").click()
    expect(page.get_by_text("Recorded as version 2 of the design.")).to_be_visible()
    page.get_by_role("link", name="Versions and amendments").click()
    expect(page.get_by_text("Fewer came than we hoped.")).to_be_visible()
    row = page.get_by_role("row", name="Raters wanted 50 30")
    expect(row).to_be_visible()
    assert study.frozen_designs.get(version=2).answers == 4
