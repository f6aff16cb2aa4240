"""The tables of results as data: which columns each has, and what is in them.

A table is one entry here; the results page and the report draw all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from listening.analysis.results import Analysis
from listening.reporting import wording


def always(analysis: Analysis) -> bool:
    return True


def there_are_ties(analysis: Analysis) -> bool:
    return bool(analysis.ties)


class Row(Protocol):
    """A row as text, a field a column; those of one comparison stand together."""

    @property
    def comparison(self) -> str: ...


@dataclass(frozen=True)
class Column:
    heading: str  # a line break where it may wrap
    field: str  # of the row
    look: str = ""  # "strong" or "muted"
    wanted: Callable[[Analysis], bool] = always


@dataclass(frozen=True)
class Table:
    key: str
    title: Callable[[Analysis], str]
    note: str
    columns: tuple[Column, ...]
    wanted: Callable[[Analysis], bool] = always


def preference_was_asked(analysis: Analysis) -> bool:
    return not analysis.identified


PLACE = (Column("SNR (dB)", "snr"), Column("n", "n"))
EXACT = (
    Column("95 % interval\nexact, independent", "exact_interval", "muted"),
    Column("p\nexact, Holm", "exact_p", "muted"),
)

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
            *EXACT,
        ),
        wanted=preference_was_asked,
    ),
    Table(
        "correct",
        lambda analysis: "Correct answers",
        "Guessing gives 50 %. d′ is that of the differencing model of ABX, with the "
        "clustered interval of the share, transformed. The exact test assumes "
        "independent trials, which these are not.",
        (
            *PLACE,
            Column("Correct", "preferred"),
            Column("%", "share", "strong"),
            Column("95 % interval\nclustered", "interval"),
            Column("p\nHolm", "p"),
            Column("d′", "d_prime", "strong"),
            Column("95 % interval\nof d′", "d_prime_interval"),
            Column("Design\neffect", "design_effect"),
            *EXACT,
        ),
        wanted=lambda analysis: analysis.identified,
    ),
)


def tables_of(analysis: Analysis) -> list[dict[str, Any]]:
    """Return the tables that `analysis` fills, as JSON could hold them."""
    if not analysis.n:
        return []
    found = wording.lines(analysis)
    return [
        filled(table, analysis, found) for table in TABLES if table.wanted(analysis)
    ]


def filled(table: Table, analysis: Analysis, found: Sequence[Row]) -> dict[str, Any]:
    columns = [column for column in table.columns if column.wanted(analysis)]
    blocks = groupby(found, key=lambda line: line.comparison)
    return {
        # twice on one page the second has another name
        "key": f"{table.key}-without" if analysis.left_out else table.key,
        "title": table.title(analysis),
        "note": table.note,
        "headings": [column.heading for column in columns],
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
