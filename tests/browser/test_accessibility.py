"""Every page of ours by the rules of WCAG 2.2 AA, in both colour schemes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from listening import freezing, launching
from listening.answering import consent, decline, end
from listening.enrolment import enrol
from listening.models import Session, Study
from stimuli.models import Stimulus
from tests.browser.test_experimenter import log_in
from tests.raters import finish, start
from tests.scene import Scene, make_mushra_study, make_scored_study, make_study, uncover

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {"runOnly": WCAG, "resultTypes": ["violations"]}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WAIT_MS = 60_000  # figures are drawn when they are asked for, on a busy machine
# Controls that are smaller than 44 px each way; a link within text has its line
SMALL = """() => [...document.querySelectorAll(
    'button, summary, select, textarea, label.answer, input[type=range], a.button'
)].filter(one => one.checkVisibility() && !one.closest('noscript'))
  .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([html, box]) => `${box.width}x${box.height} ${html}`)"""


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands, light and dark."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for rule in Axe().run(page, options=OPTIONS).response["violations"]:
            nodes = [f"{n['html']}: {n['failureSummary']}" for n in rule["nodes"]]
            found.append(f"{page.url} {scheme}: {rule['id']}: " + "\n".join(nodes))
    return found


def at_consent(session: Session) -> None:
    """Leave `session` where everybody begins."""


def at_sound_check(session: Session) -> None:
    consent(session, at=now())


def at_trial(session: Session) -> None:
    start(session, at=now())


def declined(session: Session) -> None:
    decline(session, at=now())


def without_headphones(session: Session) -> None:
    end(session, problem="no-headphones", at=now())


def done(session: Session) -> None:
    finish(session, at=now())


@pytest.mark.parametrize(
    "way", [at_consent, at_sound_check, at_trial, declined, without_headphones, done]
)
def test_every_step_of_a_session(
    page: Page, live_server: LiveServer, scene: Scene, way: Callable[[Session], None]
) -> None:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    way(session)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{live_server.url}/session/{session.code}/")
        if way is at_trial:
            expect(page.get_by_role("button", name="Play A")).to_be_enabled()
        assert violations(page) == []
        assert page.evaluate(SMALL) == []


def compared(scene: Scene) -> Study:
    return make_study(scene.ada, scene.stimulus_set, slug="abx", method="abx")


def scored(scene: Scene) -> Study:
    return make_scored_study(scene.ada, scene.stimulus_set)


def together(scene: Scene) -> Study:
    return make_mushra_study(scene)


@pytest.mark.parametrize("study_of", [compared, scored, together])
def test_three_sounds_one_and_many(
    page: Page,
    live_server: LiveServer,
    scene: Scene,
    study_of: Callable[[Scene], Study],
) -> None:
    study = study_of(scene)
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=now())
    start(session, at=now())
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{live_server.url}/session/{session.code}/")
        play = page.get_by_role("button", name="Play")
        for n in range(play.count()):
            expect(play.nth(n)).to_be_enabled()
        play.last.click()
        assert violations(page) == []
        assert page.evaluate(SMALL) == []
        assert page.evaluate("document.body.scrollWidth") <= width


@pytest.mark.parametrize(
    "address",
    ["", "accounts/login/", "withdraw/", "r/{code}/", "r/{code}/kept/", "no/"],
)
def test_pages_for_everybody(
    page: Page, live_server: LiveServer, scene: Scene, address: str
) -> None:
    page.goto(f"{live_server.url}/{address.format(code=scene.study.code)}")
    assert violations(page) == []
    assert page.evaluate(SMALL) == []


def test_the_page_of_a_study_that_takes_nobody(
    page: Page, live_server: LiveServer, scene: Scene
) -> None:
    Study.objects.update(state=Study.State.PAUSED)
    page.goto(f"{live_server.url}/r/{scene.study.code}/")
    assert violations(page) == []


def test_the_experimenter_s_pages(
    page: Page, live_server: LiveServer, scene: Scene
) -> None:
    for seed in range(3):
        session = enrol(
            study=scene.study, stage=Session.Stage.LIVE, seed=seed, at=now()
        )
        finish(session, at=now())
    uncover(scene.study)
    log_in(page, live_server.url, "ada", "ada's password")
    page.set_default_timeout(WAIT_MS)
    found = []
    study = "studies/study/"
    addresses = [
        "studies/",
        "studies/new/",
        study,
        "plan/",
        "accounts/password_change/",
    ]
    parts = [
        *("edit/", "checks/", "declaration/", "texts/", "recruiting/"),
        *("schedules/", "design/", "results/"),
    ]
    for address in [*addresses, *(study + part for part in parts)]:
        page.goto(f"{live_server.url}/{address}")
        found += violations(page)
    assert found == []


@pytest.mark.parametrize("state", ["draft", "pilot", "paused"])
def test_the_pages_of_a_design_in_every_state(
    page: Page, live_server: LiveServer, scene: Scene, state: str
) -> None:
    study = make_study(
        scene.ada, scene.stimulus_set, slug="new-one", state="draft", opened_at=None
    )
    launching.start_pilot(study)
    enrol(study=study, stage=Session.Stage.PILOT, seed=1, at=now())
    if state == "draft":
        launching.end_pilot(study)
        launching.dry_run(study, at=now())
    if state == "paused":
        launching.open_study(study, at=now())
        launching.pause_study(study)
        amend(study)
    log_in(page, live_server.url, "ada", "ada's password")
    found = []
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for part in ("", "edit/", "checks/", "declaration/", "schedules/", "design/"):
            page.goto(f"{live_server.url}/studies/{study.slug}/{part}")
            found += violations(page) + page.evaluate(SMALL)
            assert page.evaluate("document.body.scrollWidth") <= width
    assert found == []


def amend(study: Study) -> None:
    def save() -> None:
        Study.objects.filter(pk=study.pk).update(rater_quota=30)

    freezing.change(study, save, at=now(), reason="Fewer came.")


def test_the_admin_s_pages_of_ours(
    page: Page, live_server: LiveServer, scene: Scene
) -> None:
    User.objects.create_superuser("root", password="a long enough password")
    log_in(page, live_server.url, "root", "a long enough password")
    stimulus_set = f"stimulusset/{scene.stimulus_set.pk}/"
    stimulus = f"stimulus/{Stimulus.objects.first().pk}/"  # type: ignore[union-attr]
    found = []
    for part in ("", "stimulusset/", stimulus_set + "change/", stimulus + "change/"):
        page.goto(f"{live_server.url}/admin/stimuli/{part}")
        found += violations(page)
    page.goto(f"{live_server.url}/admin/stimuli/{stimulus_set}generation/")
    assert [*found, *violations(page)] == []
