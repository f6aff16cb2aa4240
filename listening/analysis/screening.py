"""Which raters are left out, by rules that were declared before the study opened.

There are two questions with two answers. *Pay*: did the rater do what was agreed? Only
blatant misconduct costs anybody the pay. *Use*: do the answers go into the analysis? It
is always made with and without the exclusions, and both are reported.

A rule reads one number off what is known of a rater and holds it against a limit for
either question; `None` means that the rule has no say in it. A study that declares
nothing has no rules. No rule looks at what a rater prefers, or at whether others agree:
that would make the result. Nor does one ask for more than the trial's page did: who
listened as long as the study demands before it takes an answer has heard enough.

The rule on hidden references is the first of two in the post-screening of ITU-R
BS.1534-3 (2015), section 4.1.2. The second, on the anchor up to 7 kHz, is not there:
in speech that ends at 8 kHz that anchor may rightly get more than 90, and where many
raters say so of an item the Recommendation itself sets the rule aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from listening.schedule import Kind
from listening.statistics.binomial import BinomialTest, exact_test
from listening.statistics.clustered import Floats
from listening.statistics.raters import (
    Consistency,
    GoldResult,
    LongestRun,
    PlaceboBias,
    TimeSummary,
    gold_result,
    longest_run,
    placebo_bias,
    repeat_consistency,
    time_summary,
)

ENOUGH = 0.95  # of what is demanded: clocks of browser and sound need not agree
RECOGNISED = 90  # of 100: what the hidden reference should get [BS.1534-3, 4.1.2]
TOO_FAST_S = 1.0  # from the page's arrival to the answer, whatever has to be heard
FEW_GOLD = 2  # of which both may be slips
FEW_REPEATS = 4
FEW_PLACEBOS = 6  # all on one side: p = 0.03
PAY, USE = "pay", "use"
TIERS = (PAY, USE)

# ---- what is known of a rater -------------------------------------------------------


@dataclass(frozen=True)
class RaterTrials:
    """One rater's trials in order of presentation. Shape (trials,) each; NaN: unknown.

    Training trials are not among them.
    """

    rater: str
    kind: NDArray[np.str_]  # "test", "repeat", "placebo" or "gold"
    side: Floats  # sign: positive A, negative B, 0 no preference, NaN not answered
    preference: Floats  # the same towards the comparison's system, positive, or away
    expected: Floats  # for gold: the sign that `preference` should have
    repeat_of: NDArray[np.intp]  # for repeats: row of the first time; else -1
    heard: Floats  # of the less heard member, as a share of what the study demands
    pace: Floats  # time to the answer, as a share of what it takes at the least
    headphones: float | None = None  # share of right answers, None without a check
    hidden: Floats | None = None  # scores of the hidden reference; None without one


@dataclass(frozen=True)
class Evidence:
    """What is known of how a rater answered; None where nothing is."""

    rater: str
    trials: int
    answered: int
    gold: GoldResult | None = None
    repeats: Consistency | None = None
    placebos: PlaceboBias | None = None
    side: BinomialTest | None = None  # successes: A was chosen; real trials
    run: LongestRun | None = None  # real trials
    # Shares instead of seconds; `below` counts those under ENOUGH
    heard: TimeSummary | None = None
    pace: TimeSummary | None = None
    headphones: float | None = None  # share of right answers in the headphone check
    missed: float | None = None  # share of hidden references below RECOGNISED


def evidence(of: RaterTrials) -> Evidence:
    """Gather what is known of a rater. Repeats count as real trials for sides."""
    given = ~np.isnan(of.side)
    real = given & np.isin(of.kind, ("test", "repeat"))
    gold = given & (of.kind == "gold")
    placebo = given & (of.kind == "placebo")
    again = given & (of.kind == "repeat")
    again[again] = given[of.repeat_of[again]]
    side = np.sign(of.side)
    chosen = side[real & (side != 0)]
    return Evidence(
        rater=of.rater,
        trials=len(of.side),
        answered=int(given.sum()),
        gold=gold_result(of.preference[gold], of.expected[gold])
        if gold.any()
        else None,
        repeats=_repeats(np.sign(of.preference), again, of.repeat_of),
        placebos=placebo_bias(side[placebo]) if placebo.any() else None,
        side=exact_test(int((chosen > 0).sum()), len(chosen)) if len(chosen) else None,
        run=longest_run(side[real]) if real.any() else None,
        heard=_times(of.heard[given]),
        pace=_times(of.pace[given]),
        headphones=of.headphones,
        missed=_missed(of.hidden),
    )


def _missed(hidden: Floats | None) -> float | None:
    """Return the share of trials in which the hidden reference was not recognised."""
    if hidden is None or np.isnan(hidden).all():
        return None
    return float(np.mean(hidden[~np.isnan(hidden)] < RECOGNISED))


def _repeats(
    preference: Floats, again: NDArray[np.bool_], repeat_of: NDArray[np.intp]
) -> Consistency | None:
    if not again.any():
        return None
    return repeat_consistency(preference[repeat_of[again]], preference[again])


def _times(values: Floats) -> TimeSummary | None:
    if np.isnan(values).all():
        return None
    return time_summary(values, too_short=ENOUGH)


# ---- the rules ----------------------------------------------------------------------

Measure = Callable[[Evidence], float | None]
Limits = Mapping[str, Mapping[str, float | None]]  # by rule and tier


@dataclass(frozen=True)
class Rule:
    """A number and its limits. Beyond a limit is what counts, not on it."""

    key: str
    title: str  # what the number is
    words: str  # why, with {value} and {limit}
    measure: Measure
    too_low: bool  # values below the limit count; else values above it
    pay: float | None
    use: float | None
    needs: tuple[Kind, int] | None = None  # a session has to hold so many of a kind
    unit: str = "{:.0%}"  # how the number is written

    def limit(self, tier: str) -> float | None:
        return self.pay if tier == PAY else self.use

    def broken(self, known: Evidence, tier: str) -> Reason | None:
        """Return why `known` is beyond the limit for pay or for use, or None."""
        value, limit = self.measure(known), self.limit(tier)
        if value is None or limit is None:
            return None
        if value >= limit if self.too_low else value <= limit:
            return None
        return Reason(
            self.key, value, limit, self.words.format(value=value, limit=limit)
        )


@dataclass(frozen=True)
class Reason:
    rule: str
    value: float
    limit: float
    words: str


@dataclass(frozen=True)
class Decision:
    rater: str
    not_paid: tuple[Reason, ...]
    not_used: tuple[Reason, ...]
    by_hand: str = ""  # why somebody left the rater out, whatever the rules say

    @property
    def paid(self) -> bool:
        return not self.not_paid

    @property
    def used(self) -> bool:
        return not self.not_used and not self.by_hand


def _gold(known: Evidence) -> float | None:
    if known.gold is None or known.gold.trials < FEW_GOLD:
        return None
    return known.gold.share


def _repeated(known: Evidence) -> float | None:
    if known.repeats is None or known.repeats.exact.trials < FEW_REPEATS:
        return None
    return known.repeats.exact.estimate


def _placebo(known: Evidence) -> float | None:
    exact = known.placebos.exact if known.placebos else None
    return exact.p if exact and exact.trials >= FEW_PLACEBOS else None


# Every rule there is, with limits that are a good start.
RULES: tuple[Rule, ...] = (
    Rule(
        "answered",
        "share of trials answered",
        "answered {value:.0%} of the trials, less than {limit:.0%}",
        lambda known: known.answered / known.trials if known.trials else 0.0,
        too_low=True,
        pay=0.9,
        use=None,
    ),
    Rule(
        "gold",
        "share of gold trials failed",
        "failed {value:.0%} of the trials whose answer is known, more than {limit:.0%}",
        _gold,
        too_low=False,
        pay=0.7,
        use=0.34,
        needs=(Kind.GOLD, FEW_GOLD),
    ),
    Rule(
        "heard",
        "share of trials with less listening than demanded",
        "answered {value:.0%} of the trials without the listening that the study "
        "demands, more than {limit:.0%}",
        lambda known: known.heard.below if known.heard else None,
        too_low=False,
        pay=0.5,
        use=0.2,
    ),
    Rule(
        "speed",
        "share of trials answered too fast to have listened",
        "answered {value:.0%} of the trials faster than they can be heard, "
        "more than {limit:.0%}",
        lambda known: known.pace.below if known.pace else None,
        too_low=False,
        pay=0.5,
        use=0.2,
    ),
    Rule(
        "run",
        "chance of the longest run of one side",
        "chose one side so often in a row that chance does it with p = {value:.1g}, "
        "less than {limit:g}",
        lambda known: known.run.p if known.run else None,
        too_low=True,
        pay=1e-6,
        use=1e-3,
        unit="{:g}",
    ),
    Rule(
        "side",
        "chance of so many answers for one side",
        "chose one side so often that chance does it with p = {value:.1g}, "
        "less than {limit:g}",
        lambda known: known.side.p if known.side else None,
        too_low=True,
        pay=None,
        use=1e-4,
        unit="{:g}",
    ),
    Rule(
        "placebo",
        "chance of so many placebo answers for one side",
        "chose one side of equal sounds so often that chance does it with "
        "p = {value:.1g}, less than {limit:g}",
        _placebo,
        too_low=True,
        pay=None,
        use=1e-3,
        needs=(Kind.PLACEBO, FEW_PLACEBOS),
        unit="{:g}",
    ),
    Rule(
        "repeats",
        "share of repeated trials with the same answer",
        "gave the same answer again in {value:.0%} of the repeated trials, "
        "less than {limit:.0%}",
        _repeated,
        too_low=True,
        pay=None,
        use=0.5,
        needs=(Kind.REPEAT, FEW_REPEATS),
    ),
    Rule(
        "reference",
        "share of hidden references scored below 90",
        "scored the hidden reference below 90 in {value:.0%} of the trials, "
        "more than {limit:.0%}",
        lambda known: known.missed,
        too_low=False,
        pay=None,
        use=0.15,
    ),
    Rule(
        "headphones",
        "share of the headphone check answered rightly",
        "answered {value:.0%} of the headphone check rightly, less than {limit:.0%}",
        lambda known: known.headphones,
        too_low=True,
        pay=None,
        use=0.8,  # 5 of 6 is enough
    ),
)


def declared(limits: Limits) -> tuple[Rule, ...]:
    """Return the rules that a study has: `{"gold": {"pay": 0.7, "use": 0.34}}`.

    A rule, or its say in pay or in use, that is not there is not applied.

    Raises
    ------
    ValueError
        If a rule or a tier is unknown, a limit is no number from 0 to 1, or a rater
        whose answers are used would go without pay.
    """
    known = {rule.key: rule for rule in RULES}
    if not all(isinstance(of, Mapping) for of in (limits, *dict(limits).values())):
        raise ValueError("they are not limits by rule and tier")
    for key, of in limits.items():
        if unknown := {key} - set(known) or set(of) - set(TIERS):
            raise ValueError(f"there is no rule or limit called {min(unknown)}")
        _require_sense(known[key], of)
    return tuple(
        replace(rule, pay=limits[rule.key].get(PAY), use=limits[rule.key].get(USE))
        for rule in RULES
        if any(limit is not None for limit in limits.get(rule.key, {}).values())
    )


def _require_sense(rule: Rule, limits: Mapping[str, float | None]) -> None:
    for tier, limit in limits.items():
        if limit is None:
            continue
        if not isinstance(limit, int | float) or not 0 <= limit <= 1:
            raise ValueError(f"the limit of {rule.key} for {tier} is not from 0 to 1")
    pay, use = limits.get(PAY), limits.get(USE)
    if pay is None or use is None:
        return
    if pay > use if rule.too_low else pay < use:
        raise ValueError(
            f"the limit of {rule.key} for pay is stricter than the one for use: whose "
            "answers are used is paid"
        )


def decide(known: Evidence, rules: Iterable[Rule]) -> Decision:
    """Hold what is known of a rater against all rules."""
    rules = tuple(rules)
    paid = (rule.broken(known, PAY) for rule in rules)
    used = (rule.broken(known, USE) for rule in rules)
    return Decision(known.rater, tuple(filter(None, paid)), tuple(filter(None, used)))


def excluded(decisions: Iterable[Decision]) -> frozenset[str]:
    """Return the raters whose answers are not used."""
    return frozenset(decision.rater for decision in decisions if not decision.used)
