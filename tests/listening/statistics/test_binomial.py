from typing import Any

import pytest

from listening.statistics.binomial import INTERVALS, exact_test
from tests import reference

CASES = reference.load("binomial_and_holm")["binomial"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['x']} of {case['n']}")
def test_it_agrees_with_r(case: dict[str, Any]) -> None:
    found = exact_test(case["x"], case["n"])
    assert found.p == pytest.approx(case["p"], rel=1e-9)
    assert [found.ci_low, found.ci_high] == pytest.approx(case["cp"], abs=1e-12)


@pytest.mark.parametrize(
    ("method", "key"),
    [("clopper-pearson", "cp"), ("wilson", "wilson"), ("jeffreys", "jeffreys")],
)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['x']} of {case['n']}")
def test_the_intervals_agree_with_r(
    case: dict[str, Any], method: str, key: str
) -> None:
    interval = INTERVALS[method](case["x"], case["n"], 0.95)
    assert interval == pytest.approx(case[key], abs=1e-9)


def test_all_of_n_answers_alike_have_the_p_of_n_coins() -> None:
    """Closed form: 2 * (1/2)^n."""
    assert exact_test(12, 12).p == pytest.approx(2 * 0.5**12, rel=1e-12)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 4)])
def test_it_refuses_what_is_not_a_share(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        exact_test(successes, trials)
