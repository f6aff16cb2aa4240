"""What a system of enhancement is.

A causal system is written once, as a stream; enhancing a whole sound runs the same
code over it and takes the latency out.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from enhancement.footprint import Footprint

Samples = NDArray[np.float64]

Parameters = dict[str, Any]  # JSON values, kept with what a system made

BLOCK = 1 << 18  # samples worked on at a time, of all channels: hours fit
SMALLEST_BLOCK = 1 << 13  # of each channel: calls are few


class Stream(Protocol):
    """A running system; what stands before the axis of samples stays the same."""

    def process(self, block: ArrayLike) -> Samples:
        """Take (..., samples), any number; return as many, later by the latency."""
        ...


@dataclass(frozen=True, kw_only=True)
class System(ABC):
    """Something that turns noisy speech into enhanced speech."""

    slug: str
    label: str
    version: str = "1"
    sample_rate: int = 16_000  # Hz
    hop: int = 1  # samples between two decisions
    latency: int = 0  # samples by which the stream is later than `enhance`
    parameters: Parameters = field(default_factory=dict)
    weights_sha256: str = ""
    footprint: Footprint | None = None  # None: nothing was learned
    needs_reference: bool = False
    causal: bool = True

    def enhance(
        self, noisy: ArrayLike, *, reference: ArrayLike | None = None
    ) -> Samples:
        """Return enhanced sound of the shape of `noisy`, in step with it.

        Parameters
        ----------
        noisy
            Shape (..., samples), full scale 1, at the system's rate. Not changed.
        reference
            The clean speech in `noisy`, of its shape; only the oracles need it.

        Raises
        ------
        ValueError
            On NaN or infinity, a reference of another shape, or a missing one.
        """
        x = finite(noisy, "noisy speech")
        s = None if reference is None else finite(reference, "reference")
        if s is None and self.needs_reference:
            raise ValueError(f"{self.slug} needs the clean speech as reference")
        if s is not None and s.shape != x.shape:
            raise ValueError(f"reference has shape {s.shape}, noisy speech {x.shape}")
        return x if x.size == 0 else self._enhance(x, s)

    def updates(self, noisy: ArrayLike) -> NDArray[np.bool_] | None:
        """Return in which frames of sound (samples,) a system that skips frames ran.

        None if it runs in all: of every other system.
        """
        return None

    @abstractmethod
    def _enhance(self, x: Samples, reference: Samples | None) -> Samples:
        """Enhance finite sound that holds at least one sample."""


@dataclass(frozen=True, kw_only=True)
class CausalSystem(System):
    """A system that needs at most `latency` samples of the future."""

    def stream(self) -> Stream:
        """Start to enhance sound that comes in blocks; begins with `latency` zeros."""
        return SilentStart(self._stream(), self.latency)

    @abstractmethod
    def _stream(self) -> Stream:
        """Start as `stream` does, for finite sound.

        What comes out within the latency is not used.
        """

    def _enhance(self, x: Samples, reference: Samples | None) -> Samples:
        stream = self._stream()
        rest = np.zeros((*x.shape[:-1], self.latency))
        padded = np.concatenate([x, rest], axis=-1)
        block = max(BLOCK // prod(x.shape[:-1]), SMALLEST_BLOCK)
        starts = range(0, padded.shape[-1], block)
        y = [stream.process(padded[..., i : i + block]) for i in starts]
        return np.concatenate(y, axis=-1)[..., self.latency :]


class SilentStart:
    """A stream that checks what comes in, and is silent until its first sample is due.

    What a filter rings ahead of that sample is left out.
    """

    def __init__(self, stream: Stream, samples: int) -> None:
        self._stream = stream
        self._left = samples

    def process(self, block: ArrayLike) -> Samples:
        y = self._stream.process(finite(block, "noisy speech"))
        y[..., : self._left] = 0
        self._left = max(0, self._left - y.shape[-1])
        return y


def finite(x: ArrayLike, name: str) -> Samples:
    """Return a copy of `x` as float64; ValueError if it holds NaN or infinity."""
    y = np.array(x, dtype=np.float64)
    if y.ndim == 0:
        raise ValueError(f"{name}: wants an array of shape (..., samples)")
    if not np.isfinite(y).all():
        raise ValueError(f"{name} holds NaN or infinity")
    return y
