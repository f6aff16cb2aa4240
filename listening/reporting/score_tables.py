"""The tables of mean scores, two for each scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from listening.analysis.results import Analysis
from listening.methods.method import REACH
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


def score_tables_of(analysis: Analysis) -> list[dict[str, Any]]:
    """Return means and differences on every scale, and agreement, as JSON could."""
    by_scale = [
        table
        for scale in analysis.scales
        for table in tables_on(analysis.on(scale), scale)
    ]
    return [*by_scale, filled(AGREED, analysis)] if analysis.n else []


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
