"""Systems in order of preference, from all comparisons of a table together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from listening.analysis.modelled import Json, null
from listening.analysis.trial_matrix import Floats
from listening.reporting.numerals import joined, percent, percents
from listening.statistics.clustered import NoInterval
from listening.statistics.ranking import Effect, NoRanking, Ranking, rank


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


def heard_first(table: pd.DataFrame) -> tuple[bool, np.ndarray]:
    """Return whether an order effect can be told, and where the system was A."""
    if "enhanced_first" not in table or table["enhanced_first"].isna().any():
        return False, np.ones(len(table), dtype=bool)
    first = (table["enhanced_first"] == 1).to_numpy(bool)
    return bool(first.any() and not first.all()), first


def ranking_as_json(found: Ranking) -> Json:
    strengths = dict(zip(found.items, found.strengths, strict=True))
    data: Json = {
        "systems": [
            {"system": name} | effect_as_json(strengths[name])
            for name in found.best_first
        ],
        "unit": "log odds, of mean 0",
        "model": "Davidson" if found.with_ties else "Bradley-Terry",
        "log_likelihood": found.log_likelihood,
        "trials": found.trials,
    }
    if found.order:
        data["order"] = effect_as_json(found.order)
    if found.log_nu:
        data["log_nu"] = effect_as_json(found.log_nu)
    return data


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
