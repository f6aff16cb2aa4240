"""The mixed models of scores as rows of text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from listening.analysis.results import Analysis
from listening.reporting.numerals import p_value, ratings, signed

# What the shell prints -> field of `ScoreModelLine`
HEADINGS = {
    "mixed model": "scale",
    "system": "system",
    "log odds": "estimate",
    "95 % interval": "interval",
    "odds times": "odds",
    "p Holm": "p",
}


@dataclass(frozen=True)
class ScoreModelLine:
    """One system against unprocessed speech, as text."""

    scale: str
    system: str
    estimate: str
    interval: str
    odds: str
    p: str
    comparison: str = ""


def score_model_lines(analysis: Analysis) -> list[ScoreModelLine]:
    return [
        ScoreModelLine(
            model.scale,
            one.system,
            signed(one.found.estimate),
            ratings(one.found.ci_low, one.found.ci_high),
            f"{np.exp(one.found.estimate):.2g}",
            p_value(one.found.p_holm),
        )
        for model in analysis.score_models
        for one in model.contrasts
    ]
