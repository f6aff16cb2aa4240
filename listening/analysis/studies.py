"""The analysis of a study: of its test trials, of its checks, by its declared rules."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from listening.analysis.analyse import analyse
from listening.analysis.checks import answers_of, check_results, evidence_of
from listening.analysis.exclusions import Exclusions
from listening.analysis.results import Analysis
from listening.analysis.screening import decide, declared, excluded
from listening.analysis.tables import trials_of
from listening.models import Study


def analyse_study(
    study: Study, *, position: bool = True, margin: float | None = None
) -> Analysis:
    """Analyse the answered test trials of the live study; there may be none.

    Where the study declared rules, its `exclusions` hold the same analysis once more
    without the raters whom they leave out. `margin` defaults to the declared one.

    Raises
    ------
    ValueError
        If the declared rules make no sense; such a study cannot be opened.
    """
    margin = study.equivalence_margin if margin is None else margin
    rules = declared(study.exclusion_rules)
    table = trials_of(study)
    if not rules and not study.checks.total:
        return analyse(table, position=position, margin=margin)
    answers = answers_of(study)

    def made(table: pd.DataFrame, answers: pd.DataFrame) -> Analysis:
        found = analyse(table, position=position, margin=margin)
        return replace(found, checks=check_results(answers))

    whole = made(table, answers)
    if not rules:
        return whole
    known = evidence_of(answers, min_listening_s=study.min_listening_s)
    decisions = tuple(decide(one, rules) for one in known)
    without = whole
    if out := excluded(decisions):
        without = made(of_others(table, out), of_others(answers, out))
        without = replace(without, left_out=len(out))
    return replace(whole, exclusions=Exclusions(rules, decisions, without))


def of_others(table: pd.DataFrame, out: frozenset[str]) -> pd.DataFrame:
    """Return the rows of all raters but those in `out`."""
    return table[~table["rater"].isin(out)].reset_index(drop=True)
