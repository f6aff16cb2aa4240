"""Fits: closed forms, recovery, invariances, edges, refusals."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from statsmodels.miscmodels.ordinal_model import OrderedModel

from listening.statistics.mixed import (
    Factor,
    MixedFit,
    Start,
    fit_binary,
    fit_ordinal,
)
from tests.listening.statistics.trials import Trials, simulate, study

TRIALS = simulate(11)
GRADED = simulate(12, cuts=(-1.5, -0.5, 0.5, 1.5))


def fit(trials: Trials, **options: Any) -> MixedFit:
    return fit_binary(trials.y, trials.X, trials.factors, **options)


def assert_same(a: MixedFit, b: MixedFit) -> None:
    """Hold two fits to 1e-5 standard errors of each other."""
    assert (np.abs(a.beta - b.beta) / a.se).max() < 1e-5
    assert a.se == pytest.approx(b.se, rel=1e-5)
    assert a.log_likelihood == pytest.approx(b.log_likelihood, abs=1e-8)
    for name, sd in a.sd.items():
        assert sd == pytest.approx(b.sd[name], abs=1e-5)


def even_handed(seed: int, levels: int) -> tuple[NDArray[Any], NDArray[Any], Factor]:
    """Answers that raters spread more evenly than chance would: no variance is left."""
    rng = np.random.default_rng(seed)
    rater = np.repeat(np.arange(15), 24)
    y = np.concatenate(
        [rng.permutation(np.resize(np.arange(levels), 24)) for _ in range(15)]
    )
    return y, rng.standard_normal(len(y)), Factor("rater", rater)


def test_without_variance_it_is_logistic_regression() -> None:
    y, x, rater = even_handed(1, 2)
    X = np.column_stack([np.ones(len(y)), x])
    found = fit_binary(y, X, [rater])
    expected = sm.Logit(y, X).fit(disp=0)
    assert found.singular
    assert "variance of rater is estimated as zero" in found.warnings[0]
    assert found.sd["rater"][0] < 1e-3
    assert found.beta == pytest.approx(expected.params, abs=1e-7)
    assert found.se == pytest.approx(expected.bse, rel=1e-5)
    assert found.log_likelihood == pytest.approx(expected.llf, abs=1e-8)
    assert found.p == pytest.approx(expected.pvalues, abs=1e-6)


def test_without_variance_graded_answers_are_an_ordered_regression() -> None:
    y, x, rater = even_handed(2, 4)
    found = fit_ordinal(y, x[:, None], [rater])
    expected = OrderedModel(y, x[:, None], distr="logit").fit(disp=0, method="newton")
    thresholds = expected.model.transform_threshold_params(expected.params)[1:-1]
    assert found.beta == pytest.approx(expected.params[:1], abs=1e-5)
    assert found.thresholds == pytest.approx(thresholds, abs=1e-5)
    assert found.se == pytest.approx(expected.bse[:1], rel=1e-3)
    assert found.log_likelihood == pytest.approx(expected.llf, abs=1e-8)


def test_two_grades_are_binary() -> None:
    """P(Y > 0) of a cumulative model with one threshold is the binary model."""
    binary = fit(TRIALS)
    graded = fit_ordinal(TRIALS.y, TRIALS.X[:, 1:], TRIALS.factors)
    assert graded.thresholds == pytest.approx(-binary.beta[:1], abs=1e-6)
    assert graded.threshold_se == pytest.approx(binary.se[:1], rel=1e-5)
    assert graded.beta == pytest.approx(binary.beta[1:], abs=1e-6)
    assert graded.log_likelihood == pytest.approx(binary.log_likelihood, abs=1e-8)


def test_it_recovers_known_parameters() -> None:
    beta = (0.5, -0.05, -0.5, 0.02)
    trials = simulate(
        13, raters=300, trials=40, utterances=120, sd_slope=0.1, beta=beta
    )
    found = fit_binary(trials.y, trials.X, trials.sloping)
    assert (np.abs(found.beta - beta) / found.se).max() < 3
    truth = {"rater": np.array([0.8, 0.1]), "utterance": np.array([0.5])}
    for name, sd in truth.items():
        assert (np.abs(found.sd[name] - sd) / found.sd_se[name]).max() < 3
    assert found.sd_se["rater"][0] < 0.06


def test_it_recovers_known_thresholds() -> None:
    cuts = (-2.0, -1.0, 0.5, 2.0)
    beta = (0.0, -0.05, -0.5, 0.02)
    trials = simulate(14, raters=200, trials=40, utterances=80, beta=beta, cuts=cuts)
    found = fit_ordinal(trials.y, trials.X[:, 1:], trials.factors)
    assert (np.abs(found.thresholds - cuts) / found.threshold_se).max() < 3
    assert (np.abs(found.beta - beta[1:]) / found.se).max() < 3


def test_conditional_modes_are_those_of_the_levels_given() -> None:
    """Raters with more preferences have larger modes."""
    found = fit(TRIALS).random["rater"]
    share = np.bincount(TRIALS.rater.codes, TRIALS.y)
    assert np.corrcoef(share, found.modes[:, 0])[0, 1] > 0.98
    assert found.modes.shape == found.mode_sd.shape == (20, 1)
    assert (found.mode_sd < found.sd).all()


@pytest.mark.parametrize("options", [{}, {"nodes": 9}])
def test_order_of_rows_does_not_matter(options: dict[str, Any]) -> None:
    shuffled = TRIALS.take(np.random.default_rng(1).permutation(len(TRIALS.y)))
    of = [0] if options else [0, 1]
    a, b = (
        fit_binary(t.y, t.X, [t.factors[i] for i in of], **options)
        for t in (TRIALS, shuffled)
    )
    assert_same(a, b)


def test_names_of_levels_and_order_of_factors_do_not_matter() -> None:
    relabel = np.random.default_rng(2).permutation(20)
    rater = Factor("rater", relabel[TRIALS.rater.codes])
    a, b = fit(TRIALS), fit_binary(TRIALS.y, TRIALS.X, [TRIALS.utterance, rater])
    assert_same(a, b)
    assert list(b.random) == ["utterance", "rater"]
    assert b.random["rater"].modes[relabel] == pytest.approx(
        a.random["rater"].modes, abs=1e-6
    )


def test_flipping_the_answers_flips_the_signs() -> None:
    a, b = fit(TRIALS), fit(replace(TRIALS, y=1 - TRIALS.y))
    assert_same(a, replace(b, beta=-b.beta))
    modes = [f.random["utterance"].modes for f in (a, b)]
    assert modes[0] == pytest.approx(-modes[1], abs=1e-5)


def test_the_unit_of_a_covariate_does_not_matter() -> None:
    """Also of the slope's, and also where it does not have mean 0."""
    unit = 1e-3
    X = TRIALS.X * [1, unit, 1, unit]
    a = fit_binary(TRIALS.y, TRIALS.X, TRIALS.sloping)
    rater = Factor("rater", TRIALS.rater.codes, TRIALS.snr * unit)
    b = fit_binary(TRIALS.y, X, [rater, TRIALS.utterance])
    scale = np.array([1, unit, 1, unit])
    assert b.beta * scale == pytest.approx(a.beta, abs=1e-6)
    assert b.se * scale == pytest.approx(a.se, rel=1e-5)
    assert b.sd["rater"] * [1, unit] == pytest.approx(a.sd["rater"], abs=1e-5)
    assert b.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-8)
    moved = Factor("rater", TRIALS.rater.codes, TRIALS.snr + 10)
    c = fit_binary(TRIALS.y, TRIALS.X, [moved, TRIALS.utterance])
    assert c.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-7)
    assert c.beta == pytest.approx(a.beta, abs=1e-5)


def test_reversing_grades_reverses_thresholds() -> None:
    a, b = (
        fit_ordinal(y, GRADED.X[:, 1:], GRADED.factors)
        for y in (GRADED.y, 10 - GRADED.y)
    )
    assert_same(a, replace(b, beta=-b.beta))
    assert a.thresholds == pytest.approx(-b.thresholds[::-1], abs=1e-6)


def test_unused_grades_have_no_threshold() -> None:
    """Only the order of the values counts."""
    a, b = (
        fit_ordinal(y, GRADED.X[:, 1:], GRADED.factors)
        for y in (GRADED.y, np.exp(GRADED.y))
    )
    assert len(a.thresholds) == 4
    assert_same(a, b)


def test_without_standard_errors_the_estimate_is_the_same() -> None:
    quick, full = fit(TRIALS, standard_errors=False), fit(TRIALS)
    assert (np.abs(quick.beta - full.beta) / full.se).max() < 1e-3
    assert quick.vcov is None
    with pytest.raises(ValueError, match="without standard errors"):
        quick.se  # noqa: B018


@pytest.mark.parametrize("name", ["s01", "s02", "s07"])
def test_where_it_starts_does_not_matter(name: str) -> None:
    """From another study's estimate and covariance, from far off, and from nothing.

    Standard errors belong to the point before the last step, 1e-4 of them away.
    """
    trials, other = study(name, centre=1.5), fit(study("s06", centre=1.5))
    here = fit(trials)
    far = np.array([2.0, 2.0, *np.full(len(here.beta), 0.5)])
    for start in (Start(other.psi, other.vcov), Start(far), Start(0 * far)):
        found = fit(trials, start=start)
        assert np.abs((found.beta - here.beta) / here.se).max() < 1e-5
        assert found.se == pytest.approx(here.se, rel=5e-5)
        assert found.log_likelihood == pytest.approx(here.log_likelihood, abs=1e-8)


def test_a_start_without_spread_in_a_direction_is_no_trap() -> None:
    """A search never leaves a plane in which its inverse Hessian has no variance."""
    trials = study("s01", centre=1.5)
    here = fit(trials)
    V = here.covariance.copy()
    V[3], V[:, 3] = 0, 0
    found = fit(trials, start=Start(here.psi + 0.2, V))
    assert np.abs((found.beta - here.beta) / here.se).max() < 1e-5


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (Start(np.ones(3)), "has 8 parameters"),
        (Start(np.ones(8), np.eye(2)), "is 8 by 8"),
    ],
)
def test_a_start_for_another_model_is_refused(start: Start, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(study("s01"), start=start)


def test_full_correlation_is_an_interior_point() -> None:
    """In this study lme4 too ends at correlation 1; the fit says so."""
    trials = study("s01", centre=1.5)
    found = fit_binary(trials.y, trials.X, trials.sloping)
    assert found.converged
    assert found.singular
    assert found.random["rater"].correlation == pytest.approx(1, abs=1e-4)
    assert found.warnings == (
        "intercept and slope of rater are estimated as fully correlated",
    )
    assert found.log_likelihood > fit(trials).log_likelihood
    assert found.se / fit(trials).se == pytest.approx(1, abs=0.1)


def test_a_saddle_is_left() -> None:
    """Raters whose intercepts do not differ, but slopes do: no covariance is a saddle.

    It is where independent slopes end, and where the search with correlated ones stops
    at first.
    """
    trials = simulate(164, trials=12, utterances=12, sd_rater=0.4, sd_slope=0.1)
    found = fit_binary(trials.y, trials.X, trials.sloping)
    rater = Factor("rater", trials.rater.codes, trials.snr, correlated=False)
    apart = fit_binary(trials.y, trials.X, [rater, trials.utterance])
    assert apart.sd["rater"][0] < 1e-3
    assert found.converged
    assert not found.penalised
    assert found.log_likelihood > apart.log_likelihood + 5e-5


@pytest.mark.parametrize("what", ["all", "cell", "rater"])
def test_separation_is_penalised_and_announced(what: str) -> None:
    """All answers alike, all of one system alike, or every rater of one mind."""
    y = TRIALS.y.copy()
    if what == "all":
        y[:] = 1
    elif what == "cell":
        y[TRIALS.X[:, 2] == 1] = 1
    else:
        y = (TRIALS.rater.codes % 2).astype(float)
    found = fit(replace(TRIALS, y=y))
    assert found.penalised
    assert found.warnings[0].startswith("penalised estimate")
    assert "half-normal(0, 2)" in found.warnings[0]
    assert np.abs(found.beta).max() < 10
    assert found.se.max() < 5


def test_the_penalty_hardly_moves_a_sound_estimate() -> None:
    """Also, it is the same for any unit and coding of the fixed effects."""
    a, b = fit(TRIALS), fit(TRIALS, penalty="always")
    assert b.penalised
    assert "asked for" in b.warnings[0]
    assert (np.abs(a.beta - b.beta) / a.se).max() < 0.1
    assert b.log_likelihood < a.log_likelihood
    A = np.random.default_rng(3).normal(size=(4, 4))
    c = fit_binary(TRIALS.y, TRIALS.X @ A, TRIALS.factors, penalty="always")
    assert c.beta @ A.T == pytest.approx(b.beta, abs=1e-5)


def test_small_studies_of_any_kind_are_fitted() -> None:
    """Few trials, few levels, strong raters, full separation: never an exception."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        trials = simulate(
            seed,
            raters=int(rng.integers(2, 9)),
            trials=int(rng.integers(6, 15)),
            utterances=int(rng.integers(2, 12)),
            sd_rater=float(rng.choice([0, 1, 4])),
            beta=(rng.normal(0, 2), 0.1, rng.normal(0, 3), 0.0),
        )
        factors = trials.sloping if seed % 3 == 0 else trials.factors
        found = fit_binary(trials.y, trials.X, factors)
        assert np.isfinite(found.psi).all()
        assert np.isfinite(found.se).all()
        assert found.se.min() > 0
        assert np.abs(trials.X @ found.beta).max() < 16
        assert not found.penalised or found.warnings[0].startswith("penalised")


def bad(**changes: Any) -> dict[str, Any]:
    return {"y": TRIALS.y, "X": TRIALS.X, "factors": TRIALS.factors, **changes}


def with_value(values: NDArray[np.float64], at: Any, value: float) -> NDArray[Any]:
    changed = values.copy()
    changed[at] = value
    return changed


BAD = {
    "X is not a finite number in row 3, column snr": bad(
        X=with_value(TRIALS.X, (3, 1), np.nan)
    ),
    "answers must be 0 or 1, not nan in row 5": bad(y=with_value(TRIALS.y, 5, np.nan)),
    "answers must be 0 or 1, not 2.0 in row 0": bad(y=TRIALS.y * 0 + 2),
    "column snr:system is determined by the columns before it": bad(
        X=with_value(TRIALS.X, (slice(None), 3), 7)
    ),
    "rater has a single level": bad(factors=[Factor("rater", 0 * TRIALS.rater.codes)]),
    "rater: level 1 has no trial": bad(
        factors=[Factor("rater", 2 * TRIALS.rater.codes)]
    ),
    "rater: codes must not be negative": bad(
        factors=[Factor("rater", TRIALS.rater.codes - 1)]
    ),
    "rater: codes must be 400 integers": bad(factors=[Factor("rater", np.arange(3))]),
    "factors must have different names": bad(factors=[TRIALS.rater, TRIALS.rater]),
    "at least one factor": bad(factors=[]),
    "the slope's covariate must be 400 finite numbers": bad(
        factors=[Factor("rater", TRIALS.rater.codes, TRIALS.snr * np.nan)]
    ),
    "the slope's covariate does not vary": bad(
        factors=[Factor("rater", TRIALS.rater.codes, TRIALS.snr * 0)]
    ),
    "there are 400 rows in X but answers of shape": bad(y=TRIALS.y[:-1]),
    "at least one trial": bad(X=TRIALS.X[:0]),
    "X has 4 columns but 2 terms": bad(terms=["a", "b"]),
    "quadrature needs a single factor": bad(nodes=5),
    "needs a generator": bad(draws=10),
}


@pytest.mark.parametrize("message", BAD)
def test_what_cannot_be_fitted_is_refused_in_words(message: str) -> None:
    terms = ["(Intercept)", "snr", "system", "snr:system"]
    with pytest.raises(ValueError, match=message):
        fit_binary(**{"terms": terms, **BAD[message]})


def test_a_column_that_others_determine_is_found_among_many_rows() -> None:
    """Rank is told from the distinct rows alone, however often each is there."""
    trials = simulate(5, raters=90, trials=30)
    X = np.column_stack([trials.X, trials.X[:, 0] + 2 * trials.X[:, 1]])
    assert len(X) == 2700
    with pytest.raises(ValueError, match="column again is determined by the columns"):
        fit_binary(
            trials.y,
            X,
            trials.factors,
            terms=[*map(str, range(X.shape[1] - 1)), "again"],
        )
    assert fit(trials).converged


def test_graded_answers_refuse_a_constant_and_a_single_grade() -> None:
    with pytest.raises(ValueError, match="determined by the thresholds"):
        fit_ordinal(GRADED.y, GRADED.X, GRADED.factors)
    with pytest.raises(ValueError, match="all answers are 2"):
        fit_ordinal(GRADED.y * 0 + 2, GRADED.X[:, 1:], GRADED.factors)


def test_the_arrays_given_are_left_alone() -> None:
    before = TRIALS.X.copy(), TRIALS.y.copy(), TRIALS.rater.codes.copy()
    fit_binary(TRIALS.y, TRIALS.X, TRIALS.sloping)
    after = TRIALS.X, TRIALS.y, TRIALS.rater.codes
    assert all((a == b).all() for a, b in zip(before, after, strict=True))
