"""Rules on raters: who breaks which, and that each rule is broken only by its own."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from listening.analysis.screening import (
    RULES,
    Decision,
    RaterTrials,
    decide,
    declared,
    evidence,
    excluded,
)

TESTS = 36


def careful(rng: np.random.Generator, rater: str = "ada") -> RaterTrials:
    """Return 36 test trials with 6 repeats, 6 placebos and 4 gold, answered in earnest.

    Sides alternate as a careful rater's would who always prefers the enhanced member.
    """
    kind = np.repeat(["test", "repeat", "placebo", "gold"], [TESTS, 6, 6, 4])
    n = len(kind)
    side = np.tile([1.0, -1.0], n // 2)
    repeat_of = np.full(n, -1)
    repeat_of[kind == "repeat"] = np.arange(6)
    return RaterTrials(
        rater=rater,
        kind=kind,
        side=side,
        preference=np.ones(n),
        expected=np.where(kind == "gold", 1.0, np.nan),
        repeat_of=repeat_of,
        heard=rng.uniform(1, 4, n),
        pace=rng.uniform(1, 9, n),
    )


ADA = careful(np.random.default_rng(1))


def but(**changes: Any) -> RaterTrials:
    """Return a careful rater with some columns changed where said: (rows, values)."""
    columns = {}
    for name, (rows, values) in changes.items():
        column = getattr(ADA, name).copy()
        column[rows] = values
        columns[name] = column
    return replace(ADA, **columns)


def of_kind(kind: str) -> Any:
    return ADA.kind == kind


def rules(of: RaterTrials) -> tuple[set[str], set[str]]:
    """Return the keys of rules broken, for pay and for use."""
    decision = decide(evidence(of), RULES)
    return {r.rule for r in decision.not_paid}, {r.rule for r in decision.not_used}


def test_a_careful_rater_is_paid_and_used() -> None:
    decision = decide(evidence(ADA), RULES)
    assert decision == Decision("ada", (), ())
    assert decision.paid
    assert decision.used


EVERY_THIRD = np.arange(52) % 3 == 0
BROKEN = {
    "unfinished": (but(side=(np.arange(52) > 30, np.nan)), {"answered"}, set()),
    "fails half of gold": (but(preference=(slice(-2, None), -1)), set(), {"gold"}),
    "fails all gold": (but(preference=(of_kind("gold"), 0)), {"gold"}, {"gold"}),
    "does not listen": (but(heard=(slice(None), 0.1)), {"heard"}, {"heard"}),
    "skips some": (but(heard=(EVERY_THIRD, 0.1)), set(), {"heard"}),
    "clicks through": (but(pace=(slice(None), 0.4)), {"speed"}, {"speed"}),
    "hurries": (but(pace=(EVERY_THIRD, 0.4)), set(), {"speed"}),
    "always A": (
        but(side=(slice(0, 42), 1)),
        {"run"},
        {"run", "side"},
    ),
    "A for a while": (but(side=(slice(0, 16), 1)), set(), {"run"}),
    "contradicts": (but(preference=(of_kind("repeat"), -1)), set(), {"repeats"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_habit_breaks_its_own_rules(name: str) -> None:
    of, pay, use = BROKEN[name]
    assert rules(of) == (pay, use)


def test_a_side_of_placebos_counts_once_there_are_enough() -> None:
    kind = np.where(of_kind("test") & (np.arange(52) < 12), "placebo", ADA.kind)
    of = replace(ADA, kind=kind, repeat_of=np.where(of_kind("repeat"), 20, -1))
    rows = kind == "placebo"
    favours = replace(of, side=np.where(rows, 1.0, ADA.side))
    assert rules(favours) == (set(), {"placebo"})
    assert rules(replace(of, side=np.where(rows, 0.0, ADA.side))) == (set(), set())


def test_taste_breaks_no_rule() -> None:
    """A rater who always prefers the unprocessed speech, gold aside, is used."""
    assert rules(but(preference=(~of_kind("gold"), -1))) == (set(), set())


def test_what_was_not_measured_is_not_held_against_anyone() -> None:
    plain = but(heard=(slice(None), np.nan), pace=(slice(None), np.nan))
    only = of_kind("test")
    columns = {
        name: getattr(plain, name)[only]
        for name in plain.__dataclass_fields__
        if name not in ("rater", "headphones", "hidden")
    }
    known = evidence(RaterTrials("ada", **columns))
    assert (known.gold, known.repeats, known.placebos) == (None, None, None)
    assert (known.heard, known.pace) == (None, None)
    assert decide(known, RULES).used


def test_a_rater_who_answered_nothing_is_known_by_that_alone() -> None:
    known = evidence(but(side=(slice(None), np.nan)))
    assert (known.answered, known.run, known.side) == (0, None, None)
    assert [reason.rule for reason in decide(known, RULES).not_paid] == ["answered"]


def test_a_repeat_counts_only_if_both_were_answered() -> None:
    known = evidence(but(side=([0, 1], np.nan)))
    assert known.repeats is not None
    assert known.repeats.exact.trials == 4


def test_reasons_are_given_in_words_with_numbers() -> None:
    decision = decide(evidence(but(preference=(of_kind("gold"), -1))), RULES)
    assert decision.not_paid[0].words == (
        "failed 100% of the trials whose answer is known, more than 70%"
    )


def test_a_study_has_the_rules_that_it_declares_and_no_others() -> None:
    rules = declared({"gold": {"use": 0.1}, "side": {"use": None}})
    assert [(r.key, r.pay, r.use) for r in rules] == [("gold", None, 0.1)]
    one_failed = evidence(but(preference=(slice(-1, None), -1)))
    assert decide(one_failed, RULES).used
    assert not decide(one_failed, rules).used
    assert declared({}) == ()
    assert decide(one_failed, ()).used


def test_a_limit_of_nothing_at_all_is_a_limit() -> None:
    assert [rule.use for rule in declared({"gold": {"use": 0}})] == [0]


NONSENSE: dict[str, Any] = {
    "no rule or limit called golden": {"golden": {"use": 1.0}},
    "no rule or limit called paid": {"gold": {"paid": 1.0}},
    "limit of gold for use is not from 0 to 1": {"gold": {"use": 34}},
    "limit of run for pay is not from 0 to 1": {"run": {"pay": "seldom"}},
    "gold for pay is stricter than the one for use": {"gold": {"pay": 0.1, "use": 0.5}},
    "run for pay is stricter than the one for use": {"run": {"pay": 0.1, "use": 0.01}},
    "not limits by rule and tier": {"gold": 0.5},
}


@pytest.mark.parametrize("words", NONSENSE)
def test_rules_that_make_no_sense_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=words):
        declared(NONSENSE[words])


def test_raters_are_excluded_by_name() -> None:
    raters = [ADA, *(replace(of, rater=name) for name, (of, _, _) in BROKEN.items())]
    decisions = [decide(evidence(of), RULES) for of in raters]
    assert excluded(decisions) == set(BROKEN) - {"unfinished"}


def test_what_is_suggested_could_be_declared() -> None:
    assert declared({r.key: {"pay": r.pay, "use": r.use} for r in RULES}) == RULES


def test_pay_is_never_stricter_than_use_where_both_have_a_say() -> None:
    for rule in RULES:
        if rule.pay is not None and rule.use is not None:
            assert rule.pay < rule.use if rule.too_low else rule.pay > rule.use
