"""What most answers of each rater say, as evidence that may be looked at at any time.

A rater is for the system that won more of the rater's answers; a tie, and an answer
without preference, count for neither. The e-value is that of
`statistics.sequential.rater_evidence` after all raters so far.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from listening.analysis.modelled import Json
from listening.analysis.trial_matrix import Floats
from listening.statistics.sequential import rater_evidence, rater_majorities


@dataclass(frozen=True)
class Majorities:
    """Raters by what they preferred more often, and the e-value against chance."""

    system: str
    reference: str
    for_system: int
    for_reference: int
    undecided: int
    e_value: float

    def as_json(self) -> Json:
        return {
            "system": self.system,
            "reference": self.reference,
            "raters_for": self.for_system,
            "raters_against": self.for_reference,
            "raters_undecided": self.undecided,
            "e_value": self.e_value,
        }


def majorities_of(table: pd.DataFrame, preferred: Floats) -> tuple[Majorities, ...]:
    """Return the raters' majorities in each comparison; `preferred` is NaN for ties."""
    groups: dict[Any, Any] = table.groupby(["system", "reference"]).indices
    votes = np.where(np.isnan(preferred), 0.5, preferred)
    return tuple(
        majorities(str(system), str(reference), table.iloc[rows], votes[rows])
        for (system, reference), rows in sorted(groups.items())
    )


def majorities(
    system: str, reference: str, rows: pd.DataFrame, votes: Floats
) -> Majorities:
    sign = rater_majorities(votes, pd.factorize(rows["rater"])[0])
    return Majorities(
        system=system,
        reference=reference,
        for_system=int((sign > 0).sum()),
        for_reference=int((sign < 0).sum()),
        undecided=int((sign == 0).sum()),
        e_value=float(rater_evidence(sign).e_value[-1]),
    )
