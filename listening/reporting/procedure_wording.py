"""How raters went through a session, as a methods section tells it: only what was."""

from __future__ import annotations

from listening import headphones
from listening.analysis.procedure import HeadphoneCheck, Procedure
from listening.models.study import HeadphonePolicy
from listening.reporting.numerals import joined, number

KINDS = {
    headphones.HUGGINS: "Huggins pitch (Milne et al. 2021)",
    headphones.ANTIPHASE: "antiphase tones (Woods et al. 2017)",
}
FAILED = {
    HeadphonePolicy.FLAG: "took part all the same, and was told nothing",
    HeadphonePolicy.WARN: "was asked to put headphones on, and took part",
    HeadphonePolicy.EXCLUDE: "was screened out",
}


def about_procedure(of: Procedure) -> list[str]:
    """Return what was done with raters, a sentence each."""
    parts = (about_headphones(of.headphones), about_training(of), about_checks(of))
    return [text for text in parts if text]


def about_headphones(check: HeadphoneCheck | None) -> str:
    if check is None:
        return ""
    kinds = joined([KINDS[kind] for kind in check.kinds])
    each = " of each" if len(check.kinds) > 1 else ""
    return (
        "Before the trials, and again whenever half an hour of a session had passed, "
        f"raters took a headphone check by {kinds}: "
        f"{headphones.TRIALS} sounds{each}, of which {check.mark} had to be recognised "
        f"in one of {headphones.ATTEMPTS} attempts; whoever failed "
        f"{FAILED[HeadphonePolicy(check.policy)]}."
    )


def about_training(of: Procedure) -> str:
    heard = (
        f"An answer was taken only after {number(of.min_listening_s)} s of "
        f"{'the sound' if of.alone else 'each member'} had been heard."
    )
    if not of.training:
        return heard
    return (
        f"A session began with {counted(of.training, 'training trial')}, whose answers "
        f"were not analysed. {heard}"
    )


def about_checks(of: Procedure) -> str:
    better, worse = of.gold_pair
    against, swapped = ("or", "") if of.alone else ("against", ", with A and B swapped")
    kinds = (
        (of.checks.gold, "gold trial", f", of {better} {against} {worse}"),
        (of.checks.placebo, "placebo", ", in which both members were the same"),
        (of.checks.repeat, "repeat", f", asked before{swapped}"),
    )
    parts = [f"{counted(n, name)}{what}" for n, name, what in kinds if n]
    if not parts:
        return ""
    return (
        f"A session also held {'; '.join(parts)}: trials that check on raters and are "
        "not among the answers analysed."
    )


def about_early_look(of: Procedure | None) -> str:
    """Say when and why the outcome was seen early; by whom is in the export."""
    if of is None or of.early_look is None:
        return ""
    look = of.early_look
    reason = look.reason.rstrip(".")
    programs = (
        f" and {counted(look.simulated, 'simulated rater')}" if look.simulated else ""
    )
    return (
        f"The outcome was seen before the stop rule was met: on {look.at:%-d %B %Y}, "
        f"when {counted(look.raters, 'rater')}{programs} had finished and there were "
        f"{counted(look.answers, 'answer')}. The reason given: {reason}."
    )


def counted(count: int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"
