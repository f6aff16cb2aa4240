"""Voice, background and whole: three scores of each sound, the last one last."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from django.test import Client

from listening import answering, cells, methods
from listening.analysis import analyse, analyse_study
from listening.analysis.checks import answers_of, check_results
from listening.analysis.tables import TableError, checked
from listening.asking import order_of
from listening.board import board
from listening.enrolment import enrol
from listening.export.columns import TRIALS
from listening.export.writing import rows_of
from listening.models import Session, Study, Trial
from listening.progress import minutes
from listening.rehearsal import rehearse
from listening.reporting.figures import FIGURES, names_of
from listening.reporting.methods_paragraph import methods_paragraph
from listening.reporting.wording import as_text
from listening.simulation import simulate
from tests.listening.test_scores import scored_table
from tests.raters import finish, key_for, start
from tests.scene import (
    ANCHORS,
    SNRS_DB,
    SYSTEMS,
    Scene,
    make_scored_study,
    make_stimulus_set,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
P835 = methods.load("p835")


@pytest.fixture
def study(scene: Scene) -> Study:
    return make_scored_study(scene.ada, scene.stimulus_set, method="p835")


def begun(study: Study, seed: int) -> Session:
    return enrol(study=study, stage=Session.Stage.LIVE, seed=seed, at=AT)


# ---- the order ----------------------------------------------------------------------


def test_a_sound_comes_once_for_each_scale_the_whole_last(study: Study) -> None:
    trials = list(begun(study, 1).trials.order_by("position"))
    assert len(trials) == 3 * 7
    for n in range(0, len(trials), 3):
        three = trials[n : n + 3]
        assert len({(t.mixture_id, t.comparison_id, t.kind) for t in three}) == 1
        assert [t.scale for t in three] == [t.scale for t in trials[:3]]
        assert three[2].scale == "overall"
        assert {t.scale for t in three[:2]} == {"signal", "background"}
    assert len({t.token_a for t in trials}) == len(trials)


@pytest.mark.parametrize("seed", range(3))
def test_half_of_the_sessions_begin_with_the_voice(study: Study, seed: int) -> None:
    for rater in range(4):
        begun(study, 10 * seed + rater)
    firsts = Trial.objects.filter(position=1).values_list("scale", flat=True)
    assert Counter(firsts) == {"signal": 2, "background": 2}


def test_chance_decides_where_equally_many_began() -> None:
    firsts = {order_of(P835, {}, seed=seed)[0] for seed in range(20)}
    assert firsts == {"signal", "background"}


def test_the_rehearsal_shows_scales_in_both_orders(study: Study) -> None:
    rehearsal = rehearse(study, sessions=4)
    assert rehearsal is not None
    firsts = Counter(schedule[0].scale for schedule in rehearsal.schedules)
    assert firsts == {"signal": 2, "background": 2}
    assert {line.as_a for line in rehearsal.balance} == {8}


# ---- the page -----------------------------------------------------------------------


def test_each_scale_has_its_question_and_its_labels(
    client: Client, study: Study
) -> None:
    session = start(begun(study, 1), at=AT)
    for trial in session.trials.order_by("position")[:3]:
        page = client.get(f"/session/{session.code}/trial/").content.decode()
        question = P835.question_on(trial.scale) or study.question
        assert f">{question}</legend>" in page
        for choice in P835.choices_on(trial.scale):
            assert f"<span>{choice.label}</span>" in page
        assert not [system for system in SYSTEMS if system in page]
        answering.show(trial, at=AT)
        answering.answer(trial, key=key_for(trial), value=3, at=AT)


def test_each_scale_is_asked_in_the_language_of_the_study(
    client: Client, study: Study
) -> None:
    Study.objects.filter(pk=study.pk).update(language="de")
    session = start(begun(study, 1), at=AT)
    page = client.get(f"/session/{session.code}/trial/").content.decode()
    assert "Achten Sie nur auf" in page
    assert "Sehr verzerrt" in page or "Sehr störend" in page


def test_a_session_takes_three_times_as_long(study: Study) -> None:
    of_one = Study(method="acr", trials_per_session=40, training_trials=0)
    of_three = Study(method="p835", trials_per_session=40, training_trials=0)
    assert minutes(of_three) == 3 * (minutes(of_one) - 1) + 1


# ---- counts -------------------------------------------------------------------------


def test_cells_and_board_count_sounds_and_not_scores(study: Study) -> None:
    finish(begun(study, 1), at=AT, value=3)
    given = cells.given(study, stage=Session.Stage.LIVE, at=AT)
    assert sum(given.values()) == 6
    shown = board(study, at=AT)
    assert sum(cell.answers for row in shown.rows for cell in row.cells) == 6


def test_schedules_stay_balanced_over_sessions(study: Study) -> None:
    for seed in range(6):
        finish(begun(study, seed), at=AT, value=3)
    given = cells.given(study, stage=Session.Stage.LIVE, at=AT)
    assert set(given.values()) == {2}
    assert len(given) == 3 * 6


def test_only_the_whole_of_a_gold_trial_is_known(scene: Scene) -> None:
    stimulus_set = make_stimulus_set(
        "anchors", snrs_db=SNRS_DB, mixtures_per_snr=2, systems=(*SYSTEMS, *ANCHORS)
    )
    study = make_scored_study(
        scene.ada, stimulus_set, method="p835", gold_trials=2, repeat_trials=1
    )
    session = start(begun(study, 1), at=AT)
    good = {"clean": 5, "lowpass-3.5k": 1}
    for trial in session.trials.order_by("position"):
        score = good.get(trial.members[0], 3) if trial.scale == "overall" else 2
        answering.show(trial, at=AT)
        answering.answer(trial, key=key_for(trial), value=score, at=AT)
    found = check_results(answers_of(study))
    assert found.gold
    assert found.repeat
    assert (found.gold.n, found.gold.count) == (2, 0)
    assert (found.repeat.n, found.repeat.count) == (3, 3)


# ---- the results --------------------------------------------------------------------


def test_the_export_has_a_row_for_each_score(study: Study) -> None:
    finish(begun(study, 2), at=AT, value=2)
    names = [column.name for column in TRIALS.columns]
    rows = [
        dict(zip(names, row, strict=True))
        for row in rows_of(TRIALS, TRIALS.rows(study))
    ]
    told = Counter((row["scale"], row["score"]) for row in rows)
    assert told == {("signal", 2): 6, ("background", 2): 6, ("overall", 2): 6}


def test_each_scale_is_analysed_as_if_it_were_alone() -> None:
    overall = scored_table(seed=1)
    voice = scored_table(seed=2).assign(scale="signal")
    noise = scored_table(seed=3).assign(scale="background")
    rows = [overall, voice, noise]
    together = analyse(checked(pd.concat(rows)))
    assert together.scales == ("overall", "signal", "background")
    for table, scale in zip(rows, together.scales, strict=True):
        alone = analyse(table)
        of = together.on(scale)
        assert [c.rating and c.rating.mean for c in of.cells] == [
            c.rating and c.rating.mean for c in alone.cells
        ]
        assert [d.as_json() for d in of.differences] == [
            d.as_json() for d in alone.differences
        ]
    assert not [warning for warning in together.warnings if "earlier" in warning]


def test_words_and_figures_name_each_scale(study: Study) -> None:
    simulate(study, raters=4, seed=1, at=AT)
    analysis = analyse_study(study)
    text = as_text(analysis)
    for name in ("overall quality", "the speech signal", "the background"):
        assert f"Mean opinion scores of {name}" in text
    assert names_of(analysis) == ["overall", "signal", "background"]
    drawn = [FIGURES[name](analysis, "svg") for name in names_of(analysis)]
    assert len(set(drawn)) == 3
    assert (analysis.n, analysis.on("signal").n) == (72, 24)
    assert analysis.on("signal").simulated == 24
    assert "ITU-T P.835" in methods_paragraph(analysis)


def test_a_scale_that_is_none_is_named_with_its_row() -> None:
    table = scored_table().assign(scale="loudness")
    with pytest.raises(TableError, match="row 1: `loudness` is not overall, signal, b"):
        checked(table)
    empty = checked(scored_table().assign(scale=np.nan))
    assert set(empty["scale"]) == {"overall"}
