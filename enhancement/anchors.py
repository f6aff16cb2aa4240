"""Anchors: what everybody should hear to be worse than the rest, or better.

[MUSHRA] ITU-R BS.1534-3 (10/2015), section 5.1. Its low anchor is the reference up to
         3.5 kHz, passed within +-0.1 dB and attenuated by 25 dB or more at 4 kHz and
         50 dB or more at 4.5 kHz; its mid anchor is the reference up to 7 kHz, of whose
         filter it says no more. Its hidden reference is the undisturbed signal itself.

The filter of the mid anchor here is as steep as that of the low one: at 16 kHz that is
50 dB at the very end of the spectrum. `lowpass-3.5k` has the filter of the low anchor
and hears the noise as well.
"""

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import firwin, lfilter

from enhancement.system import CausalSystem, Parameters, Samples, System

PASS_HZ, MID_PASS_HZ = 3500.0, 7000.0  # of the low and of the mid anchor
SLOPE_HZ = 500.0  # from the end of the pass band to 25 dB
TAPS = 129
KAISER_BETA = 6.0
RATE_HZ = 16_000


@cache
def low_pass_taps(pass_hz: float = PASS_HZ) -> NDArray[np.float64]:
    """Return a linear-phase filter at 16 kHz that keeps the limits of [MUSHRA]."""
    middle = pass_hz + SLOPE_HZ / 2
    return firwin(TAPS, middle, window=("kaiser", KAISER_BETA), fs=RATE_HZ)


def low_passed(x: Samples, pass_hz: float) -> Samples:
    """Return sound (..., samples) at 16 kHz up to `pass_hz`, in step with `x`."""
    late = (TAPS - 1) // 2
    padded = np.concatenate([x, np.zeros((*x.shape[:-1], late))], axis=-1)
    y: Samples = lfilter(low_pass_taps(pass_hz), [1.0], padded)[..., late:]
    return y


def parameters_of(pass_hz: float) -> Parameters:
    return {
        "pass_hz": pass_hz,
        "stop_hz": pass_hz + SLOPE_HZ,
        "taps": TAPS,
        "kaiser_beta": KAISER_BETA,
    }


@dataclass(frozen=True, kw_only=True)
class LowPass(CausalSystem):
    def _stream(self) -> "LowPassStream":
        return LowPassStream()


class LowPassStream:
    def __init__(self) -> None:
        self._state: Samples | None = None

    def process(self, block: ArrayLike) -> Samples:
        x = np.asarray(block, dtype=np.float64)
        if self._state is None:
            self._state = np.zeros((*x.shape[:-1], TAPS - 1))
        if x.size == 0:
            return x
        y, self._state = lfilter(low_pass_taps(), [1.0], x, zi=self._state)
        return y


def low_pass(*, slug: str, label: str) -> LowPass:
    return LowPass(
        slug=slug,
        label=label,
        latency=(TAPS - 1) // 2,
        parameters=parameters_of(PASS_HZ),
    )


@dataclass(frozen=True, kw_only=True)
class Clean(System):
    """The speech without its noise: nothing can be better, so nobody may miss it."""

    needs_reference: bool = True
    causal: bool = False

    def _enhance(self, x: Samples, reference: Samples | None) -> Samples:
        assert reference is not None  # `enhance` has seen to it
        return reference


@dataclass(frozen=True, kw_only=True)
class CleanLowPass(System):
    """The speech without its noise, up to a frequency: an anchor of [MUSHRA]."""

    pass_hz: float
    needs_reference: bool = True
    causal: bool = False

    def _enhance(self, x: Samples, reference: Samples | None) -> Samples:
        assert reference is not None  # `enhance` has seen to it
        return low_passed(reference, self.pass_hz)


def clean_low_pass(pass_hz: float, *, slug: str, label: str) -> CleanLowPass:
    return CleanLowPass(
        slug=slug, label=label, pass_hz=pass_hz, parameters=parameters_of(pass_hz)
    )


low_anchor = partial(clean_low_pass, PASS_HZ)
mid_anchor = partial(clean_low_pass, MID_PASS_HZ)
