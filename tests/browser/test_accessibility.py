"""Every page of ours by the rules of WCAG 2.2 AA, at three widths, light and dark.

Nothing on them is smaller than 44 px, and none is wider than its window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from listening import freezing, launching
from listening.answering import check_sound, consent, decline, end
from listening.enrolment import enrol
from listening.headphone_answering import take
from listening.invitations import invite
from listening.leaving_out import leave_out
from listening.models import Invitation, Session, Study
from stimuli.models import Stimulus
from tests.browser.test_experimenter import log_in
from tests.raters import finish, start
from tests.scene import Scene, make_mushra_study, make_scored_study, make_study, uncover

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {"runOnly": WCAG, "resultTypes": ["violations"]}
WIDTHS = (320, 768, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WAIT_MS = 60_000  # figures are drawn when they are asked for, on a busy machine
# Controls that are smaller than 44 px each way; a link within text has its line
SMALL = """() => [...document.querySelectorAll(
    'button, summary, select, textarea, label.answer, input[type=range], a.button'
)].filter(one => one.checkVisibility() && !one.closest('noscript'))
  .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([html, box]) => `${box.width}x${box.height} ${html}`)"""
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faults(page: Page, *, ours: bool = True) -> list[str]:
    """Return what is wrong with the page as it stands, at every width and scheme.

    Django's own pages (not `ours`) have their own sizes and widths.
    """
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        told = [f"small: {one}" for one in page.evaluate(SMALL)] if ours else []
        if ours and (beyond := page.evaluate(BEYOND)) > 0:
            told.append(f"{beyond} px too wide")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            told += [f"{scheme}: {one}" for one in violations(page)]
        found += [f"{page.url} {width} px: {one}" for one in told]
    return found


def violations(page: Page) -> list[str]:
    rules = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{rule['id']}: {node['html']}: {node['failureSummary']}"
        for rule in rules
        for node in rule["nodes"]
    ]


def faults_at(page: Page, site: str, addresses: Iterable[str]) -> list[str]:
    """Return what is wrong with the pages at `addresses`, each of which exists."""
    found = []
    for address in addresses:
        reply = page.goto(f"{site}/{address}")
        assert reply
        assert reply.status == 200, address
        found += faults(page)
    return found


# ---- raters -------------------------------------------------------------------------


def at_consent(session: Session) -> None:
    """Leave `session` where everybody begins."""


def at_sound_check(session: Session) -> None:
    consent(session, at=now())


def at_sound_check_again(session: Session) -> None:
    start(session, at=now())
    Session.objects.update(sound_due=True)


def at_headphones(session: Session) -> None:
    Study.objects.update(headphone_check="both", headphone_policy="warn")
    session.refresh_from_db()
    consent(session, at=now())
    check_sound(session, at=now())


def at_the_second_attempt(session: Session) -> None:
    at_headphones(session)
    fail_an_attempt(session)


def at_the_warning(session: Session) -> None:
    at_the_second_attempt(session)
    fail_an_attempt(session)


def fail_an_attempt(session: Session) -> None:
    trials = session.headphone_trials.current()
    wrong = {trial.position: trial.odd % 3 + 1 for trial in trials}
    take(session, asked=trials[0].asked, answers=wrong, at=now())


def declined(session: Session) -> None:
    decline(session, at=now())


def without_headphones(session: Session) -> None:
    end(session, problem="no-headphones", at=now())


def done(session: Session) -> None:
    finish(session, at=now())


WAYS = {
    "consent": [at_consent],
    "sound-check": [at_sound_check, at_sound_check_again],
    "headphones": [at_headphones, at_the_second_attempt, at_the_warning],
    "declined": [declined],
    "ended": [without_headphones],
    "done": [done],
}


@pytest.mark.parametrize(
    ("step", "way"), [(step, way) for step, ways in WAYS.items() for way in ways]
)
def test_every_step_of_a_session(
    page: Page,
    live_server: LiveServer,
    scene: Scene,
    step: str,
    way: Callable[[Session], None],
) -> None:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    way(session)
    page.goto(f"{live_server.url}/session/{session.code}/")
    assert page.url.endswith(f"/{step}/")
    assert faults(page) == []


def compared(scene: Scene, method: str) -> Study:
    return make_study(scene.ada, scene.stimulus_set, slug=method, method=method)


def scored(scene: Scene, method: str) -> Study:
    return make_scored_study(scene.ada, scene.stimulus_set, method=method)


def together(scene: Scene, method: str) -> Study:
    return make_mushra_study(scene)


@pytest.mark.parametrize(
    ("method", "study_of"),
    [
        *(("ab", compared), ("ab-tie", compared), ("ccr", compared), ("abx", compared)),
        *(("acr", scored), ("p835", scored), ("mushra", together)),
    ],
)
def test_a_trial_of_every_method(
    page: Page,
    live_server: LiveServer,
    scene: Scene,
    method: str,
    study_of: Callable[[Scene, str], Study],
) -> None:
    study = study_of(scene, method)
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=now())
    start(session, at=now())
    page.goto(f"{live_server.url}/session/{session.code}/")
    play = page.get_by_role("button", name="Play")
    for n in range(play.count()):
        expect(play.nth(n)).to_be_enabled()
    assert faults(page) == []


@pytest.mark.parametrize(
    "address",
    ["", "accounts/login/", "withdraw/", "r/{code}/", "r/{code}/kept/", "i/{token}/"],
)
def test_pages_for_everybody(
    page: Page, live_server: LiveServer, scene: Scene, address: str
) -> None:
    invite(scene.study, ["one@example.org"], at=now())
    told = {"code": scene.study.code, "token": Invitation.objects.get().token}
    assert faults_at(page, live_server.url, [address.format(**told)]) == []


def test_a_page_that_is_not_there(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/no/")
    assert faults(page) == []


def test_the_question_whether_a_withdrawal_is_meant(
    page: Page, live_server: LiveServer, scene: Scene
) -> None:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    page.goto(f"{live_server.url}/withdraw/")
    page.get_by_label("Withdrawal code").fill("7KQM-2F9X-TBHN-84WD")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("No session has this code")).to_be_visible()
    found = faults(page)
    page.get_by_label("Withdrawal code").fill(session.withdrawal_code)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Delete everything")).to_be_visible()
    found += faults(page)
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("heading", name="Everything is deleted")).to_be_visible()
    assert [*found, *faults(page)] == []


def test_the_page_of_a_study_that_takes_nobody(
    page: Page, live_server: LiveServer, scene: Scene
) -> None:
    Study.objects.update(state=Study.State.PAUSED)
    page.goto(f"{live_server.url}/r/{scene.study.code}/")
    assert faults(page) == []


# ---- experimenters ------------------------------------------------------------------

DESIGN = (
    *("", "edit/", "checks/", "declaration/", "texts/", "recruiting/"),
    *("schedules/", "design/"),
)
RUNNING = ("board/", "sessions/", "sessions/{session}/", "results/")


@pytest.fixture
def ada(page: Page, live_server: LiveServer, scene: Scene) -> Page:
    """Return the page on which Ada is logged in."""
    log_in(page, live_server.url, "ada", "ada's password")
    page.set_default_timeout(WAIT_MS)
    return page


def test_the_experimenter_s_own_pages(
    ada: Page, live_server: LiveServer, scene: Scene
) -> None:
    addresses = ["studies/", "studies/new/", "plan/", "accounts/password_change/"]
    assert faults_at(ada, live_server.url, addresses) == []


@pytest.mark.parametrize("blind", [True, False])
def test_the_pages_of_a_study_that_runs(
    ada: Page, live_server: LiveServer, scene: Scene, blind: bool
) -> None:
    for seed in range(3):
        session = enrol(
            study=scene.study, stage=Session.Stage.LIVE, seed=seed, at=now()
        )
        finish(session, at=now())
    leave_out(session, by="ada", reason="They slept.", at=now())
    invite(scene.study, ["one@example.org", "two@example.org"], at=now())
    if not blind:
        uncover(scene.study)
    parts = [*DESIGN, *RUNNING] if blind else RUNNING
    addresses = [f"studies/study/{part}".format(session=session.pk) for part in parts]
    assert faults_at(ada, live_server.url, addresses) == []


@pytest.mark.parametrize("method", ["abx", "p835"])
def test_the_pages_of_other_answers(
    ada: Page, live_server: LiveServer, scene: Scene, method: str
) -> None:
    make = {"abx": compared, "p835": scored}[method]
    study = make(scene, method)
    value = {"abx": -1, "p835": 3}[method]
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=now())
    finish(session, at=now(), value=value)
    uncover(study)
    parts = ("checks/", "schedules/", "board/", "sessions/{session}/", "results/")
    addresses = [f"studies/{method}/{part}" for part in parts]
    addresses = [address.format(session=session.pk) for address in addresses]
    assert faults_at(ada, live_server.url, addresses) == []


@pytest.mark.parametrize("state", ["draft", "pilot", "paused"])
def test_the_pages_of_a_design_in_every_state(
    ada: Page, live_server: LiveServer, scene: Scene, state: str
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
    addresses = [f"studies/new-one/{part}" for part in DESIGN]
    assert faults_at(ada, live_server.url, addresses) == []


def amend(study: Study) -> None:
    def save() -> None:
        Study.objects.filter(pk=study.pk).update(rater_quota=30)

    freezing.change(study, save, at=now(), reason="Fewer came.")


def test_the_pages_of_the_site_s_administrator(
    page: Page, live_server: LiveServer, scene: Scene
) -> None:
    User.objects.create_superuser("root", password="a long enough password")
    log_in(page, live_server.url, "root", "a long enough password")
    stimulus_set = f"stimulusset/{scene.stimulus_set.pk}/"
    stimulus = f"stimulus/{Stimulus.objects.first().pk}/"  # type: ignore[union-attr]
    found = faults_at(page, live_server.url, ["restore/"])
    for part in ("", "stimulusset/", stimulus_set + "change/", stimulus + "change/"):
        page.goto(f"{live_server.url}/admin/stimuli/{part}")
        found += faults(page, ours=False)
    page.goto(f"{live_server.url}/admin/stimuli/{stimulus_set}generation/")
    assert [*found, *faults(page, ours=False)] == []
