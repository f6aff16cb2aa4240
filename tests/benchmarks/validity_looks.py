"""What becomes of a test if one looks at a study before it is complete.

After every fifth of the raters somebody looks, and would stop.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from listening.statistics.clustered import clustered_share
from listening.statistics.sequential import (
    Boundaries,
    boundaries,
    first_rejection,
    rater_evidence,
    rater_majorities,
)
from listening.statistics.simulated import (
    SimulatedTrials,
    StudyDesign,
    conditional_logits,
    simulate,
)

LOOKS = 5
SEED = 5


@dataclass(frozen=True)
class Peek:
    """A study that is looked at."""

    name: str
    about: str
    design: StudyDesign
    share: float = 1.0  # of the replicates asked for

    @property
    def raters(self) -> list[int]:
        """Return how many raters there are at each look."""
        return [self.design.raters * k // LOOKS for k in range(1, LOOKS + 1)]


def peeks() -> list[Peek]:
    """Return the studies: nothing to be found, with and without clusters; something."""
    kinds = {
        "usual": ("50 raters, 60 utterances", 50, 60, 0.8, 0.5),
        "few": ("50 raters, 20 utterances", 50, 20, 0.8, 0.5),
        "alike": ("50 raters, 60 utterances, none differs", 50, 60, 0.0, 0.0),
        "crowd": ("400 raters, 20 utterances", 400, 20, 0.8, 0.5),
    }
    found = []
    for name, p in [*((name, 0.5) for name in kinds), ("usual", 0.6)]:
        about, raters, utterances, rater_sd, utterance_sd = kinds[name]
        design = StudyDesign(
            raters,
            36,
            utterances,
            np.array([[p]]),
            rater_sd=rater_sd,
            utterance_sd=utterance_sd,
        )
        share = 0.25 if name == "crowd" else 1.0
        found.append(Peek(f"{name}-{p}", about, design, share))
    return found


def rules(
    trials: SimulatedTrials, raters: list[int], plans: dict[str, Boundaries]
) -> dict[str, int | None]:
    """Return after how many raters each rule stops and says that it found something."""
    looks = [trials.of_first_raters(n) for n in raters]
    t = [clustered_share(x.preferred, x.rater, x.utterance).p for x in looks]
    pooled = [
        float(binomtest(int(x.preferred.sum()), len(x.preferred)).pvalue) for x in looks
    ]
    evidence = rater_evidence(rater_majorities(trials.preferred, trials.rater))
    after = evidence.rejected()
    stops = {
        "pooled binomial, 5 % at each look": first(pooled, raters),
        "two-way t, 5 % at each look": first(t, raters),
        "two-way t, last look only": raters[-1] if t[-1] <= 0.05 else None,
        "e-process on raters, after each": None if after is None else after + 1,
    }
    for name, plan in plans.items():
        k = first_rejection(t, plan)
        stops[f"two-way t, {name} boundaries"] = None if k is None else raters[k]
    return stops


def first(p_values: list[float], raters: list[int]) -> int | None:
    """Return the raters at the first look whose p is within 5 %."""
    return next((n for n, p in zip(raters, p_values, strict=True) if p <= 0.05), None)


def run(peek: Peek, replicates: int) -> dict[str, Any]:
    """Return how often each rule stops, and after how many raters on average."""
    information = np.array(peek.raters) / peek.design.raters
    plans = {
        "O'Brien-Fleming": boundaries(information, kind="obrien-fleming"),
        "Pocock": boundaries(information, kind="pocock"),
    }
    eta = conditional_logits(peek.design)
    told = []
    replicates = max(1, round(peek.share * replicates))
    for seed in range(replicates):
        trials = simulate(peek.design, eta, np.random.default_rng([SEED, seed]))
        told.append(rules(trials, peek.raters, plans))
    return {
        "about": peek.about,
        "p": float(peek.design.preference[0, 0]),
        "replicates": replicates,
        "seed": SEED,
        "rules": {
            name: summary([t[name] for t in told], peek.design.raters)
            for name in told[0]
        },
    }


def summary(stops: list[int | None], raters: int) -> dict[str, float]:
    """Return the share that stopped, and the raters heard on average, by all."""
    heard: NDArray[np.float64] = np.array(
        [raters if s is None else s for s in stops], dtype=np.float64
    )
    stopped = np.mean([s is not None for s in stops])
    return {"stopped": float(stopped), "raters": float(heard.mean())}
