"""Suppression rules: by how much to multiply a spectral amplitude.

xi is the a-priori SNR, gamma the a-posteriori SNR, both as ratios of powers, of any
one shape.

[EM85]  Y. Ephraim, D. Malah, Speech enhancement using a minimum mean-square error
        log-spectral amplitude estimator, IEEE Trans. ASSP 33(2), 1985.
[BSM79] M. Berouti, R. Schwartz, J. Makhoul, Enhancement of speech corrupted by acoustic
        noise, IEEE ICASSP 1979.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import exp1

Ratio = NDArray[np.float64]

# exp(E1(v) / 2) over log(v): interpolated, its relative error is below 5e-6, at a tenth
# of the time that the integral takes
_LOG_V_MIN, _LOG_V_MAX, _STEP = -40.0, 5.0, 0.01
_LOG_V = np.arange(_LOG_V_MIN, _LOG_V_MAX + 2 * _STEP, _STEP)
_V_MIN = np.exp(_LOG_V_MIN)
_CORRECTION = np.exp(0.5 * exp1(np.exp(_LOG_V)))
_SLOPE = np.diff(_CORRECTION)


def wiener(xi: Ratio) -> Ratio:
    """Return the gain of the Wiener filter, xi / (1 + xi)."""
    return xi / (1 + xi)


def log_mmse(xi: Ratio, gamma: Ratio) -> Ratio:
    """Return the gain of least mean-square error of the log amplitude [EM85].

    G = w exp(E1(v) / 2), where w = xi / (1 + xi), v = w gamma and E1 is the exponential
    integral. May exceed 1, where gamma is far below what xi lets expect.
    """
    w = wiener(xi)
    return w * correction(w * gamma)


def correction(v: Ratio) -> Ratio:
    """Return exp(E1(v) / 2) for v >= 0, which below exp(-40) counts as exp(-40)."""
    position = (np.log(np.maximum(v, _V_MIN)) - _LOG_V_MIN) * (1 / _STEP)
    position = np.minimum(position, len(_SLOPE) - 1)
    i = position.astype(np.intp)
    between: Ratio = _CORRECTION.take(i) + (position - i) * _SLOPE.take(i)
    return between


def spectral_subtraction(
    power: Ratio, noise: Ratio, *, over_subtraction: Ratio, floor: float
) -> Ratio:
    """Return the gain of power subtraction with a floor [BSM79], at most 1.

    The power that remains is power - over_subtraction x noise, or floor x noise if
    that is more. Shapes (..., bins); `over_subtraction` (..., 1).
    """
    remaining = np.maximum(power - over_subtraction * noise, floor * noise)
    return np.sqrt(remaining / np.maximum(power, remaining))
