"""The outcome of a study that is under way is hidden, wherever it could be seen."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from listening.blinding import is_blind, unblind
from listening.enrolment import enrol
from listening.models import Session, Study, Unblinding
from listening.simulation import simulate
from tests.listening.test_results import urls
from tests.raters import finish
from tests.scene import Scene

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = "/studies/study/results/"
UNBLIND = "/studies/study/results/unblind/"
WHY = {"reason": "A sponsor asks <b>at once</b>."}


def rate(study: Study, people: int = 1) -> list[Session]:
    return [
        finish(enrol(study=study, stage="live", seed=seed, at=NOON), at=NOON)
        for seed in range(people)
    ]


@pytest.fixture
def running(scene: Scene, client: Client) -> Study:
    """Two of three people have finished."""
    Study.objects.update(rater_quota=3)
    scene.study.refresh_from_db()
    rate(scene.study, 2)
    client.force_login(scene.ada)
    return scene.study


def test_without_answers_there_is_nothing_to_hide(scene: Scene) -> None:
    assert not is_blind(scene.study)


def test_it_is_hidden_until_all_have_finished(running: Study) -> None:
    assert is_blind(running)
    finish(enrol(study=running, stage="live", seed=9, at=NOON), at=NOON)
    assert not is_blind(running)


@pytest.mark.parametrize("state", [s for s in Study.State if s != "closed"])
def test_only_closing_ends_it(running: Study, state: str) -> None:
    running.state = state
    assert is_blind(running)
    running.state = Study.State.CLOSED
    assert not is_blind(running)


def test_programs_do_not_meet_the_rule_for_people(scene: Scene) -> None:
    """They are hidden as people are, and shown when as many as wanted are done."""
    Study.objects.update(rater_quota=3)
    scene.study.refresh_from_db()
    simulate(scene.study, raters=2, seed=1, at=NOON)
    assert is_blind(scene.study)
    simulate(scene.study, raters=1, seed=2, at=NOON)
    assert not is_blind(scene.study)
    rate(scene.study, 1)
    assert is_blind(scene.study)


def test_full_cells_end_it_and_closed_cells_do_not(scene: Scene) -> None:
    Study.objects.update(cell_quota=1)
    scene.study.refresh_from_db()
    rate(scene.study, 2)
    comparisons = scene.study.comparisons.all()
    for comparison in comparisons:
        for snr_db in scene.stimulus_set.snrs_db:
            comparison.closed_cells.create(snr_db=snr_db)
    assert is_blind(scene.study)
    for comparison in comparisons:
        comparison.closed_cells.all().delete()
    rate(scene.study, 1)  # 3 raters x 4 answers fill 12 cells
    assert not is_blind(scene.study)


def answers_of_all(client: Client) -> dict[str, int]:
    static = reverse("results-r", args=["study"])  # the same text for every study
    return {url: client.get(url).status_code for url in urls("study") if url != static}


def test_no_page_and_no_file_shows_it(running: Study, client: Client) -> None:
    found = answers_of_all(client)
    assert found.pop(URL) == 200
    assert set(found.values()) == {403}
    page = client.get(URL).content.decode()
    assert "The outcome is hidden for now" in page
    assert "2 of 3 raters have finished" in page
    assert "wiener" not in page


def test_all_pages_show_it_when_the_rule_is_met(running: Study, client: Client) -> None:
    Study.objects.update(state=Study.State.CLOSED)
    assert set(answers_of_all(client).values()) == {200}
    assert "Seen before the end" not in client.get(URL).content.decode()


def test_looking_early_is_kept_and_shown(running: Study, client: Client) -> None:
    response = client.post(UNBLIND, WHY, follow=True)
    log = Unblinding.objects.get()
    assert (log.by, log.reason) == ("ada", WHY["reason"])
    assert (log.raters, log.simulated, log.answers) == (2, 0, 8)
    page = response.content.decode()
    assert "Seen before the end" in page
    assert "A sponsor asks &lt;b&gt;at once&lt;/b&gt;." in page
    assert set(answers_of_all(client).values()) == {200}


def test_of_two_clicks_the_first_counts(running: Study, client: Client) -> None:
    client.post(UNBLIND, WHY)
    client.post(UNBLIND, {"reason": "Another one."})
    assert Unblinding.objects.get().reason == WHY["reason"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
def test_without_a_reason_nothing_is_shown(
    running: Study, client: Client, reason: str
) -> None:
    response = client.post(UNBLIND, {"reason": reason})
    assert response.status_code == 422
    assert not Unblinding.objects.exists()
    assert is_blind(running)


def test_nothing_is_logged_when_there_is_nothing_to_uncover(scene: Scene) -> None:
    assert unblind(scene.study, by="ada", reason="Curious.", at=NOON) is None
    assert not Unblinding.objects.exists()


def test_only_the_owner_uncovers(scene: Scene, running: Study, client: Client) -> None:
    assert client.get(UNBLIND).status_code == 405
    client.force_login(scene.eve)
    assert client.post(UNBLIND, WHY).status_code == 404
    client.logout()
    assert client.post(UNBLIND, WHY).status_code == 302
    assert not Unblinding.objects.exists()


@pytest.mark.parametrize("command", ["analyze", "export"])
def test_commands_ask_for_a_reason(running: Study, command: str, tmp_path: Any) -> None:
    options: dict[str, Any] = {"stdout": io.StringIO()}
    if command == "export":
        options["to"] = tmp_path
    with pytest.raises(CommandError, match="the outcome is hidden until 3 raters"):
        call_command(command, "study", **options)
    call_command(command, "study", unblind="It is mine.", **options)
    log = Unblinding.objects.get()
    assert (log.by, log.reason) == ("the command line", "It is mine.")
