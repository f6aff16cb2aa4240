"""Pictures of a sound for the experimenter: waveform and spectrogram, as PNG.

Transparent, with grey text that can be read on light and dark pages. Raters never see
them.
"""

from __future__ import annotations

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.signal import stft

Samples = NDArray[np.float64]

GREY = "#7b8087"
LINE = "#4a8fb5"
SIZE_INCHES = (6.4, 2.2)
DYNAMIC_RANGE_DB = 70.0
COLUMNS = 1400  # of the waveform's outline


def waveform(x: Samples, rate_hz: int) -> bytes:
    """Return a picture of the outline of `x`, shape (samples,)."""
    size = max(len(x) // COLUMNS, 1)
    blocks = x[: len(x) // size * size].reshape(-1, size)
    t = np.arange(len(blocks)) * size / rate_hz
    figure, axes = _empty()
    axes.fill_between(
        t, blocks.min(axis=1), blocks.max(axis=1), color=LINE, linewidth=0.4
    )
    axes.set(xlim=(0, len(x) / rate_hz), ylim=(-1, 1), ylabel="amplitude")
    axes.set_yticks([-1, 0, 1])
    return _png(figure)


def spectrogram(x: Samples, rate_hz: int, *, top_hz: float = 8_000.0) -> bytes:
    """Return a picture of the level of `x`, shape (samples,), over time and frequency.

    Windows of 32 ms, dB relative to full scale over a range of 70 dB.
    """
    length = round(0.032 * rate_hz)
    f_hz, t_s, spectrum = stft(x, rate_hz, nperseg=length, noverlap=3 * length // 4)
    shown = f_hz <= top_hz
    level_db = 20 * np.log10(np.abs(spectrum[shown]) + 1e-9)
    top_db = float(level_db.max())
    figure, axes = _empty()
    axes.imshow(
        level_db,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=top_db - DYNAMIC_RANGE_DB,
        vmax=top_db,
        extent=(0, float(t_s[-1]), 0, top_hz / 1000),
        interpolation="antialiased",
    )
    axes.set(ylabel="kHz", xlim=(0, len(x) / rate_hz))
    return _png(figure)


def _empty() -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    axes = figure.add_subplot()
    axes.set_facecolor("none")
    axes.set_xlabel("seconds")
    axes.tick_params(colors=GREY, labelsize=9)
    for name in ("left", "bottom", "top", "right"):
        axes.spines[name].set_color(GREY)
        axes.spines[name].set_visible(name in ("left", "bottom"))
    axes.xaxis.label.set_color(GREY)
    axes.yaxis.label.set_color(GREY)
    return figure, axes


def _png(figure: Figure) -> bytes:
    with io.BytesIO() as file:
        figure.savefig(file, format="png", dpi=150, transparent=True)
        return file.getvalue()
