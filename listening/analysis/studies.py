"""The analysis of a study: of its test trials and checks, with and without raters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd

from listening import freezing
from listening.analysis.analyse import analyse
from listening.analysis.checks import answers_of, check_results, evidence_of
from listening.analysis.design_versions import design_versions
from listening.analysis.equivalences import Margins
from listening.analysis.exclusions import Exclusions
from listening.analysis.procedure import Procedure
from listening.analysis.results import Analysis
from listening.analysis.screening import decide, declared, excluded
from listening.analysis.tables import trials_of
from listening.leaving_out import by_rater
from listening.models import Study

# Parts of a design by which raters are left out
JUDGING_RATERS = frozenset(
    {"exclusion_rules", "min_listening_s", "headphone_check", "headphone_mark"}
)


def analyse_study(
    study: Study,
    *,
    position: bool = True,
    margins: Margins | None = None,
    slopes: bool | None = None,
) -> Analysis:
    """Analyse the answered test trials of the live study; there may be none.

    Where the study declared rules, or somebody was left out by hand, its `exclusions`
    hold the same analysis once more without those raters. Margins and slopes are the
    study's own unless others are given. Those, and what was amended after answers had
    been given, were not declared before, and the words on equivalence and on rules say
    so.

    Raises
    ------
    ValueError
        If the declared rules make no sense; such a study cannot be opened.
    """
    rules = declared(study.exclusion_rules)
    analysed = _analyser(study, position=position, margins=margins, slopes=slopes)
    table = trials_of(study)
    by_hand = by_rater(study)
    whole = replace(analysed(table), procedure=Procedure.of(study))
    if not rules and not by_hand and not study.checks.total:
        return whole
    answers = answers_of(study)
    whole = replace(whole, checks=check_results(answers))
    if not rules and not by_hand:
        return whole
    known = evidence_of(answers, min_listening_s=study.min_listening_s)
    decisions = tuple(
        replace(decide(one, rules), by_hand=by_hand.get(one.rater, "")) for one in known
    )
    without = whole
    if out := excluded(decisions):
        kept = check_results(of_others(answers, out))
        without = analysed(of_others(table, out))
        without = replace(without, checks=kept, left_out=len(out))
    on_time = not JUDGING_RATERS & freezing.declared_late(study)
    return replace(whole, exclusions=Exclusions(rules, decisions, without, on_time))


def _analyser(
    study: Study, *, position: bool, margins: Margins | None, slopes: bool | None
) -> Callable[[pd.DataFrame], Analysis]:
    """Return what analyses a table of trials as `study` declared it."""
    late = freezing.declared_late(study)
    own = Margins(
        study.equivalence_margin,
        study.rating_margin,
        "equivalence_margin" not in late,
        "rating_margin" not in late,
    )
    declared_so = partial(
        analyse,
        position=position,
        margins=own.overridden(margins) if margins else own,
        slopes=study.rater_slopes if slopes is None else slopes,
    )
    designs = design_versions(study)
    return lambda table: replace(declared_so(table), designs=designs)


def of_others(table: pd.DataFrame, out: frozenset[str]) -> pd.DataFrame:
    """Return the rows of all raters but those in `out`."""
    return table[~table["rater"].isin(out)].reset_index(drop=True)
