"""The analysis of a study, as the study declared it."""

from __future__ import annotations

from listening.analysis.analyse import analyse
from listening.analysis.equivalences import Margins
from listening.analysis.results import Analysis
from listening.analysis.tables import trials_of
from listening.models import Study


def analyse_study(
    study: Study,
    *,
    position: bool = True,
    margins: Margins | None = None,
    slopes: bool | None = None,
) -> Analysis:
    """Analyse the answers that the live study has so far; there may be none.

    Margins and slopes are the study's own unless others are given: those were not
    declared before it opened, and the words on equivalence say so.
    """
    own = Margins(study.equivalence_margin, study.rating_margin)
    return analyse(
        trials_of(study),
        position=position,
        margins=own.overridden(margins) if margins else own,
        slopes=study.rater_slopes if slopes is None else slopes,
    )
