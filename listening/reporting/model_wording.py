"""What the mixed models say, in plain sentences.

As everywhere: what is not shown to differ is not called equal.
"""

from __future__ import annotations

from listening.analysis.modelled import Difference, intraclass_correlation
from listening.analysis.results import Analysis, Cell
from listening.reporting.numerals import percent, percents, points, relation


def about_share(cell: Cell) -> list[str]:
    """Say which share of raters is predicted to prefer the system."""
    if cell.modelled is None or not cell.modelled.share.says_something:
        return []
    share = cell.modelled.share
    return [
        f"Of all raters like these, an estimated {percent(share.estimate)} % "
        f"({percents(share.ci_low, share.ci_high)} %) prefer {cell.system} more often "
        "than not."
    ]


def about_trend(cell: Cell, analysis: Analysis) -> list[str]:
    """Say if the preference rises or falls with the SNR, where that is clear."""
    found = [
        trend.slope
        for model in analysis.models
        for trend in model.trends
        if (trend.system, trend.reference) == cell.comparison
    ]
    if not found:
        return []
    slope = found[0]
    if slope.p_holm >= 1 - analysis.confidence:
        return [
            f"Whether preference for {cell.system} changes with the SNR is left open."
        ]
    way = "grows" if slope.estimate > 0 else "shrinks"
    return [
        f"Preference for {cell.system} {way} as the SNR rises "
        f"(p {relation(slope.p_holm)})."
    ]


def about_variance(analysis: Analysis) -> list[str]:
    """Say how much of what varies in an answer is the rater, and the utterance."""
    said = []
    for model in analysis.models:
        share = intraclass_correlation(model.trend)
        said.append(
            f"Of what varies between answers over {model.reference}, raters make up "
            f"{percent(share['rater'])} % and utterances {percent(share['utterance'])} "
            "% (intraclass correlations on the logit scale); the rest differs from "
            "answer to answer."
        )
    return said


def about_systems(analysis: Analysis) -> list[str]:
    """Compare every two systems by their preference over the same reference."""
    return [
        about_difference(one, analysis)
        for model in analysis.models
        for one in model.differences
        if one.snr_db is None
    ]


def about_difference(found: Difference, analysis: Analysis) -> str:
    of, alpha = found.difference, 1 - analysis.confidence
    low, high = (f"{100 * x:+.1f}".replace("-", "−") for x in (of.ci_low, of.ci_high))
    reach = f"{low} to {high} points, p {relation(of.p_holm)}"
    if of.p_holm >= alpha:
        return (
            f"Whether {found.system} or {found.other} is preferred more often over "
            f"{found.reference} is left open (difference {reach})."
        )
    more, less = found.system, found.other
    if of.estimate < 0:
        more, less = less, more
    return (
        f"{more} is preferred over {found.reference} more often than {less} is, by "
        f"{points(of.estimate)} points ({found.system} less {found.other}: {reach})."
    )
