"""The analysis of a planned study, beside statsmodels: time, coverage, width.

    python -m tests.benchmarks.rivals [--replicates 100] [--slow 20] [--json FILE]

Studies of three systems at six SNRs, 50 raters of 36 trials, 60 utterances, raters' SD
0.8 and utterances' 0.5 logits, true preference 60 % everywhere. What is asked of each
is the population-averaged preference of every system and SNR with a 95 % interval:

ours, shared start    what `manage.py plan` does to each simulated study
ours                  the same fit, from nothing
GEE                   statsmodels, clusters are raters, exchangeable; normal intervals.
                      It knows of no second factor: utterances count as noise
VB                    statsmodels' BinomialBayesMixedGLM, variational Bayes with default
                      priors; its logits averaged over its standard deviations

Coverage is the share of intervals that hold the truth, over cells and replicates; its
Monte-Carlo error is that of replicates, since cells share raters. Times are of the
processor. Run with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM
from statsmodels.genmod.cov_struct import Exchangeable
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE

from listening.statistics.mixed import Factor, fit_binary, preference
from listening.statistics.planned_tests import typical_start
from listening.statistics.simulated import (
    SimulatedTrials,
    StudyDesign,
    conditional_logits,
    simulate,
)

Floats = NDArray[np.float64]
Intervals = tuple[Floats, Floats]  # (cells,) each: probabilities
TRUTH, Z = 0.6, 1.959964
SNRS = (-6.0, -3.0, 0.0, 3.0, 6.0, 9.0)
DESIGN = StudyDesign(50, 36, 60, np.full((3, len(SNRS)), TRUTH), SNRS)
ETA = conditional_logits(DESIGN)
X, W = np.polynomial.hermite_e.hermegauss(50)


@dataclass(frozen=True)
class Line:
    software: str
    milliseconds: float  # per study
    times_shared: float  # of "ours, shared start"
    coverage: float
    coverage_error: float
    width: float  # mean, in points
    failed: int


def matrix(system: NDArray[np.intp], snr: Floats) -> Floats:
    """Return the columns 1, system[1], system[2], and their products with snr."""
    others = [(system == k).astype(np.float64) for k in (1, 2)]
    return np.column_stack(
        [np.ones(len(snr)), *others, snr, *(o * snr for o in others)]
    )


ROWS = matrix(np.repeat(np.arange(3), len(SNRS)), np.tile(DESIGN.snr_c, 3))


def data(trials: SimulatedTrials) -> tuple[Floats, Floats]:
    return trials.preferred, matrix(trials.system, DESIGN.snr_c[trials.snr])


def ours(*, shared: bool) -> Callable[[SimulatedTrials], Intervals]:
    start = typical_start(DESIGN, ETA) if shared else None

    def analysed(trials: SimulatedTrials) -> Intervals:
        y, matrix_of = data(trials)
        factors = [
            Factor("rater", trials.rater),
            Factor("utterance", trials.utterance),
        ]
        found = preference(fit_binary(y, matrix_of, factors, start=start), ROWS)
        return found.ci_low, found.ci_high

    return analysed


def gee(trials: SimulatedTrials) -> Intervals:
    y, matrix_of = data(trials)
    model = GEE(
        y, matrix_of, trials.rater, family=Binomial(), cov_struct=Exchangeable()
    )
    fit = model.fit()
    at = ROWS @ fit.params
    half = Z * np.sqrt(np.einsum("ij,jk,ik->i", ROWS, fit.cov_params(), ROWS))
    return expit(at - half), expit(at + half)


def variational(trials: SimulatedTrials) -> Intervals:
    y, matrix_of = data(trials)
    levels = [np.eye(c.max() + 1)[c] for c in (trials.rater, trials.utterance)]
    identity = np.repeat([0, 1], [z.shape[1] for z in levels])
    found = BinomialBayesMixedGLM(y, matrix_of, np.hstack(levels), identity).fit_vb()
    tau = np.sqrt((np.exp(found.vcp_mean) ** 2).sum())
    at, half = ROWS @ found.fe_mean, Z * np.sqrt(ROWS**2 @ found.fe_sd**2)

    def averaged(eta: Floats) -> Floats:
        return np.asarray(expit(eta[:, None] + tau * X) @ (W / W.sum()))

    return averaged(at - half), averaged(at + half)


def measured(
    name: str,
    analysed: Callable[[SimulatedTrials], Intervals],
    studies: list[SimulatedTrials],
) -> Line:
    """Analyse every study; the first once more before, to warm up."""
    analysed(studies[0])
    held, widths, failed = [], [], 0
    start = time.process_time()
    for trials in studies:
        try:
            low, high = analysed(trials)
        except (RuntimeError, ValueError, np.linalg.LinAlgError):
            failed += 1
            continue
        held.append(float(np.mean((low <= TRUTH) & (high >= TRUTH))))
        widths.append(float(np.mean(high - low)))
    seconds = (time.process_time() - start) / len(studies)
    error = float(np.std(held, ddof=1) / np.sqrt(len(held)))
    coverage, width = float(np.mean(held)), 100 * float(np.mean(widths))
    return Line(name, 1e3 * seconds, np.nan, coverage, error, width, failed)


def compare(replicates: int, slow: int) -> list[Line]:
    studies = [
        simulate(DESIGN, ETA, np.random.default_rng(seed))
        for seed in range(1, 1 + max(replicates, slow))
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the rivals: every study would warn
        lines = [
            measured("ours, shared start", ours(shared=True), studies[:replicates]),
            measured("ours", ours(shared=False), studies[:replicates]),
            measured("statsmodels GEE", gee, studies[:replicates]),
            measured("statsmodels VB", variational, studies[:slow]),
        ]
    first = lines[0].milliseconds
    return [Line(**asdict(x) | {"times_shared": x.milliseconds / first}) for x in lines]


def show(lines: list[Line]) -> str:
    """Return the table as text."""
    text = ["software               ms  x shared  coverage of 95 %   width  failed"]
    for x in lines:
        text.append(
            f"{x.software:<18}{x.milliseconds:>7.1f}{x.times_shared:>10.2f}"
            f"{x.coverage:>12.3f} ±{x.coverage_error:.3f}{x.width:>8.1f}{x.failed:>8}"
        )
    return "\n".join(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=100)
    parser.add_argument("--slow", type=int, default=20, help="of the slow rival, VB")
    parser.add_argument("--json", type=Path, help="write the table to this file")
    options = parser.parse_args()
    lines = compare(options.replicates, options.slow)
    print(show(lines))
    if options.json:
        options.json.write_text(json.dumps([asdict(x) for x in lines], indent=1))


if __name__ == "__main__":
    main()
