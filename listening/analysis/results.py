"""What an analysis found: frozen data, and its JSON.

A *comparison* is a system and its reference; a *cell* is a comparison at one SNR, or
over all SNRs. `listening.analysis` makes these from a table of trials.

The *headline* of a cell is the population-averaged preference of the mixed model, and
where there is no model the share of answers with its clustered interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from listening.analysis.agreements import Agreed
from listening.analysis.checks import CheckResults
from listening.analysis.design_versions import DesignVersion
from listening.analysis.discrimination import discrimination_as_json
from listening.analysis.equivalences import Compared
from listening.analysis.exclusions import Exclusions
from listening.analysis.majorities import Majorities
from listening.analysis.modelled import Mixed, Modelled, models_as_json, null
from listening.analysis.procedure import Procedure
from listening.analysis.rankings import ranking_as_json
from listening.analysis.score_models import ScoreModel
from listening.analysis.scores import ScoreDifference, scores_as_json
from listening.statistics.binomial import ASSUMPTION, INTERVALS, BinomialTest
from listening.statistics.clustered import ClusteredMean
from listening.statistics.mixed_ranking import MixedRanking
from listening.statistics.position import PositionBias
from listening.statistics.ranking import Ranking
from listening.statistics.rating import MeanRating

Json = dict[str, Any]


@dataclass(frozen=True)
class Headline:
    """What is said first of a cell."""

    estimate: float
    ci_low: float
    ci_high: float
    p_holm: float
    modelled: bool  # by the mixed model; else counted, with a clustered interval


@dataclass(frozen=True)
class Cell:
    """What was answered to one comparison, at one SNR or (None) at all."""

    system: str
    reference: str
    snr_db: float | None
    n: int
    preferred: int
    ties: int
    exact: BinomialTest | None  # None if nobody preferred either
    clustered: ClusteredMean | None
    why_none: str  # why there is no `clustered`
    rating: MeanRating | None  # None if answers were not graded
    exact_p_holm: float = np.nan
    clustered_p_holm: float = np.nan
    rating_p_holm: float = np.nan
    modelled: Modelled | None = None  # None if there is no mixed model
    modelled_p_holm: float = np.nan
    modelled_p_bh: float = np.nan
    scale: str = ""  # of scores, which `rating` holds; there is no reference then

    @property
    def interval(self) -> ClusteredMean | None:
        """The clustered interval of the share of answers, or of the mean score."""
        return self.rating.clustered if self.scale and self.rating else self.clustered

    @property
    def headline(self) -> Headline | None:
        """None if neither a model nor a clustered interval is there."""
        if self.modelled:
            of = self.modelled.preference
            return Headline(
                of.estimate, of.ci_low, of.ci_high, self.modelled_p_holm, True
            )
        if self.exact and (of_mean := self.clustered):
            return Headline(
                self.exact.estimate,
                of_mean.ci_low,
                of_mean.ci_high,
                self.clustered_p_holm,
                False,
            )
        return None

    @property
    def comparison(self) -> tuple[str, str]:
        return self.system, self.reference

    @property
    def decided(self) -> int:
        return self.n - self.ties

    @property
    def place(self) -> Json:
        return {
            "system": self.system,
            "reference": self.reference,
            "snr_db": self.snr_db,
        }


@dataclass(frozen=True)
class RaterShare:
    rater: str
    n: int  # answers that preferred one of the two; scores
    preferred: int
    mean: float | None = None  # of scores

    @property
    def share(self) -> float | None:
        return self.preferred / self.n if self.n else None


@dataclass(frozen=True)
class Analysis:
    graded: bool
    confidence: float
    n: int
    simulated: int  # trials that a program answered
    utterances: int
    cells: tuple[Cell, ...]
    overall: tuple[Cell, ...]
    position: PositionBias | None  # None if it is not known who was A
    raters: tuple[RaterShare, ...]
    warnings: tuple[str, ...]
    versions: dict[str, str]
    models: tuple[Mixed, ...] = ()  # one a reference, that with most trials first
    equivalences: tuple[Compared, ...] = ()  # none without a margin
    equivalences_by_snr: tuple[Compared, ...] = ()  # none of one SNR
    margin: float | None = None  # of preferences
    rating_margin: float | None = None  # points of the mean rating
    ranking: Ranking | None = None  # none of two systems
    mixed_ranking: MixedRanking | None = None  # with effects of raters
    majorities: tuple[Majorities, ...] = ()  # of comparisons
    agreements: tuple[Agreed, ...] = ()  # on comparisons, or on scales
    checks: CheckResults | None = None  # None of a table, or without such trials
    exclusions: Exclusions | None = None  # None if nobody can be left out
    designs: tuple[DesignVersion, ...] = ()  # none of a table
    procedure: Procedure | None = None  # None of a table
    identified: bool = False  # answers say which member X was: a cell's `preferred`
    # are those that were correct
    scales: tuple[str, ...] = ()  # on which sounds were scored; none of comparisons
    differences: tuple[ScoreDifference, ...] = ()  # of systems that were scored
    score_models: tuple[ScoreModel, ...] = ()  # of scales that have steps
    left_out: int = 0  # raters whose answers are not among these, by rules or by hand

    @property
    def modelled(self) -> bool:
        """Tell if every headline that there is comes from a mixed model."""
        found = [cell.headline for cell in self.overall]
        return any(found) and all(one.modelled for one in found if one)

    @property
    def comparisons(self) -> tuple[tuple[str, str], ...]:
        return tuple(dict.fromkeys(cell.comparison for cell in self.overall))

    def on(self, scale: str) -> Analysis:
        """Return what was scored on one scale.

        A rater who was simulated scored on all of them.
        """
        overall = tuple(cell for cell in self.overall if cell.scale == scale)
        n = sum(cell.n for cell in overall)
        return replace(
            self,
            n=n,
            simulated=self.simulated * n // max(self.n, 1),
            cells=tuple(cell for cell in self.cells if cell.scale == scale),
            overall=overall,
            scales=(scale,),
            differences=tuple(d for d in self.differences if d.scale == scale),
            score_models=tuple(m for m in self.score_models if m.scale == scale),
            agreements=tuple(a for a in self.agreements if a.scale == scale),
        )

    @property
    def ties(self) -> int:
        return sum(cell.ties for cell in self.overall)

    def as_json(self) -> Json:
        """Return what `analyze --json` writes. NaN becomes null."""
        data: Json = {
            **self.answers_as_json(),
            "simulated": {"trials": self.simulated, "of": self.n},
            "confidence": self.confidence,
            "warnings": list(self.warnings),
            "versions": self.versions,
        }
        if self.ranking:
            data["ranking"] = ranking_as_json(self.ranking, self.mixed_ranking)
        if self.position:
            data["position_bias"] = self.position_as_json(self.position)
        lists: Json = {
            "equivalence": self.equivalences,
            "equivalence_by_snr": self.equivalences_by_snr,
            "e_values": self.majorities,
            "agreement": self.agreements,
            "score_models": self.score_models,
            "designs": self.designs,
        }
        single: Json = {
            "checks": self.checks,
            "exclusions": self.exclusions,
            "seen_early": self.procedure and self.procedure.early_look,
        }
        data |= {
            key: [x.as_json() for x in found] for key, found in lists.items() if found
        }
        return data | {key: one.as_json() for key, one in single.items() if one}

    def position_as_json(self, position: PositionBias) -> Json:
        found = position_as_json(
            position, "x_first" if self.identified else "enhanced_first"
        )
        if self.models and (modelled := self.models[0].position):
            found["glmm"] = modelled.as_json() | {"unit": "logits"}
        return found

    def answers_as_json(self) -> Json:
        """Return what the answers say, by what was asked."""
        if self.identified:
            return discrimination_as_json(self)
        if self.scales:
            return scores_as_json(self)
        return {
            **level_as_json(self.cells, self.confidence),
            **self.models_as_json(),
            "overall": level_as_json(self.overall, self.confidence),
            "raters": raters_as_json(self),
        }

    def models_as_json(self) -> Json:
        """Return the models' keys, p values adjusted over the whole analysis."""
        data = models_as_json(self.models)
        for key, cells in (
            ("preference", self.cells),
            ("preference_overall", self.overall),
        ):
            if key in data:
                data[key] = [
                    preference_as_json(cell) for cell in cells if cell.modelled
                ]
        return data


def level_as_json(cells: tuple[Cell, ...], confidence: float) -> Json:
    """Return the lists `trials`, `binomial`, `cluster_robust` and `mean_rating`."""
    data: Json = {
        "trials": [counts_as_json(cell) for cell in cells],
        "binomial": [binomial_as_json(c, confidence) for c in cells if c.exact],
        "cluster_robust": [clustered_as_json(cell) for cell in cells],
    }
    if any(cell.rating for cell in cells):
        data["mean_rating"] = [rating_as_json(cell) for cell in cells]
    return data


def preference_as_json(cell: Cell) -> Json:
    assert cell.modelled
    found = cell.modelled.preference.as_json()
    adjusted = {
        "p_holm": null(cell.modelled_p_holm),
        "p_bh": null(cell.modelled_p_bh),
    }
    return cell.place | found | adjusted


def counts_as_json(cell: Cell) -> Json:
    return cell.place | {
        "n": cell.n,
        "preferred": cell.preferred,
        "not_preferred": cell.decided - cell.preferred,
        "ties": cell.ties,
        "tie_share": cell.ties / cell.n,
    }


def binomial_as_json(cell: Cell, confidence: float) -> Json:
    test = cell.exact
    assert test
    return cell.place | {
        "n": test.trials,
        "preferred": test.successes,
        "estimate": test.estimate,
        "ci_low": test.ci_low,
        "ci_high": test.ci_high,
        "p": test.p,
        "p_holm": null(cell.exact_p_holm),
        "intervals": {
            name: list(interval(test.successes, test.trials, confidence))
            for name, interval in INTERVALS.items()
        },
        "note": ASSUMPTION,
    }


def clustered_as_json(cell: Cell) -> Json:
    estimate = cell.exact.estimate if cell.exact else None
    return cell.place | mean_as_json(
        estimate, cell.clustered, cell.clustered_p_holm, cell.why_none
    )


def rating_as_json(cell: Cell) -> Json:
    rating = cell.rating
    assert rating
    counts = zip(map(str, rating.steps), rating.counts.tolist(), strict=True)
    return (
        cell.place
        | mean_as_json(
            rating.mean, rating.clustered, cell.rating_p_holm, rating.why_none
        )
        | {"n": cell.n, "counts": dict(counts)}
    )


def mean_as_json(
    estimate: float | None, found: ClusteredMean | None, p_holm: float, why: str
) -> Json:
    names = ("n", "raters", "utterances", "se", "ci_low", "ci_high", "p", "df")
    return (
        {"estimate": estimate}
        | {name: getattr(found, name, None) for name in (*names, "design_effect")}
        | {"p_holm": null(p_holm), "note": found.fallback if found else why}
    )


def position_as_json(position: PositionBias, who: str) -> Json:
    exact, clustered = position.exact, position.clustered
    return {
        "n": exact.trials,
        "chose_first": exact.successes,
        "estimate": exact.estimate,
        "ci_low": exact.ci_low,
        "ci_high": exact.ci_high,
        "p": exact.p,
        "note": ASSUMPTION,
        "cluster_robust": {
            name: getattr(clustered, name, None)
            for name in ("ci_low", "ci_high", "p", "df", "design_effect")
        },
        who: position.enhanced_first,
    }


def raters_as_json(analysis: Analysis) -> Json:
    shares = [rater.share for rater in analysis.raters if rater.share is not None]
    return {
        "n": len(analysis.raters),
        "utterances": analysis.utterances,
        "prefer_enhanced": sum(share > 0.5 for share in shares),
        "shares": [
            {"rater": r.rater, "n": r.n, "preferred": r.preferred, "share": r.share}
            for r in analysis.raters
        ],
        "effects": [
            {"reference": model.reference} | effect.as_json()
            for model in analysis.models
            for effect in model.raters
        ],
    }
