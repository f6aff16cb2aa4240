"""What the tests of preference hold: size, coverage, power, looks, by simulation.

    python -m tests.benchmarks.validity [--replicates N] [--jobs J] [--only NAME ...]

Answers come from crossed raters and utterances of known standard deviations. Three
tests of "as many prefer the one as the other" are compared: the population-averaged
preference of the mixed model with Student's t (the headline), the two-way
cluster-robust t beside it, and the exact binomial of the pooled trials, which most
papers report. Every part is kept as soon as it is done, so that a run goes on where the
last one was stopped; when all are done, tests/reference/validity.json and validity.md
are written. About an hour of one core. Run with OMP_NUM_THREADS=1
OPENBLAS_NUM_THREADS=1.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, t
from tqdm import tqdm

from listening.statistics.clustered import clustered_share
from listening.statistics.mixed import (
    ConvergenceError,
    Factor,
    MixedFit,
    fit_binary,
    preference,
)
from listening.statistics.simulated import (
    SimulatedTrials,
    StudyDesign,
    conditional_logit,
    conditional_logits,
    simulate,
)
from tests.benchmarks import validity_looks, validity_tables

Floats = NDArray[np.float64]

FOLDER = Path("tests/reference")
RAW = Path(tempfile.gettempdir()) / "earshot-validity.json"
TESTS = ("glmm", "two_way", "pooled")
SEED = 4
SNRS = (-6.0, -3.0, 0.0, 3.0, 6.0, 9.0)
MARGIN = (0.45, 0.55)


@dataclass(frozen=True)
class Part:
    """Some replicates of one design, judged in one way."""

    name: str
    about: str
    design: StudyDesign
    kind: str = "one"  # key of KINDS
    share: float = 1.0  # of the replicates asked for: slow fits take long
    groups: float = 0.0  # logits: half of the raters so much above, half below
    level: float = 0.95


@dataclass(frozen=True)
class Found:
    """One test in one replicate."""

    p: float
    low: float
    high: float
    estimate: float


LOST = Found(np.nan, np.nan, np.nan, np.nan)


def one(
    raters: int,
    trials: int,
    utterances: int,
    p: float,
    *,
    sds: tuple[float, float] = (0.8, 0.5),
) -> StudyDesign:
    """Return the design of one system at one SNR; `sds` of raters, utterances."""
    return StudyDesign(
        raters,
        trials,
        utterances,
        np.array([[p]]),
        rater_sd=sds[0],
        utterance_sd=sds[1],
    )


def slopes(p: float) -> StudyDesign:
    """Return a design whose raters differ in how they like SNR."""
    preferences = np.full((1, len(SNRS)), p)
    return StudyDesign(50, 36, 60, preferences, SNRS, slope_sd=0.15)


SIX = (
    ("lab-8", "lab, 8 raters x 36, 36 utterances", (8, 36, 36)),
    ("lab-20", "lab, 20 raters x 36, 36 utterances", (20, 36, 36)),
    ("study-50", "50 raters x 36, 60 utterances", (50, 36, 60)),
    ("cell-50", "50 raters x 6, 60 utterances (one SNR)", (50, 6, 60)),
    ("crowd-400", "crowd, 400 raters x 36, 20 utterances", (400, 36, 20)),
    ("alike-50", "50 raters x 36, 60 utterances, none differs", (50, 36, 60)),
)


def parts() -> list[Part]:
    """Return all parts of the study, in the order of their importance."""
    found = []
    for name, about, size in SIX:
        sds = (0.0, 0.0) if name == "alike-50" else (0.8, 0.5)
        for p in (0.5, 0.7):
            design = one(*size, p, sds=sds)
            share = 2.0 if name == "alike-50" and p == 0.5 else 1.0
            found.append(Part(f"{name}-{p}", about, design, share=share))
    for p in (0.5, 0.7):
        about = "50 x 36, 60 utterances; two groups of raters, 1.5 logits up and down"
        design = one(50, 36, 60, p, sds=(0.4, 0.5))
        found.append(Part(f"groups-{p}", about, design, groups=1.5))
        about = "50 x 36, 60 utterances, 6 SNRs; slopes of SD 0.15 per dB not modelled"
        found.append(Part(f"slopes-{p}", about, slopes(p), "slopes"))
        about = "the same, slopes modelled"
        found.append(Part(f"sloped-{p}", about, slopes(p), "sloped", share=0.5))
    for p in (0.55, 0.5):
        about = "100 raters x 36, 120 utterances; margin 45 to 55 %"
        found.append(Part(f"equal-{p}", about, one(100, 36, 120, p), level=0.9))
    for p in (0.55, 0.575, 0.6):
        about = "50 raters x 36, 60 utterances"
        found.append(Part(f"power-{p}", about, one(50, 36, 60, p)))
    return found


def glmm(
    trials: SimulatedTrials,
    X: Floats,
    rows: Floats,
    level: float,
    *,
    slopes: bool = False,
) -> list[Found]:
    """Return the population-averaged preference at rows, by the mixed model."""
    factors = [
        Factor("rater", trials.rater, X[:, 1] if slopes else None),
        Factor("utterance", np.unique(trials.utterance, return_inverse=True)[1]),
    ]
    try:
        fit: MixedFit = fit_binary(trials.preferred, X, factors)
    except ConvergenceError:
        return [LOST] * (len(rows) + X.shape[1] - 1)
    at = rows[:, 1] if slopes else None
    told = preference(fit, rows, level=level, slope_at=at)
    columns = (told.p, told.ci_low, told.ci_high, told.estimate)
    found = [Found(*map(float, line)) for line in zip(*columns, strict=True)]
    if X.shape[1] > 1:  # the trend, as a logit: its p alone is of interest
        p = float(2 * t.sf(abs(fit.z[1]), told.df))
        found.append(Found(p, np.nan, np.nan, float(fit.beta[1])))
    return found


def two_way(trials: SimulatedTrials, level: float) -> Found:
    """Return the share of preference with its two-way cluster-robust t."""
    told = clustered_share(
        trials.preferred, trials.rater, trials.utterance, confidence=level
    )
    return Found(told.p, told.ci_low, told.ci_high, told.estimate)


def pooled(trials: SimulatedTrials, level: float) -> Found:
    """Return the exact binomial of all trials."""
    told = binomtest(int(trials.preferred.sum()), len(trials.preferred))
    low, high = told.proportion_ci(level)
    return Found(float(told.pvalue), low, high, float(told.statistic))


def judge_one(part: Part, trials: SimulatedTrials) -> dict[str, Found]:
    ones = np.ones((len(trials.rater), 1))
    by_model = glmm(trials, ones, np.ones((1, 1)), part.level)
    return {
        "glmm": by_model[0],
        "two_way": two_way(trials, part.level),
        "pooled": pooled(trials, part.level),
    }


def judge_slopes(
    part: Part, trials: SimulatedTrials, *, slopes: bool = False
) -> dict[str, Found]:
    """Judge the middle, the trend and the highest SNR, with or without slopes."""
    snr = part.design.snr_c[trials.snr]
    X = np.column_stack([np.ones(len(snr)), snr])
    rows = np.array([[1.0, 0.0], [1.0, part.design.snr_c[-1]]])
    middle, edge, trend = glmm(trials, X, rows, part.level, slopes=slopes)
    there = trials.snr == part.design.snrs - 1
    cell = clustered_share(
        trials.preferred[there], trials.rater[there], trials.utterance[there]
    )
    return {
        "glmm": middle,
        "two_way": two_way(trials, part.level),
        "pooled": pooled(trials, part.level),
        "glmm at 9 dB": edge,
        "two_way at 9 dB": Found(cell.p, cell.ci_low, cell.ci_high, cell.estimate),
        "glmm trend": trend,
    }


KINDS: dict[str, Callable[[Part, SimulatedTrials], dict[str, Found]]] = {
    "one": judge_one,
    "slopes": judge_slopes,
    "sloped": partial(judge_slopes, slopes=True),
}


def replicate(part: Part, eta: Floats, seed: int) -> dict[str, Found]:
    """Simulate and judge one study. Designs that differ in p alone share their luck."""
    rng = np.random.default_rng([SEED, seed])
    of_raters = None
    if part.groups:
        of_raters = part.groups * rng.choice([-1.0, 1.0], part.design.raters)
    trials = simulate(part.design, eta, rng, of_raters=of_raters)
    return KINDS[part.kind](part, trials)


def truth(part: Part) -> Floats:
    """Return the logits of the design, shape (systems, snrs)."""
    if not part.groups:
        return conditional_logits(part.design)
    design = part.design
    sd = float(np.hypot(design.rater_sd, design.utterance_sd))
    p = float(design.preference[0, 0])
    shifts = (-part.groups, part.groups)
    return np.array([[conditional_logit(p, sd, shifts=shifts)]])


def run(part: Part, replicates: int, jobs: int) -> dict[str, Any]:
    """Run a part; return what the tables need, and p-values for calibration."""
    count = max(1, round(part.share * replicates))
    work = partial(replicate, part, truth(part))
    start = time.monotonic()
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            told = list(pool.map(work, range(count), chunksize=10))
    else:
        bar = tqdm(range(count), desc=part.name, mininterval=10)
        told = [work(seed) for seed in bar]
    tests = {name: summary(part, [t[name] for t in told]) for name in told[0]}
    return {
        "about": part.about,
        "p": float(part.design.preference[0, 0]),
        "replicates": count,
        "seed": SEED,
        "seconds": round(time.monotonic() - start),
        "tests": tests,
    }


def summary(part: Part, found: list[Found]) -> dict[str, Any]:
    """Return the rates of one test over the replicates that had a result."""
    p, low, high, estimate = np.array(
        [[f.p, f.low, f.high, f.estimate] for f in found]
    ).T
    sound = np.isfinite(p)
    true_p = float(part.design.preference[0, 0])
    rates: dict[str, Any] = {
        "failed": int((~sound).sum()),
        "rejected": float((p[sound] <= 0.05).mean()),
        "p_at_5_percent": float(np.quantile(p[sound], 0.05)),
        "estimate": float(estimate[sound].mean()),
    }
    if np.isfinite(low[sound]).all():
        covers = (low[sound] <= true_p) & (true_p <= high[sound])
        inside = (low[sound] >= MARGIN[0]) & (high[sound] <= MARGIN[1])
        rates["covered"] = float(covers.mean())
        rates["width"] = float((high - low)[sound].mean())
        rates["equivalent"] = float(inside.mean())
    rates["p_values"] = [float(f"{v:.3g}") for v in p[sound]]
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="names of parts")
    parser.add_argument("--raw", type=Path, default=RAW, help="what is done so far")
    options = parser.parse_args()
    raw = json.loads(options.raw.read_text()) if options.raw.exists() else {}
    work: dict[str, Callable[[], dict[str, Any]]] = {
        part.name: partial(run, part, options.replicates, options.jobs)
        for part in parts()
    }
    work |= {
        f"looks-{peek.name}": partial(validity_looks.run, peek, 2 * options.replicates)
        for peek in validity_looks.peeks()
    }
    for name, compute in work.items():
        if name not in raw and (not options.only or name in options.only):
            raw[name] = compute()
            options.raw.write_text(json.dumps(raw))
    if set(work) <= set(raw):
        table = json.dumps(validity_tables.without_p_values(raw), indent=1) + "\n"
        (FOLDER / "validity.json").write_text(table)
        (FOLDER / "validity.md").write_text(validity_tables.markdown(raw))


if __name__ == "__main__":
    main()
