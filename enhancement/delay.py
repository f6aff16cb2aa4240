"""Find how much later one sound is than another."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import correlate, correlation_lags


def delay_samples(enhanced: ArrayLike, noisy: ArrayLike, *, max_delay: int) -> int:
    """Return by how many samples `enhanced` lags behind `noisy`; negative if ahead.

    The peak of the cross-correlation within +-`max_delay`. For a system whose gains
    have no phase this peak is exactly at its delay, whatever the gains. Both of shape
    (samples,); lengths may differ.

    Raises
    ------
    ValueError
        If either is silent, or they have nothing in common within the range.
    """
    y = np.asarray(enhanced, dtype=np.float64)
    x = np.asarray(noisy, dtype=np.float64)
    if not np.any(x) or not np.any(y):
        raise ValueError("no delay can be found: one of the sounds is silent")
    lags = correlation_lags(len(y), len(x))
    within = np.abs(lags) <= max_delay
    correlation = correlate(y, x, method="fft")[within]
    best = int(np.argmax(correlation))
    if correlation[best] <= 0:
        raise ValueError(f"no delay within {max_delay} samples: nothing in common")
    return int(lags[within][best])
