"""What an ABX study says, in words: what is heard, never what is liked.

That two systems were not told apart is no proof that nobody can: it is said as such.
"""

from __future__ import annotations

import math

from listening.analysis.discrimination import sensitivity_of
from listening.analysis.results import Analysis, Cell
from listening.reporting.numerals import joined, number, percent, percents
from listening.statistics.discrimination import CHANCE

METHODS = (
    "In each trial X was the same sound as A or as B, in half of the trials each, and "
    "raters said which (ABX). Reported is the share of correct answers, of which "
    "guessing gives 50 %, with two-way cluster-robust intervals (raters and "
    "utterances; Cameron, Gelbach and Miller 2011), Student's t on min(raters, "
    "utterances) − 1 degrees of freedom, and the design effect: how many times larger "
    "the variance is than that of as many independent answers. d′ is that of the "
    "differencing model of ABX (Macmillan and Creelman 2005, chapter 9) at the pooled "
    "share, and its interval that of the share, transformed. Exact binomial tests with "
    "Clopper-Pearson intervals are given because readers expect them; they assume "
    "independent trials, which these are not."
)


def findings(analysis: Analysis) -> list[str]:
    """Return plain sentences for each comparison."""
    return [
        " ".join((about(cell, analysis), *about_snrs(cell, analysis)))
        for cell in analysis.overall
    ]


def about(cell: Cell, analysis: Analysis) -> str:
    found, heard = cell.headline, sensitivity_of(cell)
    system, reference = cell.system, cell.reference
    if found is None or heard is None:
        return (
            f"X was found in {cell.preferred} of {cell.n} answers about {system} and "
            f"{reference}, but there is {cell.why_none}."
        )
    share = (
        f"{percent(found.estimate)} % ({100 * analysis.confidence:g} % interval "
        f"{percents(found.ci_low, found.ci_high)} %)"
    )
    reach = f"{d_prime(heard.estimate)} ({d_primes(heard.ci_low, heard.ci_high)})"
    if found.ci_low > CHANCE:
        return (
            f"{system} and {reference} were told apart: {share} of the answers were "
            f"correct, d′ {reach}."
        )
    if found.ci_high < CHANCE:
        return (
            f"{system} and {reference}: only {share} of the answers were correct, "
            "fewer than guessing gives. Something may be wrong."
        )
    return (
        f"Whether {system} and {reference} can be told apart stays open: {share} of "
        f"the answers were correct, d′ {reach}. That does not show that they sound the "
        "same."
    )


def about_snrs(whole: Cell, analysis: Analysis) -> list[str]:
    """Say at which SNRs the two were told apart, after Holm's correction."""
    cells = [c for c in analysis.cells if c.comparison == whole.comparison]
    if len(cells) < 2:
        return []
    alpha = 1 - analysis.confidence
    clear = [
        number(cell.snr_db or 0)
        for cell in cells
        if (said := cell.headline) and said.p_holm < alpha and said.estimate > CHANCE
    ]
    looked = f"corrected for looking at {len(cells)} SNRs"
    if not clear:
        return [f"At no single SNR is that clear, {looked}."]
    return [f"SNR by SNR it is clear at {joined(clear)} dB, {looked}."]


def about_raters(analysis: Analysis) -> str:
    shares = [rater.share for rater in analysis.raters if rater.share is not None]
    if not shares:
        return ""
    most = sum(share > CHANCE for share in shares)
    raters = "rater" if len(shares) == 1 else "raters"
    return (
        f"{most} of {len(shares)} {raters} found X in more than half of their trials; "
        f"single raters lie between {percent(min(shares))} and "
        f"{percent(max(shares))} %."
    )


def d_prime(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:.2f}"


def d_primes(low: float, high: float) -> str:
    return f"{d_prime(low)} to {d_prime(high)}"
