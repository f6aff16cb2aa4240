"""Trials for the tests of mixed models: reference data sets and simulated ones."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from listening.statistics.mixed import Factor
from tests.reference import load

DATA = Path(__file__).parents[2] / "reference" / "mixed"


@dataclass(frozen=True)
class Trials:
    """One row a trial."""

    y: NDArray[np.float64]
    X: NDArray[np.float64]
    snr: NDArray[np.float64]
    rater: Factor
    utterance: Factor

    @property
    def factors(self) -> list[Factor]:
        return [self.rater, self.utterance]

    @property
    def sloping(self) -> list[Factor]:
        return [Factor("rater", self.rater.codes, self.snr), self.utterance]

    def take(self, order: NDArray[np.intp]) -> "Trials":
        return Trials(
            self.y[order],
            self.X[order],
            self.snr[order],
            Factor("rater", self.rater.codes[order]),
            Factor("utterance", self.utterance.codes[order]),
        )


def matrix(system: NDArray[np.intp], snr: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the columns 1, snr, system[B] ..., snr:system[B] ..."""
    others = [(system == k).astype(float) for k in range(1, int(system.max()) + 1)]
    return np.column_stack(
        [np.ones(len(snr)), snr, *others, *(o * snr for o in others)]
    )


@cache
def table(name: str) -> NDArray[Any]:
    """Return a reference data set as a structured array."""
    path = DATA / f"{name}.csv"
    return np.genfromtxt(path, delimiter=",", names=True, dtype=None)


@cache
def reference(name: str) -> Any:
    """Return expected numbers for mixed models."""
    return load(f"mixed/{name}")


@cache
def study(name: str, *, centre: float = 0.0) -> Trials:
    """Return a reference data set as trials; `centre` is taken off the SNR."""
    d = table(name)
    snr = d["snr"] - centre
    return Trials(
        d["y"].astype(float),
        matrix(d["system"], snr),
        snr,
        Factor("rater", d["rater"]),
        Factor("utterance", d["utterance"]),
    )


def simulate(
    seed: int,
    *,
    raters: int = 20,
    trials: int = 20,
    utterances: int = 15,
    sd_rater: float = 0.8,
    sd_utterance: float = 0.5,
    sd_slope: float = 0.0,
    beta: tuple[float, ...] = (0.5, -0.05, -0.5, 0.02),
    cuts: tuple[float, ...] = (0.0,),
) -> Trials:
    """Simulate balanced trials of two systems; `cuts` make answers of eta + noise."""
    rng = np.random.default_rng(seed)
    rater = np.repeat(np.arange(raters), trials)
    utterance = np.concatenate(
        [np.resize(rng.permutation(utterances), trials) for _ in range(raters)]
    )
    n = len(rater)
    snr = rng.choice([-6.0, -2.0, 2.0, 6.0], n)
    X = matrix(rng.permutation(np.arange(n) % 2), snr)
    eta = X @ np.array(beta)
    eta += sd_rater * rng.standard_normal(raters)[rater]
    eta += sd_slope * rng.standard_normal(raters)[rater] * snr
    eta += sd_utterance * rng.standard_normal(utterances)[utterance]
    y = np.digitize(eta + rng.logistic(size=n), cuts).astype(float)
    return Trials(y, X, snr, Factor("rater", rater), Factor("utterance", utterance))
