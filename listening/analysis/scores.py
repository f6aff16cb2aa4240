"""What scores of sounds found, as JSON: their means, and differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from listening.analysis.modelled import null
from listening.methods.method import BASIC
from listening.statistics.contrasts import ClusteredContrast

if TYPE_CHECKING:
    from listening.analysis.results import Analysis, Cell

Json = dict[str, Any]


@dataclass(frozen=True)
class ScoreDifference:
    """How much higher one system was scored than another, every SNR counting alike."""

    scale: str
    system: str
    other: str
    found: ClusteredContrast | None
    why_none: str = ""  # why there is nothing `found`
    p_holm: float = np.nan  # over all pairs of systems on the scale

    def as_json(self) -> Json:
        names = ("estimate", "se", "ci_low", "ci_high", "p", "df")
        return {
            "scale": self.scale,
            "system": self.system,
            "other": self.other,
            **{name: getattr(self.found, name, None) for name in names},
            "p_holm": null(self.p_holm),
            "note": self.found.fallback if self.found else self.why_none,
        }


def scores_as_json(analysis: Analysis) -> Json:
    """Return the means by system and SNR, over all SNRs, and differences of systems.

    Of five steps the mean is a mean opinion score.
    """
    key = "mean_score" if BASIC in analysis.scales else "mean_opinion_score"
    return {
        key: [cell_as_json(cell) for cell in analysis.cells],
        "overall": {key: [cell_as_json(cell) for cell in analysis.overall]},
        "differences": [one.as_json() for one in analysis.differences],
        "raters": {
            "n": len(analysis.raters),
            "utterances": analysis.utterances,
            "means": [
                {"rater": r.rater, "n": r.n, "mean": r.mean} for r in analysis.raters
            ],
        },
    }


def cell_as_json(cell: Cell) -> Json:
    score = cell.rating
    assert score
    names = ("se", "ci_low", "ci_high", "df", "raters", "utterances", "design_effect")
    counts = zip(score.steps, score.counts.tolist(), strict=True)
    return {
        "scale": cell.scale,
        "system": cell.system,
        "snr_db": cell.snr_db,
        "n": cell.n,
        "estimate": score.mean,
        "median": score.median,
        "sd": null(score.sd),
        **{name: getattr(score.clustered, name, None) for name in names},
        "counts": {str(s): n for s, n in counts if n or cell.scale != BASIC},
        "note": score.clustered.fallback if score.clustered else score.why_none,
    }
