"""Anchors: what everybody should hear to be worse than the rest, or better.

[MUSHRA] ITU-R BS.1534-3 (10/2015). Its low anchor passes up to 3.5 kHz within +-0.1 dB
         and attenuates by 25 dB or more at 4 kHz and 50 dB or more at 4.5 kHz. Its
         hidden reference is the undisturbed signal itself.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import firwin, lfilter

from enhancement.system import CausalSystem, Samples, System, finite

PASS_HZ, STOP_HZ = 3500.0, 4000.0
TAPS = 129
KAISER_BETA = 6.0
RATE_HZ = 16_000


@cache
def low_pass_taps() -> NDArray[np.float64]:
    """Return a linear-phase filter at 16 kHz that keeps the limits of [MUSHRA]."""
    middle = (PASS_HZ + STOP_HZ) / 2
    return firwin(TAPS, middle, window=("kaiser", KAISER_BETA), fs=RATE_HZ)


@dataclass(frozen=True, kw_only=True)
class LowPass(CausalSystem):
    def _stream(self) -> "LowPassStream":
        return LowPassStream()


class LowPassStream:
    def __init__(self) -> None:
        self._state: Samples | None = None

    def process(self, block: ArrayLike) -> Samples:
        x = finite(block, "noisy speech")
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
        parameters={
            "pass_hz": PASS_HZ,
            "stop_hz": STOP_HZ,
            "taps": TAPS,
            "kaiser_beta": KAISER_BETA,
        },
    )


@dataclass(frozen=True, kw_only=True)
class Clean(System):
    """The speech without its noise: nothing can be better, so nobody may miss it."""

    needs_reference: bool = True
    causal: bool = False

    def _enhance(self, x: Samples, reference: Samples | None) -> Samples:
        assert reference is not None  # `enhance` has seen to it
        return reference
