"""The short-time Fourier transform: analysis and synthesis, whole or in blocks.

Frame m ends with sample (m + 1) hop - 1, so that it can be computed as soon as that
sample is there. What stands before the first sample is zero. The synthesis window is
the dual of the analysis window: unchanged spectra give back the sound exactly.

    root-Hann, 50 % overlap       is its own dual
    Hann, 75 % overlap            has a dual of Hann's shape
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy.fft import irfft, rfft
from scipy.signal import get_window

from enhancement.system import Samples

Spectra = NDArray[np.complexfloating]  # of 64-bit floats, or of 32-bit ones
Sound = NDArray[np.floating]  # likewise


@dataclass(frozen=True)
class Framing:
    """How sound is cut: `window` samples every `hop`, transformed with `fft` points."""

    window: int  # samples, a multiple of hop
    hop: int  # samples
    fft: int  # points, at least the window: longer ones interpolate the spectrum
    root: bool = True  # root-Hann window; else Hann
    single: bool = False  # computed in 32-bit floats; else in 64

    def __post_init__(self) -> None:
        if (
            self.window % self.hop
            or self.window < 2 * self.hop
            or self.fft < self.window
        ):
            raise ValueError(f"{self}: window must be n x hop, n >= 2, and fit the fft")

    @property
    def bins(self) -> int:
        return self.fft // 2 + 1

    @property
    def latency(self) -> int:
        """Samples from the arrival of one until all frames that hold it are done."""
        return self.window - 1

    @property
    def partial_frames(self) -> int:
        """How many frames at the beginning reach back before the first sample."""
        return self.window // self.hop - 1

    @property
    def kind(self) -> type[np.floating]:
        return np.float32 if self.single else np.float64

    @cached_property
    def energy(self) -> float:
        """The sum of squares of the analysis window."""
        return float(np.sum(np.square(self._window)))

    @cached_property
    def analysis(self) -> Sound:
        return self._window.astype(self.kind)

    @cached_property
    def synthesis(self) -> Sound:
        """The canonical dual: the window over the sum of its shifted squares."""
        squares = np.square(self._window).reshape(-1, self.hop).sum(axis=0)
        dual: Samples = self._window / np.tile(squares, self.window // self.hop)
        return dual.astype(self.kind)

    @cached_property
    def _window(self) -> Samples:
        hann: Samples = get_window("hann", self.window)  # periodic
        return np.sqrt(hann) if self.root else hann

    def spectra_of(self, x: Sound) -> Spectra:
        """Return spectra (..., frames, bins) of the whole frames in (..., samples)."""
        frames = sliding_window_view(x, self.window, axis=-1)[..., :: self.hop, :]
        return rfft(frames * self.analysis, self.fft)

    def frames_of(self, spectra: Spectra) -> Sound:
        """Return windowed sound (..., frames, window), to be overlapped and added."""
        frames: Sound = irfft(spectra, self.fft)[..., : self.window]
        frames *= self.synthesis
        return frames

    def overlap_add(self, frames: Sound) -> Sound:
        """Return (..., samples), of (frames - 1) hop + window samples."""
        overlap = self.window // self.hop
        *batch, count, _ = frames.shape
        parts = frames.reshape(*batch, count, overlap, self.hop)
        y = np.zeros((*batch, count + overlap - 1, self.hop), frames.dtype)
        for i in range(overlap):
            y[..., i : i + count, :] += parts[..., i, :]
        return y.reshape(*batch, -1)


def analyse(x: ArrayLike, framing: Framing) -> Spectra:
    """Return the spectra, shape (..., frames, bins), of sound (..., samples)."""
    x = np.asarray(x, dtype=framing.kind)
    before = framing.window - framing.hop
    frames = -(-(x.shape[-1] + before) // framing.hop)  # all that hold a sample
    after = frames * framing.hop - x.shape[-1]
    pad = [(0, 0)] * (x.ndim - 1) + [(before, after)]
    return framing.spectra_of(np.pad(x, pad))


def synthesise(spectra: Spectra, framing: Framing, *, samples: int) -> Samples:
    """Return the sound, shape (..., samples): the inverse of `analyse`."""
    before = framing.window - framing.hop
    y = framing.overlap_add(framing.frames_of(spectra))
    return y[..., before : before + samples].astype(np.float64, copy=False)


class FrameProcessor(Protocol):
    """Changes spectra frame by frame and remembers what it needs of past frames."""

    def process(self, spectra: Spectra) -> Spectra:
        """Take the next frames, shape (..., frames, bins); return as many."""
        ...


class StftStream:
    """Sound in, sound out, through a processor of frames, in blocks of any length."""

    def __init__(self, framing: Framing, processor: FrameProcessor) -> None:
        self.framing = framing
        self.processor = processor
        self._started = False
        self._input: Sound  # what frames to come still need
        self._tail: Sound  # begun, but not all frames added
        self._output: Sound  # done, but not asked for

    def process(self, block: ArrayLike) -> Samples:
        """Take (..., samples), any number; return as many, later by the latency."""
        x = np.asarray(block, dtype=self.framing.kind)
        if not self._started:
            self._start(x.shape[:-1])
        self._input = np.concatenate([self._input, x], axis=-1)
        if self._input.shape[-1] >= self.framing.window:
            self._run()
        y, self._output = np.split(self._output, [x.shape[-1]], axis=-1)
        return y.astype(np.float64, copy=False)

    def _start(self, batch: tuple[int, ...]) -> None:
        overlap, kind = self.framing.window - self.framing.hop, self.framing.kind
        self._input = np.zeros((*batch, overlap), kind)
        self._tail = np.zeros((*batch, overlap), kind)
        self._output = np.zeros((*batch, self.framing.latency - overlap), kind)
        self._started = True

    def _run(self) -> None:
        """Process every frame that the input completes."""
        framing = self.framing
        spectra = self.processor.process(framing.spectra_of(self._input))
        done = spectra.shape[-2] * framing.hop
        y = framing.overlap_add(framing.frames_of(spectra))
        y[..., : self._tail.shape[-1]] += self._tail
        self._tail = y[..., done:]
        self._output = np.concatenate([self._output, y[..., :done]], axis=-1)
        self._input = self._input[..., done:]
