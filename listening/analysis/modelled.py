"""What the mixed models found: frozen data, and its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from listening.statistics.mixed import MixedFit

Json = dict[str, Any]


@dataclass(frozen=True)
class Estimate:
    """A number with its interval and its test."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    df: float
    p_holm: float = np.nan

    def as_json(self) -> Json:
        names = ("estimate", "se", "ci_low", "ci_high", "p", "df", "p_holm")
        return {name: null(getattr(self, name)) for name in names}


@dataclass(frozen=True)
class Share:
    """A share of raters with its interval; no test."""

    estimate: float
    ci_low: float
    ci_high: float

    @property
    def says_something(self) -> bool:
        """False where raters do not differ: then all, or none, could prefer it."""
        return self.ci_high - self.ci_low < 0.99

    def as_json(self) -> Json:
        return {
            "estimate": self.estimate,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
        }


@dataclass(frozen=True)
class Modelled:
    """What the models say of one comparison, at one SNR or (None) over all."""

    system: str
    reference: str
    snr_db: float | None
    preference: Estimate  # population-averaged, of 0.5
    share: Share  # of raters whose own preference is above one half
    linear: Estimate | None  # the preference if it were linear in the SNR

    @property
    def place(self) -> tuple[str, str, float | None]:
        return self.system, self.reference, self.snr_db


@dataclass(frozen=True)
class Trend:
    """Logits by which preference for a system grows with each dB of SNR."""

    system: str
    reference: str
    slope: Estimate

    def as_json(self) -> Json:
        return {
            "system": self.system,
            "reference": self.reference,
            "unit": "logits per dB",
        } | self.slope.as_json()


@dataclass(frozen=True)
class Difference:
    """Preference for `system` less that for `other`, both over `reference`."""

    system: str
    other: str
    reference: str
    snr_db: float | None
    difference: Estimate  # of probabilities

    def as_json(self) -> Json:
        return {
            "system": self.system,
            "other": self.other,
            "reference": self.reference,
            "snr_db": self.snr_db,
        } | self.difference.as_json()


@dataclass(frozen=True)
class RaterEffect:
    """What a rater's answers say of the rater, drawn towards the others."""

    rater: str
    effect: float  # logits by which the rater differs from the typical one
    sd: float  # conditional standard deviation of the effect
    preference: Share  # the rater's own, of a typical utterance; normal interval

    def as_json(self) -> Json:
        return {
            "rater": self.rater,
            "effect": self.effect,
            "sd": self.sd,
            "preference": self.preference.as_json(),
        }


@dataclass(frozen=True)
class Mixed:
    """The models of the comparisons that share a reference."""

    reference: str
    trend: MixedFit  # preferred ~ snr_c * system + (1|rater) + (1|utterance)
    graded: MixedFit | None  # the same of graded answers; None if there are none
    grades: tuple[float, ...]  # the answers in use, rising
    modelled: tuple[Modelled, ...]
    trends: tuple[Trend, ...]
    differences: tuple[Difference, ...]
    raters: tuple[RaterEffect, ...]
    position: Estimate | None  # logits in favour of A
    by_cell: bool  # preferences have a mean for each cell; else they lie on the trend
    penalised: bool  # the fit that the preferences are from
    warnings: tuple[str, ...]

    @property
    def slopes(self) -> bool:
        """Tell if raters may differ in the effect of the SNR."""
        return len(self.trend.random["rater"].Lambda) > 1

    def as_json(self) -> Json:
        """Return what stands below `glmm`."""
        linear = [(m, m.linear) for m in self.modelled if m.linear]
        return {
            "reference": self.reference,
            **fit_as_json(self.trend),
            "preference": [place_of(m) | found.as_json() for m, found in linear],
        }

    def graded_as_json(self) -> Json:
        """Return what stands below `clmm`."""
        assert self.graded
        return {
            "reference": self.reference,
            **ordered_as_json(self.graded, self.grades),
        }


def ordered_as_json(fit: MixedFit, grades: tuple[float, ...]) -> Json:
    """Return the fit of ordered answers, of which `grades` are the values in use."""
    terms = [f"{low:g}|{high:g}" for low, high in pairwise(grades)]
    cuts = zip(terms, fit.thresholds, fit.threshold_se, strict=True)
    return {
        "thresholds": [
            {"term": term, "estimate": float(at), "se": float(se)}
            for term, at, se in cuts
        ],
        **fit_as_json(fit),
    }


def fit_as_json(fit: MixedFit) -> Json:
    return {
        "fixed_effects": fixed_as_json(fit),
        "random_effects": random_as_json(fit),
        "intraclass_correlation": intraclass_correlation(fit),
        "log_likelihood": fit.log_likelihood,
        "converged": fit.converged,
        "warnings": list(fit.warnings),
        "method": fit.method,
        "trials": fit.trials,
        "levels": {name: effect.levels for name, effect in fit.random.items()},
        "singular": fit.singular,
        "penalised": fit.penalised,
    }


def intraclass_correlation(fit: MixedFit) -> dict[str, float]:
    """Return the share of each factor in the variance of an answer, on the logit scale.

    A single answer varies by pi^2 / 3 there, the variance of the logistic distribution
    (S. Nakagawa, H. Schielzeth, "Repeatability for Gaussian and non-Gaussian data: a
    practical guide for biologists", Biological Reviews 85 (2010)). With slopes it is
    that at the mean SNR.
    """
    variance = {name: float(sd[0]) ** 2 for name, sd in fit.sd.items()}
    total = sum(variance.values()) + np.pi**2 / 3
    return {name: part / total for name, part in variance.items()}


def random_as_json(fit: MixedFit) -> Json:
    """Return standard deviations; with slopes, also theirs and the correlation."""
    found: Json = {name: float(sd[0]) for name, sd in fit.sd.items()}
    for name, effect in fit.random.items():
        if effect.correlation is not None:
            found[f"{name}:snr_c"] = float(effect.sd[1])
            found[f"{name} correlation"] = null(effect.correlation)
    return found


def fixed_as_json(fit: MixedFit) -> list[Json]:
    columns = zip(fit.terms, fit.beta, fit.se, fit.z, fit.p, strict=True)
    names = ("estimate", "se", "z", "p")
    return [
        {"term": term} | dict(zip(names, map(float, numbers), strict=True))
        for term, *numbers in columns
    ]


def models_as_json(models: tuple[Mixed, ...]) -> Json:
    """Return the keys that the models add to the analysis; none without models.

    The lists of preferences are filled by `Analysis`, which knows all comparisons.
    """
    if not models:
        return {}
    cells = [m for model in models for m in model.modelled if m.snr_db is not None]
    whole = [m for model in models for m in model.modelled if m.snr_db is None]
    graded = [model.graded_as_json() for model in models if model.graded]
    others = [model.as_json() for model in models[1:]]
    found: Json = {
        "glmm": models[0].as_json(),
        "preference": [],
        "preference_overall": [],
        "share_of_raters": [place_of(m) | m.share.as_json() for m in (*cells, *whole)],
        "contrasts": [d.as_json() for m in models for d in m.differences],
        "snr_trend": [t.as_json() for m in models for t in m.trends],
    }
    if others:
        found["glmm_other_references"] = others
    if graded:
        found["clmm"] = graded[0]
    if graded[1:]:
        found["clmm_other_references"] = graded[1:]
    return found


def place_of(found: Modelled) -> Json:
    return {
        "system": found.system,
        "reference": found.reference,
        "snr_db": found.snr_db,
    }


def null(value: float) -> float | None:
    return None if np.isnan(value) else value
