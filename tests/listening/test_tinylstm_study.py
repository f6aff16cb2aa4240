"""The worked example: published means go in as expectations and are found again."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import expit

from tests.benchmarks import tinylstm_study as study
from tests.benchmarks.tinylstm_figure import draw

Tables = dict[int, pd.DataFrame]


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return study.read_published()


@pytest.fixture(scope="module")
def model(published: pd.DataFrame) -> study.Model:
    return study.solve(published)


@pytest.fixture(scope="module")
def tables(model: study.Model) -> Tables:
    return study.simulate(model, seed=1)


def test_the_means_are_those_that_were_published(published: pd.DataFrame) -> None:
    """Systems of one survey differ by less than 0.01 rating points over all SNRs."""
    overall = published.groupby(["survey", "system"])["mean_rating"].mean()
    assert len(published) == 24
    assert overall.to_numpy() == pytest.approx([2.047, 2.053, 2.083, 2.080], abs=5e-4)


def test_the_expected_rating_of_every_cell_is_the_published_mean(
    published: pd.DataFrame, model: study.Model
) -> None:
    """Integrated by another rule than the one that solved for it."""
    sd = np.hypot(study.RATER_SD, study.UTTERANCE_SD)

    def rating(z: float, eta: float) -> float:
        above = expit(eta + sd * z - model.step * study.CUTS)
        return float((above.sum() - 3) * stats.norm.pdf(z))

    means = published.set_index(["survey", "system", "snr_db"])["mean_rating"]
    assert len(model.eta) == len(means)
    for place, eta in model.eta.items():
        mean = quad(rating, -12, 12, args=(eta,), epsabs=1e-11)[0]
        assert mean == pytest.approx(means[place], abs=1e-8)


def test_every_rater_gives_two_ratings_a_cell_and_hears_no_sentence_twice(
    tables: Tables,
) -> None:
    for table in tables.values():
        of_cells = table.groupby(["rater", "system", "snr_db"]).size()
        assert len(of_cells) == 50 * 12
        assert set(of_cells) == {2}
        assert not table.duplicated(["rater", "utterance"]).any()


def test_ratings_spread_as_the_published_bars_imply(
    published: pd.DataFrame, model: study.Model
) -> None:
    bars = (published["ci_high"] - published["ci_low"]) / 2 / 1.96 * 10
    spreads = [study.moments(eta, model.step)[1] for eta in model.eta.values()]
    assert np.mean(spreads) == pytest.approx(bars.mean(), abs=1e-8)


def test_the_analysis_finds_the_published_means(
    tables: Tables, published: pd.DataFrame
) -> None:
    """t on few utterances is put on the normal scale; 4 in one of 24 is 1 in 650."""
    found = study.recover(tables, published)
    t = (found["mean"] - found["mean_rating"]) / found["se"]
    z = stats.norm.ppf(stats.t.cdf(t, found["df"]))
    assert (found["n"] == 100).all()
    assert np.abs(z).max() < 4


def test_systems_as_near_as_the_published_are_found_equivalent(
    tables: Tables, published: pd.DataFrame
) -> None:
    means = published.groupby(["survey", "system"])["mean_rating"].mean()
    for survey, table in tables.items():
        found = study.compared(table)
        plain = table.groupby("system")["rating"].mean()
        assert found.estimate == pytest.approx(plain["baseline"] - plain["int8"])
        truth = means[survey, "baseline"] - means[survey, "int8"]
        assert found.wide_low < truth < found.wide_high
        assert found.equivalent


def test_an_equal_seed_gives_equal_answers(model: study.Model, tables: Tables) -> None:
    again = study.simulate(model, seed=1)
    for survey, table in tables.items():
        pd.testing.assert_frame_equal(table, again[survey])


def test_the_figure_is_a_small_png(tables: Tables, published: pd.DataFrame) -> None:
    png = draw(study.recover(tables, published), seed=1)
    assert png.startswith(b"\x89PNG")
    assert len(png) < 150_000
