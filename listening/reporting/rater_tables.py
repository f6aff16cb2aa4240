"""What is told of raters together, as rows of text: whom they favour, if they agree."""

from __future__ import annotations

from dataclasses import dataclass

from listening.analysis.agreements import Agreed
from listening.analysis.majorities import Majorities
from listening.analysis.results import Analysis
from listening.reporting.numerals import decimal, decimals
from listening.reporting.score_wording import NAMES

ENOUGH = 20  # 1 / 0.05: the e-value that is evidence at 5 %
E_VALUES = (
    "Every rater counts once, for the system that won more of the rater's answers. The "
    "e-value may be looked at after every rater, and a study stopped, at any time: if "
    "raters were for either system with equal chance, it would ever reach 20 in at "
    "most 1 of 20 studies. So 20 or more is evidence at the level of 5 %, for each "
    "comparison by itself; less leaves the question open. It speaks of the utterances "
    "that were heard: if they were few, others might say otherwise."
)
AGREEMENT = (
    "Krippendorff's alpha tells whether different raters answer alike about the same "
    "sounds: 1 is always, 0 as often as if the sounds did not matter. A low alpha is "
    "not bad data by itself: careful raters of different tastes give it, sounds that "
    "are hard to tell apart, and also one opinion that is the same of all sounds. The "
    "interval is from a bootstrap that draws raters and sounds anew."
)


@dataclass(frozen=True)
class MajorityLine:
    """One comparison, as text."""

    about: str
    for_system: str
    for_reference: str
    undecided: str
    e_value: str
    shown: str
    comparison: str = ""


@dataclass(frozen=True)
class AgreementLine:
    """One comparison, or the scores of one scale, as text."""

    about: str
    alpha: str
    interval: str
    raters: str
    sounds: str
    answers: str
    shown: str
    comparison: str = ""


# What the shell prints -> field of `MajorityLine`, and of `AgreementLine`
MAJORITY_HEADINGS = {
    "raters": "about",
    "for first": "for_system",
    "second": "for_reference",
    "neither": "undecided",
    "e-value": "e_value",
    "evidence for": "shown",
}
AGREEMENT_HEADINGS = {
    "agreement": "about",
    "alpha": "alpha",
    "95 % bootstrap": "interval",
    "raters": "raters",
    "sounds": "sounds",
    "answers": "answers",
    "raters answer": "shown",
}


def majority_lines(analysis: Analysis) -> list[MajorityLine]:
    return [
        MajorityLine(
            f"{one.system} over {one.reference}",
            f"{one.for_system:,}",
            f"{one.for_reference:,}",
            f"{one.undecided:,}",
            e_value(one.e_value),
            favoured(one),
        )
        for one in analysis.majorities
    ]


def favoured(one: Majorities) -> str:
    """Return whom there is evidence for at the level of 5 %."""
    if one.e_value < ENOUGH:
        return "open"
    return one.system if one.for_system > one.for_reference else one.reference


def e_value(value: float) -> str:
    """Return an e-value; beyond a million it does not matter how far."""
    if value > 1e6:
        return "> 1,000,000"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def agreement_lines(analysis: Analysis) -> list[AgreementLine]:
    return [agreement_line(one) for one in analysis.agreements]


def agreement_line(one: Agreed) -> AgreementLine:
    found = one.found
    about = NAMES[one.scale] if one.scale else f"{one.system} over {one.reference}"
    if found is None or one.why_none:
        return AgreementLine(about, "", "none", "", "", "", one.why_none)
    return AgreementLine(
        about,
        decimal(found.alpha),
        decimals(found.ci_low, found.ci_high),
        f"{found.raters:,}",
        f"{found.units:,}",
        f"{found.answers:,}",
        agreement_in_words(found.ci_low, found.ci_high),
    )


def agreement_in_words(low: float, high: float) -> str:
    if low > 0:
        return "more alike than by chance"
    return "less alike than by chance" if high < 0 else "not told from chance"
