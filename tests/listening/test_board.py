"""How a running study stands."""

from datetime import UTC, datetime, timedelta

import pytest

from listening.answering import decline, end
from listening.board import Board, board
from listening.enrolment import enrol
from listening.models import Session
from tests.raters import finish, start
from tests.scene import Scene

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)


def begin(scene: Scene, seed: int, *, at: datetime = NOON, **more: bool) -> Session:
    return enrol(study=scene.study, stage="live", seed=seed, at=at, **more)


def funnel(found: Board) -> dict[str, tuple[int, int]]:
    return {step.label: (step.people, step.simulated) for step in found.funnel}


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
    assert funnel(board(scene.study, at=LATER)) == {
        "Arrived": (5, 1),
        "Agreed to take part": (4, 1),
        "Finished": (1, 1),
        "Under way now": (1, 0),
        "Left before the end": (1, 0),
        "Did not agree": (1, 0),
        "Without headphones": (0, 0),
        "Technical problem": (1, 0),
    }


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
