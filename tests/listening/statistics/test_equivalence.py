"""Two one-sided tests against statsmodels, scipy, and their interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit, logit
from statsmodels.stats.proportion import binom_tost
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

from listening.statistics.clustered import NoInterval, clustered_share
from listening.statistics.contrasts import cell_means, clustered_contrast
from listening.statistics.equivalence import (
    Equivalence,
    Verdict,
    difference_equivalence,
    equivalence,
    preference_equivalence,
    share_equivalence,
)
from listening.statistics.mixed import Factor, contrast, fit_binary, preference
from tests.listening.statistics.crossed import crossed

RNG = np.random.default_rng(4)


def of_interval(low: float, high: float) -> Equivalence:
    """Return the test whose 90 % interval is that; margin ±1."""
    t = stats.t(20).ppf(0.95)
    se = (high - low) / 2 / t
    return equivalence((low + high) / 2, se, 20, low=-1, high=1)


@pytest.mark.parametrize("shift", [0.0, 0.2, 0.6])
def test_it_is_statsmodels_paired_tost(shift: float) -> None:
    a, b = RNG.normal(shift, 1, 40), RNG.normal(0, 1, 40)
    p, lower, upper = ttost_paired(a, b, -0.5, 0.4)
    d = a - b
    found = equivalence(d.mean(), stats.sem(d), 39, low=-0.5, high=0.4)
    assert found.p == pytest.approx(p)
    assert [found.p_low, found.p_high] == pytest.approx([lower[1], upper[1]])
    assert found.p_different == pytest.approx(stats.ttest_rel(a, b).pvalue)


def test_it_is_statsmodels_tost_of_two_samples() -> None:
    a, b = RNG.normal(0.1, 1, 30), RNG.normal(0, 1, 50)
    p, lower, upper = ttost_ind(a, b, -0.6, 0.6)
    fit = stats.ttest_ind(a, b)
    se = (a.mean() - b.mean()) / fit.statistic
    found = equivalence(a.mean() - b.mean(), se, 78, low=-0.6, high=0.6)
    assert [found.p, found.p_low, found.p_high] == pytest.approx(
        [p, lower[1], upper[1]]
    )


@given(
    st.floats(-3, 3),
    st.floats(0.01, 3),
    st.integers(2, 500),
    st.floats(0.005, 0.2),
)
def test_it_is_decided_by_the_interval(
    estimate: float, se: float, df: int, alpha: float
) -> None:
    """Duality: both tests reject where the 1 - 2 alpha interval is within the limits.

    Where a limit lies on the bound to within rounding, either answer would do.
    """
    found = equivalence(estimate, se, df, low=-1, high=0.8, alpha=alpha)
    gaps = (found.ci_low + 1, 0.8 - found.ci_high)
    if min(map(abs, gaps)) > 1e-9:
        assert found.equivalent == (min(gaps) > 0)
        assert found.non_inferior == (gaps[0] > 0)
    outside = max(found.wide_low, -found.wide_high)
    if abs(outside) > 1e-9:
        assert found.different == (outside > 0)


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((-0.5, 0.4), Verdict.EQUIVALENT),
        ((0.3, 0.6), Verdict.EQUIVALENT),  # and different: the difference is small
        ((0.8, 1.6), Verdict.DIFFERENT),  # better, beyond the margin perhaps
        ((-1.6, -0.8), Verdict.DIFFERENT),  # worse
        ((-0.6, 1.4), Verdict.NON_INFERIOR),
        ((-1.4, 0.6), Verdict.INCONCLUSIVE),
        ((-1.4, 1.4), Verdict.INCONCLUSIVE),
    ],
)
def test_the_verdict_is_the_first_that_holds(
    interval: tuple[float, float], verdict: Verdict
) -> None:
    assert of_interval(*interval).verdict == verdict


def test_a_share_is_tested_around_one_half_by_its_clustered_t() -> None:
    study = crossed(RNG, raters=20, utterances=40, spread=0.3)
    args = study.values, study.rater, study.utterance
    mean = clustered_share(*args)
    found = share_equivalence(*args, margin=0.1)
    t = stats.t(19)
    assert found.p_low == pytest.approx(t.sf((mean.estimate - 0.4) / mean.se))
    assert found.p_high == pytest.approx(t.cdf((mean.estimate - 0.6) / mean.se))
    assert found.p_different == pytest.approx(mean.p)
    assert [found.wide_low, found.wide_high] == pytest.approx(
        [mean.ci_low, mean.ci_high]
    )


def test_answers_that_are_all_alike_are_tested_exactly() -> None:
    rater, utterance = (a.ravel() for a in np.indices((12, 20)))
    found = share_equivalence(np.ones(240), rater, utterance, margin=0.1)
    _, low, high = binom_tost(12, 12, 0.4, 0.6)
    assert [found.p_low, found.p_high] == pytest.approx([low, high])
    assert found.ci_low == pytest.approx(0.05 ** (1 / 12))
    assert found.verdict == Verdict.DIFFERENT
    with pytest.raises(NoInterval):
        share_equivalence(np.ones(20), np.zeros(20, int), np.arange(20), margin=0.1)


def test_a_preference_of_the_mixed_model_is_tested_on_the_logit_scale() -> None:
    study = crossed(RNG, raters=20, utterances=40, spread=0.3)
    factors = [Factor("rater", study.rater), Factor("utterance", study.utterance)]
    fit = fit_binary(study.values, np.ones((len(study.rater), 1)), factors)
    of = preference(fit, [[1.0]], level=0.9)
    found = preference_equivalence(of, margin=0.15)
    assert [found.ci_low, found.ci_high] == pytest.approx([of.ci_low[0], of.ci_high[0]])
    expected = stats.t(19).sf((of.logit[0] - logit(0.35)) / of.se[0])
    assert found.p_low == pytest.approx(expected)
    assert [found.low, found.null, found.high] == pytest.approx([0.35, 0.5, 0.65])
    assert found.equivalent == (found.low < of.ci_low[0] and of.ci_high[0] < found.high)


def test_an_indirect_difference_agrees_between_clustering_and_mixed_model() -> None:
    """Two estimates of one thing: within a third of a standard error of each other."""
    study = crossed(np.random.default_rng(3), raters=40, utterances=60, trials=36)
    weights = [1.0, -1.0, 0.0]
    clustered = clustered_contrast(cell_means(*study), weights)
    factors = [Factor("rater", study.rater), Factor("utterance", study.utterance)]
    fit = fit_binary(study.values, np.eye(3)[study.cell], factors)
    modelled = contrast(preference(fit, np.eye(3)), weights)
    one = difference_equivalence(clustered, margin=0.1)
    two = difference_equivalence(modelled, margin=0.1)
    assert one.estimate == pytest.approx(two.estimate, abs=clustered.se / 3)
    assert two.df == one.df == 39
    assert [two.ci_low, two.ci_high] == pytest.approx(
        two.estimate + stats.t(39).ppf([0.05, 0.95]) * modelled.se[0]
    )


def test_equivalence_is_claimed_in_five_percent_at_the_margin() -> None:
    """Size: the true share is the upper limit itself; Monte-Carlo s.e. 0.007."""
    spread, shift, rng = 0.3, 0.4, np.random.default_rng(11)
    latent = stats.norm(shift, spread * np.sqrt(2))
    margin = latent.expect(expit) - 0.5
    studies = (
        crossed(rng, raters=24, utterances=24, shift=(shift,), spread=spread)
        for _ in range(1000)
    )
    claimed = [
        share_equivalence(s.values, s.rater, s.utterance, margin=margin).equivalent
        for s in studies
    ]
    assert 0.03 < np.mean(claimed) < 0.07


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": 0.1}, "enclose"),
        ({"high": -0.1}, "enclose"),
        ({"se": 0.0}, "standard error"),
        ({"df": 0.0}, "standard error"),
        ({"alpha": 0.5}, "alpha"),
    ],
)
def test_it_refuses_what_is_no_test(change: dict[str, float], message: str) -> None:
    given = {"estimate": 0.0, "se": 0.1, "df": 9, "low": -1, "high": 1, "alpha": 0.05}
    with pytest.raises(ValueError, match=message):
        equivalence(**(given | change))
