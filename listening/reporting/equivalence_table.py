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
from listening.reporting.numerals import p_value
from listening.statistics.equivalence import Equivalence

BY = {"glmm": "mixed model", "cluster_robust": "clustered"}


@dataclass(frozen=True)
class EquivalenceLine:
    """One row, as text; "" where there is no test, and the verdict says why."""

    comparison: str
    route: str
    of: str
    by: str = ""
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
    route = f"both against {one.third}" if one.third else "against each other"
    of = "mean rating" if one.rated else "preference"
    tests = [(name, test) for name, test in one.tests.items() if test]
    for name, test in tests:
        written = Written.of(test, one.unit)
        yield EquivalenceLine(
            comparison,
            route,
            of,
            BY[name],
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


def verdict_of(one: Compared, test: Equivalence) -> str:
    late = "" if one.declared else " Exploration: the margin was chosen afterwards."
    return about_verdict(*telling(one, test)) + late
