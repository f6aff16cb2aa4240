"""What ABX answers found: the share that was correct, and d', as JSON.

The counts are those of a `Cell`, in which a correct answer counts as `preferred`
does where raters say what they prefer.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from listening.analysis.modelled import null
from listening.statistics.binomial import ASSUMPTION
from listening.statistics.discrimination import MODEL, Sensitivity, sensitivity

if TYPE_CHECKING:
    from listening.analysis.results import Analysis, Cell

Json = dict[str, Any]


def sensitivity_of(cell: Cell) -> Sensitivity | None:
    """Return d' with the clustered interval; None where there is no such interval."""
    if cell.exact is None or cell.clustered is None:
        return None
    found = cell.clustered
    return sensitivity(cell.exact.estimate, found.ci_low, found.ci_high)


def discrimination_as_json(analysis: Analysis) -> Json:
    """Return lists by comparison and SNR, and over all SNRs. Infinity becomes null."""
    return {
        "discrimination": [cell_as_json(cell) for cell in analysis.cells],
        "overall": {
            "discrimination": [cell_as_json(cell) for cell in analysis.overall]
        },
        "raters": raters_as_json(analysis),
    }


def cell_as_json(cell: Cell) -> Json:
    test, found, heard = cell.exact, cell.clustered, sensitivity_of(cell)
    assert test
    names = ("raters", "utterances", "se", "ci_low", "ci_high", "p", "df")
    return cell.place | {
        "n": cell.n,
        "correct": cell.preferred,
        "estimate": test.estimate,
        "binomial": {
            "ci_low": test.ci_low,
            "ci_high": test.ci_high,
            "p": test.p,
            "p_holm": null(cell.exact_p_holm),
            "note": ASSUMPTION,
        },
        "cluster_robust": {
            **{name: getattr(found, name, None) for name in (*names, "design_effect")},
            "p_holm": null(cell.clustered_p_holm),
            "note": found.fallback if found else cell.why_none,
        },
        "d_prime": heard and {"model": MODEL, **finite(asdict(heard))},
    }


def finite(numbers: dict[str, float]) -> dict[str, float | None]:
    return {k: v if math.isfinite(v) else None for k, v in numbers.items()}


def raters_as_json(analysis: Analysis) -> Json:
    return {
        "n": len(analysis.raters),
        "utterances": analysis.utterances,
        "more_than_half_correct": sum(
            rater.share is not None and rater.share > 0.5 for rater in analysis.raters
        ),
        "shares": [
            {"rater": r.rater, "n": r.n, "correct": r.preferred, "share": r.share}
            for r in analysis.raters
        ],
    }
