"""Figures are files of the right kind, the same every time, and marked if simulated."""

import re
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from listening.analysis import Analysis, analyse
from listening.analysis.tables import checked
from listening.reporting.caterpillar import raters_figure
from listening.reporting.figures import (
    FORMATS,
    names_of,
    preference_figure,
    rating_figure,
)
from tests.listening.tables_of_trials import simulated_table

MAGIC = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}


def analysed(systems: int = 3, *, answer: str = "preferred") -> Analysis:
    rng = np.random.default_rng(1)
    choices = [0, 1] if answer == "preferred" else list(range(-3, 4))
    rows = [
        (f"r{r}", f"u{u}", f"system-{s}", 3 * (u % 3), rng.choice(choices))
        for r in range(5)
        for u in range(9)
        for s in range(systems)
    ]
    names = ["rater", "utterance", "system", "snr_db", answer]
    return analyse(checked(pd.DataFrame(rows, columns=names)))


@pytest.mark.parametrize("fmt", FORMATS)
def test_it_is_a_file_of_its_format_and_the_same_every_time(fmt: str) -> None:
    analysis = analysed()
    content = preference_figure(analysis, fmt)
    assert content.startswith(MAGIC[fmt])
    assert preference_figure(analysis, fmt) == content


def texts(svg: bytes) -> str:
    """Return what the figure says: matplotlib names each text before its outlines."""
    return " ".join(re.findall(r"<!-- (.*?) -->", svg.decode()))


def test_it_names_systems_axes_and_how_much_was_answered() -> None:
    said = texts(preference_figure(analysed(), "svg"))
    for text in ("system-0", "system-2", "SNR (dB)", "Preferred over unprocessed (%)"):
        assert text in said
    assert "5 raters, 9 utterances, 135 answers." in said


@pytest.mark.parametrize(
    ("simulated", "mark"), [(0, None), (135, "SIMULATED RATERS"), (9, "PARTLY SIMULA")]
)
def test_simulated_raters_are_marked(simulated: int, mark: str | None) -> None:
    said = texts(preference_figure(replace(analysed(), simulated=simulated), "svg"))
    assert said.count("SIMULATED") == (2 if mark else 0)
    assert mark is None or mark in said


def test_ratings_have_words() -> None:
    said = texts(rating_figure(analysed(answer="rating"), "svg"))
    for word in ("strongly", "no preference", "prefer enhanced", "prefer unprocessed"):
        assert word in said


@pytest.mark.parametrize("systems", [1, 12])
def test_few_and_many_systems_can_be_drawn(systems: int) -> None:
    assert preference_figure(analysed(systems), "png").startswith(MAGIC["png"])


def test_one_rater_at_one_snr_is_drawn_without_an_interval() -> None:
    row = {"rater": "r", "utterance": "u", "system": "s", "snr_db": 0, "preferred": 1}
    assert preference_figure(analyse(checked(pd.DataFrame([row]))), "svg")


def test_pyplot_is_left_alone() -> None:
    preference_figure(analysed(), "svg")
    assert plt.get_fignums() == []


@pytest.mark.parametrize("raters", [4, 40])
def test_raters_are_named_while_there_is_room(raters: int) -> None:
    analysis = analyse(simulated_table(raters=raters))
    said = texts(raters_figure(analysis, "svg"))
    assert "Preference over unprocessed (%)" in said
    assert ("r3" in said) == (raters == 4)
    assert ("40 raters" in said) == (raters == 40)


def test_without_a_model_there_is_no_figure_of_raters() -> None:
    assert names_of(analysed()) == ["preference", "raters"]
    assert names_of(replace(analysed(), models=())) == ["preference"]
