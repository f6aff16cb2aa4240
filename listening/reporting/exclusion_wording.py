"""Checks on raters and declared rules in words and rows of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from listening.analysis.checks import CheckResults, Share
from listening.analysis.exclusions import Exclusions
from listening.analysis.screening import PAY, TIERS, USE, Decision, Rule
from listening.reporting.numerals import percent, percents

ON_TIME = "Rules on raters were declared before the study opened."
LATE = (
    "Rules on raters were amended after answers had been given, so what they change is "
    "exploration, not evidence."
)
HAND_WORDS = " Each of these has a reason that was written down at the time."
TIER_WORDS = {PAY: "A rater was not to be paid", USE: "Answers were not to be used"}


def about_checks(checks: CheckResults | None) -> list[str]:
    """Say what gold trials, placebos and repeats found, a sentence each."""
    if checks is None:
        return []
    parts = (
        (about_gold, checks.gold),
        (about_placebos, checks.placebo),
        (about_repeats, checks.repeat),
    )
    return [about(checks, share) for about, share in parts if share]


def about_gold(checks: CheckResults, share: Share) -> str:
    failing, of = len(checks.failing), share.count
    raters = "rater" if failing == 1 else "raters"
    told = (
        f"Of {share.n:,} gold trials, whose answer is known, {of:,} were failed "
        f"({reach(share)})"
    )
    return f"{told}, by {failing:,} {raters}." if failing else f"{told}."


def about_placebos(checks: CheckResults, share: Share) -> str:
    ties = f"; {share.neither:,} more had no preference" if share.neither else ""
    return (
        f"Where both sounds were the same, A was chosen in {share.count:,} of "
        f"{share.n:,} answers ({reach(share)}){ties}."
    )


def about_repeats(checks: CheckResults, share: Share) -> str:
    said = "Asked again with A and B swapped, raters answered as before"
    if checks.scored:
        said = "Asked again, raters scored on the same side of the middle as before"
    return f"{said} in {share.count:,} of {share.n:,} trials ({reach(share)})."


def reach(share: Share) -> str:
    text = f"{percent(share.estimate)} %"
    if share.clustered is None:
        return text
    return (
        f"{text}, clustered 95 % interval "
        f"{percents(share.clustered.ci_low, share.clustered.ci_high)} %"
    )


# ---- rules --------------------------------------------------------------------------


def limit_of(rule: Rule, tier: str) -> str:
    limit = rule.limit(tier)
    if limit is None:
        return ""
    return f"{'below' if rule.too_low else 'above'} {rule.unit.format(limit)}"


def summary(exclusions: Exclusions) -> str:
    """Say how many raters the rules leave out, and how many somebody left out."""
    of = raters(len(exclusions.decisions))
    by_rules, by_hand = len(exclusions.by_rules), len(exclusions.by_hand)
    told = []
    if exclusions.rules:
        count = f"{by_rules:,}" if by_rules else "none"
        told.append(f"The declared rules leave out {count} of {of}.")
        told += [] if exclusions.on_time else [LATE]
    if by_hand:
        both = sum(bool(one.by_hand) for one in exclusions.by_rules)
        too = f", {both:,} of them by the rules as well" if both else ""
        told.append(f"By hand {by_hand:,} of {of} {verb(by_hand)} left out{too}.")
    return " ".join(told)


def verb(count: int) -> str:
    return "is" if count == 1 else "are"


def raters(count: int) -> str:
    return f"{count:,} rater" if count == 1 else f"{count:,} raters"


def for_methods(exclusions: Exclusions) -> str:
    """Return what a methods section says of the rules: limits, and who broke which."""
    rules = ON_TIME if exclusions.on_time else LATE
    parts = [rules] if exclusions.rules else []
    for tier in TIERS:
        limits = [
            f"{one.rule.title} {limit} ({raters(count)})"
            for one in exclusions.applied
            if (limit := limit_of(one.rule, tier))
            for count in [one.not_paid if tier == PAY else one.not_used]
        ]
        if limits:
            parts.append(f"{TIER_WORDS[tier]} with {'; '.join(limits)}.")
    by_hand = HAND_WORDS if exclusions.by_hand else ""
    parts.append(
        f"{summary(exclusions)}{by_hand} Results are reported of all raters, and again "
        "without those left out."
    )
    return " ".join(parts)


@dataclass(frozen=True)
class RuleLine:
    """A rule as a row of text: its limits, and how many raters are beyond them."""

    title: str
    use: str
    not_used: str
    pay: str
    not_paid: str
    comparison: str = ""


def rule_lines(exclusions: Exclusions) -> list[RuleLine]:
    return [
        RuleLine(
            one.rule.title[:1].upper() + one.rule.title[1:],
            use or "–",
            f"{one.not_used:,}" if use else "–",
            pay or "–",
            f"{one.not_paid:,}" if pay else "–",
        )
        for one in exclusions.applied
        for use, pay in [(limit_of(one.rule, USE), limit_of(one.rule, PAY))]
    ]


def exclusions_as_context(exclusions: Exclusions) -> dict[str, Any]:
    """Return what pages show of the rules, as JSON could hold it."""
    return {
        "out": len(exclusions.out),
        "unpaid": len(exclusions.unpaid),
        "of": len(exclusions.decisions),
        "summary": summary(exclusions),
        "rules": len(exclusions.rules),
        "raters": [
            {
                "rater": one.rater,
                "used": one.used,
                "paid": one.paid,
                "reasons": reasons_of(one),
            }
            for one in exclusions.decisions
            if not (one.paid and one.used)
        ],
    }


def reasons_of(decision: Decision) -> list[str]:
    """Return what is held against a rater, each thing once."""
    broken = (*decision.not_used, *decision.not_paid)
    by_hand = [f"left out by hand: {decision.by_hand}"] if decision.by_hand else []
    return [*dict.fromkeys(reason.words for reason in broken), *by_hand]
