"""Are two systems as good as each other? The tests that a study's data allow.

Directly, where raters heard one against the other; indirectly, where both were heard
against the same third. Each is made on the mixed model and, beside it, on the clustered
shares; what is made on mean ratings is in `rating_equivalences.py`. The margins are the
study's, declared before it opened. What is declared is the question over all SNRs; the
same tests at single SNRs stand beside it, without correction. That all SNRs together
are equivalent is shown if each of them is, at the same level: an intersection-union
test (R. L. Berger, J. C. Hsu, "Bioequivalence trials, intersection-union tests and
equivalence confidence sets", Statistical Science 11 (1996)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from listening.analysis.modelled import Difference, Estimate, Json, Mixed
from listening.analysis.trial_matrix import Floats
from listening.reporting.equivalence_wording import Unit, about_equivalence
from listening.statistics.clustered import NoInterval
from listening.statistics.contrasts import cell_means, clustered_contrast
from listening.statistics.equivalence import (
    Equivalence,
    Verdict,
    difference_equivalence,
    equivalence,
    share_equivalence,
)

UNPROCESSED = "unprocessed"
MOST_SNRS = 20  # more than these are no design but SNRs as measured
LIMITS = ("low", "null", "high")
INTERVALS = ("ci_low", "ci_high", "wide_low", "wide_high")


@dataclass(frozen=True)
class Margins:
    """What is declared not to matter; None: not tested."""

    share: float | None = None  # of preferences, 0.05 for 45 to 55 %
    rating: float | None = None  # points of the mean rating
    share_declared: bool = True  # before the study opened
    rating_declared: bool = True

    def overridden(self, by: Margins) -> Margins:
        """Return these margins, but for those that `by` has; what differs came late."""
        share = self.share if by.share is None else by.share
        rating = self.rating if by.rating is None else by.rating
        return Margins(
            share,
            rating,
            self.share_declared and share == self.share,
            self.rating_declared and rating == self.rating,
        )


@dataclass(frozen=True)
class Compared:
    """Two systems; `third` is what both were heard against, None for each other."""

    system: str
    other: str
    third: str | None
    snr_db: float | None  # None: over all
    glmm: Equivalence | None
    clustered: Equivalence | None
    rated: bool = False  # mean ratings were compared, not preferences
    declared: bool = True  # the margin was, before the study opened
    why_none: str = ""  # why there is no test

    @property
    def headline(self) -> Equivalence | None:
        return self.glmm or self.clustered

    @property
    def tests(self) -> dict[str, Equivalence | None]:
        """The tests by the name that they have in files."""
        return {"glmm": self.glmm, "cluster_robust": self.clustered}

    @property
    def kind(self) -> str:
        return "indirect" if self.third else "direct"

    @property
    def unit(self) -> Unit:
        if self.rated:
            return "rating difference" if self.third else "rating"
        return "share difference" if self.third else "share"

    def as_json(self) -> Json:
        return {
            "system": self.system,
            "other": self.other,
            "against": self.third,
            "snr_db": self.snr_db,
            "kind": self.kind,
            "unit": self.unit,
            "margin_declared": self.declared,
            **{name: test and test_as_json(test) for name, test in self.tests.items()},
            "note": self.why_none,
        }


def test_as_json(found: Equivalence) -> Json:
    names = ("estimate", "low", "high", "p_low", "p_high", "p", "p_different")
    return {name: getattr(found, name) for name in names} | {
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "ci_level": 1 - 2 * found.alpha,
        "df": found.df,
        "verdict": found.verdict.value,
    }


def sentences(found: tuple[Compared, ...]) -> list[str]:
    """Say of each pair what is shown, seen from the system of which more can be said"""
    said = []
    for one in found:
        test = one.headline
        if test is None:
            said += not_tested(one)
            continue
        text = about_equivalence(
            *telling(one, test), unit=one.unit, third=one.third, declared=one.declared
        )
        said.append(text)
    return said


def telling(one: Compared, test: Equivalence) -> tuple[Equivalence, str, str]:
    """Return test and systems, seen from the system of which more can be said."""
    turned = reversed_test(test)
    if (test.verdict, turned.verdict) == (Verdict.INCONCLUSIVE, Verdict.NON_INFERIOR):
        return turned, one.other, one.system
    return test, one.system, one.other


def not_tested(one: Compared) -> list[str]:
    if not one.why_none:
        return []
    return [
        f"Whether {one.system} and {one.other} are rated alike was not tested: "
        f"{one.why_none}."
    ]


def reversed_test(found: Equivalence) -> Equivalence:
    """Return the test seen from the other system."""

    def turn(value: float) -> float:
        return 2 * found.null - value

    return replace(
        found,
        estimate=turn(found.estimate),
        low=turn(found.high),
        high=turn(found.low),
        p_low=found.p_high,
        p_high=found.p_low,
        ci_low=turn(found.ci_high),
        ci_high=turn(found.ci_low),
        wide_low=turn(found.wide_high),
        wide_high=turn(found.wide_low),
    )


def equivalences(
    table: pd.DataFrame,
    preferred: Floats,
    models: tuple[Mixed, ...],
    *,
    margin: float,
    alpha: float,
    declared: bool = True,
    snr_db: float | None = None,
) -> tuple[Compared, ...]:
    """Test every two systems that were compared, to each other or both to a third.

    `preferred` is NaN for a tie. The trials are those at `snr_db`, or all.
    """
    used = ~np.isnan(preferred) & at(table, snr_db)
    table, preferred = table[used], preferred[used]
    found = (
        *direct(table, preferred, models, margin, alpha, snr_db),
        *indirect(table, preferred, models, margin, alpha, snr_db),
    )
    return tuple(replace(one, declared=declared) for one in found)


def at(table: pd.DataFrame, snr_db: float | None) -> NDArray[np.bool_]:
    """Tell which trials are at the SNR; all of them if it is None."""
    if snr_db is None:
        return np.ones(len(table), dtype=bool)
    return (table["snr_db"] == snr_db).to_numpy(bool)


def single_snrs(table: pd.DataFrame) -> list[float]:
    """Return the SNRs that are tested by themselves: none if there is one, or many."""
    snrs = np.unique(table["snr_db"].to_numpy(np.float64))
    return snrs.tolist() if 1 < len(snrs) <= MOST_SNRS else []


def direct(
    table: pd.DataFrame,
    preferred: Floats,
    models: tuple[Mixed, ...],
    margin: float,
    alpha: float,
    snr_db: float | None,
) -> Iterator[Compared]:
    modelled = {m.place: m.preference for model in models for m in model.modelled}
    for system, reference in pairs_of(table):
        if reference == UNPROCESSED:
            continue  # better than nothing is another question
        found = modelled.get((system, reference, snr_db))
        pair = (table["system"] == system) & (table["reference"] == reference)
        rows = pair.to_numpy(bool)
        clustered = clustered_share(table[rows], preferred[rows], margin, alpha)
        glmm = of_preference(found, margin, alpha) if found else None
        yield Compared(system, reference, None, snr_db, glmm, clustered)


def pairs_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    pairs = table[["system", "reference"]].drop_duplicates()
    return sorted((str(s), str(r)) for s, r in pairs.itertuples(index=False))


def of_preference(found: Estimate, margin: float, alpha: float) -> Equivalence | None:
    """Test on the logit scale; everything but p values is given back as a share."""
    spread = found.estimate * (1 - found.estimate)
    if spread == 0 or found.se == 0:
        return None
    reach = float(logit(0.5 + margin))
    at = float(logit(found.estimate))
    test = equivalence(
        at, found.se / spread, found.df, low=-reach, high=reach, alpha=alpha
    )
    names = ("estimate", *LIMITS, *INTERVALS)
    return replace(test, **{name: float(expit(getattr(test, name))) for name in names})


def clustered_share(
    rows: pd.DataFrame, preferred: Floats, margin: float, alpha: float
) -> Equivalence | None:
    who, what = (pd.factorize(rows[name])[0] for name in ("rater", "utterance"))
    try:
        return share_equivalence(preferred, who, what, margin=margin, alpha=alpha)
    except NoInterval:
        return None


def indirect(
    table: pd.DataFrame,
    preferred: Floats,
    models: tuple[Mixed, ...],
    margin: float,
    alpha: float,
    snr_db: float | None,
) -> Iterator[Compared]:
    differences = {
        (d.system, d.other, d.reference): d
        for model in models
        for d in model.differences
        if d.snr_db == snr_db
    }
    for third, rows in sorted(table.groupby("reference").indices.items()):
        part = table.iloc[rows]
        for one, other in combinations(sorted(part["system"].unique()), 2):
            found = differences.get((one, other, str(third)))
            yield Compared(
                one,
                other,
                str(third),
                snr_db,
                of_difference(found, margin, alpha) if found else None,
                clustered_difference(part, preferred[rows], one, other, margin, alpha),
            )


def of_difference(found: Difference, margin: float, alpha: float) -> Equivalence | None:
    of = found.difference
    if of.se == 0:
        return None
    return equivalence(of.estimate, of.se, of.df, low=-margin, high=margin, alpha=alpha)


def clustered_difference(
    part: pd.DataFrame,
    preferred: Floats,
    one: str,
    other: str,
    margin: float,
    alpha: float,
) -> Equivalence | None:
    rows = part["system"].isin([one, other]).to_numpy()
    heard = part[rows]
    cell = (heard["system"] == other).to_numpy().astype(np.intp)
    who, what = (pd.factorize(heard[name])[0] for name in ("rater", "utterance"))
    try:
        means = cell_means(preferred[rows], cell, 2, who, what)
        found = clustered_contrast(means, [1, -1])
        return difference_equivalence(found, margin=margin, alpha=alpha)
    except (NoInterval, ValueError):
        return None
