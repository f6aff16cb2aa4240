"""What scores of sounds say, in words.

A mean score is one of this test: other raters, sounds and anchors give others,
so nothing is said but what was scored beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from listening.analysis.results import Analysis, Cell
from listening.analysis.scores import ScoreDifference
from listening.methods.method import BACKGROUND, BASIC, OVERALL, SIGNAL
from listening.reporting.numerals import number, p_value, ratings, signed


@dataclass(frozen=True)
class ScoreLine:
    """One row of the table of scores, as text."""

    scale: str
    system: str
    snr: str
    n: str
    mean: str
    median: str
    interval: str
    sd: str
    design_effect: str

    @property
    def comparison(self) -> str:
        return self.system


@dataclass(frozen=True)
class DifferenceLine:
    """One row of the table of differences, as text."""

    scale: str
    system: str
    other: str
    difference: str
    interval: str
    p: str

    @property
    def comparison(self) -> str:
        return f"{self.system} less"


# What the shell prints -> field of `ScoreLine`, and of `DifferenceLine`
HEADINGS = {
    "scale": "scale",
    "system": "system",
    "SNR": "snr",
    "n": "n",
    "mean score": "mean",
    "median": "median",
    "95 % clustered": "interval",
    "SD": "sd",
    "d.eff.": "design_effect",
}
DIFFERENCE_HEADINGS = {
    "scale": "scale",
    "system": "system",
    "less": "other",
    "difference": "difference",
    "95 % clustered": "interval",
    "p Holm": "p",
}
# Slug of a scale -> how it is called
NAMES = {
    OVERALL: "overall quality",
    SIGNAL: "the speech signal",
    BACKGROUND: "the background",
    BASIC: "basic audio quality",
}
ON_ONE = (
    "Raters scored one sound at a time from 1 to 5 (absolute category rating, ITU-T "
    "P.800). "
)
ON_THREE = (
    "Raters scored one sound at a time from 1 to 5 (ITU-T P.835): its speech signal "
    "and its background, in either order in half of the sessions each, then the "
    "overall quality. "
)
ON_MANY = (
    "Raters scored all systems of an utterance in one trial from 0 to 100, beside an "
    "open reference (MUSHRA, ITU-R BS.1534-3): the speech without its noise. It was "
    "among the scored sounds in hiding as well, and so were its two anchors, with "
    "nothing above 3.5 kHz and above 7 kHz. The order of the sounds was drawn by "
    "chance for every trial; raters switched between them without cross-fade, and were "
    "told to give at least one of them 100. The hidden reference and the anchors are "
    "not among the differences. "
)
METHODS = (
    "Mean scores are given with two-way cluster-robust intervals "
    "(raters and utterances; Cameron, Gelbach and Miller 2011), Student's t on "
    "min(raters, utterances) − 1 degrees of freedom, and with the design effect: how "
    "many times larger the variance is than that of as many independent scores. "
    "Differences of systems are those of means over the SNRs at which both were heard, "
    "every SNR counting alike, clustered in the same way; their p values are two-sided "
    "and adjusted over all pairs of systems by Holm's method."
)


def score_lines(analysis: Analysis) -> list[ScoreLine]:
    """Return every system by SNR on every scale, each followed by all SNRs."""
    return [
        score_line(cell)
        for whole in analysis.overall
        for cell in (
            *(
                c
                for c in analysis.cells
                if (c.scale, c.system) == (whole.scale, whole.system)
            ),
            whole,
        )
    ]


def score_line(cell: Cell) -> ScoreLine:
    score = cell.rating
    assert score
    found = score.clustered
    return ScoreLine(
        scale=cell.scale,
        system=cell.system,
        snr="all" if cell.snr_db is None else number(cell.snr_db),
        n=f"{cell.n:,}",
        mean=f"{score.mean:.2f}",
        median=f"{score.median:g}",
        interval=scores(found.ci_low, found.ci_high) if found else "none",
        sd=f"{score.sd:.2f}" if cell.n > 1 else "",
        design_effect=f"{found.design_effect:.2f}" if found else "",
    )


def difference_lines(analysis: Analysis) -> list[DifferenceLine]:
    return [
        DifferenceLine(
            scale=one.scale,
            system=one.system,
            other=one.other,
            difference=signed(one.found.estimate) if one.found else "",
            interval=ratings(one.found.ci_low, one.found.ci_high)
            if one.found
            else "none",
            p=p_value(one.p_holm) if one.found else "",
        )
        for one in analysis.differences
    ]


# ---- sentences ----------------------------------------------------------------------


def methods_of(analysis: Analysis) -> str:
    if BASIC in analysis.scales:
        return ON_MANY + METHODS
    return (ON_THREE if len(analysis.scales) > 1 else ON_ONE) + METHODS


def mean_on(scale: str) -> str:
    """Return what the mean of a scale is called."""
    return "mean score" if scale == BASIC else "mean opinion score"


def findings(analysis: Analysis) -> list[str]:
    """Return a sentence on the means of each scale, and one on what differs."""
    return [
        " ".join((about_means(of, scale), *about_differences(of)))
        for scale in analysis.scales
        for of in [analysis.on(scale)]
    ]


def about_means(analysis: Analysis, scale: str) -> str:
    ranked = sorted(analysis.overall, key=mean_of, reverse=True)
    return (
        f"{mean_on(scale).capitalize()}s of {NAMES[scale]}, with "
        f"{100 * analysis.confidence:g} % intervals: "
        f"{'; '.join(f'{cell.system} {mean_in_words(cell)}' for cell in ranked)}."
    )


def mean_of(cell: Cell) -> float:
    assert cell.rating
    return cell.rating.mean


def mean_in_words(cell: Cell) -> str:
    assert cell.rating
    found = cell.rating.clustered
    reach = scores(found.ci_low, found.ci_high) if found else "no interval"
    return f"{cell.rating.mean:.2f} ({reach})"


def about_differences(analysis: Analysis) -> list[str]:
    """Say which systems were scored higher than others, and of which it stays open."""
    alpha = 1 - analysis.confidence
    known = [one for one in analysis.differences if one.found]
    clear = [one for one in known if one.p_holm < alpha]
    open_ = [one for one in known if one.p_holm >= alpha]
    said = []
    if clear:
        pairs = "; ".join(difference_in_words(one) for one in clear)
        said.append(f"Scored higher, corrected for {len(known)} pairs: {pairs}.")
    if open_:
        pairs = "; ".join(f"{one.system} and {one.other}" for one in open_)
        said.append(
            f"It stays open which is scored higher, which does not show that they are "
            f"equal: {pairs}."
        )
    return said


def difference_in_words(one: ScoreDifference) -> str:
    assert one.found
    high, low = (
        (one.system, one.other) if one.found.estimate > 0 else (one.other, one.system)
    )
    return f"{high} than {low} by {abs(one.found.estimate):.2f}"


def about_raters(analysis: Analysis) -> str:
    means = [rater.mean for rater in analysis.raters if rater.mean is not None]
    if not means:
        return ""
    return (
        f"Mean scores of single raters lie between {min(means):.2f} and "
        f"{max(means):.2f}: raters use the scale in different ways."
    )


# ---- numbers ------------------------------------------------------------------------


def scores(low: float, high: float) -> str:
    return f"{low:.2f} to {high:.2f}"
