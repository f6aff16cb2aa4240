"""What gold trials, placebos and repeats say of the raters of a study.

Repeats measure consistency, placebos the favour for a side where there is nothing to
choose, gold trials attention. None of them says what anybody prefers, and none of them
is among the trials that are analysed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from listening import headphones
from listening.analysis.screening import TOO_FAST_S, Evidence, RaterTrials, evidence
from listening.methods.method import OVERALL
from listening.models import Study, Trial
from listening.schedule import Kind
from listening.statistics.clustered import ClusteredMean, NoInterval, clustered_share

Json = dict[str, Any]

RATE_HZ = 48_000  # of what is played
MIDDLE = 3  # of the scales on which sounds are scored

# Column -> field of the trial; `frames` is annotated by the query
FIELDS = {
    "rater": "session__rater__code",
    "session": "session_id",
    "position": "position",
    "kind": "kind",
    "repeats": "repeats",
    "utterance": "mixture__utterance__name",
    "enhanced_first": "enhanced_first",
    "x_first": "x_first",
    "scale": "scale",
    "value": "response__value",
    "listened_a_s": "response__listened_a_s",
    "listened_b_s": "response__listened_b_s",
    "listened_x_s": "response__listened_x_s",
    "response_time_s": "response__response_time_s",
    "frames": "frames",
    "headphones_right": "session__headphones_right",
    # of trials with many sounds
    "many": "many",
    "many_least_s": "many_least_s",
    "hidden": "hidden",
}
NUMBERS = (
    *("repeats", "value", "x_first", "response_time_s", "frames"),
    *("listened_a_s", "listened_b_s", "listened_x_s", "headphones_right"),
    *("many", "many_least_s", "hidden"),
)


# ---- a rater ------------------------------------------------------------------------


def answers_of(study: Study) -> pd.DataFrame:
    """Return all trials but training of raters who answered one, in order, one query.

    Trials that were not answered have no `value`; those with many sounds have a score
    of the hidden reference in its place.
    """
    trials = Trial.objects.filter(session__study=study).for_checks()
    trials = trials.with_frames().with_many()
    rows = trials.order_by("session", "position").values_list(*FIELDS.values())
    table = pd.DataFrame.from_records(list(rows), columns=list(FIELDS))
    table = table.astype(dict.fromkeys(NUMBERS, np.float64))
    began = table.loc[given_in(table), "rater"].unique()
    return table[table["rater"].isin(began)].reset_index(drop=True)


def evidence_of(answers: pd.DataFrame, *, min_listening_s: float) -> list[Evidence]:
    """Return what is known of every rater in `answers`, in order of their codes."""
    groups = answers.groupby("rater", sort=True)
    return [
        evidence(trials_of_rater(str(rater), rows, min_listening_s=min_listening_s))
        for rater, rows in groups
    ]


def trials_of_rater(
    rater: str, rows: pd.DataFrame, *, min_listening_s: float
) -> RaterTrials:
    """Return a rater's trials for the rules.

    What has to be heard of a sound is what the page waits for: `min_listening_s`, or
    all of a shorter sound. An answer takes at least as long as all sounds that have to
    be heard (of three, two), and a moment. What is scored has no side.
    """
    value = rows["value"].to_numpy()
    kind, scored = kinds_in(rows), is_scored(rows)
    no_side = np.where(given_in(rows), 0.0, np.nan)
    demanded_s = np.minimum(min_listening_s, rows["frames"].to_numpy() / RATE_HZ)
    a, b, x = (rows[f"listened_{letter}_s"].to_numpy() for letter in "abx")
    listened_s = np.where(scored, a, np.fmin(np.minimum(a, b), x))  # NaN: there is no X
    many, least_heard_s = (rows[f"many{tail}"].to_numpy() for tail in ("", "_least_s"))
    listened_s = np.where(np.isnan(many), listened_s, np.minimum(a, least_heard_s))
    demanded_s[demanded_s == 0] = np.nan
    sounds = np.where(np.isnan(many), np.where(scored, 1, 2), many + 1)
    least_s = np.fmax(TOO_FAST_S, sounds * demanded_s)
    return RaterTrials(
        rater=rater,
        kind=kind,
        side=np.where(scored, no_side, -np.sign(value)),
        preference=np.sign(preference_in(rows)),
        expected=np.where(kind == Kind.GOLD, 1.0, np.nan),
        repeat_of=first_times(rows),
        heard=listened_s / demanded_s,
        pace=rows["response_time_s"].to_numpy() / least_s,
        headphones=headphones_of(rows),
        hidden=rows["hidden"].to_numpy(),
    )


def headphones_of(rows: pd.DataFrame) -> float | None:
    """Return the share of right answers in the headphone check, None without one."""
    right = rows["headphones_right"].dropna()
    return None if right.empty else float(right.max()) / headphones.TRIALS


def preference_in(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Return the answers, positive towards the system or what is better; shape kept.

    Where there is an X they are positive towards it: a repeat has the same X. Scores
    are held against the middle of their scale: above it is good, which the worse system
    of a gold trial is not.
    """
    value = rows["value"].to_numpy()
    sought = rows["enhanced_first"].where(rows["x_first"].isna(), rows["x_first"])
    towards_b = np.where(is_scored(rows), MIDDLE - value, value)
    turned: NDArray[np.float64] = np.where(sought.astype(bool), -towards_b, towards_b)
    return turned


def given_in(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which trials were answered."""
    return np.asarray(rows["value"].notna() | rows["hidden"].notna())


def is_scored(rows: pd.DataFrame) -> NDArray[np.bool_]:
    return np.asarray(rows["scale"] != "")


def kinds_in(rows: pd.DataFrame) -> NDArray[np.str_]:
    """Return the kinds of trials; of gold trials only overall scores are known."""
    kind, scale = rows["kind"].to_numpy(str), rows["scale"].to_numpy(str)
    unknown = (kind == Kind.GOLD) & ~np.isin(scale, ("", OVERALL))
    return np.where(unknown, "", kind)


def first_times(rows: pd.DataFrame) -> NDArray[np.intp]:
    """Return for each repeat the row of its first time, and -1 for all others."""
    places = zip(rows["session"], rows["position"], strict=True)
    row_of = {place: row for row, place in enumerate(places)}
    wanted = zip(rows["session"], rows["repeats"], strict=True)
    return np.array([row_of.get(place, -1) for place in wanted], dtype=np.intp)


# ---- all raters ---------------------------------------------------------------------


@dataclass(frozen=True)
class Share:
    """How often something happened in trials of a kind, over all raters."""

    n: int
    count: int
    neither: int  # answers without preference, where these do not count as an answer
    clustered: ClusteredMean | None
    why_none: str  # why there is no `clustered`

    @property
    def estimate(self) -> float:
        return self.count / self.n

    def as_json(self, name: str) -> Json:
        found = self.clustered
        return {
            "n": self.n,
            name: self.count,
            "no_preference": self.neither,
            "estimate": self.estimate,
            "ci_low": found and found.ci_low,
            "ci_high": found and found.ci_high,
            "raters": found and found.raters,
            "note": found.fallback if found else self.why_none,
        }


@dataclass(frozen=True)
class Failing:
    rater: str
    failed: int
    trials: int


@dataclass(frozen=True)
class CheckResults:
    """None where there were no such trials, or nobody answered any."""

    gold: Share | None  # failed; no preference fails as well
    placebo: Share | None  # A was chosen
    repeat: Share | None  # answered as before, A and B swapped
    failing: tuple[Failing, ...]  # raters who failed a gold trial
    scored: bool = False  # one sound by itself: as before is on the same side of MIDDLE

    def as_json(self) -> Json:
        shares = {
            "gold": (self.gold, "failed"),
            "placebo": (self.placebo, "chose_first"),
            "repeat": (self.repeat, "same"),
        }
        found = {
            key: share.as_json(name) for key, (share, name) in shares.items() if share
        }
        if self.gold:
            found["gold"]["failing"] = [asdict(one) for one in self.failing]
        return found


def check_results(answers: pd.DataFrame, *, confidence: float = 0.95) -> CheckResults:
    """Pool the trials that check on raters; `answers` are those of `answers_of`."""
    preference = np.sign(preference_in(answers))
    given = answers["value"].notna().to_numpy()
    kind = kinds_in(answers)
    gold = given & (kind == Kind.GOLD)
    placebo = given & (kind == Kind.PLACEBO)
    first = first_times(answers)
    again = given & (first >= 0) & given[first]
    side = answers["value"].to_numpy()
    return CheckResults(
        gold=share(answers[gold], preference[gold] < 1, confidence=confidence),
        placebo=share(
            answers[placebo],
            np.where(side[placebo] == 0, np.nan, side[placebo] < 0),
            confidence=confidence,
        ),
        repeat=share(
            answers[again],
            preference[again] == preference[first[again]],
            confidence=confidence,
        ),
        failing=failing(answers[gold], preference[gold] < 1),
        scored=bool(is_scored(answers).any()),
    )


def share(
    rows: pd.DataFrame, happened: NDArray[Any], *, confidence: float
) -> Share | None:
    """Return how often it happened; NaN where a rater had no preference."""
    values = np.asarray(happened, dtype=np.float64)
    known = ~np.isnan(values)
    if not known.any():
        return None
    who, what = (pd.factorize(rows[name][known])[0] for name in ("rater", "utterance"))
    clustered, why = None, ""
    try:
        clustered = clustered_share(values[known], who, what, confidence=confidence)
    except NoInterval as reason:
        why = str(reason)
    count = int(values[known].sum())
    return Share(int(known.sum()), count, int((~known).sum()), clustered, why)


def failing(rows: pd.DataFrame, failed: NDArray[np.bool_]) -> tuple[Failing, ...]:
    """Return who failed, whoever failed most first."""
    found = rows.assign(failed=failed).groupby("rater")["failed"].agg(["sum", "size"])
    found = found[found["sum"] > 0].sort_values(
        ["sum", "rater"], ascending=[False, True]
    )
    return tuple(
        Failing(str(rater), int(row["sum"]), int(row["size"]))
        for rater, row in found.iterrows()
    )
