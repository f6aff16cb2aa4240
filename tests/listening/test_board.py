"""How a running study stands."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from listening.answering import answer, check_sound, consent, decline, end, show
from listening.board import Board, board
from listening.enrolment import enrol
from listening.headphone_answering import take
from listening.models import Session, Study
from tests.raters import finish, key_for, start
from tests.scene import Scene, make_scored_study

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)


def begin(scene: Scene, seed: int, *, at: datetime = NOON, **more: bool) -> Session:
    return enrol(study=scene.study, stage="live", seed=seed, at=at, **more)


def funnel(found: Board) -> dict[str, tuple[int, int]]:
    return {
        step.label: (step.people, step.simulated)
        for step in (*found.funnel, *found.ends)
    }


def test_an_empty_study(scene: Scene) -> None:
    found = board(scene.study, at=NOON)
    assert set(funnel(found).values()) == {(0, 0)}
    assert [len(row.cells) for row in found.rows] == [6, 6]
    assert found.median_minutes is None


def test_the_funnel_tells_people_from_programs(scene: Scene) -> None:
    finish(begin(scene, 1), at=NOON + timedelta(minutes=6))
    finish(begin(scene, 2, simulated=True), at=NOON)
    decline(begin(scene, 3), at=NOON)
    start(begin(scene, 4), at=NOON)
    start(begin(scene, 5, at=LATER), at=LATER)
    end(start(begin(scene, 6), at=NOON), problem="no-sound", at=NOON)
    begin(scene, 7)
    assert funnel(board(scene.study, at=LATER)) == {
        "Link opened, times": (0, 0),
        "Arrived": (6, 1),
        "Agreed to take part": (4, 1),
        "Set the volume": (4, 1),
        "Finished training": (1, 1),
        "Finished": (1, 1),
        "Under way now": (1, 0),
        "Did not agree": (1, 0),
        "Without headphones": (0, 0),
        "Technical problem": (1, 0),
        "Left before agreeing": (1, 0),
        "Left before the first pair": (1, 0),
        "Left during training": (0, 0),
        "Left during the test": (0, 0),
        "Left out by hand": (0, 0),
        "Withdrew": (0, 0),
    }


def test_who_stops_in_the_middle_left_during_the_test(scene: Scene) -> None:
    session = start(begin(scene, 1), at=NOON)
    for trial in session.trials.unanswered()[:2]:
        show(trial, at=NOON)
        answer(trial, key=key_for(trial), value=-1, at=NOON)
    found = funnel(board(scene.study, at=LATER))
    assert found["Finished training"] == found["Left during the test"] == (1, 0)
    assert found["Finished"] == found["Left before the first pair"] == (0, 0)


def test_a_headphone_check_has_a_step_and_an_end(scene: Scene) -> None:
    Study.objects.update(headphone_check="huggins", headphone_policy="exclude")
    scene.study.refresh_from_db()
    finish(begin(scene, 1), at=NOON)
    fail_headphones(begin(scene, 2))
    end(begin(scene, 3), problem="no-headphones", at=NOON)
    found = funnel(board(scene.study, at=NOON))
    assert found["Passed the headphone check"] == (1, 0)
    assert found["Did not pass the headphone check"] == (1, 0)
    assert found["Without headphones"] == (1, 0)


def fail_headphones(session: Session) -> None:
    consent(session, at=NOON)
    check_sound(session, at=NOON)
    for attempt in (1, 2):
        asked = session.headphone_trials.current()
        wrong = {trial.position: trial.odd % 3 + 1 for trial in asked}
        take(session, asked=(1, attempt), answers=wrong, at=NOON)
        session.refresh_from_db()
    assert session.state == Session.State.SCREENED_OUT


def test_opening_the_link_is_counted_and_pressing_start_is_not(
    client: Client, scene: Scene
) -> None:
    link = f"/r/{scene.study.code}/"
    for _ in range(2):
        client.get(link)
    client.post(link)
    found = funnel(board(scene.study, at=LATER))
    assert found["Link opened, times"] == (2, 0)


def test_the_pace_is_that_of_people(scene: Scene) -> None:
    finish(begin(scene, 1), at=NOON)
    finish(begin(scene, 2, at=LATER), at=LATER)
    finish(begin(scene, 3, simulated=True), at=LATER)
    pace = board(scene.study, at=LATER).pace
    assert pace.last_hour == 5  # four of the test and one of training
    assert pace.an_hour == pytest.approx(10 / 2)
    nothing = board(scene.study, at=LATER + timedelta(days=3)).pace
    assert (nothing.last_hour, nothing.an_hour) == (0, 0)


def test_three_scores_of_a_sound_are_one_trial(scene: Scene) -> None:
    study = make_scored_study(scene.ada, scene.stimulus_set, method="p835")
    session = enrol(study=study, stage="live", seed=1, at=NOON)
    finish(session, at=NOON, value=3)
    sounds = study.trials_per_session + study.training_trials
    assert session.trials.answered().count() == 3 * sounds
    assert board(study, at=NOON).pace.last_hour == sounds


def test_the_median_is_that_of_people(scene: Scene) -> None:
    for seed, minutes in enumerate((4, 6, 30)):
        finish(begin(scene, seed), at=NOON + timedelta(minutes=minutes))
    finish(begin(scene, 9, simulated=True), at=NOON)
    assert board(scene.study, at=LATER).median_minutes == pytest.approx(6)


def test_cells_count_the_answers_of_the_test(scene: Scene) -> None:
    """Training is not counted, nor is a preview."""
    finish(begin(scene, 1), at=NOON)
    preview = enrol(study=scene.study, stage="preview", seed=2, at=NOON)
    finish(preview, at=NOON)
    found = board(scene.study, at=NOON)
    assert sum(cell.answers for row in found.rows for cell in row.cells) == 4
    assert found.expected == pytest.approx(50 * 4 / 12)
