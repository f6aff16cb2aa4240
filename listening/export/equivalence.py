"""The tests of equivalence as a table that leaves the house: one row a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from listening.analysis import Analysis
from listening.analysis.equivalences import Compared
from listening.export.table import Column, Table
from listening.export.writing import as_csv, rows_of
from listening.statistics.equivalence import Equivalence


@dataclass(frozen=True)
class Test:
    raters: str  # "all", or "used": without those whom declared rules leave out
    of: Compared
    by: str
    found: Equivalence


def tests_of(analysis: Analysis) -> Iterator[Test]:
    parts = {"all": analysis}
    if analysis.exclusions and analysis.exclusions.out:
        parts["used"] = analysis.exclusions.without
    for raters, part in parts.items():
        for one in (*part.equivalences, *part.equivalences_by_snr):
            for by, found in one.tests.items():
                if found:
                    yield Test(raters, one, by, found)


EQUIVALENCE = Table(
    "equivalence",
    "One row for each test of equivalence; none where no margin was declared",
    (
        Column(
            "raters",
            "all, or used: without those whom the declared rules leave out",
            lambda t: t.raters,
        ),
        Column("system", "its preference or rating is tested", lambda t: t.of.system),
        Column("other", "the system it is compared with", lambda t: t.of.other),
        Column(
            "against",
            "what both were heard against; empty: heard against each other",
            lambda t: t.of.third,
        ),
        Column("snr_db", "empty: over all SNRs", lambda t: t.of.snr_db),
        Column("kind", "direct or indirect", lambda t: t.of.kind),
        Column(
            "unit",
            "share: of preferences for system, 0.5 is no difference; share difference, "
            "rating (mean, in points), rating difference: 0 is none",
            lambda t: t.of.unit,
        ),
        Column("by", "glmm: mixed model; cluster_robust: as counted", lambda t: t.by),
        Column("estimate", "in that unit", lambda t: t.found.estimate),
        Column("ci_low", "lower end of the interval", lambda t: t.found.ci_low),
        Column("ci_high", "upper end", lambda t: t.found.ci_high),
        Column("ci_level", "of it", lambda t: round(1 - 2 * t.found.alpha, 9)),
        Column("margin_low", "lower limit of the margin", lambda t: t.found.low),
        Column("margin_high", "upper limit", lambda t: t.found.high),
        Column("margin_declared", "1: before any answer", lambda t: int(t.of.declared)),
        Column(
            "p_low", "one-sided, of being below the margin", lambda t: t.found.p_low
        ),
        Column("p_high", "one-sided, of being above it", lambda t: t.found.p_high),
        Column("p", "of equivalence: the larger of both", lambda t: t.found.p),
        Column("df", "degrees of freedom", lambda t: t.found.df),
        Column(
            "verdict",
            "equivalent, different, non-inferior or inconclusive",
            lambda t: t.found.verdict.value,
        ),
    ),
    tests_of,
)


def equivalence_csv(analysis: Analysis) -> str:
    header = [column.name for column in EQUIVALENCE.columns]
    return as_csv(header, rows_of(EQUIVALENCE, EQUIVALENCE.rows(analysis)))
