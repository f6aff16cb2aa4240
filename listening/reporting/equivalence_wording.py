"""What a test of equivalence says, in one or two sentences.

"Not significant" is never worded as equality: either the interval lies within the
margin, which shows equivalence, or the question is open.
"""

from __future__ import annotations

from typing import Literal

from listening.reporting.numerals import number, percent, percents, points, relation
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
    sentences = [VERDICTS[found.verdict](found, system, other)]
    sentences.append(_numbers(found, system, other, unit))
    if third:
        sentences.append(f"Both against {third}.")
    if not declared:
        sentences.append(NOT_DECLARED)
    return " ".join(sentences)


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


def _numbers(found: Equivalence, system: str, other: str, unit: Unit) -> str:
    level = f"{100 - 200 * found.alpha:g} % interval"
    tests = f"one-sided p {relation(found.p_low)} and {relation(found.p_high)}"
    if unit == "share":
        return (
            f"{system} was preferred in {percent(found.estimate)} % ({level} "
            f"{percents(found.ci_low, found.ci_high)} %; margin "
            f"{percents(found.low, found.high)} %; {tests})."
        )
    if unit == "share difference":
        return (
            f"Their preferences differ by {_signed_points(found.estimate)} points "
            f"({level} {_signed_points(found.ci_low)} to "
            f"{_signed_points(found.ci_high)}; margin ±{points(found.high)}; {tests})."
        )
    reach = (
        f"({level} {_signed(found.ci_low)} to {_signed(found.ci_high)}; margin "
        f"±{number(found.high)}; {tests})."
    )
    if unit == "rating":
        return (
            f"The mean rating of {system} against {other} is "
            f"{_signed(found.estimate)} {reach}"
        )
    return f"Their mean ratings differ by {_signed(found.estimate)} {reach}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _signed_points(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")
