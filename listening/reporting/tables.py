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
from listening.reporting.equivalence_table import equivalence_lines, snr_lines
from listening.reporting.exclusion_wording import RuleLine
from listening.reporting.ranking_table import rank_lines
from listening.reporting.rater_tables import (
    AGREEMENT,
    E_VALUES,
    agreement_lines,
    majority_lines,
)


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
    look: str = ""  # "strong", "muted"; "words"; "wrap": words on several lines
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
    folded: bool = False  # on the page: long, and read by few


def preference_was_asked(analysis: Analysis) -> bool:
    return not analysis.identified


PLACE = (Column("SNR (dB)", "snr"), Column("n", "n"))
EXACT = (
    Column("95 % interval\nexact, independent", "exact_interval", "muted"),
    Column("p\nexact, Holm", "exact_p", "muted"),
)

AGREED = Table(
    "agreement",
    lambda analysis: "Do raters agree?",
    AGREEMENT,
    (
        Column("About", "about", "words"),
        Column("Alpha", "alpha", "strong"),
        Column("95 % interval\nbootstrap", "interval"),
        Column("Raters", "raters"),
        Column("Sounds", "sounds"),
        Column("Answers", "answers"),
        Column("Raters answer", "shown", "words"),
    ),
    wanted=lambda analysis: bool(analysis.agreements),
    lines=agreement_lines,
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
    Table(
        "equivalence",
        lambda analysis: "As good as each other?",
        "Over all SNRs; a difference is the first system's less the second's. Two "
        "systems are equivalent if the interval lies within the margin; p is the "
        "larger of both one-sided tests of that. Where equivalence is not shown, the "
        "systems need not differ.",
        (
            Column("Heard", "route", "words"),
            Column("Of", "of", "words"),
            Column("Estimate", "estimate", "strong"),
            Column("90 % interval", "interval"),
            Column("Margin", "margin"),
            Column("p", "p"),
            Column("What is shown", "verdict", "wrap"),
        ),
        wanted=lambda analysis: bool(analysis.equivalences),
        lines=equivalence_lines,
    ),
    Table(
        "equivalence-snr",
        lambda analysis: "As good as each other at single SNRs?",
        "The claim is the one over all SNRs, above. Here every SNR is tested by itself "
        "at 5 %: of many, one may come out equivalent by chance. Believe it of an SNR "
        "that the hypotheses named before the study opened, or if it is shown at every "
        "SNR, which needs no correction (intersection-union test).",
        (
            Column("SNR (dB)", "snr"),
            Column("Estimate", "estimate", "strong"),
            Column("90 % interval", "interval"),
            Column("p", "p"),
            Column("Shown", "shown", "words"),
        ),
        wanted=lambda analysis: bool(analysis.equivalences_by_snr),
        lines=snr_lines,
        folded=True,
    ),
    Table(
        "ranking",
        lambda analysis: "Order of the systems",
        "From all comparisons together. Strengths are log odds of being preferred, of "
        "mean 0. “Over the next” is the share of answers with a preference that a "
        "system is expected to win against the one below it: where its interval holds "
        "50 %, the order of those two is open. On the right the same strengths where "
        "raters and utterances may differ: those of the typical rater, and so further "
        "apart.",
        (
            Column("System", "system"),
            Column("Strength", "strength", "strong"),
            Column("95 % interval\nclustered", "interval"),
            Column("Over the next\n%", "over_next", "strong"),
            Column("95 % interval", "over_next_interval"),
            Column("Strength, raters\ndiffer", "mixed"),
            Column("95 % interval\nmixed model", "mixed_interval"),
        ),
        wanted=lambda analysis: bool(analysis.ranking),
        lines=rank_lines,
    ),
    Table(
        "majorities",
        lambda analysis: "Rater by rater: evidence at any time",
        E_VALUES,
        (
            Column("Comparison", "about", "words"),
            Column("Raters\nfor the first", "for_system"),
            Column("for the\nsecond", "for_reference"),
            Column("for\nneither", "undecided"),
            Column("e-value", "e_value", "strong"),
            Column("Evidence for", "shown", "words"),
        ),
        wanted=lambda analysis: bool(analysis.majorities),
        lines=majority_lines,
    ),
    AGREED,
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
        "folded": table.folded,
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
