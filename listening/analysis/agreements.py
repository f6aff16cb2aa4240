"""Do raters answer alike? Krippendorff's alpha of each comparison, or of each scale.

A *unit* is what several raters heard: an utterance at an SNR, in one noise where there
are several; of scores also by one system. The coders are the raters. Preferences are
taken as ranks, a tie between the two (where nobody tied, every level of measurement
gives the same alpha); scores, whose means are reported, as an interval scale. If a
rater answered a unit twice, the first answer counts.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from listening.analysis.modelled import Json, null
from listening.analysis.trial_matrix import Floats
from listening.statistics.agreement import Agreement, Level, agreement

SOUND = ("utterance", "snr_db", "noise")
DRAWS = 1000  # of the bootstrap
MOST_ANSWERS = 20_000_000  # of all draws together: a large table has fewer draws
FEWEST_DRAWS = 100


@dataclass(frozen=True)
class Agreed:
    """How far raters agree on one comparison, or on the sounds of one scale."""

    system: str  # "" of scores: all systems
    reference: str
    scale: str
    level: Level
    found: Agreement | None = None
    why_none: str = ""

    def as_json(self) -> Json:
        numbers, counts = (
            ("alpha", "ci_low", "ci_high"),
            ("raters", "units", "answers", "draws"),
        )
        return {
            "system": self.system,
            "reference": self.reference,
            "scale": self.scale,
            "level": self.level,
            **{name: null(getattr(self.found, name, np.nan)) for name in numbers},
            **{name: getattr(self.found, name, None) for name in counts},
            "note": self.why_none,
        }


def on_comparisons(
    table: pd.DataFrame, answers: Floats, *, confidence: float
) -> tuple[Agreed, ...]:
    """Return the agreement on each comparison.

    `answers`, shape (rows of table,): grades, positive for the system; or 1, 0 and NaN
    for a tie.
    """
    given = table.assign(value=np.where(np.isnan(answers), 0.5, answers))
    return tuple(
        agreed(
            Agreed(str(system), str(reference), "", "ordinal"), rows, SOUND, confidence
        )
        for (system, reference), rows in given.groupby(["system", "reference"])
    )


def on_scales(table: pd.DataFrame, *, confidence: float) -> tuple[Agreed, ...]:
    """Return the agreement on the sounds that were scored, on each scale."""
    return tuple(
        agreed(
            Agreed("", "", str(scale), "interval"),
            rows.assign(value=rows["score"]),
            ("system", *SOUND),
            confidence,
        )
        for scale, rows in table.groupby("scale")
    )


def agreed(
    of: Agreed, rows: pd.DataFrame, unit: tuple[str, ...], confidence: float
) -> Agreed:
    """Return `of` with the alpha of the column `value`, or why there is none.

    Answers are put in order, and the bootstrap is seeded by them, so that the same
    answers have the same interval.
    """
    heard = [name for name in unit if name in rows]
    codes = pd.DataFrame(
        {
            "unit": rows.groupby(heard, dropna=False).ngroup(),
            "rater": pd.factorize(rows["rater"], sort=True)[0],
            "value": rows["value"],
        }
    )
    once = codes.drop_duplicates(["unit", "rater"]).sort_values(["unit", "rater"])
    answers = once.to_numpy(np.float64)
    try:
        found = agreement(
            answers[:, 2],
            answers[:, 1].astype(np.intp),
            answers[:, 0].astype(np.intp),
            level=of.level,
            rng=np.random.default_rng(zlib.crc32(answers.tobytes())),
            draws=int(np.clip(MOST_ANSWERS // len(answers), FEWEST_DRAWS, DRAWS)),
            confidence=confidence,
        )
    except ValueError as reason:
        return replace(of, why_none=str(reason))
    why = "everybody answered the same throughout" if np.isnan(found.alpha) else ""
    return replace(of, found=found, why_none=why)
