"""Several tests at once: p values that account for how many there are.

Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
Statistics 6 (1979). It needs no assumption on how the tests depend on each other.
"""

import numpy as np
from statsmodels.stats.multitest import multipletests

from listening.statistics.clustered import Floats


def holm(p: Floats) -> Floats:
    """Return Holm's adjusted p values, shape as given.

    NaN marks a test that could not be made: it stays NaN and does not count.
    """
    adjusted = np.full_like(p, np.nan)
    made = ~np.isnan(p)
    if made.any():
        adjusted[made] = multipletests(p[made], method="holm")[1]
    return adjusted
