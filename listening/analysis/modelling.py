"""Fit the mixed models to a table of trials, and read off them what is reported.

Two fits of the answers that preferred one of the two, for each reference:

- `preferred ~ snr_c * system + (1|rater) + (1|utterance)`: fixed effects, trends;
- the same with a mean for each system and SNR: the preferences. A line through the
  SNRs would make the answers at one SNR decide what is said of another. Never one fit
  a cell: with two trials of a rater in it, standard deviations run away.

Graded answers, and ties as the middle of three, have a cumulative-link model beside
them. What cannot be fitted is left out, and said.

Raters may have slopes, `(1 + snr_c|rater)`, in all of them. Where raters do differ in
what the SNR does to them, models without believe the trend and the preference at a
single SNR too firmly (one in five and one in eight at 5 %, in simulation); the mean
over SNRs they get right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from listening.analysis.modelled import Mixed
from listening.analysis.modelled_quantities import (
    differences_of,
    modelled_of,
    position_of,
    raters_of,
    trends_of,
)
from listening.analysis.trial_matrix import POSITION, Floats, Matrix, Trials
from listening.statistics.mixed import (
    ConvergenceError,
    MixedFit,
    Start,
    fit_binary,
    fit_ordinal,
)

MOST_CELLS = 60  # more than these are no design but SNRs as measured


class NotFitted(Exception):
    """No model can be fitted; the words say why."""


def fit_models(
    table: pd.DataFrame,
    preferred: Floats,
    rating: Floats | None,
    *,
    position: bool,
    confidence: float,
    slopes: bool = False,
) -> tuple[tuple[Mixed, ...], list[str]]:
    """Return a model for each reference, that with most trials first, and warnings.

    Parameters
    ----------
    preferred, rating
        Answers of shape (rows of table,); NaN is a tie, and so is rating 0.
    position
        Add a term for the position, where `enhanced_first` is known.
    slopes
        Let raters differ in the effect of the SNR, where there are several.
    """
    warnings, position = position_warnings(table, wanted=position)
    distinct = table["snr_db"].unique()
    centre = float(np.mean(np.sort(distinct))) if len(distinct) else 0.0
    grades = rating if rating is not None else three_points(preferred)
    models = []
    for reference, rows in by_reference(table):
        part = table.iloc[rows]
        prepare = preparer(part, centre=centre, position=position, slopes=slopes)
        try:
            model = fit_reference(
                prepare, preferred[rows], grades[rows], confidence=confidence
            )
        except NotFitted as reason:
            warnings.append(
                f"No mixed model of preferences over {reference}: {reason}. "
                "What stands in its place is the share of answers."
            )
            continue
        models.append(model)
        warnings += model.warnings
    if len(models) > 1:
        warnings.append(
            "The comparisons have different references: each reference has a mixed "
            "model of its own."
        )
    return tuple(models), list(dict.fromkeys(warnings))


Prepare = Callable[[np.ndarray, Floats], Trials]


def preparer(
    part: pd.DataFrame, *, centre: float, position: bool, slopes: bool
) -> Prepare:
    return lambda keep, answers: Trials.of(
        part[keep], answers[keep], centre=centre, position=position, slopes=slopes
    )


def three_points(preferred: Floats) -> Floats:
    """Return -1, 0 for a tie, 1."""
    return np.where(np.isnan(preferred), 0.0, np.where(preferred == 1, 1.0, -1.0))


def by_reference(table: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    groups: dict[Any, Any] = table.groupby("reference").indices
    for name in sorted(groups, key=lambda name: (-len(groups[name]), str(name))):
        yield str(name), groups[name]


def position_warnings(table: pd.DataFrame, *, wanted: bool) -> tuple[list[str], bool]:
    """Say why there is no term for the position if one is wanted, and if there is."""
    if not wanted or table.empty:
        return [], False
    if "enhanced_first" not in table:
        return ["No term for the position: there is no column enhanced_first."], False
    unknown = int(table["enhanced_first"].isna().sum())
    if unknown:
        told = f"No term for the position: it is not known of {unknown:,} trials."
        return [told], False
    return [], True


def fit_reference(
    prepare: Prepare, preferred: Floats, grades: Floats, *, confidence: float
) -> Mixed:
    """Fit the models of one reference."""
    decided = ~np.isnan(preferred)
    if not decided.any():
        raise NotFitted("nobody preferred either of the two")
    trials = prepare(decided, preferred)
    require_levels(trials)
    warnings: list[str] = []
    matrix = trials.trend()
    trials, trend = with_slopes(fit_binary, trials, matrix, warnings)
    warnings += dropped_warnings(trials, matrix)
    cells, means = cell_fit(trials, trend, matrix, warnings)
    headline = cells or trend
    warnings += told_by(headline, trials)
    graded, values = graded_fit(prepare, grades, warnings)
    return Mixed(
        reference=trials.reference,
        trend=trend,
        graded=graded,
        grades=values,
        modelled=modelled_of(trials, headline, means, trend, matrix, confidence),
        trends=trends_of(trials, trend, confidence),
        differences=differences_of(trials, headline, means, confidence),
        raters=raters_of(trials, headline, means, confidence),
        position=position_of(trend, confidence),
        by_cell=cells is not None,
        penalised=headline.penalised,
        warnings=tuple(warnings),
    )


def require_levels(trials: Trials) -> None:
    utterances = int(trials.utterance.max()) + 1
    for count, name in ((len(trials.raters), "rater"), (utterances, "utterance")):
        if count < 2:
            raise NotFitted(f"there is only one {name}")


Fit = Callable[..., MixedFit]


def fitted(fit: Fit, trials: Trials, matrix: Matrix, **options: Any) -> MixedFit:
    try:
        return fit(
            trials.answers, matrix.X, trials.factors, terms=matrix.terms, **options
        )
    except (ConvergenceError, ValueError) as error:
        raise NotFitted(str(error)) from error


def with_slopes(
    fit: Fit, trials: Trials, matrix: Matrix, warnings: list[str]
) -> tuple[Trials, MixedFit]:
    """Fit; where raters' slopes cannot be fitted, without them, and say so."""
    if trials.slopes:
        try:
            return trials, fitted(fit, trials, matrix)
        except NotFitted as reason:
            warnings.append(
                f"No raters' slopes in the model over {trials.reference}: {reason}."
            )
    trials = replace(trials, slopes=False)
    return trials, fitted(fit, trials, matrix)


def cell_fit(
    trials: Trials, trend: MixedFit, line: Matrix, warnings: list[str]
) -> tuple[MixedFit | None, Matrix]:
    """Return the fit with a mean for each cell; or none, say why, and the line."""
    cells = len(trials.places)
    reason = ""
    if cells > MOST_CELLS:
        reason = f"{cells:,} systems times SNRs in {len(trials.answers):,} trials"
    else:
        try:
            means = trials.means()
            start = start_from(trend, line, means)
            return fitted(fit_binary, trials, means, start=start), means
        except NotFitted as error:
            reason = str(error)
    warnings.append(
        f"Preferences over {trials.reference} are read off a straight line in the SNR, "
        f"not from a mean for each system and SNR: {reason}."
    )
    return None, line


def start_from(trend: MixedFit, line: Matrix, means: Matrix) -> Start | None:
    """Return the trend's logits of the cells, where the search for means may begin."""
    if trend.penalised:
        return None
    beta = np.linalg.lstsq(means.rows, line.rows @ trend.beta)[0]
    if POSITION in means.terms and POSITION in trend.terms:
        beta[means.terms.index(POSITION)] = trend.beta[trend.terms.index(POSITION)]
    return Start(np.concatenate([trend.theta, beta]))


def graded_fit(
    prepare: Prepare, grades: Floats, warnings: list[str]
) -> tuple[MixedFit | None, tuple[float, ...]]:
    """Fit the graded answers if there are more than two of them."""
    values = np.unique(grades)
    if len(values) < 3:
        return None, ()
    trials = prepare(np.ones(len(grades), dtype=bool), grades)
    try:
        matrix = trials.trend(intercept=False)
        if not matrix.terms:
            raise NotFitted("one system at one SNR leaves nothing to compare")
        _, fit = with_slopes(fit_ordinal, trials, matrix, warnings)
    except NotFitted as error:
        warnings.append(f"No model of graded answers over {trials.reference}: {error}.")
        return None, ()
    return fit, tuple(map(float, values))


def dropped_warnings(trials: Trials, matrix: Matrix) -> list[str]:
    """Name the terms that cannot be told from others; one SNR needs no words."""
    dropped = [
        term
        for term in matrix.dropped
        if len(trials.snrs) > 1 or not term.startswith("snr_c")
    ]
    if not dropped:
        return []
    return [
        f"In the model over {trials.reference} the terms {', '.join(dropped)} cannot "
        "be told from others and were left out: not every system was heard at every "
        "SNR, or the position never changed."
    ]


def told_by(fit: MixedFit, trials: Trials) -> list[str]:
    return [f"Mixed model over {trials.reference}: {told}." for told in fit.warnings]
