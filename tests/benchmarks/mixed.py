"""Speed and accuracy of the mixed models, beside other software where it is at hand.

    python -m tests.benchmarks.mixed [--json FILE] [--large]

On simulated studies: ours; statsmodels' BinomialBayesMixedGLM (variational Bayes), the
only crossed mixed logistic model there; lme4 and glmmTMB if `Rscript` has them.
Errors are against glmmTMB where it is there, else against our own fit: `beta` is the
largest difference in standard errors, `se` the range of ratios of standard errors.
Times are of the processor, so that other work on the machine hardly matters. Run with
OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1, one core.
"""

import argparse
import json
import resource
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

from listening.statistics.mixed import Factor, fit_binary, fit_ordinal

BETA = np.array([0.5, -0.05, -0.3, -0.6, 0.01, 0.02])
CUTS = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])

R_SCRIPT = """
suppressMessages(library({package}))
a <- commandArgs(TRUE)
d <- read.csv(a[1]); d$system <- factor(d$system)
f <- y ~ snr * system + (1 | rater) + (1 | utterance)
s <- sum(system.time(m <- {call})[c("user.self", "sys.self")])
write(jsonlite::toJSON(list(seconds = s, beta = unname({beta}), se = unname(sqrt(diag(
  as.matrix({vcov}))))), digits = NA, auto_unbox = TRUE), a[2])
"""
RIVALS_IN_R = {
    "lme4": ("glmer(f, d, binomial)", "fixef(m)", "vcov(m)"),
    "glmmTMB": ("glmmTMB(f, d, binomial)", "fixef(m)$cond", "vcov(m)$cond"),
}


@dataclass(frozen=True)
class Study:
    """Simulated trials of three systems."""

    name: str
    y: NDArray[np.float64]
    graded: NDArray[np.float64]
    X: NDArray[np.float64]
    rater: NDArray[np.intp]
    utterance: NDArray[np.intp]
    snr: NDArray[np.float64]
    system: NDArray[np.intp]

    @property
    def factors(self) -> list[Factor]:
        return [Factor("rater", self.rater), Factor("utterance", self.utterance)]


@dataclass(frozen=True)
class Fit:
    """A fit by some software."""

    software: str
    seconds: float
    beta: NDArray[np.float64] | None = None
    se: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    study: str
    rows: int
    software: str
    milliseconds: float  # of one core
    times_ours: float
    beta: float | None = None
    se_low: float | None = None
    se_high: float | None = None


def simulate(name: str, seed: int, raters: int, trials: int, utterances: int) -> Study:
    """Simulate raters who each hear some utterances, once."""
    rng = np.random.default_rng(seed)
    rater = np.repeat(np.arange(raters), trials)
    utterance = np.concatenate(
        [np.resize(rng.permutation(utterances), trials) for _ in range(raters)]
    )
    n = len(rater)
    system, snr = (
        rng.integers(0, 3, n),
        rng.choice([-7.5, -4.5, -1.5, 1.5, 4.5, 7.5], n),
    )
    b, c = system == 1, system == 2
    X = np.column_stack([np.ones(n), snr, b, c, b * snr, c * snr])
    eta = X @ BETA + 0.85 * rng.standard_normal(raters)[rater]
    eta += 0.45 * rng.standard_normal(utterances)[utterance]
    latent = eta + rng.logistic(size=n)
    graded = np.digitize(latent, CUTS).astype(float)
    y = (latent > 0).astype(float)
    return Study(name, y, graded, X, rater, utterance, snr, system)


def timed(work: Callable[[], object], repeats: int) -> float:
    """Return the median time in seconds; the first run warms up."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return median(seconds)


def ours(study: Study) -> list[Fit]:
    """Fit what the engine can; the first is the model that rivals fit too."""
    s, repeats = study, 3 if len(study.y) > 10_000 else 9
    slope = [Factor("rater", s.rater, s.snr), s.factors[1]]
    work: dict[str, Callable[[], object]] = {
        "ours": lambda: fit_binary(s.y, s.X, s.factors),
        "ours, no SE": lambda: fit_binary(s.y, s.X, s.factors, standard_errors=False),
        "ours, slopes": lambda: fit_binary(s.y, s.X, slope),
        "ours, 25 nodes": lambda: fit_binary(s.y, s.X, s.factors[:1], nodes=25),
        "ours, 7 grades": lambda: fit_ordinal(s.graded, s.X[:, 1:], s.factors),
    }
    first = fit_binary(s.y, s.X, s.factors)
    fits = [Fit(name, timed(run, repeats)) for name, run in work.items()]
    return [Fit("ours", fits[0].seconds, first.beta, first.se), *fits[1:]]


def statsmodels(study: Study) -> Fit:
    """Fit by variational Bayes with the default priors."""
    levels = [np.eye(c.max() + 1)[c] for c in (study.rater, study.utterance)]
    identity = np.repeat([0, 1], [z.shape[1] for z in levels])
    model = BinomialBayesMixedGLM(study.y, study.X, np.hstack(levels), identity)
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit_vb()
    return Fit(
        "statsmodels VB", time.process_time() - start, found.fe_mean, found.fe_sd
    )


def in_r(study: Study, package: str) -> Fit | None:
    """Fit by an R package; None if it is not there."""
    if shutil.which("Rscript") is None:
        return None
    call, beta, vcov = RIVALS_IN_R[package]
    code = R_SCRIPT.format(package=package, call=call, beta=beta, vcov=vcov)
    with tempfile.TemporaryDirectory() as folder:
        data, result = Path(folder, "data.csv"), Path(folder, "result.json")
        columns = [study.y, study.snr, study.system, study.rater, study.utterance]
        header = "y,snr,system,rater,utterance"
        np.savetxt(
            data, np.column_stack(columns), delimiter=",", header=header, comments=""
        )
        done = subprocess.run(
            ["Rscript", "-e", code, str(data), str(result)],
            check=False,
            capture_output=True,
        )
        if done.returncode != 0:
            return None
        found = json.loads(result.read_text())
    return Fit(
        package, found["seconds"], np.array(found["beta"]), np.array(found["se"])
    )


def compare(study: Study, *, rivals: bool) -> list[Line]:
    """Fit a study by all software at hand."""
    fits = ours(study)
    if rivals:
        others = [statsmodels(study), *(in_r(study, p) for p in RIVALS_IN_R)]
        fits += [fit for fit in others if fit is not None]
    truth = next((fit for fit in fits if fit.software == "glmmTMB"), fits[0])
    return [line(study, fit, fits[0], truth) for fit in fits]


def line(study: Study, fit: Fit, first: Fit, truth: Fit) -> Line:
    """Return the line of the table for one fit."""
    shared = (study.name, len(study.y), fit.software, 1e3 * fit.seconds)
    ratio = fit.seconds / first.seconds
    if fit.beta is None or fit.se is None or truth.beta is None or truth.se is None:
        return Line(*shared, ratio)
    error = float((np.abs(fit.beta - truth.beta) / truth.se).max())
    se = fit.se / truth.se
    return Line(*shared, ratio, error, float(se.min()), float(se.max()))


def show(lines: list[Line]) -> str:
    """Return the table as text."""
    head = ("study", "rows", "software", "ms", "x ours", "beta", "se")
    text = ["{:<8}{:>8}  {:<16}{:>10}{:>9}{:>10}  {}".format(*head)]
    for x in lines:
        beta = "" if x.beta is None else f"{x.beta:.1e}"
        se = "" if x.se_low is None else f"{x.se_low:.4f} to {x.se_high:.4f}"
        text.append(
            f"{x.study:<8}{x.rows:>8}  {x.software:<16}{x.milliseconds:>10.1f}"
            f"{x.times_ours:>9.1f}{beta:>10}  {se}"
        )
    return "\n".join(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the table to this file")
    parser.add_argument("--large", action="store_true", help="also 60,000 rows")
    options = parser.parse_args()
    lines = compare(simulate("small", 1, 8, 36, 36), rivals=True)
    lines += compare(simulate("usual", 2, 50, 36, 60), rivals=True)
    if options.large:
        lines += compare(simulate("large", 3, 2000, 30, 300), rivals=False)
    print(show(lines))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"largest memory of this process: {peak:.0f} MB")
    if options.json:
        table = [asdict(line) for line in lines]
        options.json.write_text(json.dumps({"lines": table, "peak_mb": peak}, indent=1))


if __name__ == "__main__":
    main()
