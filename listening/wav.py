"""Sounds that are made here, as files for a browser."""

from __future__ import annotations

import io
import wave

import numpy as np
from numpy.typing import NDArray


def encode(sound: NDArray[np.float64], *, rate_hz: int) -> bytes:
    """Return (channels, samples) as 16-bit WAV; what exceeds full scale is clipped."""
    samples = np.round(32_767 * sound.T).clip(-32_768, 32_767)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(len(sound))
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()
