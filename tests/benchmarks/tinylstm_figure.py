"""The published figure of TinyLSTMs and what simulated raters gave, side by side."""

import io

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from listening.reporting.drawing import (
    INK,
    LINE,
    MUTED,
    ONE_AT_A_TIME,
    SIMULATED_INK,
    prepare_axes,
    signed,
    write_across,
)

LOOKS = {  # of a system: words, colour, marker, shift along the axis (dB)
    "baseline": ("baseline, uncompressed", "#0072B2", "o", -0.35),
    "int8": ("compressed: pruned, INT8", "#D55E00", "s", 0.35),
}
SIDES = {  # of the figure: title, columns of mean, low and high
    "published": ("Published: people", "mean_rating", "ci_low", "ci_high"),
    "recovered": ("Recovered: SIMULATED RATERS", "mean", "low", "high"),
}
WORDS = {1: "slightly", 2: "moderately", 3: "strongly"}
DOTS_PER_IN = 150  # for a page, and small
CAPTION = (
    "Mean rating over unprocessed speech, from −3 to 3; the axis shows 1 to 3. "
    "100 ratings a mean. Left: bars as printed, their method is not known.\n"
    "Right: a program answered (50 raters a survey, seed {seed}); its expected means "
    "are set to the published ones, the spreads of raters and of utterances\n"
    "are assumed; bars are 95 % intervals that know that answers of one rater, and "
    "about one utterance, hang together. This says nothing new\n"
    "about what people prefer."
)


def draw(found: pd.DataFrame, *, seed: int) -> bytes:
    """Return the PNG; `found` is what `tinylstm_study.recover` returns."""
    with ONE_AT_A_TIME:
        figure = Figure(figsize=(7.2, 5.0))
        grid = figure.subplots(2, 2, sharex=True, sharey=True)
        figure.subplots_adjust(
            left=0.085, right=0.895, top=0.88, bottom=0.2, wspace=0.08, hspace=0.14
        )
        for survey, row in enumerate(grid, start=1):
            part = found[found["survey"] == survey]
            for side, axes in zip(SIDES, row, strict=True):
                draw_panel(axes, part, side)
            row[0].set_ylabel(f"Survey {survey}", size=8.5, color=INK)
            name_steps(row[1])
        for (title, *_), axes in zip(SIDES.values(), grid[0], strict=True):
            axes.set_title(title, size=9, weight="bold", color=INK, pad=7)
        grid[0, 1].title.set_color(SIMULATED_INK)
        for axes in grid[1]:
            axes.set_xlabel("SNR (dB)", size=8, color=INK)
        put_legend(figure, grid[0, 0])
        figure.text(
            0.02, 0.012, CAPTION.format(seed=seed), size=6, color=MUTED, va="bottom"
        )
        file = io.BytesIO()
        figure.savefig(file, dpi=DOTS_PER_IN, pil_kwargs={"optimize": True})
        return file.getvalue()


def draw_panel(axes: Axes, part: pd.DataFrame, side: str) -> None:
    prepare_axes(axes)
    _, mean, low, high = SIDES[side]
    snrs = sorted(part["snr_db"].unique())
    for system, (words, colour, marker, shift) in LOOKS.items():
        rows = part[part["system"] == system].sort_values("snr_db")
        x = rows["snr_db"] + shift
        axes.plot(x, rows[mean], color=colour, lw=0.9, alpha=0.55)
        axes.vlines(x, rows[low], rows[high], color=colour, lw=1.4)
        axes.plot(
            x, rows[mean], marker, color=colour, mec="white", mew=0.6, ms=5, label=words
        )
    axes.set_xticks(snrs, [signed(snr) for snr in snrs])
    axes.set_yticks([1, 1.5, 2, 2.5, 3])
    axes.set_ylim(1, 3.05)
    axes.grid(axis="y", color=LINE, lw=0.4, alpha=0.7)
    if side == "recovered":
        write_across(axes, "SIMULATED RATERS", size=18)


def name_steps(axes: Axes) -> None:
    """Say on the right what the ratings are called."""
    for rating, word in WORDS.items():
        axes.annotate(
            word,
            (1, rating),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            size=7,
            color=MUTED,
            va="center",
        )


def put_legend(figure: Figure, axes: Axes) -> None:
    figure.legend(
        *axes.get_legend_handles_labels(),
        loc="upper center",
        bbox_to_anchor=(0.5, 0.99),
        ncols=len(LOOKS),
        frameon=False,
        fontsize=8,
        labelcolor=INK,
    )
