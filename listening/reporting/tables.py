"""The tables of results as data: which columns each has, and what is in them.

A table is one entry here; the results page and the report draw all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from listening.analysis.results import Analysis
from listening.reporting import exclusion_wording, wording
from listening.reporting.equivalence_table import equivalence_lines
from listening.reporting.exclusion_wording import RuleLine


def always(analysis: Analysis) -> bool:
    return True


def there_are_ties(analysis: Analysis) -> bool:
    return bool(analysis.ties)


def rule_lines(analysis: Analysis) -> list[RuleLine]:
    exclusions = analysis.exclusions
    return exclusion_wording.rule_lines(exclusions) if exclusions else []


@dataclass(frozen=True)
class Column:
    heading: str  # a line break where it may wrap
    field: str  # of a line
    look: str = ""  # "strong", "muted"; "wrap": words, that may take several lines
    wanted: Callable[[Analysis], bool] = always


class Line(Protocol):
    """A row as text; those of the same comparison stand together."""

    @property
    def comparison(self) -> str: ...


@dataclass(frozen=True)
class Table:
    key: str
    title: Callable[[Analysis], str]
    note: str
    columns: tuple[Column, ...]
    wanted: Callable[[Analysis], bool] = always
    lines: Callable[[Analysis], Sequence[Line]] = wording.lines


PLACE = (Column("SNR (dB)", "snr"), Column("n", "n"))

TABLES = (
    Table(
        "ratings",
        lambda analysis: "Mean rating",
        "From −3 (strongly prefer the reference) to 3 (strongly prefer the enhanced). "
        "p tests a mean of 0.",
        (
            *PLACE,
            Column("Mean", "rating", "strong"),
            Column("95 % interval\nclustered", "rating_interval"),
            Column("p\nHolm", "rating_p"),
        ),
        wanted=lambda analysis: analysis.graded,
    ),
    Table(
        "headline",
        lambda analysis: "Preference",
        "Averaged over the population of raters and utterances, from a mixed model "
        "with crossed effects of both. “Raters” is the predicted share of all raters "
        "who prefer the system more often than not.",
        (
            *PLACE,
            Column("Preference\n%", "headline", "strong"),
            Column("95 % interval", "headline_interval"),
            Column("p\nHolm", "headline_p"),
            Column("Raters\n%", "raters"),
        ),
        wanted=lambda analysis: bool(analysis.models),
    ),
    Table(
        "preference",
        lambda analysis: "Answers as counted" if analysis.models else "Preference",
        "Percentages are of the answers that preferred one of the two. The exact test "
        "stands beside the clustered interval because readers expect it; it assumes "
        "independent trials, which these are not.",
        (
            *PLACE,
            Column("Ties", "ties", wanted=there_are_ties),
            Column("Preferred", "preferred"),
            Column("%", "share", "strong"),
            Column("95 % interval\nclustered", "interval"),
            Column("p\nHolm", "p"),
            Column("Design\neffect", "design_effect"),
            Column("95 % interval\nexact, independent", "exact_interval", "muted"),
            Column("p\nexact, Holm", "exact_p", "muted"),
        ),
    ),
    Table(
        "equivalence",
        lambda analysis: "As good as each other?",
        "Over all SNRs. Two systems are equivalent if the interval lies within the "
        "margin; p is the larger of both one-sided tests of that. Where equivalence is "
        "not shown, the systems need not differ.",
        (
            Column("Heard", "route"),
            Column("Of", "of", "wrap"),
            Column("By", "by", "wrap"),
            Column("Estimate", "estimate", "strong"),
            Column("90 % interval", "interval"),
            Column("Margin", "margin"),
            Column("p", "p"),
            Column("What is shown", "verdict", "wrap"),
        ),
        wanted=lambda analysis: bool(analysis.equivalences),
        lines=equivalence_lines,
    ),
)


RULES = Table(
    "exclusions",
    lambda analysis: "Raters left out",
    "",
    (
        Column("Rule, declared before the study opened", "title", "wrap"),
        Column("Not used if", "use"),
        Column("Raters", "not_used"),
        Column("Not paid if", "pay"),
        Column("Raters", "not_paid"),
    ),
    lines=rule_lines,
)


def tables_of(analysis: Analysis) -> list[dict[str, Any]]:
    """Return the tables that `analysis` fills, as JSON could hold them."""
    if not analysis.n:
        return []
    return [filled(table, analysis) for table in TABLES if table.wanted(analysis)]


def filled(table: Table, analysis: Analysis) -> dict[str, Any]:
    columns = [column for column in table.columns if column.wanted(analysis)]
    blocks = groupby(table.lines(analysis), key=lambda line: line.comparison)
    return {
        # twice on one page the second has another name
        "key": f"{table.key}-without" if analysis.left_out else table.key,
        "title": table.title(analysis),
        "note": table.note,
        "headings": [{"text": c.heading, "look": c.look} for c in columns],
        "blocks": [
            {
                "comparison": comparison,
                "rows": [
                    [{"text": getattr(line, c.field), "look": c.look} for c in columns]
                    for line in block
                ],
            }
            for comparison, block in blocks
        ],
    }
