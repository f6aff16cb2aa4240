"""What is read off a fitted model: preferences, trends, differences, raters."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy.special import expit, ndtri, stdtr, stdtrit

from listening.analysis.modelled import (
    Difference,
    Estimate,
    Modelled,
    RaterEffect,
    Share,
    Trend,
)
from listening.analysis.trial_matrix import POSITION, Floats, Matrix, Trials
from listening.statistics.mixed import (
    MixedFit,
    Preference,
    contrast,
    degrees_of_freedom,
    preference,
    share_of_raters,
)
from listening.statistics.multiplicity import holm


def modelled_of(
    trials: Trials,
    headline: MixedFit,
    means: Matrix,
    trend: MixedFit,
    line: Matrix,
    confidence: float,
) -> tuple[Modelled, ...]:
    """Return every cell, and every comparison over its SNRs in equal parts."""
    weights = np.vstack([np.eye(len(trials.places)), over_snrs(trials)])
    at = trials.slope_at
    of_cells = preference(headline, means.rows, slope_at=at, level=confidence)
    of_line = preference(trend, line.rows, slope_at=at, level=confidence)
    found, linear = averaged(of_cells, weights), averaged(of_line, weights)
    shares = share_of_raters(
        headline,
        weights @ means.rows,
        slope_at=None if at is None else weights @ at,
        level=confidence,
    )
    places: list[tuple[str, float | None]] = [
        *trials.places,
        *((system, None) for system in trials.systems),
    ]
    return tuple(
        Modelled(
            system=system,
            reference=trials.reference,
            snr_db=snr_db,
            preference=found[i],
            share=Share(
                float(shares.estimate[i]),
                float(shares.ci_low[i]),
                float(shares.ci_high[i]),
            ),
            linear=linear[i],
        )
        for i, (system, snr_db) in enumerate(places)
    )


def over_snrs(trials: Trials) -> Floats:
    """Return weights that average each system over its cells, (systems, cells)."""
    system = trials.cells[0]
    member = np.arange(len(trials.systems))[:, None] == system
    return np.asarray(member / member.sum(axis=1, keepdims=True), dtype=np.float64)


def averaged(of: Preference, weights: Floats) -> list[Estimate]:
    """Return weighted means of preferences, tested against one half.

    The interval is made on the logit of the mean, where it cannot leave 0 to 1.
    """
    found = contrast(of, weights)
    P = found.estimate
    with np.errstate(divide="ignore"):  # a preference that rounds to 1 has no spread
        logit = np.log(P) - np.log1p(-P)
    spread = P * (1 - P)
    se = np.divide(found.se, spread, out=np.zeros_like(P), where=spread > 0)
    half = stdtrit(of.df, (1 + of.level) / 2) * se
    t = np.divide(np.abs(logit), se, out=np.full_like(P, np.inf), where=se > 0)
    t = np.where(logit == 0, 0.0, t)
    low, high = expit(logit - half), expit(logit + half)
    p = np.asarray(2 * stdtr(of.df, -t), dtype=np.float64)
    return estimates_of(P, found.se, low, high, p, of.df)


def estimates_of(
    estimate: Floats, se: Floats, low: Floats, high: Floats, p: Floats, df: float
) -> list[Estimate]:
    columns = (column.tolist() for column in (estimate, se, low, high, p))
    return [
        Estimate(value, error, below, above, tail, df)
        for value, error, below, above, tail in zip(*columns, strict=True)
    ]


def trends_of(trials: Trials, fit: MixedFit, confidence: float) -> tuple[Trend, ...]:
    """Return the slope of each system, where there is one to estimate."""
    found = []
    for system in trials.systems:
        terms = ["snr_c", f"snr_c:system[{system}]"]
        weights = np.isin(fit.terms, terms[: 1 + (system != trials.systems[0])])
        complete = system == trials.systems[0] or terms[1] in fit.terms
        if "snr_c" in fit.terms and complete:
            slope = linear_sum(fit, weights.astype(np.float64), confidence)
            found.append(Trend(system, trials.reference, slope))
    adjusted = holm(np.array([trend.slope.p for trend in found]))
    return tuple(
        replace(trend, slope=replace(trend.slope, p_holm=float(p)))
        for trend, p in zip(found, adjusted, strict=True)
    )


def position_of(fit: MixedFit, confidence: float) -> Estimate | None:
    """Return the logits by which A is favoured; None if that was not asked."""
    if POSITION not in fit.terms:
        return None
    weights = (np.array(fit.terms) == POSITION).astype(np.float64)
    return linear_sum(fit, weights, confidence)


def linear_sum(fit: MixedFit, weights: Floats, confidence: float) -> Estimate:
    """Return a weighted sum of coefficients with its t interval."""
    V = fit.covariance[-len(fit.beta) :, -len(fit.beta) :]
    value, se = float(weights @ fit.beta), float(np.sqrt(weights @ V @ weights))
    df = degrees_of_freedom(fit)
    half = float(stdtrit(df, (1 + confidence) / 2)) * se
    p = float(2 * stdtr(df, -abs(value) / se))
    return Estimate(value, se, value - half, value + half, p, df)


def differences_of(
    trials: Trials, fit: MixedFit, means: Matrix, confidence: float
) -> tuple[Difference, ...]:
    """Compare every two systems at each SNR that both have, and over those.

    p values are adjusted over the SNRs of a pair; those over SNRs over the pairs.
    """
    places = {place: i for i, place in enumerate(trials.places)}
    keys: list[tuple[str, str, float | None]] = []
    weights: list[Floats] = []
    for one, other in combinations(trials.systems, 2):
        shared = [s for s in trials.snrs if {(one, s), (other, s)} <= set(places)]
        rows = [difference(places, one, other, float(snr)) for snr in shared]
        if rows:
            keys += [(one, other, float(snr)) for snr in shared]
            keys.append((one, other, None))
            weights += [*rows, np.mean(rows, axis=0)]
    if not weights:
        return ()
    of = preference(fit, means.rows, slope_at=trials.slope_at, level=confidence)
    found = contrast(of, np.array(weights))
    estimates = estimates_of(
        found.estimate, found.se, found.ci_low, found.ci_high, found.p, found.df
    )
    return with_holm(trials.reference, keys, estimates)


def difference(
    places: dict[tuple[str, float], int], one: str, other: str, snr_db: float
) -> Floats:
    weights = np.zeros(len(places))
    weights[places[one, snr_db]], weights[places[other, snr_db]] = 1, -1
    return weights


def with_holm(
    reference: str,
    keys: list[tuple[str, str, float | None]],
    estimates: list[Estimate],
) -> tuple[Difference, ...]:
    families: dict[object, list[int]] = {}
    for i, (one, other, snr_db) in enumerate(keys):
        family = None if snr_db is None else (one, other)
        families.setdefault(family, []).append(i)
    p = np.array([found.p for found in estimates])
    adjusted = np.empty_like(p)
    for members in families.values():
        adjusted[members] = holm(p[members])
    return tuple(
        Difference(one, other, reference, snr, replace(found, p_holm=float(p_holm)))
        for (one, other, snr), found, p_holm in zip(
            keys, estimates, adjusted, strict=True
        )
    )


def raters_of(
    trials: Trials, fit: MixedFit, means: Matrix, confidence: float
) -> tuple[RaterEffect, ...]:
    """Return every rater's effect, and preference at the mean of the cells' logits.

    Of a rater with a slope both are those at the mean of the SNRs.
    """
    middle = float(np.mean(means.rows @ fit.beta))
    effect = fit.random["rater"]
    reach = float(ndtri((1 + confidence) / 2))
    found = []
    for name, mode, sd in zip(
        trials.raters, effect.modes[:, 0], effect.mode_sd[:, 0], strict=True
    ):
        at = middle + mode + np.array([0.0, -1.0, 1.0]) * reach * sd
        found.append(RaterEffect(name, float(mode), float(sd), Share(*expit(at))))
    return tuple(found)
