"""Reference studies as exports would hold them, for the R script that refits them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from listening.analysis.tables import checked
from tests.listening.tables_of_trials import reference_table


@dataclass(frozen=True)
class Variant:
    source: str  # a study of tests/reference/mixed
    slopes: bool = False  # raters' random slopes on the SNR
    ties: bool = False  # grades made preferences, no preference among them

    @property
    def table(self) -> pd.DataFrame:
        """What `analyse` is given."""
        table = reference_table(self.source)
        if not self.ties:
            return table
        sign = np.sign(table.pop("rating").to_numpy())
        return checked(table.assign(preferred=np.where(sign == 0, np.nan, sign > 0)))


VARIANTS = {
    "plain": Variant("s11"),
    "slopes": Variant("slopes", slopes=True),
    "graded": Variant("x1"),
    "ties": Variant("x1", ties=True),
}


def trials_of(variant: Variant) -> pd.DataFrame:
    """Return the columns of `trials.csv` that the script reads."""
    table = variant.table.assign(kind="test", simulated=1)
    absent = {"preferred", "rating", "enhanced_first"} - set(table.columns)
    return table.assign(**dict.fromkeys(absent, np.nan))
