"""Contrasts of cell means against one mean, statsmodels, paired and Welch's t."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

from listening.statistics.clustered import NO_CLUSTERING, NoInterval, clustered_mean
from listening.statistics.contrasts import cell_means, clustered_contrast, difference
from tests.listening.statistics.crossed import Crossed, crossed


def means(study: Crossed) -> np.ndarray:
    return np.array([study.values[study.cell == k].mean() for k in range(study.cells)])


@pytest.mark.parametrize("cell", [0, 2])
def test_a_single_cell_is_a_clustered_mean(cell: int) -> None:
    study = crossed(np.random.default_rng(1))
    only = study.cell == cell
    expected = clustered_mean(
        study.values[only], study.rater[only], study.utterance[only], null=0.5
    )
    found = clustered_contrast(cell_means(*study), np.eye(3)[cell], null=0.5)
    for name in ("estimate", "se", "ci_low", "ci_high", "p", "df"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name))


@pytest.mark.parametrize("seed", range(4))
def test_the_variance_of_a_difference_is_that_of_statsmodels(seed: int) -> None:
    study = crossed(np.random.default_rng(seed))
    weights = np.array([1.0, -0.25, -0.75])
    fit = sm.OLS(study.values, np.eye(3)[study.cell]).fit()
    _, V_r, V_u = cov_cluster_2groups(
        fit, study.rater, study.utterance, use_correction=False
    )
    pairs = study.rater * 1000 + study.utterance
    V_p = cov_cluster(fit, pairs, use_correction=False)
    V_r, V_u = V_r * 12 / 11, V_u * 30 / 29
    expected = max(weights @ V @ weights for V in (V_r + V_u - V_p, V_r, V_u))
    found = clustered_contrast(cell_means(*study), weights)
    assert found.se**2 == pytest.approx(expected)
    assert found.estimate == pytest.approx(weights @ means(study))
    assert found.df == 11


def test_raters_who_repeat_themselves_make_it_the_paired_t_test() -> None:
    """Everyone says the same of all utterances: only raters vary, G / (G - 1) is s^2.

    The utterances' share of the variance is then zero but for what raters add up to.
    """
    rng = np.random.default_rng(5)
    a, b = rng.normal(0.3, 1, 9), rng.normal(0, 1, 9)
    values = np.concatenate([np.repeat(a, 40), np.repeat(b, 40)])
    rater = np.tile(np.repeat(np.arange(9), 40), 2)
    utterance, cell = np.tile(np.arange(40), 18), np.repeat([0, 1], 360)
    found = clustered_contrast(cell_means(values, cell, 2, rater, utterance), [1, -1])
    expected = stats.ttest_rel(a, b)
    assert (found.estimate / found.se) == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.df == 8


def test_two_groups_of_raters_have_the_sum_of_their_variances() -> None:
    """Closed form: different raters heard each system, so nothing is shared."""
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=(8, 30)), rng.normal(size=(8, 30))
    values, cell = np.concatenate([a.ravel(), b.ravel()]), np.repeat([0, 1], 240)
    rater, utterance = np.repeat(np.arange(16), 30), np.arange(480)
    found = clustered_contrast(cell_means(values, cell, 2, rater, utterance), [1, -1])
    by_rater = sum(((x.mean(1) - x.mean()) ** 2).sum() / 64 for x in (a, b)) * 16 / 15
    by_trial = sum(((x - x.mean()) ** 2).sum() / 240**2 for x in (a, b))
    utterances = by_trial * 480 / 479
    expected = max(by_rater + utterances - by_trial, by_rater, utterances)
    assert found.se**2 == pytest.approx(expected)


def test_the_null_is_rejected_as_often_as_stated() -> None:
    """Two systems that do not differ, 16 raters by 24 utterances; s.e. 0.007."""
    rng = np.random.default_rng(7)
    p = [
        clustered_contrast(
            cell_means(*crossed(rng, raters=16, trials=24, utterances=24)), [1, -1, 0]
        ).p
        for _ in range(1000)
    ]
    assert 0.03 < np.mean(np.array(p) < 0.05) < 0.07


def test_weights_of_a_difference_average_over_cells_or_answers() -> None:
    plus, minus = np.array([1, 1, 0, 0], bool), np.array([0, 0, 1, 0], bool)
    assert difference(plus, minus).tolist() == [0.5, 0.5, -1, 0]
    share = np.array([30.0, 10, 5, 7])
    assert difference(plus, minus, share).tolist() == [0.75, 0.25, -1, 0]
    with pytest.raises(ValueError, match="both sides"):
        difference(plus, minus, np.array([1.0, 1, 0, 1]))


def test_it_says_why_there_is_no_interval() -> None:
    study = crossed(np.random.default_rng(8))
    alike = cell_means(np.ones(len(study.values)), *study[1:])
    with pytest.raises(NoInterval, match="alike"):
        clustered_contrast(alike, [1, -1, 0])
    one = study._replace(rater=np.zeros_like(study.rater))
    with pytest.raises(NoInterval, match="only one rater"):
        clustered_contrast(cell_means(*one), [1, -1, 0])
    empty = cell_means(*study._replace(cells=4))
    with pytest.raises(ValueError, match="no answers"):
        clustered_contrast(empty, [1, 0, 0, -1])


def test_without_any_clustering_it_falls_back_on_independent_answers() -> None:
    """Every rater and utterance has a mean of 0.5 in either cell: Latin squares."""
    rater, utterance = (a.ravel() for a in np.indices((4, 4)))
    values = ((rater + utterance) % 2).astype(float)
    cells = cell_means(
        np.tile(values, 2),
        np.repeat([0, 1], 16),
        2,
        np.tile(rater, 2),
        np.tile(utterance, 2),
    )
    found = clustered_contrast(cells, [1, -1])
    assert found.fallback == NO_CLUSTERING
    assert found.se**2 == pytest.approx(2 * 0.25 / 15)
