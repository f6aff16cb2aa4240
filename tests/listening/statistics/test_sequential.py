"""Boundaries against published ones, and the e-process against what defines it."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, multivariate_normal, norm

from listening.statistics.sequential import (
    Boundaries,
    boundaries,
    constant,
    crossing,
    first_rejection,
    inflation,
    rater_evidence,
    rater_majorities,
)

REFERENCE: dict[str, Any] = json.loads(
    Path("tests/reference/sequential.json").read_text()
)
CLASSICAL = [
    (kind, int(looks), value)
    for kind in ("pocock", "obrien-fleming")
    for looks, value in REFERENCE["classical"][kind].items()
]


@pytest.mark.parametrize(("kind", "looks", "value"), CLASSICAL)
def test_constants_are_those_of_the_tables(kind: Any, looks: int, value: float) -> None:
    assert constant(looks, kind=kind) == pytest.approx(value, abs=6e-4)


@pytest.mark.parametrize("case", REFERENCE["seqabpy"]["cases"])
def test_boundaries_are_those_of_seqabpy(case: dict[str, Any]) -> None:
    """Its own integration is good to about 1e-4."""
    z = boundaries(case["t"], kind=case["kind"]).z
    assert z == pytest.approx(case["z"], abs=1e-4)


@pytest.mark.parametrize("case", REFERENCE["seqbounds"]["cases"])
def test_boundaries_are_those_of_seqbounds(case: dict[str, Any]) -> None:
    alpha = case["alpha"] * (3 - case["sides"])  # ours are two-sided
    z = boundaries(case["t"], kind=case["kind"], alpha=alpha).z
    known = [i for i, value in enumerate(case["z"]) if value is not None]
    expected = [case["z"][i] for i in known]
    assert z[known] == pytest.approx(expected, abs=case["within"])


def test_crossing_is_the_multivariate_normal() -> None:
    t, z, drift = np.array([0.3, 0.5, 1.0]), np.array([2.5, 2.2, 2.0]), 1.7
    cov = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    mean = drift * np.sqrt(t)
    inside = multivariate_normal(mean, cov).cdf(z, lower_limit=-z, rng=1)
    assert crossing(z, t, drift=drift)[-1] == pytest.approx(1 - inside, abs=1e-5)


def test_what_looks_cost_is_what_sas_says() -> None:
    """Its Pocock design: largest and expected information over the fixed sample's."""
    sas = REFERENCE["sas"]
    t = np.arange(1, sas["looks"] + 1) / sas["looks"]
    z = np.full(sas["looks"], constant(sas["looks"], kind="pocock"))
    plan = Boundaries(t, z, 2 * norm.sf(z), crossing(z, t))
    factor = inflation(plan, power=sas["power"])
    assert factor == pytest.approx(sas["max_information"], rel=2e-4)
    fixed = norm.isf(0.025) + norm.ppf(sas["power"])
    for drift, expected in (
        (0.0, sas["null_expected"]),
        (fixed * np.sqrt(factor), sas["alternative_expected"]),
    ):
        stopped = crossing(z, t, drift=drift)[:-1]
        heard = factor * (1 - stopped.sum() / sas["looks"])
        assert heard == pytest.approx(expected, rel=2e-4)


def test_one_look_at_the_end_costs_nothing() -> None:
    assert inflation(boundaries([1.0])) == pytest.approx(1)


@pytest.mark.parametrize("kind", ["pocock", "obrien-fleming"])
def test_all_of_alpha_is_spent_over_fifty_looks(kind: Any) -> None:
    plan = boundaries(np.arange(1, 51) / 50, kind=kind)
    assert crossing(plan.z, plan.information) == pytest.approx(plan.spent, abs=1e-9)
    assert plan.spent[-1] == pytest.approx(0.05)


def test_a_single_look_is_the_usual_test() -> None:
    plan = boundaries([1.0])
    assert plan.z[0] == pytest.approx(norm.isf(0.025))
    assert plan.nominal[0] == pytest.approx(0.05)


def test_a_boundary_depends_on_earlier_looks_only() -> None:
    whole, part = boundaries([0.2, 0.5, 1.0]), boundaries([0.2, 0.5])
    assert whole.z[:2] == pytest.approx(part.z)


@pytest.mark.parametrize("shares", [[], [0.0, 1.0], [0.5, 0.5], [0.5, 1.1]])
def test_shares_of_raters_must_increase(shares: list[float]) -> None:
    with pytest.raises(ValueError, match="must increase"):
        boundaries(shares)


def test_the_first_look_within_its_level_rejects() -> None:
    plan = boundaries([0.5, 1.0], kind="pocock")
    assert first_rejection([0.04, 0.02], plan) == 1
    assert first_rejection([0.01], plan) == 0
    assert first_rejection([0.2, 0.04], plan) is None


def test_the_e_value_is_the_mixture_of_likelihood_ratios() -> None:
    told = rater_evidence([1, 1, -1, 1, 0], share=0.4, prior=2.0)

    def ratio(p: float) -> float:
        return 6 * p * (1 - p) * p**3 * (1 - p) / (0.4**3 * 0.6)

    assert told.e_value[-1] == pytest.approx(quad(ratio, 0, 1)[0])
    assert told.e_value[-2] == told.e_value[-1]  # a tie says nothing


def test_the_e_process_is_a_martingale() -> None:
    """Over all 2^8 ways that eight raters can go, the mean e-value is 1."""
    ways = np.array(list(product([1, -1], repeat=8)))
    e = np.array([rater_evidence(way).e_value for way in ways])
    assert e.mean(axis=0) == pytest.approx(np.ones(8))


def test_ville_holds_exactly_for_two_hundred_raters() -> None:
    """The probability of ever reaching 20, by counting, is at most 5 %."""
    alive, stopped = np.array([1.0]), 0.0
    for n in range(1, 201):
        alive = np.convolve(alive, [0.5, 0.5])
        s = np.arange(n + 1)
        e = 2.0**n / ((n + 1) * np.exp(np.log(binom.pmf(s, n, 0.5)) + n * np.log(2)))
        stopped += alive[e >= 20].sum()
        alive[e >= 20] = 0
    assert 0.01 < stopped <= 0.05
    assert rater_evidence([1] * 8).rejected() == 7  # 2^8 / 9 > 20 > 2^7 / 8
    assert rater_evidence([1, -1] * 50).rejected() is None


def test_p_never_rises() -> None:
    told = rater_evidence([1] * 9 + [-1] * 9)
    assert np.all(np.diff(told.p) <= 0)
    assert told.p[-1] == pytest.approx(1 / told.e_value.max())


def test_majorities_count_ties_as_none() -> None:
    preferred = np.array([1, 1, 0, 0, 1, 0.5, 0, 0])
    rater = np.array([3, 3, 3, 5, 5, 5, 9, 9])
    assert rater_majorities(preferred, rater).tolist() == [1, 0, -1]
