"""The order of systems as rows of text: if raters are alike, and if they differ."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from listening.analysis.results import Analysis
from listening.reporting.numerals import percent, percents, ratings, signed
from listening.statistics.ranking import Ranking


@dataclass(frozen=True)
class RankLine:
    """One system, as text; "" where there is nothing to say."""

    system: str
    strength: str
    interval: str
    over_next: str  # expected share of answers for it against the one below
    over_next_interval: str
    mixed: str  # strength with effects of raters
    mixed_interval: str
    comparison: str = ""


# What the shell prints -> field of `RankLine`
HEADINGS = {
    "order": "system",
    "strength": "strength",
    "95 % clustered": "interval",
    "over next %": "over_next",
    "95 % interval": "over_next_interval",
    "raters differ": "mixed",
    "95 % mixed": "mixed_interval",
}


def rank_lines(analysis: Analysis) -> list[RankLine]:
    """Return the systems of the ranking, best first."""
    found, mixed = analysis.ranking, analysis.mixed_ranking
    if found is None:
        return []
    return [
        RankLine(
            name,
            *strength_of(found, name),
            *(share_of(found, name, lower) if lower else ("", "")),
            *(strength_of(mixed.ranking, name) if mixed else ("", "none")),
        )
        for name, lower in pairwise((*found.best_first, ""))
    ]


def strength_of(found: Ranking, name: str) -> tuple[str, str]:
    of = dict(zip(found.items, found.strengths, strict=True))[name]
    return signed(of.estimate), ratings(of.ci_low, of.ci_high)


def share_of(found: Ranking, name: str, lower: str) -> tuple[str, str]:
    share, low, high = found.compare(name, lower).share
    return percent(share), percents(low, high)


def about_mixed_ranking(analysis: Analysis) -> str:
    """Say if the order stays where raters may differ, and how much their tastes do."""
    found, mixed = analysis.ranking, analysis.mixed_ranking
    if found is None or mixed is None:
        return ""
    order = mixed.ranking.best_first
    if order == found.best_first:
        text = "If raters and utterances may differ, the order is the same"
    else:
        text = f"If raters and utterances may differ, the order is {', '.join(order)}"
    sd = mixed.fit.sd["rater"]
    if len(sd) < 2:
        return f"{text}."
    return (
        f"{text}; raters' liking for enhancement then has a standard deviation of "
        f"{sd[1]:.2f} log odds."
    )
