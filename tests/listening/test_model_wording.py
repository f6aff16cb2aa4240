"""What the models say in words, and never say."""

import re

import pytest

from listening.analysis import analyse
from listening.reporting import wording
from listening.reporting.methods_paragraph import methods_paragraph
from tests.listening.tables_of_trials import reference_table, simulated_table


def test_the_headline_is_the_population_preference() -> None:
    (first, *_) = wording.findings(analyse(reference_table("s01")))
    assert first.startswith("A was preferred over unprocessed: 67.")
    assert "Of all raters like these, an estimated 8" in first
    assert "Preference for A shrinks as the SNR rises (p < 0.001)." in first


def test_systems_are_compared_where_that_is_clear() -> None:
    *_, last = wording.findings(analyse(reference_table("s01")))
    assert last.startswith(
        "B is preferred over unprocessed more often than C is, by 16"
    )


def test_what_is_not_clear_is_left_open_and_never_called_equal() -> None:
    said = " ".join(wording.findings(analyse(simulated_table(2, raters=6, shift=0))))
    assert "left open" in said
    assert not re.search("no difference|equivalent|the same", said)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("s01", "50 raters gave 1,800 answers about 60 utterances at 6 SNRs in 3 comp"),
        ("s01", "min(raters, utterances) − 1 degrees of freedom"),
        ("x1", "Graded answers were analysed by cumulative-link mixed models"),
        ("s10", "Computed by Earshot with python 3."),
    ],
)
def test_the_methods_are_those_that_were_used(name: str, words: str) -> None:
    assert words in methods_paragraph(analyse(reference_table(name)))


def test_methods_name_position_and_penalty_only_where_they_were() -> None:
    plain = methods_paragraph(analyse(simulated_table()))
    assert "position" not in plain
    assert "penalt" not in plain
    table = simulated_table(enhanced_first=[1, 1, 0, 0, 0, 1] * 20)
    assert "fixed effect of position" in methods_paragraph(
        analyse(table, position=True)
    )
    alike = analyse(table.assign(preferred=1.0))
    assert "weak penalties" in methods_paragraph(alike)
