"""Planned looks against Brownian motion, where the two-way t is a mean of raters."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm, t

from listening.statistics.planned_looks import PlannedLooks, plan_looks
from listening.statistics.sequential import crossing
from listening.statistics.simulated import ImpossibleStudy, StudyDesign

# One trial a rater and raters alike: the estimate is a share of independent answers
COINS = StudyDesign(200, 1, 250, np.array([[0.6]]), rater_sd=0.0, utterance_sd=0.0)


def planned(design: StudyDesign = COINS, **options: Any) -> PlannedLooks:
    settings: dict[str, Any] = {"looks": 4, "system": 0, "replicates": 300}
    return plan_looks(design, np.random.default_rng(1), **(settings | options))


@pytest.mark.parametrize("kind", ["obrien-fleming", "pocock"])
def test_looks_end_as_many_studies_as_brownian_motion(kind: Any) -> None:
    found = planned(kind=kind)
    drift = 0.1 / np.sqrt(0.6 * 0.4 / 200)
    expected = crossing(found.boundaries.z, found.boundaries.information, drift=drift)
    error = 3.5 * np.sqrt(expected * (1 - expected) / 300) + 0.02
    assert (np.abs(found.found - expected) < error).all()
    fixed = norm.sf(norm.isf(0.025) - drift)
    assert found.found_at_end_only == pytest.approx(fixed, abs=0.08)
    heard = 50 * (1 + (1 - expected[:-1]).sum())
    assert found.expected_raters == pytest.approx(heard, abs=10)


def test_a_look_rejects_by_students_t_of_its_raters() -> None:
    found = planned(replicates=5)
    assert found.raters.tolist() == [50, 100, 150, 200]
    assert found.t == pytest.approx(
        t.isf(found.boundaries.nominal / 2, found.raters - 1)
    )


def test_the_fewer_utterances_are_the_degrees_of_freedom() -> None:
    design = StudyDesign(40, 10, 20, np.array([[0.6]]))
    found = planned(design, looks=2, replicates=5)
    assert found.t == pytest.approx(t.isf(found.boundaries.nominal / 2, 19))


@pytest.mark.parametrize(
    ("raters", "looks", "message"),
    [
        (50, 1, "between 1 and 9 looks"),
        (50, 11, "between 1 and 9 looks"),
        (7, 4, "need at least 8 raters"),
    ],
)
def test_it_says_which_looks_cannot_be(raters: int, looks: int, message: str) -> None:
    design = StudyDesign(raters, 4, 20, np.array([[0.6]]))
    with pytest.raises(ImpossibleStudy, match=message):
        planned(design, looks=looks)
