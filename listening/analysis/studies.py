"""The analysis of a study: of its test trials, of its checks, by its declared rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd

from listening.analysis.analyse import analyse
from listening.analysis.checks import answers_of, check_results, evidence_of
from listening.analysis.equivalences import Margins
from listening.analysis.exclusions import Exclusions
from listening.analysis.procedure import Procedure
from listening.analysis.results import Analysis
from listening.analysis.screening import decide, declared, excluded
from listening.analysis.tables import trials_of
from listening.models import Study


def analyse_study(
    study: Study,
    *,
    position: bool = True,
    margins: Margins | None = None,
    slopes: bool | None = None,
) -> Analysis:
    """Analyse the answered test trials of the live study; there may be none.

    Where the study declared rules, its `exclusions` hold the same analysis once more
    without the raters whom they leave out. Margins and slopes are the study's own
    unless others are given: those were not declared before it opened, and the words on
    equivalence say so.

    Raises
    ------
    ValueError
        If the declared rules make no sense; such a study cannot be opened.
    """
    rules = declared(study.exclusion_rules)
    analysed = _analyser(study, position=position, margins=margins, slopes=slopes)
    table = trials_of(study)
    whole = replace(analysed(table), procedure=Procedure.of(study))
    if not rules and not study.checks.total:
        return whole
    answers = answers_of(study)
    whole = replace(whole, checks=check_results(answers))
    if not rules:
        return whole
    known = evidence_of(answers, min_listening_s=study.min_listening_s)
    decisions = tuple(decide(one, rules) for one in known)
    without = whole
    if out := excluded(decisions):
        kept = check_results(of_others(answers, out))
        without = analysed(of_others(table, out))
        without = replace(without, checks=kept, left_out=len(out))
    return replace(whole, exclusions=Exclusions(rules, decisions, without))


def _analyser(
    study: Study, *, position: bool, margins: Margins | None, slopes: bool | None
) -> Callable[[pd.DataFrame], Analysis]:
    """Return what analyses a table of trials as `study` declared it."""
    own = Margins(study.equivalence_margin, study.rating_margin)
    return partial(
        analyse,
        position=position,
        margins=own.overridden(margins) if margins else own,
        slopes=study.rater_slopes if slopes is None else slopes,
    )


def of_others(table: pd.DataFrame, out: frozenset[str]) -> pd.DataFrame:
    """Return the rows of all raters but those in `out`."""
    return table[~table["rater"].isin(out)].reset_index(drop=True)
