"""Causal systems that change the short-time spectrum."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from enhancement.stft import FrameProcessor, Framing, Spectra, StftStream
from enhancement.system import CausalSystem, Parameters

Power = NDArray[np.float64]
Gain = NDArray[np.float64]
Updates = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class SpectralSystem(CausalSystem):
    """A system that is a framing and a processor of frames."""

    framing: Framing
    processor: Callable[[], FrameProcessor]  # makes one, at its beginning
    skips: Callable[[ArrayLike], Updates] | None = None  # what `updates` returns

    def updates(self, noisy: ArrayLike) -> Updates | None:
        return None if self.skips is None else self.skips(noisy)

    def _stream(self) -> StftStream:
        return StftStream(self.framing, self.processor())


def spectral_system(
    *,
    slug: str,
    label: str,
    framing: Framing,
    processor: Callable[[], FrameProcessor],
    parameters: Parameters,
) -> SpectralSystem:
    """Return a system at 16 kHz whose hop and latency are those of its framing."""
    cut = {"window": framing.window, "hop": framing.hop, "fft": framing.fft}
    return SpectralSystem(
        slug=slug,
        label=label,
        hop=framing.hop,
        latency=framing.latency,
        framing=framing,
        processor=processor,
        parameters=cut | {"root_hann": framing.root} | parameters,
    )


class GainProcessor:
    """Multiplies each frame by a gain that `suppressor` finds from its power."""

    def __init__(self, suppressor: Callable[[Power], Gain]) -> None:
        self.suppressor = suppressor  # (..., bins) -> (..., bins), frame by frame

    def process(self, spectra: Spectra) -> Spectra:
        frames = np.moveaxis(spectra, -2, 0)
        gains = [self.suppressor(power) for power in power_of(frames)]
        return spectra * np.stack(gains, axis=-2)


def power_of(spectra: Spectra) -> Power:
    """Return |spectra|² without a root."""
    return np.square(spectra.real) + np.square(spectra.imag)
