"""The R script of an export finds the numbers of `analysis.json`.

What it found is in tests/reference/script, made there by `make.py`. lme4 and clmm stop
within about a thousandth of a standard error of the optimum.
"""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from listening.analysis import analyse
from tests.listening.reproduced import VARIANTS

FOUND = Path("tests/reference/script")
Both = tuple[pd.DataFrame, dict[str, Any]]


@pytest.fixture(scope="module", params=VARIANTS)
def both(request: pytest.FixtureRequest) -> Both:
    """What the script found, and what we find."""
    variant = VARIANTS[request.param]
    analysis = analyse(variant.table, position=True, slopes=variant.slopes)
    found = pd.read_csv(FOUND / f"{request.param}.csv")
    found["term"] = [in_our_words(term) for term in found["term"]]
    return found, analysis.as_json()


def in_our_words(term: str) -> str:
    return re.sub(r"system(\w+)", r"system[\1]", term)


def test_coefficients_and_standard_errors_are_the_same(both: Both) -> None:
    found, ours = both
    for model in {"glmm", "clmm"} & set(found["model"]):
        rows = found[(found["model"] == model) & found["se"].notna()].set_index("term")
        effects = ours[model]["fixed_effects"] + ours[model].get("thresholds", [])
        assert {e["term"] for e in effects} == set(rows.index)
        for effect in effects:
            theirs = rows.loc[effect["term"]]
            assert abs(effect["estimate"] - theirs["estimate"]) < 1e-3 * theirs["se"]
            assert effect["se"] == pytest.approx(theirs["se"], rel=1e-3)


def test_spreads_and_likelihoods_are_the_same(both: Both) -> None:
    found, ours = both
    for model in {"glmm", "clmm"} & set(found["model"]):
        rows = found[found["model"] == model].set_index("term")["estimate"]
        assert ours[model]["log_likelihood"] == pytest.approx(
            rows["log_likelihood"], abs=1e-4
        )
        for name, sd in ours[model]["random_effects"].items():
            if f"sd {name}" in rows:
                assert sd == pytest.approx(rows[f"sd {name}"], rel=1e-3)
        assert {"sd rater", "sd utterance"} <= set(rows.index)


def test_preferences_are_the_same(both: Both) -> None:
    found, ours = both
    rows = found[found["model"] == "preference"].set_index("term")["estimate"]
    cells = {
        f"{c['system']} {c['snr_db']:g}": c["estimate"] for c in ours["preference"]
    }
    assert set(cells) == set(rows.index)
    for name, estimate in cells.items():
        assert estimate == pytest.approx(rows[name], abs=1e-5)
