"""What an analysis says, in words and in rows of text: for the page, report and shell.

Words are careful. An interval that holds 50 % leaves the question open; it never shows
that two systems are equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from listening.analysis.discrimination import sensitivity_of
from listening.analysis.equivalences import sentences
from listening.analysis.rankings import about_ranking
from listening.analysis.results import Analysis, Cell
from listening.reporting import identifying_wording, score_wording
from listening.reporting.equivalence_table import equivalence_lines, snr_lines
from listening.reporting.exclusion_wording import about_checks, summary
from listening.reporting.identifying_wording import d_prime, d_primes
from listening.reporting.model_wording import (
    about_share,
    about_systems,
    about_trend,
    about_variance,
)
from listening.reporting.numerals import (
    joined,
    number,
    p_value,
    percent,
    percents,
    ratings,
    relation,
)
from listening.reporting.ranking_table import HEADINGS as RANK_HEADINGS
from listening.reporting.ranking_table import about_mixed_ranking, rank_lines
from listening.reporting.rater_tables import (
    AGREEMENT,
    AGREEMENT_HEADINGS,
    E_VALUES,
    MAJORITY_HEADINGS,
    agreement_lines,
    majority_lines,
)
from listening.reporting.score_model_table import HEADINGS as SCORE_MODEL_HEADINGS
from listening.reporting.score_model_table import score_model_lines


@dataclass(frozen=True)
class Line:
    """One row of the table of results, as text; "" where there is nothing to say."""

    system: str
    reference: str
    snr: str
    n: str
    ties: str
    preferred: str
    headline: str  # population-averaged preference, or `share` without a model
    headline_interval: str
    headline_p: str
    raters: str  # share of them that prefer the system
    share: str
    interval: str
    p: str
    design_effect: str
    exact_interval: str
    exact_p: str
    rating: str
    rating_interval: str
    rating_p: str
    d_prime: str  # of ABX answers, of which `preferred` and `share` are the correct
    d_prime_interval: str
    between: str = "over"

    @property
    def comparison(self) -> str:
        return f"{self.system} {self.between} {self.reference}"


# What the shell prints -> field of `Line`; the pages word their headings themselves.
HEADINGS = {
    "system": "system",
    "reference": "reference",
    "SNR": "snr",
    "n": "n",
    "preference %": "headline",
    "95 % interval": "headline_interval",
    "p Holm": "headline_p",
    "raters %": "raters",
}
COMPANIONS = {
    "system": "system",
    "reference": "reference",
    "SNR": "snr",
    "n": "n",
    "ties": "ties",
    "preferred": "preferred",
    "%": "share",
    "95 % clustered": "interval",
    "p Holm": "p",
    "d.eff.": "design_effect",
    "95 % exact*": "exact_interval",
    "p Holm*": "exact_p",
}
RATING_HEADINGS = {
    "system": "system",
    "reference": "reference",
    "SNR": "snr",
    "n": "n",
    "mean rating": "rating",
    "95 % clustered": "rating_interval",
    "p Holm": "rating_p",
}
EQUIVALENCE_HEADINGS = {
    "systems": "comparison",
    "heard": "route",
    "of": "of",
    "estimate": "estimate",
    "90 % interval": "interval",
    "margin": "margin",
    "p": "p",
    "shown": "shown",
}
EQUIVALENCE_SNR_HEADINGS = {
    "at one SNR, beside the claim": "comparison",
    "SNR": "snr",
    "estimate": "estimate",
    "90 % interval": "interval",
    "p": "p",
    "shown": "shown",
}
CORRECT_HEADINGS = {
    "system": "system",
    "reference": "reference",
    "SNR": "snr",
    "n": "n",
    "correct": "preferred",
    "%": "share",
    "95 % clustered": "interval",
    "p Holm": "p",
    "d'": "d_prime",
    "95 % of d'": "d_prime_interval",
    "d.eff.": "design_effect",
    "95 % exact*": "exact_interval",
    "p Holm*": "exact_p",
}


def line_of(cell: Cell, *, identified: bool = False) -> Line:
    heard = sensitivity_of(cell) if identified else None
    exact, found, rating = cell.exact, cell.clustered, cell.rating
    rated = rating.clustered if rating else None
    said, share = cell.headline, cell.modelled.share if cell.modelled else None
    return Line(
        system=cell.system,
        reference=cell.reference,
        snr="all" if cell.snr_db is None else number(cell.snr_db),
        n=f"{cell.n:,}",
        ties=f"{cell.ties:,}",
        preferred=f"{cell.preferred:,}",
        headline=percent(said.estimate) if said else "",
        headline_interval=percents(said.ci_low, said.ci_high) if said else "none",
        headline_p=p_value(said.p_holm) if said else "",
        raters=percent(share.estimate) if share and share.says_something else "",
        share=percent(exact.estimate) if exact else "",
        interval=percents(found.ci_low, found.ci_high) if found else "none",
        p=p_value(cell.clustered_p_holm) if found else "",
        design_effect=f"{found.design_effect:.2f}" if found else "",
        exact_interval=percents(exact.ci_low, exact.ci_high) if exact else "",
        exact_p=p_value(cell.exact_p_holm) if exact else "",
        rating=f"{rating.mean:+.2f}".replace("-", "−") if rating else "",
        rating_interval=ratings(rated.ci_low, rated.ci_high) if rated else "none",
        rating_p=p_value(cell.rating_p_holm) if rated else "",
        d_prime=d_prime(heard.estimate) if heard else "",
        d_prime_interval=d_primes(heard.ci_low, heard.ci_high) if heard else "",
        between="or" if identified else "over",
    )


def lines(analysis: Analysis) -> list[Line]:
    """Return every comparison by SNR, followed by its row over all SNRs."""
    return [
        line_of(cell, identified=analysis.identified)
        for whole in analysis.overall
        for cell in (
            *(c for c in analysis.cells if c.comparison == whole.comparison),
            whole,
        )
    ]


def as_text(analysis: Analysis) -> str:
    """Return tables, findings, notes and warnings as plain text for a terminal."""
    parts = tables_as_text(analysis)
    parts.append("\n".join((*findings(analysis), *notes(analysis))))
    if analysis.warnings:
        parts.append("\n".join(f"Note: {warning}" for warning in analysis.warnings))
    if (exclusions := analysis.exclusions) is not None:
        parts.append(summary(exclusions))
        if exclusions.out:
            parts.append(f"Without them:\n\n{as_text(exclusions.without)}")
    return "\n\n".join(parts)


def tables_as_text(analysis: Analysis) -> list[str]:
    if analysis.scales:
        return [
            aligned(score_wording.score_lines(analysis), score_wording.HEADINGS),
            aligned(
                score_wording.difference_lines(analysis),
                score_wording.DIFFERENCE_HEADINGS,
            ),
            *(
                [aligned(score_model_lines(analysis), SCORE_MODEL_HEADINGS)]
                if analysis.score_models
                else []
            ),
            *raters_as_text(analysis),
        ]
    found = lines(analysis)
    shown = (CORRECT_HEADINGS,) if analysis.identified else (HEADINGS, COMPANIONS)
    parts = [aligned(found, headings) for headings in shown]
    parts[-1] += "\n* assumes independent trials"
    if analysis.graded:
        parts.append(aligned(found, RATING_HEADINGS))
    if analysis.equivalences:
        tests = equivalence_lines(analysis)
        parts.append(aligned(tests, EQUIVALENCE_HEADINGS, left=3))
    if analysis.equivalences_by_snr:
        parts.append(aligned(snr_lines(analysis), EQUIVALENCE_SNR_HEADINGS, left=1))
    return [*parts, *raters_as_text(analysis)]


def raters_as_text(analysis: Analysis) -> list[str]:
    """Return the order of systems, the raters' majorities, and their agreement."""
    found = (
        (rank_lines(analysis), RANK_HEADINGS, ""),
        (majority_lines(analysis), MAJORITY_HEADINGS, f"\n{E_VALUES}"),
        (agreement_lines(analysis), AGREEMENT_HEADINGS, f"\n{AGREEMENT}"),
    )
    return [
        f"{aligned(rows, headings, left=1)}{note}"
        for rows, headings, note in found
        if rows
    ]


def aligned(found: Sequence[object], headings: dict[str, str], *, left: int = 2) -> str:
    """Return the rows under their headings: the first `left` left, others right."""
    rows = [list(headings)]
    rows += [[getattr(line, field) for field in headings.values()] for line in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


# ---- sentences ----------------------------------------------------------------------


def findings(analysis: Analysis) -> list[str]:
    """Return plain sentences for each comparison, and for systems side by side."""
    if analysis.identified:
        return identifying_wording.findings(analysis)
    if analysis.scales:
        return score_wording.findings(analysis)
    return [
        *(
            " ".join(
                (
                    about(cell, analysis),
                    *about_snrs(cell, analysis),
                    *about_share(cell),
                    *about_trend(cell, analysis),
                )
            )
            for cell in analysis.overall
        ),
        *about_systems(analysis),
        *sentences(analysis.equivalences),
    ]


def about(cell: Cell, analysis: Analysis) -> str:
    system, reference, found = cell.system, cell.reference, cell.headline
    if cell.exact is None:
        return f"Nobody preferred either of {system} and {reference}."
    if found is None:
        return (
            f"{system} was preferred over {reference} in {cell.preferred} of "
            f"{cell.decided} answers ({percent(cell.exact.estimate)} %), but there is "
            f"{cell.why_none}."
        )
    share = f"{percent(found.estimate)} %"
    reach = (
        f"{100 * analysis.confidence:g} % interval "
        f"{percents(found.ci_low, found.ci_high)} %"
    )
    if found.ci_low > 0.5:
        return f"{system} was preferred over {reference}: {share} ({reach})."
    if found.ci_high < 0.5:
        return (
            f"{reference} was preferred over {system}, "
            f"which won only {share} ({reach})."
        )
    return (
        f"The answers leave open which of {system} and {reference} is preferred: "
        f"{system} won {share} ({reach}). That does not show that they are equal."
    )


def about_snrs(whole: Cell, analysis: Analysis) -> list[str]:
    """Say at which SNRs the preference is clear, after Holm's correction."""
    cells = [c for c in analysis.cells if c.comparison == whole.comparison]
    found = [(cell, cell.headline) for cell in cells if cell.headline]
    if len(cells) < 2 or not found:
        return []
    alpha = 1 - analysis.confidence
    clear = [(cell, said) for cell, said in found if said and said.p_holm < alpha]
    sides = {
        whole.system: [cell for cell, said in clear if said.estimate > 0.5],
        whole.reference: [cell for cell, said in clear if said.estimate < 0.5],
    }
    parts = [
        f"for {name} at {joined([number(c.snr_db or 0) for c in found])} dB"
        for name, found in sides.items()
        if found
    ]
    looked = f"corrected for looking at {len(cells)} SNRs"
    if not parts:
        return [f"At no single SNR is a preference clear, {looked}."]
    return [f"SNR by SNR it is clear {' and '.join(parts)}, {looked}."]


def notes(analysis: Analysis) -> list[str]:
    """Say what there is to say of ties, raters, position and checks."""
    said = (
        about_ranking(analysis.ranking),
        about_mixed_ranking(analysis),
        about_ties(analysis),
        about_raters(analysis),
        *about_variance(analysis),
        about_position(analysis),
        *about_checks(analysis.checks),
    )
    return [text for text in said if text]


def about_ties(analysis: Analysis) -> str:
    if not analysis.ties:
        return ""
    return (
        f"{analysis.ties:,} of {analysis.n:,} answers "
        f"({percent(analysis.ties / analysis.n)} %) had no preference. They are "
        "counted as ties; percentages are of the answers that preferred one of the two."
    )


def about_position(analysis: Analysis) -> str:
    """Say how often the member called A was chosen."""
    if analysis.position is None:
        return ""
    exact, found = analysis.position.exact, analysis.position.clustered
    text = (
        f"A was chosen in {percent(exact.estimate)} % of {exact.trials:,} answers "
        f"(exact 95 % interval {percents(exact.ci_low, exact.ci_high)} %, "
        f"p {relation(exact.p)}, assumes independent trials"
    )
    if found:
        text += (
            f"; clustered {percents(found.ci_low, found.ci_high)} %, "
            f"p {relation(found.p)}"
        )
    return text + ")."


def about_raters(analysis: Analysis) -> str:
    if analysis.identified:
        return identifying_wording.about_raters(analysis)
    if analysis.scales:
        return score_wording.about_raters(analysis)
    shares = [rater.share for rater in analysis.raters if rater.share is not None]
    if not shares:
        return ""
    most = sum(share > 0.5 for share in shares)
    raters = "rater" if len(shares) == 1 else "raters"
    return (
        f"{most} of {len(shares)} {raters} preferred the enhanced member in more than "
        f"half of their answers; single raters lie between {percent(min(shares))} and "
        f"{percent(max(shares))} %."
    )
