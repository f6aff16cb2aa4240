"""The tables of mean scores, two for each scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from listening.analysis.results import Analysis
from listening.methods.method import REACH
from listening.reporting.score_model_table import score_model_lines
from listening.reporting.score_wording import (
    NAMES,
    difference_lines,
    mean_on,
    score_lines,
)
from listening.reporting.tables import AGREED, PLACE, Column, Table, filled

MEANS = (
    *PLACE,
    Column("Mean", "mean", "strong"),
    Column("95 % interval\nclustered", "interval"),
    Column("Median", "median", "muted"),
    Column("SD", "sd", "muted"),
    Column("Design\neffect", "design_effect"),
)
DIFFERENCES = (
    Column("System", "other"),
    Column("Difference", "difference", "strong"),
    Column("95 % interval\nclustered", "interval"),
    Column("p\nHolm", "p"),
)
MODEL_COLUMNS = (
    Column("System", "system"),
    Column("Log odds of a\nhigher score", "estimate", "strong"),
    Column("95 % interval\nmixed model", "interval"),
    Column("Odds\ntimes", "odds"),
    Column("p\nHolm", "p"),
)
MODEL = (
    "Means take the steps of the scale as equally wide; this mixed model takes them in "
    "their order only, and lets raters and utterances differ. “Odds times” is how many "
    "times larger the odds of a higher score are than for unprocessed speech, from the "
    "same rater for the same utterance, averaged over SNRs: 1 is no difference."
)


def score_tables_of(analysis: Analysis) -> list[dict[str, Any]]:
    """Return means and differences on every scale, and agreement, as JSON could."""
    by_scale = [
        table
        for scale in analysis.scales
        for table in tables_on(analysis.on(scale), scale)
    ]
    if not AGREED.wanted(analysis):
        return by_scale
    return [*by_scale, filled(AGREED, analysis)]


def tables_on(analysis: Analysis, scale: str) -> Iterator[dict[str, Any]]:
    low, high = REACH[scale]
    means = Table(
        f"scores-{scale}",
        lambda analysis: f"{mean_on(scale).capitalize()}: {NAMES[scale]}",
        f"From {low} to {high}, the best. Different tests cannot be compared.",
        MEANS,
        lines=score_lines,
    )
    yield filled(means, analysis)
    if analysis.differences:
        apart = Table(
            f"differences-{scale}",
            lambda analysis: f"Differences: {NAMES[scale]}",
            "Of mean scores over the SNRs at which both were heard, each SNR counting "
            "alike. p tests 0, adjusted over all pairs.",
            DIFFERENCES,
            lines=difference_lines,
        )
        yield filled(apart, analysis)
    if analysis.score_models:
        model = Table(
            f"model-{scale}",
            lambda analysis: f"Against unprocessed speech: {NAMES[scale]}",
            MODEL,
            MODEL_COLUMNS,
            lines=score_model_lines,
        )
        yield filled(model, analysis)
