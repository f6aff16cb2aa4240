"""What a test of equivalence says, in one or two sentences.

"Not significant" is never worded as equality: either the interval lies within the
margin, which shows equivalence, or the question is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from listening.reporting.numerals import (
    number,
    percent,
    percents,
    points,
    ratings,
    relation,
    signed,
)
from listening.statistics.equivalence import Equivalence, Verdict

Unit = Literal["share", "share difference", "rating", "rating difference"]

NOT_DECLARED = (
    "The margin was declared after data had come in, so this is exploration, "
    "not evidence."
)


def about_equivalence(
    found: Equivalence,
    system: str,
    other: str,
    *,
    unit: Unit,
    third: str | None = None,
    declared: bool = True,
) -> str:
    """Say what is shown of `system` and `other`, with estimate, interval and margin.

    `third`: what both were heard against. `declared`: the margin was in the study
    before it opened.
    """
    sentences = [about_verdict(found, system, other)]
    sentences.append(_numbers(found, system, other, unit))
    if third:
        sentences.append(f"Both against {third}.")
    if not declared:
        sentences.append(NOT_DECLARED)
    return " ".join(sentences)


def about_verdict(found: Equivalence, system: str, other: str) -> str:
    """Say what is shown, without numbers."""
    return VERDICTS[found.verdict](found, system, other)


def _equivalent(found: Equivalence, system: str, other: str) -> str:
    text = f"{system} and {other} are equivalent within the margin"
    if found.different:
        return f"{text}: there is a difference, but it is smaller than that."
    return f"{text}."


def _different(found: Equivalence, system: str, other: str) -> str:
    if found.estimate > found.null:
        also = ", and so not worse by the margin" if found.non_inferior else ""
        return f"{system} is better than {other}{also}; equivalence is not shown."
    return f"{system} is worse than {other}; that it is within the margin is not shown."


def _non_inferior(found: Equivalence, system: str, other: str) -> str:
    return (
        f"{system} is non-inferior to {other}: not worse by as much as the margin. "
        "Whether it is better remains open."
    )


def _inconclusive(found: Equivalence, system: str, other: str) -> str:
    return (
        f"The answers leave open whether {system} and {other} differ: they show "
        "neither a difference nor equivalence."
    )


VERDICTS = {
    Verdict.EQUIVALENT: _equivalent,
    Verdict.DIFFERENT: _different,
    Verdict.NON_INFERIOR: _non_inferior,
    Verdict.INCONCLUSIVE: _inconclusive,
}


# ---- numbers ------------------------------------------------------------------------

SAID: dict[Unit, str] = {
    "share": "{system} was preferred in {estimate}",
    "share difference": "Their preferences differ by {estimate}",
    "rating": "The mean rating of {system} against {other} is {estimate}",
    "rating difference": "Their mean ratings differ by {estimate}",
}


@dataclass(frozen=True)
class Written:
    """The numbers of a test as text, in their unit."""

    estimate: str
    interval: str
    margin: str

    @classmethod
    def of(cls, found: Equivalence, unit: Unit) -> Written:
        low, high = found.ci_low, found.ci_high
        if unit == "share":
            return cls(
                f"{percent(found.estimate)} %",
                f"{percents(low, high)} %",
                f"{percents(found.low, found.high)} %",
            )
        if unit == "share difference":
            return cls(
                f"{_signed_points(found.estimate)} points",
                f"{_signed_points(low)} to {_signed_points(high)}",
                f"±{points(found.high)}",
            )
        return cls(
            signed(found.estimate),
            ratings(low, high),
            f"±{number(found.high)}",
        )


def level_of(found: Equivalence) -> str:
    return f"{100 - 200 * found.alpha:g} % interval"


def _numbers(found: Equivalence, system: str, other: str, unit: Unit) -> str:
    written = Written.of(found, unit)
    said = SAID[unit].format(system=system, other=other, estimate=written.estimate)
    tests = f"one-sided p {relation(found.p_low)} and {relation(found.p_high)}"
    return (
        f"{said} ({level_of(found)} {written.interval}; margin {written.margin}; "
        f"{tests})."
    )


def _signed_points(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")
