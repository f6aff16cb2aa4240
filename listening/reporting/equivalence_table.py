"""Tests of equivalence as rows of text: which systems, on what, how near, and so what.

Each pair of systems has a row for every way in which the study lets them be compared,
and for each of the two analyses: the mixed model, and beside it the answers as counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from listening.analysis.equivalences import Compared, telling
from listening.analysis.results import Analysis
from listening.reporting.equivalence_wording import Written, about_verdict
from listening.reporting.numerals import number, p_value
from listening.statistics.equivalence import Equivalence

BY = {"glmm": "mixed model", "cluster_robust": "clustered"}


@dataclass(frozen=True)
class EquivalenceLine:
    """One row, as text; "" where there is no test, and the verdict says why."""

    comparison: str
    route: str
    of: str  # and by which analysis
    estimate: str = ""
    interval: str = ""
    margin: str = ""
    p: str = ""
    shown: str = "not tested"  # in a word
    verdict: str = ""


def equivalence_lines(analysis: Analysis) -> list[EquivalenceLine]:
    """Return the tests of `analysis`, those of the same two systems together."""
    found = sorted(analysis.equivalences, key=lambda one: (one.system, one.other))
    return [line for one in found for line in lines_of(one)]


def lines_of(one: Compared) -> Iterator[EquivalenceLine]:
    comparison = f"{one.system} and {one.other}"
    route = route_of(one)
    of = "mean rating" if one.rated else "preference"
    tests = [(name, test) for name, test in one.tests.items() if test]
    for name, test in tests:
        written = Written.of(test, one.unit)
        yield EquivalenceLine(
            comparison,
            route,
            f"{of}, {BY[name]}",
            written.estimate,
            written.interval,
            written.margin,
            p_value(test.p),
            test.verdict.value,
            verdict_of(one, test),
        )
    if not tests:
        why = one.why_none or "too few raters or utterances"
        yield EquivalenceLine(comparison, route, of, verdict=f"Not tested: {why}.")


@dataclass(frozen=True)
class SnrLine:
    """The test of two systems at one SNR, by the better of both analyses, as text."""

    comparison: str
    snr: str
    estimate: str = ""
    interval: str = "none"
    p: str = ""
    shown: str = "not tested"


def snr_lines(analysis: Analysis) -> list[SnrLine]:
    """Return the tests at single SNRs, those of the same comparison together."""
    found = sorted(
        analysis.equivalences_by_snr,
        key=lambda one: (one.system, one.other, one.third or "", one.rated),
    )
    return [snr_line(one) for one in found]


def snr_line(one: Compared) -> SnrLine:
    of = "mean rating" if one.rated else "preference"
    comparison = f"{one.system} and {one.other}, {route_of(one)}: {of}"
    snr, test = number(one.snr_db or 0), one.headline
    if test is None:
        return SnrLine(comparison, snr)
    written = Written.of(test, one.unit)
    return SnrLine(
        comparison,
        snr,
        written.estimate,
        written.interval,
        p_value(test.p),
        test.verdict.value,
    )


def route_of(one: Compared) -> str:
    return f"both against {one.third}" if one.third else "against each other"


def verdict_of(one: Compared, test: Equivalence) -> str:
    late = "" if one.declared else " Exploration: the margin was chosen afterwards."
    return about_verdict(*telling(one, test)) + late
