"""Several tests at once: p values that account for how many there are.

Holm for claims: it needs no assumption on how the tests depend on each other. Benjamini
and Hochberg for exploring: of what is called a finding, the expected share that is none
stays below the level.

Sources
-------
Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
Statistics 6 (1979).
Benjamini, Hochberg, "Controlling the false discovery rate", Journal of the Royal
Statistical Society B 57 (1995).
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from listening.statistics.clustered import Floats

Adjustment = Literal["holm", "bh"]


def holm(p: Floats) -> Floats:
    """Return Holm's adjusted p values, shape (tests,).

    NaN marks a test that could not be made: it stays NaN and does not count.
    """
    return _adjusted(p, _holm)


def benjamini_hochberg(p: Floats) -> Floats:
    """Return adjusted p values that bound the false discovery rate; NaN as in `holm`.

    For tests that are independent or depend positively on each other.
    """
    return _adjusted(p, _benjamini_hochberg)


ADJUSTMENTS: dict[Adjustment, Callable[[Floats], Floats]] = {
    "holm": holm,
    "bh": benjamini_hochberg,
}


def _adjusted(p: Floats, adjust: Callable[[Floats], Floats]) -> Floats:
    adjusted = np.full_like(p, np.nan, dtype=np.float64)
    made = np.flatnonzero(~np.isnan(p))
    order = made[np.argsort(p[made], kind="stable")]
    adjusted[order] = np.minimum(adjust(p[order]), 1.0)
    return adjusted


def _holm(rising: Floats) -> Floats:
    m = len(rising)
    return np.maximum.accumulate(np.arange(m, 0, -1) * rising)


def _benjamini_hochberg(rising: Floats) -> Floats:
    m = len(rising)
    return np.minimum.accumulate((m / np.arange(1, m + 1) * rising)[::-1])[::-1]
