"""Which raters are left out, by rules that were declared before the study opened.

There are two questions with two answers. *Pay*: did the rater do what was agreed? Only
blatant misconduct costs anybody the pay. *Use*: do the answers go into the analysis? It
is always made with and without the exclusions, and both are reported.

A rule reads one number off what is known of a rater and holds it against a limit for
either question; `None` means that the rule has no say in it. No rule looks at what a
rater prefers, or at whether others agree: that would make the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

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

HEARD = 0.5  # share of a sound's duration that has to be heard
TOO_FAST_S = 1.0  # from the page's arrival to the answer
FEW_GOLD = 2  # of which both may be slips
FEW_REPEATS = 4

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
    heard: Floats  # share of its duration for which the less heard member was audible
    response_s: Floats


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
    heard: TimeSummary | None = None  # shares instead of seconds; below: under HEARD
    response: TimeSummary | None = None


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
        heard=_times(of.heard[given], HEARD),
        response=_times(of.response_s[given], TOO_FAST_S),
    )


def _repeats(
    preference: Floats, again: NDArray[np.bool_], repeat_of: NDArray[np.intp]
) -> Consistency | None:
    if not again.any():
        return None
    return repeat_consistency(preference[repeat_of[again]], preference[again])


def _times(values: Floats, too_short: float) -> TimeSummary | None:
    if np.isnan(values).all():
        return None
    return time_summary(values, too_short=too_short)


# ---- the rules ----------------------------------------------------------------------

Measure = Callable[[Evidence], float | None]


@dataclass(frozen=True)
class Rule:
    """A number and its limits. Beyond a limit is what counts, not on it."""

    key: str
    words: str  # why, with {value} and {limit}
    measure: Measure
    too_low: bool  # values below the limit count; else values above it
    pay: float | None
    use: float | None

    def broken(self, known: Evidence, limit: float | None) -> Reason | None:
        """Return why `known` is beyond the limit, or None."""
        value = self.measure(known)
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

    @property
    def paid(self) -> bool:
        return not self.not_paid

    @property
    def used(self) -> bool:
        return not self.not_used


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
    return exact.p if exact else None


RULES: tuple[Rule, ...] = (
    Rule(
        "answered",
        "answered {value:.0%} of the trials, less than {limit:.0%}",
        lambda known: known.answered / known.trials if known.trials else 0.0,
        too_low=True,
        pay=0.9,
        use=None,
    ),
    Rule(
        "gold",
        "failed {value:.0%} of the trials whose answer is known, more than {limit:.0%}",
        _gold,
        too_low=False,
        pay=0.7,
        use=0.34,
    ),
    Rule(
        "heard",
        "answered {value:.0%} of the trials before half of either sound was heard, "
        "more than {limit:.0%}",
        lambda known: known.heard.below if known.heard else None,
        too_low=False,
        pay=0.5,
        use=0.2,
    ),
    Rule(
        "speed",
        "answered {value:.0%} of the trials within a second, more than {limit:.0%}",
        lambda known: known.response.below if known.response else None,
        too_low=False,
        pay=0.5,
        use=0.2,
    ),
    Rule(
        "run",
        "chose one side so often in a row that chance does it with p = {value:.1g}, "
        "less than {limit:g}",
        lambda known: known.run.p if known.run else None,
        too_low=True,
        pay=1e-6,
        use=1e-3,
    ),
    Rule(
        "side",
        "chose one side so often that chance does it with p = {value:.1g}, "
        "less than {limit:g}",
        lambda known: known.side.p if known.side else None,
        too_low=True,
        pay=None,
        use=1e-4,
    ),
    Rule(
        "placebo",
        "chose one side of equal sounds so often that chance does it with "
        "p = {value:.1g}, less than {limit:g}",
        _placebo,
        too_low=True,
        pay=None,
        use=1e-3,
    ),
    Rule(
        "repeats",
        "gave the same answer again in {value:.0%} of the repeated trials, "
        "less than {limit:.0%}",
        _repeated,
        too_low=True,
        pay=None,
        use=0.5,
    ),
)


def declared(
    limits: Mapping[str, Mapping[str, float | None]], rules: tuple[Rule, ...] = RULES
) -> tuple[Rule, ...]:
    """Return the rules with limits of a study's own: `{"gold": {"use": 0.5}}`.

    Raises
    ------
    ValueError
        If a rule or a question is unknown.
    """
    keys = {rule.key for rule in rules}
    for key, of in limits.items():
        unknown = {key} - keys or set(of) - {"pay", "use"}
        if unknown:
            raise ValueError(f"there is no rule or limit called {unknown.pop()}")
    return tuple(
        replace(
            rule,
            pay=limits.get(rule.key, {}).get("pay", rule.pay),
            use=limits.get(rule.key, {}).get("use", rule.use),
        )
        for rule in rules
    )


def decide(known: Evidence, rules: tuple[Rule, ...] = RULES) -> Decision:
    """Hold what is known of a rater against all rules."""
    paid = (rule.broken(known, rule.pay) for rule in rules)
    used = (rule.broken(known, rule.use) for rule in rules)
    return Decision(known.rater, tuple(filter(None, paid)), tuple(filter(None, used)))


def excluded(decisions: Iterable[Decision]) -> frozenset[str]:
    """Return the raters whose answers are not used."""
    return frozenset(decision.rater for decision in decisions if not decision.used)


def counts(
    decisions: Iterable[Decision], rules: tuple[Rule, ...] = RULES
) -> dict[str, int]:
    """Return how many raters each rule keeps out; some break several."""
    broken = [reason.rule for d in decisions for reason in d.not_used]
    return {rule.key: broken.count(rule.key) for rule in rules if rule.use is not None}
