"""What an ABX study says, in words: what is heard, never what is liked.

That two systems were not told apart is no proof that nobody can: it is said as such.
"""

from __future__ import annotations

import math

from django.utils.translation import gettext as _

from listening.analysis.discrimination import sensitivity_of
from listening.analysis.results import Analysis, Cell
from listening.reporting.numerals import joined, number, percent, percents

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
    words = {"system": cell.system, "reference": cell.reference}
    if found is None or heard is None:
        return _(
            "X was found in %(correct)s of %(n)s answers about %(system)s and "
            "%(reference)s, but there is %(why)s."
        ) % (words | {"correct": cell.preferred, "n": cell.n, "why": cell.why_none})
    words |= {
        "share": (
            f"{percent(found.estimate)} % "
            f"({100 * analysis.confidence:g} % interval "
            f"{percents(found.ci_low, found.ci_high)} %)"
        ),
        "d_prime": d_prime(heard.estimate),
        "interval": d_primes(heard.ci_low, heard.ci_high),
    }
    if found.ci_low > 0.5:
        return (
            _(
                "%(system)s and %(reference)s were told apart: %(share)s of the "
                "answers were correct, d′ %(d_prime)s (%(interval)s)."
            )
            % words
        )
    if found.ci_high < 0.5:
        return (
            _(
                "%(system)s and %(reference)s: only %(share)s of the answers were "
                "correct, fewer than guessing gives. Something may be wrong."
            )
            % words
        )
    return (
        _(
            "Whether %(system)s and %(reference)s can be told apart stays open: "
            "%(share)s of the answers were correct, d′ %(d_prime)s (%(interval)s). "
            "That does not show that they sound the same."
        )
        % words
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
        if (said := cell.headline) and said.p_holm < alpha and said.estimate > 0.5
    ]
    if not clear:
        text = _("At no single SNR is that clear, corrected for looking at %d SNRs.")
        return [text % len(cells)]
    text = _("SNR by SNR it is clear at %(snrs)s dB, corrected for looking at %(n)d.")
    return [text % {"snrs": joined(clear), "n": len(cells)}]


def about_raters(analysis: Analysis) -> str:
    shares = [rater.share for rater in analysis.raters if rater.share is not None]
    if not shares:
        return ""
    return _(
        "%(most)d of %(raters)d raters found X in more than half of their trials; "
        "single raters lie between %(least)s and %(best)s %%."
    ) % {
        "most": sum(share > 0.5 for share in shares),
        "raters": len(shares),
        "least": percent(min(shares)),
        "best": percent(max(shares)),
    }


def d_prime(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:.2f}"


def d_primes(low: float, high: float) -> str:
    return f"{d_prime(low)} to {d_prime(high)}"
