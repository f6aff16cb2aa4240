"""The figures of a study, as papers print them: SVG, PDF and PNG at column width.

Colours are those of Okabe and Ito, told apart by most colour-blind readers; shapes
differ as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from listening.analysis.results import Analysis, Cell
from listening.methods.method import BACKGROUND, BASIC, OVERALL, SIGNAL
from listening.reporting.caterpillar import raters_figure
from listening.reporting.drawing import (
    FORMATS,
    INK,
    LINE,
    MUTED,
    ONE_AT_A_TIME,
    WIDTH_IN,
    mark_as_simulated,
    prepare_axes,
    put_caption,
    saved,
    signed,
)

__all__ = ["FIGURES", "FORMATS", "headline_figure", "names_of"]

LEFT_IN = 0.5  # from the edge to the axis
ROW_IN = 0.16  # of the legend
COLOURS = (
    "#0072B2",  # blue
    "#D55E00",  # vermilion
    "#009E73",  # green
    "#CC79A7",  # purple
    "#E69F00",  # orange
    "#56B4E9",  # sky
    "#000000",
)
MARKERS = "os^Dv"  # five shapes and seven colours: 35 comparisons before any repeats


@dataclass(frozen=True)
class Point:
    snr_db: float
    y: float
    low: float | None  # None where there is no interval
    high: float | None


@dataclass(frozen=True)
class Scale:
    """What the axis of answers is, and how to read a point of it off a cell."""

    point: Callable[[Cell], Point | None]
    low: float
    high: float
    neutral: float | None  # None: the middle means nothing
    ticks: tuple[float, ...]
    words: tuple[str, ...]  # of the ticks, on the right; none if they need none
    axis: str  # may name the {reference}
    words_of: Callable[[Analysis], tuple[str, str]]  # what points and bars are
    # What lies above and below the middle; may name the {reference}
    sides: tuple[str, str] | None = None


def preference_point(cell: Cell) -> Point | None:
    assert cell.snr_db is not None
    if found := cell.headline:
        low, high = 100 * found.ci_low, 100 * found.ci_high
        return Point(cell.snr_db, 100 * found.estimate, low, high)
    if cell.exact is None:
        return None
    return Point(cell.snr_db, 100 * cell.exact.estimate, None, None)


def rating_point(cell: Cell) -> Point | None:
    assert cell.snr_db is not None
    if cell.rating is None:
        return None
    found = cell.rating.clustered
    low, high = (found.ci_low, found.ci_high) if found else (None, None)
    return Point(cell.snr_db, cell.rating.mean, low, high)


def preference_words(analysis: Analysis) -> tuple[str, str]:
    if analysis.modelled:
        return (
            "preference averaged over raters and utterances, mixed model",
            "with crossed effects of raters and utterances",
        )
    return (
        "share among the answers that preferred one of the two",
        "robust to clustering by rater and by utterance",
    )


def rating_words(analysis: Analysis) -> tuple[str, str]:
    return "mean rating", "robust to clustering by rater and by utterance"


def score_words(analysis: Analysis) -> tuple[str, str]:
    return "mean score", "robust to clustering by rater and by utterance"


def correct_words(analysis: Analysis) -> tuple[str, str]:
    return (
        "share of the answers that were correct",
        "robust to clustering by rater and by utterance",
    )


PREFERENCE = Scale(
    point=preference_point,
    low=0,
    high=100,
    neutral=50,
    ticks=(0, 25, 50, 75, 100),
    words=(),
    axis="Preferred over {reference} (%)",
    words_of=preference_words,
)
CORRECT = replace(
    PREFERENCE, axis="Told from {reference} (% correct)", words_of=correct_words
)
OPINION = Scale(
    point=rating_point,
    low=1,
    high=5,
    neutral=None,
    ticks=(5, 4, 3, 2, 1),
    words=("excellent", "good", "fair", "poor", "bad"),
    axis="Mean score, overall quality",
    words_of=score_words,
)
EVERY_20, BASIC_AXIS = (100, 80, 60, 40, 20, 0), "Mean score, basic audio quality"
OPINIONS = {
    OVERALL: OPINION,
    SIGNAL: replace(
        OPINION,
        axis="Mean score, speech signal",
        words=("not distorted", "slightly", "somewhat", "fairly", "very distorted"),
    ),
    BACKGROUND: replace(
        OPINION,
        axis="Mean score, background",
        words=(
            "not noticeable",
            "slightly",
            "noticeable",
            "somewhat intrusive",
            "very intrusive",
        ),
    ),
    BASIC: replace(OPINION, low=0, high=100, ticks=EVERY_20, words=(), axis=BASIC_AXIS),
}
RATING = Scale(
    point=rating_point,
    low=-3,
    high=3,
    neutral=0,
    ticks=(3, 2, 1, 0, -1, -2, -3),
    words=(
        "strongly",
        "moderately",
        "slightly",
        "no preference",
        "slightly",
        "moderately",
        "strongly",
    ),
    axis="Preference rating",
    words_of=rating_words,
    sides=("prefer enhanced", "prefer {reference}"),
)


def preference_figure(analysis: Analysis, fmt: str) -> bytes:
    """Return the share that preferred each system by SNR, as a file of format `fmt`."""
    return draw(analysis, PREFERENCE, fmt)


def rating_figure(analysis: Analysis, fmt: str) -> bytes:
    """Return the mean rating of each system by SNR, as a file of format `fmt`."""
    return draw(analysis, RATING, fmt)


def correct_figure(analysis: Analysis, fmt: str) -> bytes:
    """Return the share of correct answers by SNR, as a file of format `fmt`."""
    return draw(analysis, CORRECT, fmt)


def score_figure(scale: str) -> Callable[[Analysis, str], bytes]:
    """Return what draws the mean scores on `scale` by SNR."""
    return lambda analysis, fmt: draw(analysis.on(scale), OPINIONS[scale], fmt)


# The figures by name; the first that an analysis can fill is its headline.
FIGURES: dict[str, Callable[[Analysis, str], bytes]] = {
    "rating": rating_figure,
    "correct": correct_figure,
    "preference": preference_figure,
    "raters": raters_figure,
    **{scale: score_figure(scale) for scale in OPINIONS},
}


def names_of(analysis: Analysis) -> list[str]:
    """Return the figures that there are of `analysis`, its headline first."""
    there = {
        "rating": analysis.graded,
        "correct": analysis.identified,
        "preference": not analysis.identified and not analysis.scales,
        "raters": bool(analysis.models),
        **{scale: scale in analysis.scales for scale in OPINIONS},
    }
    return [name for name in FIGURES if there[name]]


def headline_figure(analysis: Analysis, fmt: str) -> bytes:
    return FIGURES[names_of(analysis)[0]](analysis, fmt)


def draw(analysis: Analysis, scale: Scale, fmt: str) -> bytes:
    with ONE_AT_A_TIME:
        rows = legend_rows(analysis)
        figure = Figure(figsize=(WIDTH_IN, 2.8 + ROW_IN * rows), facecolor="white")
        axes = figure.add_subplot()
        prepare(axes, analysis, scale)
        draw_series(axes, analysis, scale)
        draw_legend(figure, analysis, axes)
        put_caption(figure, caption(analysis, scale))
        place(figure, scale, rows)
        if analysis.simulated:
            mark_as_simulated(figure, axes, analysis)
        return saved(figure, fmt)


def place(figure: Figure, scale: Scale, rows: int) -> None:
    """Give axes, legend and caption the room they need, in inches."""
    height = figure.get_figheight()
    right = 0.92 if scale.words else 0.08
    figure.subplots_adjust(
        left=LEFT_IN / WIDTH_IN,
        right=1 - right / WIDTH_IN,
        bottom=0.83 / height,
        top=1 - (0.1 + ROW_IN * rows) / height,
    )


def prepare(axes: Axes, analysis: Analysis, scale: Scale) -> None:
    """Draw what does not depend on the answers: axes, grid, the neutral line."""
    snrs = sorted({cell.snr_db for cell in analysis.cells if cell.snr_db is not None})
    room = 0.55 * spacing(snrs)
    axes.set_xlim(min(snrs, default=0) - room, max(snrs, default=0) + room)
    margin = 0.03 * (scale.high - scale.low)
    axes.set_ylim(scale.low - margin, scale.high + margin)
    axes.set_xticks(snrs, [signed(snr) for snr in snrs])
    axes.set_yticks(scale.ticks, [signed(tick) for tick in scale.ticks])
    axes.set_xlabel("SNR (dB)", size=8, color=INK, labelpad=3)
    label = scale.axis.format(reference=reference_of(analysis))
    axes.set_ylabel(label, size=8, color=INK, labelpad=2)
    prepare_axes(axes)
    axes.grid(axis="y", color=LINE, linewidth=0.4, alpha=0.6)
    if scale.neutral is not None:
        axes.axhline(scale.neutral, color=INK, linewidth=0.8, dashes=(4, 3), zorder=1)
    if scale.words:
        put_words(axes, scale, reference_of(analysis))


def put_words(axes: Axes, scale: Scale, reference: str) -> None:
    """Say on the right what the steps of the scale mean."""
    across = axes.get_yaxis_transform()
    words: dict[str, Any] = {"transform": across, "color": MUTED, "va": "center"}
    for y, word in zip(scale.ticks, scale.words, strict=True):
        axes.text(1.02, y, word, size=6, **words)
    for y, side in zip((1.9, -1.9), scale.sides or (), strict=False):
        text = side.format(reference=reference)
        axes.text(1.35, y, text, size=6, rotation=270, ha="center", **words)


def draw_series(axes: Axes, analysis: Analysis, scale: Scale) -> None:
    """Draw one line a comparison, each a little aside so that none hides another."""
    snrs = sorted({cell.snr_db for cell in analysis.cells if cell.snr_db is not None})
    count = len(analysis.comparisons)
    step = min(0.14, 0.5 / max(count, 1)) * spacing(snrs)
    for number, (style, points) in enumerate(series(analysis, scale)):
        aside = (number - (count - 1) / 2) * step
        x = np.array([point.snr_db for point in points]) + aside
        y = [point.y for point in points]
        axes.plot(x, y, linewidth=0.9, alpha=0.55, color=style["color"], zorder=3)
        for at, point in zip(x, points, strict=True):
            if point.low is not None and point.high is not None:
                axes.plot(
                    [at, at],
                    [point.low, point.high],
                    color=style["color"],
                    linewidth=1.1,
                    solid_capstyle="butt",
                    zorder=4,
                )
        axes.plot(x, y, linestyle="none", zorder=5, **style)


def series(
    analysis: Analysis, scale: Scale
) -> Iterator[tuple[dict[str, Any], list[Point]]]:
    """Yield how every comparison is drawn, and its points by SNR."""
    for number, comparison in enumerate(analysis.comparisons):
        cells = [cell for cell in analysis.cells if cell.comparison == comparison]
        found = [scale.point(cell) for cell in cells]
        yield style_of(number), [point for point in found if point]


def style_of(number: int) -> dict[str, Any]:
    return {
        "marker": MARKERS[number % len(MARKERS)],
        "color": COLOURS[number % len(COLOURS)],
        "markersize": 4.2,
        "markeredgecolor": "white",
        "markeredgewidth": 0.5,
    }


def draw_legend(figure: Figure, analysis: Analysis, axes: Axes) -> None:
    handles = [
        Line2D(
            [], [], linewidth=0.9, label=label_of(analysis, comparison), **style_of(i)
        )
        for i, comparison in enumerate(analysis.comparisons)
    ]
    if handles:
        figure.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=((LEFT_IN - 0.08) / WIDTH_IN, 1.0),
            ncols=columns_of(analysis),
            frameon=False,
            fontsize=7,
            labelcolor=INK,
            handlelength=1.6,
            handletextpad=0.5,
            columnspacing=1.4,
            borderaxespad=0.2,
            labelspacing=0.35,
        )


# ---- words --------------------------------------------------------------------------


def caption(analysis: Analysis, scale: Scale) -> str:
    ties = f", {analysis.ties:,} without preference" if analysis.ties else ""
    counted = (
        f"{len(analysis.raters):,} raters, {analysis.utterances:,} utterances, "
        f"{analysis.n:,} answers{ties}."
    )
    if analysis.left_out:
        out = "rater" if analysis.left_out == 1 else "raters"
        counted = f"{counted[:-1]}; {analysis.left_out:,} {out} left out."
    percent = f"{100 * analysis.confidence:g} %"
    points, bars = scale.words_of(analysis)
    return f"{counted}\nPoints: {points}.\nBars: {percent} intervals, {bars}."


def reference_of(analysis: Analysis) -> str:
    """Return the reference if there is one for all, else words for any of them."""
    references = {reference for _, reference in analysis.comparisons}
    return references.pop() if len(references) == 1 else "its reference"


def label_of(analysis: Analysis, comparison: tuple[str, str]) -> str:
    system, reference = comparison
    same = len({reference for _, reference in analysis.comparisons}) == 1
    return system if same else f"{system} vs {reference}"


def columns_of(analysis: Analysis) -> int:
    longest = max(
        (len(label_of(analysis, of)) for of in analysis.comparisons), default=1
    )
    return max(1, min(4, len(analysis.comparisons), 60 // (longest + 8)))


def legend_rows(analysis: Analysis) -> int:
    return -(-len(analysis.comparisons) // columns_of(analysis))


def spacing(snrs: list[float]) -> float:
    """Return the smallest step between SNRs in dB; 1 if there is only one."""
    return float(min(np.diff(snrs), default=1.0))
