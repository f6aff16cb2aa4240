"""How many raters a study needs: power and precision by simulation of its design.

Every replicate draws a schedule, raters, utterances and answers of the study as it is
planned (`simulated.py`) and tests, for each system, the preference at each SNR and the
mean over its SNRs: by the two-way cluster-robust t in all replicates, and by the mixed
model's population-averaged preference in some of them. Both keep their level. Of the
mean over SNRs they think alike, and the former takes a fiftieth of the time, which is
why it stands for both where raters are counted. Of a single SNR the mixed model knows
more, since it lets preference change steadily with SNR and so hears of its neighbours.

The number of raters for a wanted power comes from the same replicates at all numbers of
raters (the first n of one large study: common random numbers), smoothed by

    power(n) = Phi(d - t) + Phi(-d - t),   d = 1 / sqrt(a / n + b),   a, b >= 0,

t the quantile of the test on min(n, utterances) - 1 degrees of freedom: a normal
estimate whose variance falls with the number of raters, but for a part that only more
utterances could lessen. Where b = 0, that is a probit line in sqrt(n). It rises with n,
and says where no number of raters is enough.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr, stdtrit
from scipy.stats import beta as beta_distribution

from listening.statistics.mixed import ConvergenceError, Start
from listening.statistics.planned_tests import (
    CellTests,
    clustered_tests,
    mixed_tests,
    rejections,
    typical_start,
)
from listening.statistics.simulated import (
    Floats,
    Ints,
    StudyDesign,
    conditional_logits,
    simulate,
)

GRID = np.array([0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 1.0])  # of the most raters
FEWEST = 4  # raters that a search tries
START = [(a, b) for a in (0.0, 3.0) for b in (-6.0, -2.0)]
LOGS = ((-10.0, 20.0), (-15.0, 20.0))  # where a and b are looked for
RESAMPLES = 100  # of replicates, for the interval of a number of raters

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")
Told = Callable[[int], None]


@dataclass(frozen=True)
class Power:
    """Of one test over the replicates. Shape (systems, snrs + 1): last, the mean.

    `low` and `high` are the Clopper-Pearson interval of the power at 95 %: how well the
    replicates know it. NaN where no replicate had a result.
    """

    test: str  # "two-way cluster-robust t" or "mixed model"
    replicates: int
    power: Floats
    low: Floats
    high: Floats
    width: Floats  # mean width of the 95 % interval
    width_error: Floats  # its Monte-Carlo standard error
    failed: Ints  # replicates without a result


@dataclass(frozen=True)
class Plan:
    """What is to be expected of a design."""

    design: StudyDesign
    alpha: float
    clustered: Power
    mixed: Power | None  # None: not asked for


@dataclass(frozen=True)
class RatersNeeded:
    """How the power of one target rises with raters, and where it is enough."""

    wanted: float
    raters: int | None  # None: more than `most`, or never
    with_looks: int | None  # as many at most if information is to be larger
    low: int | None  # interval of `raters` at 95 %, from the replicates
    high: int | None
    reachable: float  # the power of endlessly many raters with these utterances
    most: int
    tried: Ints  # (grid,): numbers of raters
    power: Floats  # (grid,): as simulated
    smooth: Floats  # (grid,): as smoothed


def plan(
    design: StudyDesign,
    rng: np.random.Generator,
    *,
    replicates: int = 1000,
    mixed: int = 100,
    alpha: float = 0.05,
    jobs: int = 1,
    told: Told | None = None,
) -> Plan:
    """Return power and precision of a design.

    Parameters
    ----------
    replicates, mixed
        How many studies to simulate, and to how many of them the mixed model is fitted.
    jobs
        Processes; the result does not depend on it.
    told
        Called with the number of replicates done.
    """
    seeds = rng.integers(0, 2**63, max(replicates, mixed))
    eta = conditional_logits(design)
    start = typical_start(design, eta) if mixed else None
    work = partial(_replicate, design, eta, start)
    tasks = [(int(s), i < replicates, i < mixed) for i, s in enumerate(seeds)]
    outcomes = list(each_replicate(work, tasks, jobs, told))
    clustered = [c for c, _ in outcomes if c is not None]
    by_model = [m for _, m in outcomes if m is not None]
    return Plan(
        design,
        alpha,
        _power("two-way cluster-robust t", clustered, design, alpha),
        _power("mixed model", by_model, design, alpha) if mixed else None,
    )


def raters_needed(
    design: StudyDesign,
    rng: np.random.Generator,
    *,
    wanted: float = 0.8,
    system: int = 0,
    snr: int | None = None,
    most: int = 400,
    inflation: float = 1.0,
    replicates: int = 500,
    alpha: float = 0.05,
    jobs: int = 1,
    told: Told | None = None,
) -> RatersNeeded:
    """Return how many raters give the two-way t the wanted power for one target.

    `design.raters` does not matter. `snr` is an index; None means the mean over SNRs.
    Numbers up to `most` are tried; beyond, the smooth curve is not believed.
    `inflation`: how much more information looks before the end take (`sequential`).
    """
    if not alpha < wanted < 1:
        raise ValueError(f"the wanted power must be within {alpha:g} and 1")
    if most < 2 * FEWEST:
        raise ValueError(f"try at least {2 * FEWEST} raters")
    largest = replace(design, raters=most)
    tried = np.unique(np.maximum(FEWEST, np.round(GRID * most))).astype(np.intp)
    target = (system, design.snrs if snr is None else snr)
    work = partial(
        rejections,
        largest,
        conditional_logits(design),
        np.full(len(tried), alpha),
        tried,
        target,
    )
    seeds = [int(s) for s in rng.integers(0, 2**63, replicates)]
    rejected = np.array(list(each_replicate(work, seeds, jobs, told)), dtype=np.float64)
    curve = _smooth(tried, rejected.mean(axis=0), design, target, alpha)
    low, high = _interval(curve, rejected, wanted, most, rng)
    return RatersNeeded(
        wanted=wanted,
        raters=curve.raters_at(wanted, most),
        with_looks=replace(curve, inflation=inflation).raters_at(wanted, most),
        low=low,
        high=high,
        reachable=float(curve.power(np.array([np.inf]))[0]),
        most=most,
        tried=tried,
        power=rejected.mean(axis=0),
        smooth=curve.power(tried.astype(np.float64)),
    )


@dataclass(frozen=True)
class _Curve:
    """Power over raters, see the top of the module."""

    tried: Ints
    utterances: int  # of the target
    alpha: float
    log_a: float = 0.0
    log_b: float = 0.0
    inflation: float = 1.0  # of the information that a power takes

    def power(self, raters: Floats) -> Floats:
        variance = np.exp(self.log_a) / raters + np.exp(self.log_b)
        d = 1 / np.sqrt(self.inflation * variance)
        df = np.minimum(raters, self.utterances) - 1
        t = stdtrit(df, 1 - self.alpha / 2)
        return np.asarray(ndtr(d - t) + ndtr(-d - t))

    def raters_at(self, wanted: float, most: int) -> int | None:
        numbers = np.arange(FEWEST, most + 1)
        enough = np.flatnonzero(self.power(numbers.astype(np.float64)) >= wanted)
        return int(numbers[enough[0]]) if len(enough) else None

    def fitted_to(self, power: Floats) -> "_Curve":
        """Return the curve that makes these shares of rejections most likely."""

        def loss(logs: Floats) -> float:
            curve = replace(self, log_a=float(logs[0]), log_b=float(logs[1]))
            P = np.clip(curve.power(self.tried.astype(np.float64)), 1e-9, 1 - 1e-9)
            return -float((power * np.log(P) + (1 - power) * np.log1p(-P)).sum())

        here = (self.log_a, self.log_b)
        starts = [here] if any(here) else START
        fits = [
            minimize(
                loss,
                s,
                method="Nelder-Mead",
                bounds=LOGS,
                options={"xatol": 1e-3, "fatol": 1e-7},
            )
            for s in starts
        ]
        best = min(fits, key=lambda fit: float(fit.fun)).x
        return replace(self, log_a=float(best[0]), log_b=float(best[1]))


def _smooth(
    tried: Ints,
    power: Floats,
    design: StudyDesign,
    target: tuple[int, int],
    alpha: float,
) -> _Curve:
    every = design.crossed or target[1] == design.snrs
    utterances = design.utterances if every else design.utterances // design.snrs
    return _Curve(tried, utterances, alpha).fitted_to(power)


def _interval(
    curve: _Curve,
    rejected: Floats,
    wanted: float,
    most: int,
    rng: np.random.Generator,
) -> tuple[int | None, int | None]:
    """Return the number of raters' 95 % interval by resampling replicates."""
    n = len(rejected)
    found = []
    for _ in range(RESAMPLES):
        power = rejected[rng.integers(0, n, n)].mean(axis=0)
        raters = curve.fitted_to(power).raters_at(wanted, most)
        found.append(np.inf if raters is None else float(raters))
    low, high = np.quantile(found, [0.025, 0.975], method="inverted_cdf")
    return (
        None if np.isinf(low) else int(low),
        None if np.isinf(high) else int(high),
    )


def _replicate(
    design: StudyDesign,
    eta: Floats,
    start: Start | None,
    task: tuple[int, bool, bool],
) -> tuple[CellTests | None, CellTests | None]:
    seed, clustered, mixed = task
    trials = simulate(design, eta, np.random.default_rng(seed))
    by_cluster = clustered_tests(design, trials) if clustered else None
    if not mixed:
        return by_cluster, None
    try:
        return by_cluster, mixed_tests(design, trials, start=start)
    except (ConvergenceError, ValueError):  # no estimate, or no rank: no result
        lost = np.full(design.systems * (design.snrs + 1), np.nan)
        return by_cluster, CellTests(lost, lost, lost)


def each_replicate(
    work: Callable[[Task], Outcome],
    tasks: Sequence[Task],
    jobs: int,
    told: Told | None,
) -> Iterator[Outcome]:
    with ExitStack() as stack:
        if jobs > 1:
            pool = stack.enter_context(ProcessPoolExecutor(jobs))
            outcomes = pool.map(work, tasks, chunksize=max(1, len(tasks) // 16 // jobs))
        else:
            outcomes = map(work, tasks)
        for done, outcome in enumerate(outcomes, 1):
            if told is not None:
                told(done)
            yield outcome


def _power(
    test: str, outcomes: Sequence[CellTests], design: StudyDesign, alpha: float
) -> Power:
    """Count rejections; a replicate without a result is one that found nothing."""
    p = np.array([o.p for o in outcomes])
    width = np.array([o.width for o in outcomes])
    n, sound = len(p), np.isfinite(p)
    found = (p <= alpha).sum(axis=0)  # NaN is not
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(found > 0, beta_distribution.ppf(0.025, found, n - found + 1), 0)
        high = np.where(
            found < n, beta_distribution.ppf(0.975, found + 1, n - found), 1
        )
        results = sound.sum(axis=0)
        mean = np.where(sound, width, 0).sum(axis=0) / results
        spread = np.where(sound, (width - mean) ** 2, 0).sum(axis=0) / (results - 1)

    def shaped(values: Floats) -> Floats:
        return np.asarray(values).reshape(design.systems, design.snrs + 1)

    return Power(
        test=test,
        replicates=n,
        power=shaped(found / n),
        low=shaped(low),
        high=shaped(high),
        width=shaped(mean),
        width_error=shaped(np.sqrt(spread / results)),
        failed=shaped(n - results).astype(np.intp),
    )
