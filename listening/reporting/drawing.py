"""What all figures share: the page, ink, caption, the mark of simulated raters, bytes.

Drawn on figure objects of their own, one at a time; the state of pyplot is never
touched. The same analysis gives the same bytes.
"""

from __future__ import annotations

import io
from threading import Lock
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from listening.analysis.results import Analysis

# matplotlib is not safe for threads; identifiers in SVG must not differ between runs.
ONE_AT_A_TIME = Lock()
matplotlib.rcParams["svg.hashsalt"] = "earshot"
matplotlib.rcParams["pdf.fonttype"] = 42  # letters, not outlines: journals ask for it

WIDTH_IN = 3.5  # one column
LEFT_IN = 0.5  # from the edge to the axis
ROW_IN = 0.16  # of the legend
INK, MUTED, LINE = "#15191e", "#59626d", "#c3c9d0"
SIMULATED_INK = "#a33d00"
FORMATS: dict[str, dict[str, Any]] = {
    # what would put the date of drawing into the file is left out
    "svg": {"metadata": {"Date": None}},
    "pdf": {"metadata": {"CreationDate": None, "ModDate": None}},
    "png": {"dpi": 300},
}


def saved(figure: Figure, fmt: str) -> bytes:
    """Return the figure as a file of format `fmt`."""
    file = io.BytesIO()
    figure.savefig(file, format=fmt, **FORMATS[fmt])
    return file.getvalue()


def put_caption(figure: Figure, text: str) -> None:
    left, bottom = 0.1 / WIDTH_IN, 0.05 / figure.get_figheight()
    figure.text(left, bottom, text, size=5.6, color=MUTED, va="bottom", linespacing=1.4)


def prepare_axes(axes: Axes) -> None:
    """Give the axes their ink: what depends neither on answers nor on scales."""
    axes.tick_params(labelsize=7, colors=INK, color=LINE, width=0.6, length=3)
    axes.spines[["top", "right"]].set_visible(False)
    for spine in axes.spines.values():
        spine.set(color=MUTED, linewidth=0.6)
    axes.set_axisbelow(True)


def write_across(axes: Axes, text: str, *, size: float) -> None:
    """Write behind the data, large and pale, what nobody may overlook."""
    axes.text(
        0.5,
        0.5,
        text,
        transform=axes.transAxes,
        rotation=24,
        size=size,
        weight="bold",
        color=SIMULATED_INK,
        alpha=0.13,
        ha="center",
        va="center",
        zorder=0.5,
    )


def mark_as_simulated(figure: Figure, axes: Axes, analysis: Analysis) -> None:
    """Write across the axes that a program answered, and again where nothing is hid."""
    whole = analysis.simulated == analysis.n
    text = "SIMULATED RATERS" if whole else "PARTLY SIMULATED"
    write_across(axes, text, size=370 * axes.get_position().width / len(text))
    figure.text(
        1 - 0.1 / WIDTH_IN,
        0.51 / figure.get_figheight(),
        text,
        size=6,
        weight="bold",
        color=SIMULATED_INK,
        ha="right",
        bbox={
            "facecolor": "white",
            "edgecolor": SIMULATED_INK,
            "linewidth": 0.6,
            "boxstyle": "round,pad=0.35",
        },
    )


def signed(value: float) -> str:
    """Return the number with a true minus sign."""
    return f"{value:g}".replace("-", "−")
