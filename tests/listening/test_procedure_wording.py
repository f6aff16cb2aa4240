"""What methods say of a session: what the study declared, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils.html import escape

from listening.analysis import analyse_study
from listening.analysis.procedure import HeadphoneCheck, Procedure
from listening.blinding import unblind
from listening.computing import key_of
from listening.reporting.methods_paragraph import methods_paragraph
from listening.reporting.procedure_wording import about_procedure
from listening.reporting.reports import report_of
from listening.schedule import Checks
from listening.simulation import simulate
from tests.listening.test_simulation import AT
from tests.scene import Scene, make_checked_study

PLAIN = Procedure(1.5, 0, Checks(), ("clean", "lowpass-3.5k"), None)


def said(**changes: Any) -> str:
    return " ".join(about_procedure(replace(PLAIN, **changes)))


def test_without_checks_only_listening_is_told() -> None:
    assert said() == (
        "An answer was taken only after 1.5 s of each member had been heard."
    )


def test_one_sound_by_itself_has_no_sides() -> None:
    text = said(alone=True, checks=Checks(gold=2, repeat=1))
    assert "1.5 s of the sound had been heard" in text
    assert "2 gold trials, of clean or lowpass-3.5k; 1 repeat, asked before: " in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"training": 1}, "began with 1 training trial, whose answers were not"),
        (
            {"checks": Checks(gold=2)},
            "also held 2 gold trials, of clean against lowpass-3.5k: trials that check",
        ),
        (
            {"checks": Checks(placebo=1, repeat=3)},
            "held 1 placebo, in which both members were the same; 3 repeats, asked",
        ),
        (
            {"headphones": HeadphoneCheck(("huggins",), 6, "exclude")},
            "by Huggins pitch (Milne et al. 2021): 6 sounds, of which 6 had to be "
            "recognised in one of 2 attempts; whoever failed was screened out.",
        ),
        (
            {"headphones": HeadphoneCheck(("huggins", "antiphase"), 5, "flag")},
            "and antiphase tones (Woods et al. 2017): 6 sounds of each, of which 5",
        ),
    ],
)
def test_what_was_declared_is_told(changes: dict[str, Any], words: str) -> None:
    assert words in said(**changes)


def test_the_methods_of_a_study_tell_its_checks_slopes_and_rules(scene: Scene) -> None:
    study = make_checked_study(
        scene,
        headphone_check="antiphase",
        headphone_policy="warn",
        rater_slopes=True,
        exclusion_rules={"gold": {"use": 0.5}},
    )
    simulate(study, raters=6, seed=1, at=AT)
    text = methods_paragraph(analyse_study(study))
    for words in (
        "was asked to put headphones on, and took part",
        "2 gold trials, of clean against lowpass-3.5k; 1 placebo",
        "Rules on raters were declared",
        "raters' random slopes on the SNR",
    ):
        assert words in text


def test_results_are_made_anew_where_the_procedure_is_another(scene: Scene) -> None:
    before = key_of(scene.study)
    scene.study.headphone_check = "huggins"
    assert key_of(scene.study) != before


def test_report_and_methods_tell_that_the_outcome_was_seen_early(scene: Scene) -> None:
    simulate(scene.study, raters=2, seed=1, at=AT)
    before = key_of(scene.study)
    unblind(scene.study, by="ada", reason="A sponsor <asks>.", at=AT)
    analysis = analyse_study(scene.study)
    told = (
        "The outcome was seen before the stop rule was met: on 1 March 2026, when "
        "0 raters and 2 simulated raters had finished and there were 8 answers. "
        "The reason given: A sponsor <asks>."
    )
    assert told in methods_paragraph(analysis)
    assert escape(told) in report_of(analysis, title="Early")
    assert analysis.as_json()["seen_early"]["reason"] == "A sponsor <asks>."
    assert key_of(scene.study) != before


def test_who_looked_in_time_is_not_told(scene: Scene) -> None:
    simulate(scene.study, raters=2, seed=1, at=AT)
    analysis = analyse_study(scene.study)
    assert "stop rule" not in methods_paragraph(analysis)
    assert "stop rule" not in report_of(analysis, title="In time")
