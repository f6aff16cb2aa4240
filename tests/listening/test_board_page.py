"""GET /studies/<slug>/board/ and what it tells of browsers."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from listening import telemetry
from listening.answering import answer, show
from listening.browsers import browser_of, platform_of
from listening.enrolment import enrol
from listening.models import Session
from listening.troubles import Share, troubles
from tests.raters import begun, finish, key_for, start
from tests.scene import Scene, make_study

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = "/studies/study/board/"
HTMX = {"HX-Request": "true"}
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


def test_it_polls_a_part_of_itself_while_raters_may_come(
    ada: Client, scene: Scene
) -> None:
    part = ada.get(URL, headers=HTMX).content.decode()
    assert part.strip().startswith('<div id="live"')
    assert "every 5s" in part
    scene.study.state = "paused"
    scene.study.save()
    assert "every 5s" not in ada.get(URL, headers=HTMX).content.decode()


def test_it_tells_of_no_outcome(ada: Client, scene: Scene) -> None:
    """Whether all prefer A or all prefer B, the page is the same."""
    pages = []
    for value in (-1, 1):
        study = make_study(scene.ada, scene.stimulus_set, slug=f"all-{value + 1}")
        finish(enrol(study=study, stage="live", seed=1, at=NOON), at=NOON, value=value)
        part = ada.get(f"/studies/{study.slug}/board/", headers=HTMX).content.decode()
        before, _, after = part.partition("As of ")
        pages.append((before + after[8:]).replace(study.slug, "slug"))
    assert pages[0] == pages[1]


def test_it_hides_from_others(scene: Scene, client: Client) -> None:
    assert client.get(URL)["Location"].startswith("/accounts/login/")
    client.force_login(scene.eve)
    assert client.get(URL).status_code == 404


def test_troubles_are_counted_by_session_and_by_answer(scene: Scene) -> None:
    def session(seed: int, *, simulated: bool = False) -> Session:
        made = enrol(
            study=scene.study, stage="live", seed=seed, at=NOON, simulated=simulated
        )
        return start(made, at=NOON)

    for number, (who, underruns) in enumerate(
        [(session(1), 2), (session(2), 0), (session(3, simulated=True), 5)]
    ):
        trial = who.trials.unanswered()[0]
        show(trial, at=NOON)
        answer(trial, key=key_for(trial), value=-1, at=NOON, underruns=underruns)
        if not number:
            batch = ",".join(
                f'{{"n": {n}, "trial": 1, "kind": "underrun", "at_s": {n}}}'
                for n in range(3)
            )
            telemetry.record(who, page=uuid4(), batch=f"[{batch}]", at=NOON)
    session(4)  # was shown nothing
    found = troubles(scene.study)
    told = {one.label: (one.count, one.of) for one in found.sessions}
    assert told["The sound faltered"] == (1, 2)
    assert told["Sounds could not be loaded"] == (0, 2)
    assert found.answers == [Share("Answers while the sound faltered", 1, 2)]
    assert found.answers[0].percent == 50


def test_kinds_of_browsers_are_kept_when_somebody_agrees(
    client: Client, scene: Scene
) -> None:
    session = begun(client, f"/r/{scene.study.code}/")
    told = f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/140.0 Safari/537"
    client.post(
        f"/session/{session.code}/consent/",
        {"decision": "agree", "version": 1},
        headers={"User-Agent": told},
    )
    session.refresh_from_db()
    assert (session.browser, session.platform) == ("Chrome", "Android")
    assert troubles(scene.study).browsers == [Share("Chrome on Android", 1, 1)]


@pytest.mark.parametrize(
    ("told", "browser", "platform"),
    [
        ("", "", ""),
        ("curl/8.0", "other", "other"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox", "Linux"),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/140 Safari/537 Edg/140",
            "Edge",
            "Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Version/17 Safari/605",
            "Safari",
            "macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) CriOS/140 Safari/6",
            "Chrome",
            "iOS",
        ),
        (f"Mozilla/5.0 (X11; CrOS x86_64) {WEBKIT} Chrome/1", "Chrome", "ChromeOS"),
        (f"Mozilla/5.0 (X11; Linux) {WEBKIT} Chrome/1 OPR/1", "Opera", "Linux"),
    ],
)
def test_of_what_a_browser_says_the_kind_is_read(
    told: str, browser: str, platform: str
) -> None:
    assert (browser_of(told), platform_of(told)) == (browser, platform)
