"""Systems in order of preference, from all comparisons of a table together.

By the likelihood of all answers as if raters were alike, with clustered standard
errors; and beside it by a mixed model, in which raters and utterances differ in what
they do to the system heard first and, where unprocessed speech takes part, in how much
enhancement pleases.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from listening.analysis.equivalences import UNPROCESSED
from listening.analysis.modelled import Json, null
from listening.analysis.trial_matrix import Floats
from listening.reporting.numerals import joined, percent, percents
from listening.statistics.clustered import NoInterval
from listening.statistics.mixed import ConvergenceError
from listening.statistics.mixed_ranking import MixedRanking, rank_mixed
from listening.statistics.ranking import Effect, NoRanking, Ranking, rank

MOST_MIXED = 100_000  # trials, that the mixed model takes a few seconds for
TIES_NEED_ORDER = "some answers are ties, and it is not known which system was A"


def ranking_of(
    table: pd.DataFrame, preferred: Floats, *, confidence: float
) -> tuple[Ranking | None, str]:
    """Return the ranking, or why there is none; "" where nobody would ask for one.

    `preferred` is NaN for a tie. Two systems need no ranking.
    """
    system, reference = (table[n].to_numpy(str) for n in ("system", "reference"))
    if len({*system, *reference}) < 3:
        return None, ""
    order, enhanced_first = heard_first(table)
    answer = np.where(np.isnan(preferred), 0.5, preferred)
    who, what = (pd.factorize(table[n])[0] for n in ("rater", "utterance"))
    several = who.max() > 0 and what.max() > 0
    try:
        found = rank(
            np.where(enhanced_first, system, reference),
            np.where(enhanced_first, reference, system),
            np.where(enhanced_first, answer, 1 - answer),
            order=order,
            rater=who if several else None,
            utterance=what if several else None,
            confidence=confidence,
        )
        _ = found.strengths  # they too may have no interval
    except (NoRanking, NoInterval) as reason:
        return None, f"No ranking of systems: {reason}."
    return found, ""


def mixed_ranking_of(
    table: pd.DataFrame, preferred: Floats, *, confidence: float
) -> tuple[MixedRanking | None, str]:
    """Return the ranking with effects of raters, or why there is none, as above."""
    system, reference = (table[n].to_numpy(str) for n in ("system", "reference"))
    names = {*system.tolist(), *reference.tolist()}
    if len(names) < 3:
        return None, ""
    order, first = heard_first(table)
    answer = np.where(np.isnan(preferred), 0.5, preferred)
    who, what = (pd.factorize(table[n])[0] for n in ("rater", "utterance"))
    taste = {name: float(name != UNPROCESSED) for name in names}
    try:
        if len(table) > MOST_MIXED:
            raise NoRanking(f"there are more than {MOST_MIXED:,} trials")
        if not order and np.isnan(preferred).any():
            raise NoRanking(TIES_NEED_ORDER)
        return rank_mixed(
            np.where(first, system, reference),
            np.where(first, reference, system),
            np.where(first, answer, 1 - answer),
            who,
            utterance=what if what.max() > 0 else None,
            taste=taste if order and UNPROCESSED in names else None,
            order=order,
            confidence=confidence,
        ), ""
    except (NoRanking, ConvergenceError, ValueError) as reason:
        return None, f"No ranking with effects of raters: {reason}."


def heard_first(table: pd.DataFrame) -> tuple[bool, np.ndarray]:
    """Return whether an order effect can be told, and where the system was A."""
    if "enhanced_first" not in table or table["enhanced_first"].isna().any():
        return False, np.ones(len(table), dtype=bool)
    first = (table["enhanced_first"] == 1).to_numpy(bool)
    return bool(first.any() and not first.all()), first


def ranking_as_json(found: Ranking, mixed: MixedRanking | None) -> Json:
    return {
        "systems": systems_as_json(found),
        "unit": "log odds, of mean 0",
        "model": "Davidson" if found.with_ties else "Bradley-Terry",
        "log_likelihood": found.log_likelihood,
        "trials": found.trials,
        **effects_as_json(found),
        "with_rater_effects": mixed and mixed_as_json(mixed),
    }


def mixed_as_json(mixed: MixedRanking) -> Json:
    fit = mixed.fit
    return {
        "systems": systems_as_json(mixed.ranking),
        "unit": "log odds of the typical rater and utterance, of mean 0",
        "model": "Bradley-Terry" if mixed.threshold is None else "Rao-Kupper",
        "threshold": mixed.threshold,
        "log_likelihood": fit.log_likelihood,
        "random_effects": {
            name: {"order": float(sd[0]), "enhancement": float(sd[1])}
            if len(sd) > 1
            else {"order": float(sd[0])}
            for name, sd in fit.sd.items()
        },
        "converged": fit.converged,
        "singular": fit.singular,
        "penalised": fit.penalised,
        "warnings": list(fit.warnings),
        **effects_as_json(mixed.ranking),
    }


def systems_as_json(found: Ranking) -> list[Json]:
    strengths = dict(zip(found.items, found.strengths, strict=True))
    return [
        {"system": name} | effect_as_json(strengths[name]) for name in found.best_first
    ]


def effects_as_json(found: Ranking) -> Json:
    """Return the effects of order and of ties, as far as there are any."""
    effects = {"order": found.order, "log_nu": found.log_nu}
    return {name: effect_as_json(of) for name, of in effects.items() if of}


def effect_as_json(effect: Effect) -> Json:
    names = ("estimate", "se", "ci_low", "ci_high", "p")
    df = None if np.isinf(effect.df) else effect.df
    return {name: null(getattr(effect, name)) for name in names} | {"df": df}


def about_ranking(found: Ranking | None) -> str:
    """Say the order, and what is expected between each system and the next."""
    if found is None:
        return ""
    names = found.best_first
    steps = [
        f"{one} over {other} in {percent(share)} % ({percents(low, high)} %)"
        for one, other in pairwise(names)
        for share, low, high in [found.compare(one, other).share]
    ]
    return (
        f"All comparisons together put the systems in the order {', '.join(names)}; "
        f"of answers with a preference one expects {joined(steps)}. Where an interval "
        "holds 50 %, the order of those two is open."
    )
