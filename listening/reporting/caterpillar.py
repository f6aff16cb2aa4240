"""The raters side by side: whose preference lies where, from the mixed model.

A mean hides that some love what others hate. Each line is a rater's own preference with
its interval, sorted; estimates are drawn towards the others as far as the rater's own
answers leave room.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from listening.analysis.modelled import Mixed
from listening.analysis.results import Analysis
from listening.reporting.drawing import (
    INK,
    LINE,
    MUTED,
    ONE_AT_A_TIME,
    WIDTH_IN,
    mark_as_simulated,
    prepare_axes,
    put_caption,
    saved,
)

ABOVE, BELOW, OPEN = "#0072B2", "#D55E00", "#59626d"
NAMED = 30  # raters, above which there is no room for names
ROW_IN = 0.14  # of a rater who is named
CROWD_IN = 3.2  # all raters, if they are not


def raters_figure(analysis: Analysis, fmt: str) -> bytes:
    """Return the raters of the first model, sorted, as a file of format `fmt`."""
    model = analysis.models[0]
    count = len(model.raters)
    high = max(1.0, ROW_IN * count) if count <= NAMED else CROWD_IN
    with ONE_AT_A_TIME:
        foot = 1.05 if analysis.simulated else 0.85  # room for the mark
        figure = Figure(figsize=(WIDTH_IN, high + foot + 0.1), facecolor="white")
        axes = figure.add_subplot()
        draw_raters(axes, model)
        put_caption(figure, caption(analysis, model))
        height = figure.get_figheight()
        left = 0.95 if count <= NAMED else 0.3
        figure.subplots_adjust(
            left=left / WIDTH_IN,
            right=1 - 0.12 / WIDTH_IN,
            bottom=foot / height,
            top=1 - 0.1 / height,
        )
        if analysis.simulated:
            mark_as_simulated(figure, axes, analysis)
        return saved(figure, fmt)


def draw_raters(axes: Axes, model: Mixed) -> None:
    raters = sorted(model.raters, key=lambda one: (one.effect, one.rater))
    y = np.arange(len(raters))
    low, middle, high = (
        100 * np.array([getattr(one.preference, name) for one in raters])
        for name in ("ci_low", "estimate", "ci_high")
    )
    colours = np.where(low > 50, ABOVE, np.where(high < 50, BELOW, OPEN))
    thin = len(raters) > NAMED
    axes.hlines(y, low, high, colors=list(colours), linewidth=0.5 if thin else 1.0)
    axes.scatter(middle, y, c=list(colours), s=3 if thin else 14, zorder=3)
    prepare_axes(axes)
    axes.axvline(50, color=INK, linewidth=0.8, dashes=(4, 3), zorder=1)
    axes.grid(axis="x", color=LINE, linewidth=0.4, alpha=0.6)
    axes.set_xlim(-3, 103)
    axes.set_xticks((0, 25, 50, 75, 100))
    axes.set_ylim(-1, len(raters))
    names = [short(one.rater) for one in raters]
    axes.set_yticks([] if thin else y, [] if thin else names)
    axes.tick_params(axis="y", labelsize=5, length=0, labelcolor=MUTED)
    if thin:
        axes.set_ylabel(f"{len(raters):,} raters", size=8, color=INK, labelpad=4)
    label = f"Preference over {model.reference} (%)"
    axes.set_xlabel(label, size=8, color=INK, labelpad=3)


def short(name: str) -> str:
    return name if len(name) <= 12 else f"{name[:11]}…"


def caption(analysis: Analysis, model: Mixed) -> str:
    sd = float(model.trend.sd["rater"][0])
    percent = f"{100 * analysis.confidence:g} %"
    return (
        "Each rater's own preference over systems and SNRs, of a typical utterance.\n"
        f"Lines: {percent} intervals, drawn towards the mean of all raters.\n"
        f"Standard deviation of raters: {sd:.2f} logits."
    )
