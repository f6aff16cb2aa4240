"""Rankings against BradleyTerry2, Davidson's model in R, lme4, clmm, closed forms."""

from functools import cache
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.special import expit, logit

from listening.statistics.mixed_ranking import rank_mixed
from listening.statistics.ranking import NoRanking, Ranking, rank
from tests.reference import load

from .trials import DATA

FOLDER = DATA.parent / "ranking"
TIES: dict[str, float] = {"first": 1, "second": 0, "tie": 0.5}
SYSTEMS = {"A": 0.8, "B": 0.3, "C": 0.0}
Table = dict[str, Any]  # columns of shape (trials,)


@cache
def table(name: str, *, ties: bool = True) -> Table:
    path = FOLDER / f"{name}.csv"
    rows = np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8")
    if "choice" in (rows.dtype.names or ()):
        answer = np.array([TIES[choice] for choice in rows["choice"]])
    else:
        answer = rows["answer"]
    rater = np.unique(rows["rater"], return_inverse=True)[1]
    data = {"first": rows["first"], "second": rows["second"], "answer": answer}
    keep = ties | (answer != 0.5)
    return {k: column[keep] for k, column in (data | {"rater": rater}).items()}


def comparisons(name: str, *, ties: bool = True) -> Table:
    return {k: v for k, v in table(name, ties=ties).items() if k != "rater"}


def matches(
    found: Ranking, expected: Any, *, against: str, tol: float, log_tol: float = 1e-6
) -> None:
    """Compare strengths less that of `against`, and order, in standard errors."""
    for name, value in expected["estimate"].items():
        extra = {"order": found.order, "log_nu": found.log_nu}
        effect = extra[name] if name in extra else found.compare(name, against)
        se = expected["se"][name]
        assert effect is not None
        assert effect.estimate == pytest.approx(value, abs=tol * se)
        assert effect.se == pytest.approx(se, rel=tol)
    logs = found.log_likelihood, expected["log_likelihood"]
    assert logs[0] == pytest.approx(logs[1], abs=log_tol)


def draw(rng: np.random.Generator, trials: int, order: float = 0.0) -> Table:
    """Draw comparisons of SYSTEMS by the Bradley-Terry model."""
    names, s = np.array(list(SYSTEMS)), np.array(list(SYSTEMS.values()))
    i = rng.integers(3, size=trials)
    j = (i + rng.integers(1, 3, size=trials)) % 3
    wins = rng.random(trials) < expit(s[i] - s[j] + order)
    return {"first": names[i], "second": names[j], "answer": wins.astype(float)}


def test_without_ties_it_is_bradley_terry_as_r_fits_it() -> None:
    found = rank(**comparisons("pairs_with_ties", ties=False))
    expected = load("ranking/pairs_with_ties")["bradley_terry"]
    matches(found, expected, against="noisy", tol=1e-6)
    assert found.log_nu is None


def test_with_ties_it_is_davidsons_model_as_r_fits_it() -> None:
    found = rank(**comparisons("pairs_with_ties"))
    expected = load("ranking/pairs_with_ties")["davidson"]
    matches(found, expected, against="noisy", tol=2e-6)


def test_two_systems_have_the_log_odds_of_their_wins() -> None:
    """Closed form: log(30 / 10), with variance 1/30 + 1/10."""
    found = rank(["x"] * 40, ["y"] * 40, [1] * 30 + [0] * 10, order=False)
    effect = found.compare("x", "y")
    assert effect.estimate == pytest.approx(np.log(3))
    assert effect.se == pytest.approx(np.sqrt(1 / 30 + 1 / 10))
    assert effect.share[0] == pytest.approx(0.75)
    assert found.strength == pytest.approx([np.log(3) / 2, -np.log(3) / 2])


def test_order_of_two_systems_has_a_closed_form() -> None:
    """Saturated: the log odds of either order are strength ± order."""
    first = ["x"] * 50 + ["y"] * 50
    second = ["y"] * 50 + ["x"] * 50
    found = rank(first, second, [1] * 40 + [0] * 10 + [1] * 20 + [0] * 30)
    one, other = logit(0.8), logit(0.4)
    assert found.order is not None
    assert found.order.estimate == pytest.approx((one + other) / 2)
    assert found.compare("x", "y").estimate == pytest.approx((one - other) / 2)


def test_ties_of_two_systems_have_a_closed_form() -> None:
    """Davidson: nu = ties / sqrt(wins of one * wins of the other)."""
    answers = [1] * 36 + [0] * 9 + [0.5] * 12
    found = rank(["x"] * 57, ["y"] * 57, answers, order=False)
    assert found.compare("x", "y").estimate == pytest.approx(np.log(4))
    assert found.log_nu is not None
    assert found.log_nu.estimate == pytest.approx(np.log(12 / 18))


def test_systems_that_never_met_are_compared_through_others() -> None:
    """On a chain every strength follows from its own pair: differences add up."""
    first, second = ["a"] * 20 + ["b"] * 30, ["b"] * 20 + ["c"] * 30
    found = rank(first, second, [1] * 15 + [0] * 5 + [1] * 20 + [0] * 10, order=False)
    effect = found.compare("a", "c")
    assert effect.estimate == pytest.approx(np.log(3) + np.log(2))
    assert effect.se**2 == pytest.approx(1 / 15 + 1 / 5 + 1 / 20 + 1 / 10)
    assert found.best_first == ("a", "b", "c")


def test_names_and_presentation_do_not_matter() -> None:
    data = comparisons("pairs_with_ties")
    found = rank(data["first"], data["second"], data["answer"], order=False)
    turned = rank(data["second"], data["first"], 1 - data["answer"], order=False)
    assert turned.psi == pytest.approx(found.psi, abs=1e-9)
    new = {"A": "z", "B": "y", "C": "x", "noisy": "w"}
    first, second = ([new[n] for n in data[side]] for side in ("first", "second"))
    other = rank(first, second, data["answer"], order=False)
    assert other.strength[::-1] == pytest.approx(found.strength, abs=1e-9)


def test_intervals_cover_known_strengths_as_often_as_stated() -> None:
    rng = np.random.default_rng(1)
    effects = [rank(**draw(rng, 300, order=0.4)).compare("A", "C") for _ in range(300)]
    covered = [e.ci_low < SYSTEMS["A"] < e.ci_high for e in effects]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


def test_robust_standard_errors_are_those_of_logistic_regression() -> None:
    """With a rater and an utterance for each trial the variance is White's, HC0.

    Our factors n / (n - 1) of both come on top.
    """
    data = draw(np.random.default_rng(2), 400, order=0.3)
    names = np.array(list(SYSTEMS))
    X = (data["first"][:, None] == names).astype(float)
    X -= data["second"][:, None] == names
    X = np.column_stack([X[:, 1:], np.ones(400)])
    white = sm.Logit(data["answer"], X).fit(disp=0, cov_type="HC0")
    n = np.arange(400)
    found = rank(**data, rater=n, utterance=n)
    ses = [found.compare(name, "A").se for name in "BC"]
    assert found.order is not None
    assert [*ses, found.order.se] == pytest.approx(
        white.bse * np.sqrt(1 + 2 / 399), rel=1e-6
    )
    assert found.order.df == 399


def test_answers_given_twice_by_a_rater_count_once() -> None:
    """Robust errors do not shrink when every answer is repeated; the others do."""
    data = draw(np.random.default_rng(3), 400)
    n = np.arange(400)
    once = rank(**data, rater=n, utterance=n).compare("A", "C")
    doubled: Table = {name: np.tile(column, 2) for name, column in data.items()}
    twice = rank(**doubled, rater=np.tile(n, 2), utterance=np.tile(n, 2))
    assert twice.compare("A", "C").se == pytest.approx(once.se)
    naive = rank(**doubled).compare("A", "C").se
    assert naive == pytest.approx(rank(**data).compare("A", "C").se / np.sqrt(2))


def test_raters_who_do_not_differ_make_the_mixed_ranking_bradley_terrys() -> None:
    data = table("pairs_with_ties", ties=False)
    found = rank_mixed(**data)
    expected = load("ranking/pairs_with_ties")["bradley_terry"]
    matches(found.ranking, expected, against="noisy", tol=1e-6)
    assert found.fit.singular
    assert found.ranking.compare("A", "noisy").df == 39


def test_raters_with_their_own_order_and_taste_agree_with_lme4() -> None:
    expected = load("ranking/raters")["untied"]
    taste = {"a": 1, "b": 1, "c": 1, "noisy": 0}
    found = rank_mixed(**table("raters", ties=False), taste=taste)
    matches(found.ranking, expected, against="noisy", tol=2e-4)
    assert found.fit.sd["rater"] == pytest.approx(expected["sd"], rel=1e-4)
    assert found.threshold is None


def test_ties_of_raters_who_differ_agree_with_clmm() -> None:
    """Less closely than with lme4: clmm stops 1e-5 below the maximum."""
    expected = load("ranking/raters")["tied"]
    found = rank_mixed(**table("raters"))
    matches(found.ranking, expected, against="noisy", tol=1e-3, log_tol=1e-4)
    low, high = expected["thresholds"]
    assert found.ranking.order is not None
    assert found.ranking.order.estimate == pytest.approx(-(low + high) / 2, abs=1e-4)
    assert found.threshold == pytest.approx((high - low) / 2, abs=1e-4)
    assert found.fit.sd["rater"] == pytest.approx(expected["sd"], rel=1e-3)


@pytest.mark.parametrize(
    ("pairs", "answers", "message"),
    [
        (["ab", "cd"], [0.5, 0.5], r"no comparison connects a, b \| c, d"),
        (["ab", "ba", "bc"], [1, 1, 1], r"c never won.*: a, b \| c"),
        (["ab", "bc", "ca"], [1, 1, 1], "order or ties would be infinite"),
        (["ab", "ab"], [1, 0], "order cannot be told"),
        (["ab", "ba"], [0.5, 0.5], "order or ties would be infinite"),
    ],
)
def test_it_says_why_there_is_no_ranking(
    pairs: list[str], answers: list[float], message: str
) -> None:
    first, second = zip(*pairs, strict=True)
    with pytest.raises(NoRanking, match=message):
        rank(first, second, answers)


@pytest.mark.parametrize(
    ("first", "answer", "message"),
    [
        (["a", "b"], [1, 1], "b was compared with itself"),
        (["a", "a"], [1, 2], "answers are"),
        (["a"], [1], "a first, a second and an answer"),
        (["a", "c"], [1, np.nan], "answers are"),
    ],
)
def test_it_refuses_what_is_no_comparison(
    first: list[str], answer: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        rank(first, ["b", "b"], answer)


def test_p_and_interval_come_from_the_same_t() -> None:
    data = table("pairs_with_ties")
    n = np.arange(len(data["answer"]))
    effect = rank(**data, utterance=n).compare("A", "noisy")
    t = stats.t(39)
    reach = t.ppf(0.975) * effect.se
    assert effect.ci_low == pytest.approx(effect.estimate - reach)
    assert effect.p == pytest.approx(2 * t.sf(effect.estimate / effect.se))
