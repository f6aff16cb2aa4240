"""The mixed model of scores: against clmm of R, in words and tables."""

import numpy as np
import pandas as pd
import pytest

from listening.analysis import analyse
from listening.analysis.results import Json
from listening.analysis.tables import checked
from listening.reporting.methods_paragraph import methods_paragraph
from listening.reporting.score_tables import score_tables_of
from listening.reporting.wording import as_text
from tests.reference import load

CLMM = load("mixed/lme4")["graded"][0]


def graded_table() -> pd.DataFrame:
    """Return the answers in five steps that clmm was fitted to, as scores from 1."""
    table = pd.read_csv("tests/reference/mixed/graded.csv")
    names = {0: "unprocessed", 1: "wiener"}
    return checked(
        pd.DataFrame(
            {
                "rater": table["rater"].astype(str),
                "utterance": table["utterance"].astype(str),
                "system": table["system"].map(names),
                "snr_db": table["snr"],
                "score": table["y"] + 1,
            }
        )
    )


def model_of(table: pd.DataFrame) -> Json:
    (found,) = analyse(table).as_json()["score_models"]
    return dict(found)


def test_the_contrast_is_that_of_clmm() -> None:
    """The mean of the four SNRs is 0 dB, where clmm has its effect of the system."""
    (found,) = model_of(graded_table())["contrasts"]
    estimate, se = CLMM["beta"][1], CLMM["se"][1]
    assert (found["system"], found["other"]) == ("wiener", "unprocessed")
    assert abs(found["estimate"] - estimate) < 1e-3 * se
    assert found["se"] == pytest.approx(se, rel=1e-3)
    assert found["df"] == 19  # 20 raters, 30 utterances


def test_the_fit_is_that_of_clmm() -> None:
    found = model_of(graded_table())
    thresholds = [cut["estimate"] for cut in found["thresholds"]]
    assert thresholds == pytest.approx(CLMM["thresholds"], abs=1e-3)
    assert found["log_likelihood"] == pytest.approx(CLMM["log_likelihood"], abs=1e-4)
    for name, sd in CLMM["sd"].items():
        assert found["random_effects"][name] == pytest.approx(sd, rel=1e-3)


def test_the_base_of_the_coding_does_not_matter() -> None:
    """`aaa` comes before unprocessed, and then the first system is another one."""
    table = graded_table()
    (first,) = model_of(table.replace({"wiener": "aaa"}))["contrasts"]
    (second,) = model_of(table)["contrasts"]
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert first[name] == pytest.approx(second[name], rel=1e-5)


def test_each_scale_has_its_own_model_and_holm_is_over_its_systems() -> None:
    table = graded_table()
    half = np.arange(len(table)) % 2 == 0
    third = table.assign(system=table["system"].where(half, "tinylstm"))
    both = pd.concat([third.assign(scale=s) for s in ("signal", "overall")])
    models = analyse(both.reset_index(drop=True)).as_json()["score_models"]
    assert [one["scale"] for one in models] == ["overall", "signal"]
    (larger, smaller) = sorted(models[0]["contrasts"], key=lambda one: one["p"])
    assert larger["p_holm"] == pytest.approx(min(1, 2 * larger["p"]))
    assert smaller["p_holm"] >= larger["p_holm"]


def test_it_stands_in_table_words_and_methods() -> None:
    analysis = analyse(graded_table())
    (shown,) = [t for t in score_tables_of(analysis) if t["key"] == "model-overall"]
    (row,) = shown["blocks"][0]["rows"]
    assert [cell["text"] for cell in row][:2] == ["wiener", "−0.40"]
    assert row[3]["text"] == f"{np.exp(CLMM['beta'][1]):.2g}"
    assert "cumulative-link mixed models (logit) of the scores" in methods_paragraph(
        analysis
    )
    assert "odds times" in as_text(analysis)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"system": "wiener"}, "unprocessed speech was not scored"),
        ({"rater": "one"}, "there is only one rater"),
        ({"score": 3.0}, "there are fewer than three different scores"),
    ],
)
def test_it_says_why_there_is_none(change: dict[str, str | float], why: str) -> None:
    analysis = analyse(graded_table().assign(**change))
    assert not analysis.score_models
    assert f"No mixed model of scores (overall): {why}." in analysis.warnings
