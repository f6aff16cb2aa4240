"""From the table of trials to the numbers of a study. The bridge to the statistics.

Ties ("no preference", rating 0) are kept and counted as such: preference is the share
among the answers that preferred one of the two, the share of ties stands beside it, and
nothing is ever split. p values of a comparison are adjusted over its SNRs (Holm); those
over all SNRs are adjusted over the comparisons.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from listening.analysis.agreements import Agreed, on_comparisons
from listening.analysis.cautions import warnings_of
from listening.analysis.equivalences import Compared, Margins, equivalences, single_snrs
from listening.analysis.majorities import Majorities, majorities_of
from listening.analysis.modelled import Mixed, Modelled
from listening.analysis.modelling import fit_models
from listening.analysis.rankings import mixed_ranking_of, ranking_of
from listening.analysis.rating_equivalences import rating_equivalences
from listening.analysis.results import Analysis, Cell, RaterShare
from listening.analysis.scoring import analyse_scores
from listening.analysis.tables import preference_of
from listening.statistics.binomial import exact_test
from listening.statistics.clustered import NoInterval, clustered_share
from listening.statistics.mixed_ranking import MixedRanking
from listening.statistics.multiplicity import benjamini_hochberg, holm
from listening.statistics.position import PositionBias, position_bias
from listening.statistics.ranking import Ranking
from listening.statistics.rating import MeanRating, mean_rating

__all__ = ["Analysis", "Cell", "analyse"]

Place = tuple[str, str, float | None]

NO_MARGINS = Margins()


def analyse(
    table: pd.DataFrame,
    *,
    position: bool = False,
    margins: Margins = NO_MARGINS,
    slopes: bool = False,
    confidence: float = 0.95,
) -> Analysis:
    """Analyse a table of trials as `tables` makes it; it may be empty.

    Parameters
    ----------
    position
        Add a term for who was A to the mixed models.
    margins
        Systems whose preferences, or mean ratings, differ by less are equivalent.
    slopes
        Let raters differ in the effect of the SNR, in the mixed models.
    """
    if "score" in table:
        scored = analyse_scores(table, confidence=confidence)
        warnings = (*warnings_of(scored, table), *scored.warnings)
        return replace(scored, versions=versions(), warnings=warnings)
    answers = Answers.of(table)
    models, told = answers.modelled(
        position=position, slopes=slopes, confidence=confidence
    )
    ranking, mixed_ranking, unranked = answers.ranked(confidence)
    found = {m.place: m for model in models for m in model.modelled}
    by_snr, by_comparison = ["system", "reference", "snr_db"], ["system", "reference"]
    cells = with_models(answers.cells(by_snr, confidence), found)
    overall = with_models(answers.cells(by_comparison, confidence), found)
    analysis = Analysis(
        graded=answers.rating is not None,
        identified=answers.identified,
        confidence=confidence,
        n=len(table),
        simulated=int(table["simulated"].sum()) if "simulated" in table else 0,
        utterances=table["utterance"].nunique(),
        cells=adjusted(cells, by_comparison=True),
        overall=adjusted(overall, by_comparison=False),
        position=answers.position(confidence),
        raters=answers.raters(),
        warnings=(),
        versions=versions(),
        models=models,
        equivalences=answers.equivalences(models, margins, 1 - confidence),
        equivalences_by_snr=tuple(
            one
            for snr_db in single_snrs(table)
            for one in answers.equivalences(
                models, margins, 1 - confidence, snr_db=snr_db
            )
        ),
        margin=margins.share,
        rating_margin=margins.rating,
        ranking=ranking,
        mixed_ranking=mixed_ranking,
        majorities=answers.majorities(),
        agreements=answers.agreements(confidence),
    )
    return replace(analysis, warnings=(*warnings_of(analysis, table), *told, *unranked))


def with_models(cells: list[Cell], found: dict[Place, Modelled]) -> list[Cell]:
    return [
        replace(cell, modelled=found.get((*cell.comparison, cell.snr_db)))
        for cell in cells
    ]


@dataclass(frozen=True)
class Answers:
    """The table as arrays of shape (trials,)."""

    table: pd.DataFrame
    preferred: NDArray[np.float64]  # 1, 0, NaN for a tie; of ABX 1 if correct
    rating: NDArray[np.float64] | None
    rater: NDArray[np.intp]
    utterance: NDArray[np.intp]

    @classmethod
    def of(cls, table: pd.DataFrame) -> Answers:
        rating = table["rating"].to_numpy(np.float64) if "rating" in table else None
        column = "correct" if "correct" in table else "preferred"
        preferred = (
            table[column].to_numpy(np.float64)
            if rating is None
            else preference_of(rating)
        )
        rater = pd.factorize(table["rater"])[0]
        return cls(table, preferred, rating, rater, pd.factorize(table["utterance"])[0])

    @property
    def identified(self) -> bool:
        """Whether raters said which member X was, not which they preferred."""
        return "correct" in self.table

    def modelled(
        self, *, position: bool, slopes: bool, confidence: float
    ) -> tuple[tuple[Mixed, ...], list[str]]:
        """Fit the models of preference, and tell what to say of them.

        There are none where answers tell what is heard.
        """
        if self.identified:
            return (), []
        return fit_models(
            self.table,
            self.preferred,
            self.rating,
            position=position,
            slopes=slopes,
            confidence=confidence,
        )

    def ranked(
        self, confidence: float
    ) -> tuple[Ranking | None, MixedRanking | None, list[str]]:
        """Return the rankings of systems, and why there is none where there is none."""
        if self.identified:
            return None, None, []
        fixed, why = ranking_of(self.table, self.preferred, confidence=confidence)
        if fixed is None:
            return None, None, [why] if why else []
        mixed, why = mixed_ranking_of(self.table, self.preferred, confidence=confidence)
        return fixed, mixed, [why] if why else []

    def cells(self, by: list[str], confidence: float) -> list[Cell]:
        groups: dict[Any, Any] = self.table.groupby(by).indices
        return [self.cell(key, groups[key], confidence) for key in sorted(groups)]

    def cell(self, key: Any, rows: NDArray[np.intp], confidence: float) -> Cell:
        """Return the cell of the trials `rows`."""
        system, reference, snr_db = (*key, None)[:3]
        decided = rows[~np.isnan(self.preferred[rows])]
        preferred = self.preferred[decided]
        wins = int(preferred.sum())
        exact, clustered, why = None, None, "nobody preferred either of the two"
        if len(decided):
            exact = exact_test(wins, len(decided), confidence=confidence)
            who, what = self.rater[decided], self.utterance[decided]
            try:
                clustered = clustered_share(preferred, who, what, confidence=confidence)
            except NoInterval as reason:
                why = str(reason)
        return Cell(
            system=str(system),
            reference=str(reference),
            snr_db=snr_db,
            n=len(rows),
            preferred=wins,
            ties=len(rows) - len(decided),
            exact=exact,
            clustered=clustered,
            why_none="" if clustered else why,
            rating=self.rated(rows, confidence),
        )

    def rated(self, rows: NDArray[np.intp], confidence: float) -> MeanRating | None:
        if self.rating is None:
            return None
        who, what = self.rater[rows], self.utterance[rows]
        return mean_rating(self.rating[rows], who, what, confidence=confidence)

    def position(self, confidence: float) -> PositionBias | None:
        column = "x_first" if self.identified else "enhanced_first"
        if column not in self.table:
            return None
        first = self.table[column].to_numpy(np.float64)
        known = ~np.isnan(self.preferred) & ~np.isnan(first)
        if not known.any():
            return None
        columns = (self.preferred, first, self.rater, self.utterance)
        preferred, first, rater, utterance = (column[known] for column in columns)
        return position_bias(preferred, first, rater, utterance, confidence=confidence)

    def equivalences(
        self,
        models: tuple[Mixed, ...],
        margins: Margins,
        alpha: float,
        *,
        snr_db: float | None = None,
    ) -> tuple[Compared, ...]:
        found: tuple[Compared, ...] = ()
        if margins.share is not None and not self.identified:
            found += equivalences(
                self.table,
                self.preferred,
                models,
                margin=margins.share,
                alpha=alpha,
                declared=margins.share_declared,
                snr_db=snr_db,
            )
        if margins.rating is not None and self.rating is not None:
            found += rating_equivalences(
                self.table,
                self.rating,
                margin=margins.rating,
                alpha=alpha,
                declared=margins.rating_declared,
                snr_db=snr_db,
            )
        return found

    def majorities(self) -> tuple[Majorities, ...]:
        return () if self.identified else majorities_of(self.table, self.preferred)

    def agreements(self, confidence: float) -> tuple[Agreed, ...]:
        if self.identified:
            return ()
        given = self.preferred if self.rating is None else self.rating
        return on_comparisons(self.table, given, confidence=confidence)

    def raters(self) -> tuple[RaterShare, ...]:
        decided = ~np.isnan(self.preferred)
        names = pd.unique(self.table["rater"])
        n = np.bincount(self.rater[decided], minlength=len(names))
        wins = np.bincount(
            self.rater[decided], self.preferred[decided], minlength=len(names)
        )
        counts = zip(names, n.tolist(), wins.tolist(), strict=True)
        shares = [RaterShare(str(name), of, int(won)) for name, of, won in counts]
        return tuple(sorted(shares, key=lambda share: share.rater))


def adjusted(cells: list[Cell], *, by_comparison: bool) -> tuple[Cell, ...]:
    """Return the cells with p values adjusted, within each comparison or over all."""
    families: dict[object, list[Cell]] = {}
    for cell in cells:
        families.setdefault(cell.comparison if by_comparison else None, []).append(cell)
    return tuple(cell for family in families.values() for cell in with_holm(family))


def with_holm(family: list[Cell]) -> list[Cell]:
    tests = (
        [cell.exact for cell in family],
        [cell.clustered for cell in family],
        [cell.rating and cell.rating.clustered for cell in family],
        [cell.modelled and cell.modelled.preference for cell in family],
    )
    found = [np.array([test.p if test else np.nan for test in t]) for t in tests]
    p = [holm(values) for values in found]
    bh = benjamini_hochberg(found[3])
    return [
        replace(
            cell,
            exact_p_holm=float(p[0][i]),
            clustered_p_holm=float(p[1][i]),
            rating_p_holm=float(p[2][i]),
            modelled_p_holm=float(p[3][i]),
            modelled_p_bh=float(bh[i]),
        )
        for i, cell in enumerate(family)
    ]


def versions() -> dict[str, str]:
    """Return the versions of what computed the numbers."""
    packages = ("numpy", "scipy", "statsmodels", "pandas")
    return {"python": platform.python_version()} | {p: version(p) for p in packages}
