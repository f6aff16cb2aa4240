"""Scores of single sounds from draw to results: balanced, blind, and by clusters."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.timezone import now

from listening import answering, listeners, methods, simulation
from listening.analysis import analyse_study
from listening.analysis.checks import answers_of, check_results, evidence_of
from listening.answering import BadValue
from listening.designs import Candidate, Checks, Drawn, draw, problems
from listening.enrolment import enrol
from listening.export.columns import CHECKS, TRIALS
from listening.export.table import Table
from listening.export.writing import rows_of
from listening.forms import StudyForm
from listening.launching import problems as problems_of
from listening.models import Session, Study
from listening.rehearsal import rehearse
from listening.reporting.exclusion_wording import about_checks
from listening.schedule import Kind
from stimuli.models import Stimulus
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
ACR = methods.load("acr")


@pytest.fixture
def study(scene: Scene) -> Study:
    return make_scored_study(scene.ada, scene.stimulus_set)


@pytest.fixture
def session(study: Study) -> Session:
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=AT)
    return start(session, at=AT)


def told(table: Table[Study], study: Study) -> list[dict[str, object]]:
    names = [column.name for column in table.columns]
    rows = rows_of(table, table.rows(study))
    return [dict(zip(names, row, strict=True)) for row in rows]


# ---- the draw -----------------------------------------------------------------------


def session_of(seed: int, exposure: Counter[tuple[int, int, bool]]) -> list[Drawn]:
    mixtures = [Candidate(n, float(n % 3), f"s{n}") for n in range(60)]
    return draw(
        comparisons=[1, 2, 3],
        candidates=mixtures,
        trials=9,  # an odd number of each
        training=2,
        exposure=exposure,
        seed=seed,
        alone=True,
    )


def test_every_system_is_heard_equally_often_at_every_snr() -> None:
    exposure = Counter[tuple[int, int, bool]]()
    cells = Counter[tuple[int | None, float]]()
    for seed in range(6):
        tests = [t for t in session_of(seed, exposure) if t.kind is Kind.TEST]
        assert set(Counter(t.comparison for t in tests).values()) == {3}
        assert len({t.candidate.sentence for t in tests}) == 9
        cells.update((t.comparison, t.candidate.snr_db) for t in tests)
        exposure.update((t.comparison or 0, t.candidate.mixture, True) for t in tests)
    assert set(cells.values()) == {6}
    assert len(cells) == 9


def test_the_one_sound_is_always_that_of_the_system() -> None:
    assert all(trial.enhanced_first for trial in session_of(1, Counter()))


def test_a_number_that_leaves_systems_unequal_is_refused() -> None:
    [problem] = problems(comparisons=3, sentences=60, trials=10, alone=True)
    assert "multiple of 3, the number of systems" in problem
    assert "9 or 12, not 10" in problem


def test_one_sound_is_no_placebo(study: Study) -> None:
    study.placebo_trials = 1
    assert any("one sound twice" in problem for problem in problems_of(study))
    checks = Checks(placebo=1)
    assert problems(comparisons=1, sentences=9, trials=1, checks=checks, alone=True)


def test_the_rehearsal_shows_one_system_a_trial(study: Study) -> None:
    rehearsal = rehearse(study, sessions=2)
    assert rehearsal is not None
    trials = [trial for one in rehearsal.schedules for trial in one]
    assert {trial.a for trial in trials} == set(SYSTEMS)
    assert {trial.b for trial in trials} == {""}
    assert {line.as_a for line in rehearsal.balance} == {4}


# ---- blindness ----------------------------------------------------------------------


def test_a_trial_has_one_sound_that_of_its_system(
    client: Client, session: Session
) -> None:
    trial = session.trials.select_related("comparison").all()[0]
    assert trial.comparison
    assert list(trial.tokens) == ["a"]
    response = client.get(f"/audio/{trial.token_a}/")
    wanted = Stimulus.objects.get(mixture=trial.mixture, system=trial.comparison.system)
    assert response.content == wanted.path.read_bytes()


def test_sounds_are_served_alike_whatever_the_system(
    client: Client, session: Session
) -> None:
    heads, sizes = [], set()
    trial = session.trials.all()[0]
    for comparison in session.study.comparisons.all():
        session.trials.update(comparison=comparison)
        response = client.get(f"/audio/{trial.token_a}/")
        heads.append(dict(response.items()))
        sizes.add(len(response.content))
    assert heads[0] == heads[1] == heads[2]
    assert len(sizes) == 1


def test_the_page_is_the_same_whatever_the_system(
    client: Client, session: Session
) -> None:
    pages = set()
    for comparison in session.study.comparisons.all():
        session.trials.update(comparison=comparison)
        page = client.get(f"/session/{session.code}/trial/").content.decode()
        assert not [system for system in SYSTEMS if system in page]
        pages.add(page.split('<section class="trial"')[1].split("<form")[0])
    assert len(pages) == 1


def test_the_page_speaks_of_one_sound(client: Client, session: Session) -> None:
    page = client.get(f"/session/{session.code}/trial/").content.decode()
    assert page.count('type="radio"') == 5
    assert page.count("data-play=") == 1
    assert not [words for words in ("Play A", "Play B", "both") if words in page]
    labels = [choice.label for choice in ACR.choices]
    places = [page.index(f"<span>{label}</span>") for label in labels]
    assert places == sorted(places)


def test_a_second_sound_cannot_be_stored_where_one_is_scored(session: Session) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        session.trials.filter(position=1).update(token_b="b" * 22)
    with pytest.raises(IntegrityError), transaction.atomic():
        session.trials.update(scale="")


# ---- answers ------------------------------------------------------------------------


@pytest.mark.parametrize("value", [-1, 0, 6])
def test_there_are_five_scores(session: Session, value: int) -> None:
    trial = session.trials.all()[0]
    answering.show(trial, at=AT)
    with pytest.raises(BadValue):
        answering.answer(trial, key=key_for(trial), value=value, at=AT)


def test_the_export_tells_scale_and_score(study: Study) -> None:
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=2, at=AT)
    finish(session, at=AT, value=4)
    rows = told(TRIALS, study)
    assert Counter(row["system"] for row in rows) == dict.fromkeys(SYSTEMS, 2)
    for row in rows:
        assert (row["scale"], row["score"], row["value"]) == ("overall", 4, 4)
        assert row["reference"] == ""
        for name in ("enhanced_first", "preferred", "rating", "correct", "x_first"):
            assert row[name] is None, name


def test_simulated_raters_score_better_sounds_higher(study: Study) -> None:
    snrs = study.stimulus_set.snrs_db
    sizes = {"unprocessed": -6.0, "wiener": 0.0, "log-mmse": 6.0}
    effects = {(s, "", snr): size for s, size in sizes.items() for snr in snrs}
    simulation.simulate(study, raters=6, seed=1, at=AT, effects=effects)
    means = [cell.rating.mean for cell in analyse_study(study).overall if cell.rating]
    by_name = dict(zip(sorted(sizes), means, strict=True))
    assert by_name["log-mmse"] > 4 > by_name["wiener"] > 2 > by_name["unprocessed"]


def test_effects_of_single_sounds_are_over_their_mean(study: Study) -> None:
    for system, si_sdr_db in (("unprocessed", 0.0), ("wiener", 3.0), ("log-mmse", 6.0)):
        Stimulus.objects.filter(system=system).update(si_sdr_db=si_sdr_db)
    effects = simulation.effects_of(study, listeners.Listeners())
    assert effects["wiener", "", 0.0] == 0
    assert effects["log-mmse", "", 0.0] == -effects["unprocessed", "", 0.0] > 0


# ---- checks on the rater ------------------------------------------------------------


@pytest.fixture
def checked(scene: Scene) -> Study:
    stimulus_set = make_stimulus_set(
        "anchors", snrs_db=SNRS_DB, mixtures_per_snr=2, systems=(*SYSTEMS, *ANCHORS)
    )
    return make_scored_study(scene.ada, stimulus_set, gold_trials=2, repeat_trials=1)


def test_gold_is_good_where_clean_and_bad_where_not(checked: Study) -> None:
    session = start(
        enrol(study=checked, stage=Session.Stage.LIVE, seed=1, at=AT), at=AT
    )
    scores = {"clean": 5, "lowpass-3.5k": 1}
    for trial in session.trials.order_by("position"):
        answering.show(trial, at=AT)
        score = scores.get(trial.members[0], 3)
        answering.answer(trial, key=key_for(trial), value=score, at=AT)
    found = check_results(answers_of(checked))
    assert found.gold
    assert found.repeat
    assert (found.gold.n, found.gold.count) == (2, 0)
    assert (found.repeat.n, found.repeat.count) == (1, 1)
    assert "on the same side of the middle" in about_checks(found)[-1]
    gold = [row for row in told(CHECKS, checked) if row["kind"] == "gold"]
    assert {row["system"]: row["score"] for row in gold} == scores


def test_who_gives_one_score_to_all_fails_gold(checked: Study) -> None:
    session = enrol(study=checked, stage=Session.Stage.LIVE, seed=1, at=AT)
    finish(session, at=AT, value=4)
    found = check_results(answers_of(checked))
    assert found.gold
    assert (found.gold.n, found.gold.count) == (2, 1)


def test_no_score_is_an_answer_for_a_side(checked: Study) -> None:
    session = enrol(study=checked, stage=Session.Stage.LIVE, seed=1, at=AT)
    finish(session, at=AT, value=5)
    [known] = evidence_of(answers_of(checked), min_listening_s=0.2)
    assert known.answered == known.trials == 9
    assert known.side is None
    assert known.run is None or known.run.p == 1


# ---- the form -----------------------------------------------------------------------


def form_of(scene: Scene, study: Study | None = None, **changes: object) -> StudyForm:
    study = study or Study(owner=scene.ada, stimulus_set=scene.stimulus_set)
    blank = StudyForm(stimulus_set=scene.stimulus_set, instance=study)
    data = {name: blank[name].value() for name in blank.fields}
    data = {name: value for name, value in data.items() if value is not None}
    data |= {"title": "How good?", "method": "acr"} | changes
    return StudyForm(data, stimulus_set=scene.stimulus_set, instance=study)


def test_every_system_that_is_named_is_scored_by_itself(scene: Scene) -> None:
    form = form_of(scene, trials_per_session=9)
    assert form.is_valid(), form.errors
    study = form.save()
    assert {c.pair for c in study.comparisons.all()} == {(s, "") for s in SYSTEMS}
    assert study.question == ACR.question
    again = form_of(scene, study, trials_per_session=12)
    assert again.is_valid(), again.errors
    before = set(study.comparisons.all())
    assert set(again.save().comparisons.all()) == before


def test_the_form_asks_for_a_multiple_of_the_number_of_systems(scene: Scene) -> None:
    form = form_of(scene, trials_per_session=10)
    assert "9 or 12, not 10" in form.errors["trials_per_session"][0]


def test_a_study_of_scores_can_open(study: Study) -> None:
    assert problems_of(study) == []
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=3, at=now())
    assert session.trials.count() == 7
