"""The listening study of TinyLSTMs as a worked example, with SIMULATED raters.

    python -m tests.benchmarks.tinylstm_study [--figure FILE.png] [--seed 1]

`tests/reference/tinylstm_figure2.csv` has the 24 published means; the answers behind
them are not public. Here a program answers, such that the expected mean rating of every
cell is the published one, and the analysis has to find the means again. That shows what
a study of this size can tell; about what people prefer it says nothing new.

What is published: two surveys, a baseline and a compressed model (INT8) each against
unprocessed speech, seven steps, six SNRs, 50 raters, 100 ratings a mean; so every rater
gives 24, two a cell. What is not, and is assumed here: every survey has its own 50
raters; six utterances an SNR (as were published), of which a rater hears four, two a
system, none twice; the answers follow

    rating = number of cuts below (eta of the cell + b + c + logistic noise) - 3,

b of the rater and c of the utterance normal, SD 0.8 and 0.5, both the same for all
systems (nobody minds compression more than others do) and c in both surveys; six cuts,
equally far apart and symmetric about 0. That distance is solved for the mean SD of
ratings that the published bars would have if they were 1.96 standard errors of 100
ratings, each eta for the published mean.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import django
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from listening.statistics.equivalence import Equivalence

if TYPE_CHECKING:
    from listening.analysis import Analysis

PUBLISHED = Path("tests/reference/tinylstm_figure2.csv")
SURVEYS = (1, 2)
SYSTEMS = ("baseline", "int8")
RATERS, PER_CELL, UTTERANCES = 50, 2, 6  # of a survey; ratings of a rater; at an SNR
RATER_SD, UTTERANCE_SD = 0.8, 0.5  # of the noise's unit, logits
MARGIN = 0.25  # rating points that are declared not to matter
CUTS = np.arange(6) - 2.5  # in steps
FARTHEST = 60.0  # logits; no cell lies farther out

Floats = NDArray[np.float64]
X, W = np.polynomial.hermite_e.hermegauss(100)


@dataclass(frozen=True)
class Model:
    """What draws the answers."""

    step: float  # between two cuts, logits
    eta: dict[tuple[int, str, float], float]  # of survey, system and SNR


# ---- expectations -------------------------------------------------------------------


def moments(eta: float, step: float) -> tuple[float, float]:
    """Return mean and SD of ratings over all raters, utterances and noise.

    Integrated over the normal effects by Gauss-Hermite quadrature.
    """
    effects = np.hypot(RATER_SD, UTTERANCE_SD) * X
    above = (W / W.sum()) @ expit(eta + effects[:, None] - step * CUTS)  # (6,)
    share = -np.diff(np.concatenate(([1.0], above, [0.0])))  # (7,)
    ratings = np.arange(-3, 4)
    mean = float(ratings @ share)
    return mean, float(np.sqrt((ratings - mean) ** 2 @ share))


def eta_of(mean: float, step: float) -> float:
    """Return the eta whose expected mean rating is `mean`."""

    def excess(eta: float) -> float:
        return moments(eta, step)[0] - mean

    return float(brentq(excess, -FARTHEST, FARTHEST, xtol=1e-12))


def solve(published: pd.DataFrame) -> Model:
    """Return the model whose expected means, and SD on average, are the published."""
    half = (published["ci_high"] - published["ci_low"]) / 2
    sd = float(half.mean()) / 1.96 * np.sqrt(RATERS * PER_CELL)
    means = published["mean_rating"].to_list()

    def excess(step: float) -> float:
        spreads = [moments(eta_of(mean, step), step)[1] for mean in means]
        return float(np.mean(spreads) - sd)

    step = float(brentq(excess, 0.5, 10.0, xtol=1e-10))
    places = published[["survey", "system", "snr_db"]].itertuples(index=False)
    etas = [eta_of(mean, step) for mean in means]
    return Model(
        step,
        {
            (int(survey), str(system), float(snr)): eta
            for (survey, system, snr), eta in zip(places, etas, strict=True)
        },
    )


# ---- the study ----------------------------------------------------------------------


def read_published() -> pd.DataFrame:
    return pd.read_csv(PUBLISHED)


def schedule(
    snrs: list[float], rng: np.random.Generator
) -> Iterator[tuple[int, str, float, int]]:
    """Yield rater, system, SNR and utterance (numbered over all SNRs) of each trial."""
    for rater in range(RATERS):
        for place, snr in enumerate(snrs):
            heard = rng.permutation(UTTERANCES)[: PER_CELL * len(SYSTEMS)]
            for turn, utterance in enumerate(heard):
                yield (
                    rater,
                    SYSTEMS[turn // PER_CELL],
                    snr,
                    place * UTTERANCES + int(utterance),
                )


def simulate(model: Model, *, seed: int) -> dict[int, pd.DataFrame]:
    """Return the table of trials of every survey, as `analyse` takes it."""
    rng = np.random.default_rng(seed)
    snrs = sorted({snr for _, _, snr in model.eta})
    of_utterance = rng.normal(0, UTTERANCE_SD, UTTERANCES * len(snrs))
    return {
        survey: answered(model, survey, list(schedule(snrs, rng)), of_utterance, rng)
        for survey in SURVEYS
    }


def answered(
    model: Model,
    survey: int,
    trials: list[tuple[int, str, float, int]],
    of_utterance: Floats,
    rng: np.random.Generator,
) -> pd.DataFrame:
    names = ["rater", "system", "snr_db", "utterance"]
    table = pd.DataFrame(trials, columns=names)
    of_rater = rng.normal(0, RATER_SD, RATERS)
    eta = np.array([model.eta[survey, system, snr] for _, system, snr, _ in trials])
    latent = eta + of_rater[table["rater"]] + of_utterance[table["utterance"]]
    latent += rng.logistic(size=len(table))
    table["rating"] = (latent[:, None] > model.step * CUTS).sum(axis=1) - 3.0
    table["rater"] = [f"survey {survey}, rater {r:02}" for r in table["rater"]]
    table["utterance"] = [f"utterance {u:02}" for u in table["utterance"]]
    return table.assign(reference="unprocessed", simulated=1.0)


# ---- what comes back ----------------------------------------------------------------


def recover(tables: dict[int, pd.DataFrame], published: pd.DataFrame) -> pd.DataFrame:
    """Return `published` with what the analysis found: `mean`, `se`, `low`, `high`.

    `df` is of Student's t.
    """
    from listening.analysis import analyse

    rows = []
    for survey, table in tables.items():
        rows += list(rows_of(survey, analyse(table)))
    return published.merge(
        pd.DataFrame(rows), on=["survey", "system", "snr_db"], validate="1:1"
    )


def rows_of(survey: int, analysis: "Analysis") -> Iterator[dict[str, object]]:
    for cell in analysis.cells:
        assert cell.rating
        assert cell.rating.clustered
        found = cell.rating.clustered
        yield {
            "survey": survey,
            "system": cell.system,
            "snr_db": cell.snr_db,
            "n": cell.n,
            "mean": cell.rating.mean,
            "se": found.se,
            "low": found.ci_low,
            "high": found.ci_high,
            "df": found.df,
        }


def compared(table: pd.DataFrame) -> Equivalence:
    """Test whether baseline and INT8 differ by less than the margin, over all SNRs."""
    from listening.analysis.rating_equivalences import rating_equivalences

    ratings = table["rating"].to_numpy(np.float64)
    (found,) = rating_equivalences(
        table, ratings, margin=MARGIN, alpha=0.05, declared=True
    )
    assert (found.system, found.other) == SYSTEMS
    assert found.clustered
    return found.clustered


def show(found: pd.DataFrame, tests: dict[int, Equivalence]) -> None:
    print(
        "SIMULATED raters: what a study of this size finds, not what people prefer.\n"
    )
    print("survey system    SNR dB   published              recovered")
    for row in found.itertuples():
        print(
            f"{row.survey:6} {row.system:8} {row.snr_db:7g}"
            f"   {row.mean_rating:.2f} ({row.ci_low:.2f} to {row.ci_high:.2f})"
            f"   {row.mean:.2f} ({row.low:.2f} to {row.high:.2f})"
        )
    within = found["mean_rating"].between(found["low"], found["high"])
    print(f"\n{within.sum()} of {len(found)} intervals hold the published mean")
    print("\nbaseline less INT8 over all SNRs, rating points")
    for survey, test in tests.items():
        means = found[found["survey"] == survey].groupby("system")["mean_rating"].mean()
        print(
            f"survey {survey}: published {means[SYSTEMS[0]] - means[SYSTEMS[1]]:+.3f}, "
            f"recovered {test.estimate:+.3f}\n"
            f"  95 % interval {test.wide_low:+.3f} to {test.wide_high:+.3f}, "
            f"90 % {test.ci_low:+.3f} to {test.ci_high:+.3f}\n"
            f"  within {MARGIN:g} either way: {test.verdict}, p = {test.p:.2g}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--figure", type=Path, metavar="FILE.png")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "listening.config.settings")
    django.setup()
    published = read_published()
    tables = simulate(solve(published), seed=options.seed)
    found = recover(tables, published)
    tests = {survey: compared(table) for survey, table in tables.items()}
    show(found, tests)
    if options.figure:
        from tests.benchmarks.tinylstm_figure import draw

        options.figure.write_bytes(draw(found, seed=options.seed))


if __name__ == "__main__":
    main()
