"""The 128 bands between a spectrum of 257 bins and the TinyLSTM network.

The papers name 128 mel bands and no more. With the usual triangles on the mel scale
half of the bands below 2 kHz would lie between two bins and hold nothing, so we choose:
centres a bin apart where mel bands would be narrower, and spaced as on the mel scale
m = 2595 log10(1 + f / 700), that is in proportion to 700 Hz + f, above. Bands are
triangles from one neighbour's centre to the other's. At each bin they sum to 1, so that
the same triangles spread a mask of bands to bins by linear interpolation.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

BINS = 257
BANDS = 128
BIN_HZ = 16_000 / 512
MEL_CORNER_HZ = 700.0


def centres() -> NDArray[np.float64]:
    """Return the centres of the bands in bins, shape (128,), from 0 to 256."""
    growth = brentq(lambda g: _last(float(g)) - (BINS - 1), 1e-3, 0.2)
    return _centres(float(growth))


def triangles() -> NDArray[np.float64]:
    """Return shape (bands, bins); columns sum to 1.

    A mask of bands is spread to bins by `mask @ triangles()`.
    """
    c = centres()
    bins = np.arange(BINS)
    return np.stack([np.interp(bins, c, row) for row in np.eye(BANDS)])


def averages() -> NDArray[np.float64]:
    """Return shape (bands, bins); rows sum to 1.

    Magnitudes of bins are averaged over bands by `magnitudes @ averages().T`.
    """
    w = triangles()
    averages: NDArray[np.float64] = w / w.sum(axis=1, keepdims=True)
    return averages


def _centres(growth: float) -> NDArray[np.float64]:
    c = [0.0]
    for _ in range(BANDS - 1):
        c.append(c[-1] + max(1.0, growth * (MEL_CORNER_HZ / BIN_HZ + c[-1])))
    return np.array(c)


def _last(growth: float) -> float:
    return float(_centres(growth)[-1])
