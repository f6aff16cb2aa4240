import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.sandwich_covariance import cov_cluster

from listening.statistics.rating import STEPS, mean_rating


def test_the_mean_and_its_error_agree_with_statsmodels() -> None:
    """Every rater hears every utterance once, so cells are single answers."""
    rng = np.random.default_rng(5)
    rater, utterance = np.repeat(np.arange(10), 8), np.tile(np.arange(8), 10)
    latent = rng.normal(size=10)[rater] + rng.normal(size=80)
    ratings = np.clip(np.round(latent), -3, 3)
    found = mean_rating(ratings, rater, utterance)
    fit = sm.OLS(ratings, np.ones(80)).fit()
    ways = [cov_cluster(fit, by).item() for by in (rater, utterance)]
    single = fit.resid @ fit.resid / 80**2
    assert found.mean == pytest.approx(fit.params[0])
    assert found.clustered is not None
    assert found.clustered.se**2 == pytest.approx(max(*ways, sum(ways) - single))


def test_it_counts_every_step() -> None:
    ratings = np.array([3.0, 3.0, 0.0, -1.0])
    found = mean_rating(ratings, np.arange(4) % 2, np.arange(4) // 2)
    assert dict(zip(STEPS, found.counts.tolist(), strict=True)) == {
        -3: 0,
        -2: 0,
        -1: 1,
        0: 1,
        1: 0,
        2: 0,
        3: 2,
    }


def test_one_rater_has_a_mean_but_no_interval() -> None:
    found = mean_rating(np.array([1.0, 2.0]), np.array([0, 0]), np.array([0, 1]))
    assert found.mean == 1.5
    assert found.clustered is None
    assert "only one rater" in found.why_none


@pytest.mark.parametrize("ratings", [[], [4.0], [0.5], [np.nan]])
def test_it_refuses_what_is_not_on_the_scale(ratings: list[float]) -> None:
    codes = np.arange(len(ratings))
    with pytest.raises(ValueError, match="from -3 to 3"):
        mean_rating(np.array(ratings), codes, codes)
