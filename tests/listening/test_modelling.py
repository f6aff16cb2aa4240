"""The models of a table: against R, and where there is little to model."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from listening.analysis import analyse
from listening.analysis.results import Json
from listening.reporting import wording
from tests.listening.statistics.trials import reference
from tests.listening.tables_of_trials import reference_table, simulated_table


def r_name(term: str) -> str:
    return term.replace("[", "").replace("]", "")


def assert_agrees(found: Json, expected: Json, terms: list[str]) -> None:
    """To 1e-4 standard errors, and 1e-6 in the log-likelihood."""
    by_term = {r_name(e["term"]): e for e in found["fixed_effects"]}
    assert set(by_term) == set(terms)
    se = np.array(expected["se"])
    for key in ("beta", "se"):
        mine = [by_term[t]["estimate" if key == "beta" else "se"] for t in terms]
        assert (np.abs(np.array(mine) - expected[key]) / se).max() <= 1e-4
    assert found["log_likelihood"] == pytest.approx(
        expected["log_likelihood"], abs=1e-6
    )


@pytest.mark.parametrize("name", ["s01", "s02", "s06", "s07", "s10", "s11"])
@pytest.mark.parametrize("software", ["laplace", "glmmTMB"])
def test_the_model_is_that_of_lme4_and_glmmtmb(name: str, software: str) -> None:
    expected = reference("glmm")[name]
    found = analyse(reference_table(name)).as_json()["glmm"]
    assert_agrees(found, expected[software], expected["terms"])
    assert found["converged"]


@pytest.mark.parametrize("name", ["s01", "s10"])
def test_shares_of_variance_come_from_the_deviations_of_lme4(name: str) -> None:
    """Over the variance of the logistic distribution, pi^2 / 3, that answers have."""
    sd = reference("glmm")[name]["laplace"]["sd"]
    analysis = analyse(reference_table(name))
    found = analysis.as_json()["glmm"]["intraclass_correlation"]
    total = sum(value**2 for value in sd.values()) + np.pi**2 / 3
    for factor, value in sd.items():
        assert found[factor] == pytest.approx(value**2 / total, abs=1e-4)
    told = f"raters make up {100 * found['rater']:.1f} %"
    assert told in " ".join(wording.notes(analysis))


@pytest.mark.parametrize("software", [0, 1])
def test_slopes_are_those_of_lme4_and_glmmtmb(software: int) -> None:
    expected = reference("lme4")["s07"][software]
    found = analyse(reference_table("s07"), slopes=True).as_json()["glmm"]
    terms = reference("glmm")["s07"]["terms"]
    by_term = {r_name(e["term"]): e for e in found["fixed_effects"]}
    se = np.array(expected["se"])
    beta = np.array([by_term[term]["estimate"] for term in terms])
    assert (np.abs(beta - expected["beta"]) / se).max() <= 1e-4
    random = found["random_effects"]
    assert [random["rater"], random["rater:snr_c"]] == pytest.approx(
        expected["sd"]["rater"], abs=2e-5
    )
    assert -1 <= random["rater correlation"] <= 1


def test_slopes_widen_what_is_said_of_the_trend_but_not_of_the_mean() -> None:
    """s07 was simulated with slopes: models without are too sure of the trend."""
    table = reference_table("s07")
    without, sloping = (analyse(table, slopes=s).as_json() for s in (False, True))
    for trend, safer in zip(without["snr_trend"], sloping["snr_trend"], strict=True):
        assert safer["se"] > 1.3 * trend["se"]
    mean, same = (d["preference_overall"][0]["estimate"] for d in (without, sloping))
    assert mean == pytest.approx(same, abs=0.01)


def test_slopes_reach_the_preference_at_the_outer_snrs() -> None:
    """Averaged over raters whose slopes differ, by the variance at that SNR."""
    analysis = analyse(reference_table("s07"), slopes=True)
    (model,) = analysis.models
    effect = model.trend.random["rater"]
    assert model.slopes
    cell = next(m for m in model.modelled if m.snr_db == 9)
    at = np.array([1, 9 - 1.5])
    variance = at @ effect.Lambda @ effect.Lambda.T @ at
    variance += model.trend.sd["utterance"][0] ** 2
    terms = dict(zip(model.trend.terms, model.trend.beta, strict=True))
    eta = terms["(Intercept)"] + 7.5 * terms["snr_c"]
    z = np.random.default_rng(1).standard_normal(400_000)
    by_chance = (1 / (1 + np.exp(-eta - np.sqrt(variance) * z))).mean()
    assert cell.system == "A"
    assert cell.linear
    assert cell.linear.estimate == pytest.approx(by_chance, abs=2e-3)


def test_one_snr_has_no_slopes_and_that_is_said() -> None:
    analysis = analyse(simulated_table(snrs=(0.0,)), slopes=True)
    assert not analysis.models[0].slopes
    assert any("No raters' slopes" in told for told in analysis.warnings)


def test_graded_answers_have_slopes_too() -> None:
    data = analyse(reference_table("x1"), slopes=True).as_json()
    assert {"rater", "rater:snr_c"} <= set(data["clmm"]["random_effects"])


def test_position_is_a_term_if_asked() -> None:
    """The reference is lme4 at default tolerance: right to 2e-2 standard errors."""
    expected = reference("glmm")["s11"]["with_position"]
    data = analyse(reference_table("s11"), position=True).as_json()
    found = {e["term"]: e for e in data["glmm"]["fixed_effects"]}["position"]
    assert found["estimate"] == pytest.approx(expected["beta"][3], abs=2e-3)
    assert found["se"] == pytest.approx(expected["se"][3], rel=1e-2)
    assert data["position_bias"]["glmm"]["estimate"] == found["estimate"]


def test_without_being_asked_there_is_no_position() -> None:
    data = analyse(reference_table("s11")).as_json()
    assert "position" not in {e["term"] for e in data["glmm"]["fixed_effects"]}
    assert "glmm" not in data["position_bias"]


def test_graded_answers_have_the_model_of_clmm() -> None:
    expected = reference("glmm")["x1"]
    found = analyse(reference_table("x1")).as_json()["clmm"]
    rows = {r_name(e["term"]): e for e in found["thresholds"] + found["fixed_effects"]}
    se = np.array(expected["clmm"]["se"])
    mine = np.array([rows[term]["estimate"] for term in expected["terms"]])
    assert (np.abs(mine - expected["clmm"]["coefficients"]) / se).max() <= 1e-3


def test_preference_is_the_population_average_of_a_mean_for_each_cell() -> None:
    """Typical rater 0.831 (emmeans); averaged by Gauss-Hermite 0.790; counted 0.800."""
    (first, *_) = analyse(reference_table("s01")).as_json()["preference"]
    assert (first["system"], first["snr_db"]) == ("A", -6)
    assert first["estimate"] == pytest.approx(0.790, abs=5e-4)
    assert first["df"] == 49


def test_holm_runs_over_the_snrs_of_a_comparison() -> None:
    found = analyse(reference_table("s01")).as_json()["preference"]
    p = np.array([cell["p"] for cell in found if cell["system"] == "C"])
    steps = np.maximum.accumulate(np.sort(p) * np.arange(6, 0, -1))
    mine = sorted(cell["p_holm"] for cell in found if cell["system"] == "C")
    assert mine == pytest.approx(np.minimum(steps, 1).tolist())


def test_ties_are_the_middle_of_three_and_left_out_of_two() -> None:
    table = simulated_table(raters=12, utterances=16)
    table.loc[::7, "preferred"] = np.nan
    data = analyse(table).as_json()
    assert [e["term"] for e in data["clmm"]["thresholds"]] == ["-1|0", "0|1"]
    assert data["glmm"]["trials"] == table["preferred"].notna().sum()
    assert data["clmm"]["trials"] == len(table)


def test_each_reference_has_a_model_of_its_own() -> None:
    table = simulated_table(raters=12, utterances=16)
    table["reference"] = np.where(table["system"] == "a", "unprocessed", "c")
    analysis = analyse(table)
    assert [model.reference for model in analysis.models] == ["c", "unprocessed"]
    assert len(analysis.as_json()["glmm_other_references"]) == 1
    assert all(cell.modelled for cell in (*analysis.cells, *analysis.overall))
    assert "each reference has a mixed model of its own" in " ".join(analysis.warnings)


def terms_of(table: pd.DataFrame, **options: Any) -> list[str]:
    data = analyse(table, **options).as_json()
    return [e["term"] for e in data["glmm"]["fixed_effects"]]


def test_one_system_and_one_snr_have_an_intercept_alone() -> None:
    assert terms_of(simulated_table(systems=("a",), snrs=(0,))) == ["(Intercept)"]


def test_a_system_heard_at_one_snr_has_no_slope() -> None:
    table = simulated_table(raters=12, utterances=16, systems=("a", "b", "c"))
    table = table[(table["system"] != "c") | (table["snr_db"] == 3)]
    assert "snr_c:system[c]" not in terms_of(table)
    assert "snr_c:system[c] cannot be told from" in " ".join(analyse(table).warnings)


def test_answers_that_are_all_alike_are_penalised_and_that_is_said() -> None:
    analysis = analyse(simulated_table().assign(preferred=1.0))
    assert analysis.models[0].penalised
    assert "penalised estimate" in " ".join(analysis.warnings)
    headline = analysis.overall[0].headline
    assert headline
    assert 0.9 < headline.estimate < 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rater": "r0"}, "there is only one rater"),
        ({"utterance": "u0"}, "there is only one utterance"),
        ({"preferred": np.nan}, "nobody preferred either"),
    ],
)
def test_what_cannot_be_modelled_is_left_out_and_said(
    change: dict[str, Any], words: str
) -> None:
    analysis = analyse(simulated_table().assign(**change))
    assert not analysis.models
    assert words in " ".join(analysis.warnings)
    assert "glmm" not in analysis.as_json()


@pytest.mark.parametrize(
    ("first", "words"),
    [(None, "no column enhanced_first"), ([1.0, np.nan] * 60, "not known of 60 trial")],
)
def test_a_position_that_is_not_known_is_no_term(first: Any, words: str) -> None:
    columns = {} if first is None else {"enhanced_first": first}
    analysis = analyse(simulated_table(**columns), position=True)
    assert analysis.models[0].position is None
    assert words in " ".join(analysis.warnings)


def test_measured_snrs_are_no_cells() -> None:
    """Every trial its own SNR: the preference is read off the line, and that is said"""
    table = simulated_table(raters=12, utterances=16)
    noise = np.random.default_rng(1).normal(size=len(table)).round(3)
    analysis = analyse(table.assign(snr_db=table["snr_db"] + noise))
    assert not analysis.models[0].by_cell
    assert "straight line in the SNR" in " ".join(analysis.warnings)


@pytest.mark.parametrize("seed", range(6))
def test_tiny_tables_are_survived(seed: int) -> None:
    table = simulated_table(seed, raters=3, utterances=2)
    assert analyse(table.iloc[: 3 + seed // 2]).as_json()["trials"]


def test_nothing_is_said_of_the_share_of_raters_where_they_do_not_differ() -> None:
    analysis = analyse(simulated_table().assign(preferred=1.0))
    (a, _) = wording.findings(analysis)[:2]
    assert "Of all raters" not in a
    assert wording.lines(analysis)[0].raters == ""
