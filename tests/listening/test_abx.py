"""ABX from draw to results: X is balanced, blind, and what answers are held to."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client

from listening import listeners, methods, simulation
from listening.analysis import analyse, analyse_study
from listening.analysis.checks import answers_of, check_results
from listening.analysis.tables import TableError, checked, trials_of
from listening.declaration_form import DeclarationForm
from listening.designs import NO_CHECKS, Candidate, Checks, draw
from listening.enrolment import enrol
from listening.export.columns import TRIALS
from listening.export.writing import rows_of
from listening.forms import StudyForm
from listening.identifying import with_x
from listening.models import Response, Session, Study, Trial
from listening.rehearsal import rehearse
from listening.reporting.methods_paragraph import methods_paragraph
from listening.reporting.reports import report_of
from listening.reporting.wording import as_text
from listening.schedule import Drawn, Kind
from stimuli.models import Stimulus
from tests.listening.tables_of_trials import simulated_table
from tests.raters import finish, start
from tests.scene import Scene, make_checked_study, make_study

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ABX = methods.load("abx")


@pytest.fixture
def study(scene: Scene) -> Study:
    return make_study(scene.ada, scene.stimulus_set, slug="abx", method="abx")


@pytest.fixture
def session(study: Study) -> Session:
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=AT)
    return start(session, at=AT)


def drawn(seed: int, *, trials: int = 24, checks: Checks = NO_CHECKS) -> list[Drawn]:
    mixtures = [Candidate(n, float(n % 3), f"s{n}") for n in range(60)]
    schedule = draw(
        comparisons=[1, 2],
        candidates=mixtures,
        trials=trials,
        training=2,
        exposure={},
        seed=seed,
        checks=checks,
    )
    return with_x(schedule, seed=seed)


# ---- the draw -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_x_is_each_member_and_each_system_in_half(seed: int) -> None:
    tests = [t for t in drawn(seed) if t.kind is Kind.TEST]
    cells = Counter((t.comparison, t.enhanced_first, t.x_first) for t in tests)
    assert set(cells.values()) == {3}
    assert len(cells) == 8


@pytest.mark.parametrize("seed", range(10))
def test_x_is_each_member_in_half_where_the_system_cannot_be(seed: int) -> None:
    tests = [t for t in drawn(seed, trials=20) if t.kind is Kind.TEST]
    sides = Counter((t.comparison, t.x_first) for t in tests)
    assert set(sides.values()) == {5}
    systems = Counter((t.comparison, t.x_first == t.enhanced_first) for t in tests)
    assert set(systems.values()) == {4, 6}


def test_a_repeat_has_the_same_x_on_the_other_side() -> None:
    schedule = drawn(3, checks=Checks(2, 1, 4))
    assert all(trial.x_first is not None for trial in schedule)
    repeats = [t for t in schedule if t.kind is Kind.REPEAT]
    assert len(repeats) == 4
    for again in repeats:
        [first] = [t for t in schedule if again.repeats(t)]
        assert again.x_first is not first.x_first
        assert again.enhanced_first is not first.enhanced_first


def test_same_seed_same_x_and_another_seed_another() -> None:
    assert drawn(5) == drawn(5)
    order = drawn(5)
    assert with_x(order, seed=6) != order


def test_the_rehearsal_shows_what_x_would_be(study: Study) -> None:
    rehearsal = rehearse(study, sessions=2)
    assert rehearsal is not None
    assert {trial.x for one in rehearsal.schedules for trial in one} == {"A", "B"}


# ---- blindness ----------------------------------------------------------------------


def test_x_sounds_like_the_member_that_it_is(client: Client, session: Session) -> None:
    for x_first in (True, False):
        session.trials.update(x_first=x_first)
        trial = session.trials.all()[0]
        assert trial.token_x
        sounds = {m: client.get(f"/audio/{t}/") for m, t in trial.tokens.items()}
        heads = [dict(response.items()) for response in sounds.values()]
        assert heads[0] == heads[1] == heads[2]
        contents = {m: response.content for m, response in sounds.items()}
        assert len({len(content) for content in contents.values()}) == 1
        assert contents["x"] == contents["a" if x_first else "b"]
        assert contents["a"] != contents["b"]
        system = trial.pair[trial.enhanced_first != x_first]
        stimulus = Stimulus.objects.get(mixture=trial.mixture, system=system)
        assert contents["x"] == stimulus.path.read_bytes()


def test_the_page_is_the_same_whatever_x_is(client: Client, session: Session) -> None:
    pages = set()
    address = f"/session/{session.code}/trial/"
    for x_first in (True, False):
        session.trials.update(x_first=x_first)
        context = client.get(address).context
        shown = client.get(address).content.decode()
        assert context["trial"].x_first is x_first
        pages.add(shown.split('<section class="trial"')[1].split("<form")[0])
    assert len(pages) == 1


def test_no_token_tells_of_another(session: Session) -> None:
    tokens = [t for trial in session.trials.all() for t in trial.tokens.values()]
    assert len(set(tokens)) == len(tokens) == 3 * session.trials.count()
    assert all(len(token) == 22 for token in tokens)


def test_x_of_a_trial_that_is_not_due_is_not_played(
    client: Client, session: Session
) -> None:
    last = session.trials.last()
    assert last is not None
    assert client.get(f"/audio/{last.token_x}/").status_code == 410


def test_an_x_without_token_cannot_be_stored(session: Session) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        session.trials.update(token_x=None)


def test_other_methods_have_no_x(client: Client, scene: Scene) -> None:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=AT)
    page = client.get(f"/session/{start(session, at=AT).code}/trial/")
    assert b"Play X" not in page.content
    assert set(session.trials.values_list("token_x", "x_first")) == {(None, None)}


# ---- answers ------------------------------------------------------------------------


def test_an_answer_is_right_if_it_names_x(study: Study) -> None:
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=2, at=AT)
    finish(session, at=AT, value=-1)
    for response in Response.objects.select_related("trial"):
        assert response.correct is response.trial.x_first
    table = trials_of(study)
    assert (table["correct"] == table["x_first"]).all()
    assert table["correct"].mean() == 0.5
    assert "preferred" not in table


def test_gold_is_passed_and_a_repeat_alike_by_x(scene: Scene) -> None:
    study = make_checked_study(scene, method="abx")
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=2, at=AT)
    finish(session, at=AT)
    Response.objects.filter(trial__x_first=False).update(value=1)  # all correct
    found = check_results(answers_of(study))
    assert found.gold is not None
    assert found.repeat is not None
    assert (found.gold.n, found.gold.count) == (2, 0)
    assert (found.repeat.n, found.repeat.count) == (1, 1)
    gold = Trial.objects.filter(kind="gold")
    Response.objects.filter(trial__in=gold[:1]).update(value=-F("value"))
    again = check_results(answers_of(study)).gold
    assert again is not None
    assert again.count == 1


def test_the_export_tells_x_and_whether_it_was_found(study: Study) -> None:
    finish(enrol(study=study, stage=Session.Stage.LIVE, seed=2, at=AT), at=AT)
    names = [column.name for column in TRIALS.columns]
    rows = rows_of(TRIALS, TRIALS.rows(study))
    assert len(rows) == 4
    for row in rows:
        told = dict(zip(names, row, strict=True))
        assert told["correct"] == told["x_first"]  # A was answered each time
        assert told["preferred"] is told["rating"] is None


# ---- the analysis -------------------------------------------------------------------


def test_the_numbers_are_those_of_the_share_correct() -> None:
    table = simulated_table(shift=1.0).rename(columns={"preferred": "correct"})
    as_if = analyse(table.rename(columns={"correct": "preferred"}))
    found = analyse(table.assign(x_first=np.arange(len(table)) % 2))
    data = found.as_json()
    assert not {"glmm", "preference", "ranking", "binomial"} & set(data)
    for cell, row in zip(as_if.cells, data["discrimination"], strict=True):
        assert cell.clustered is not None
        assert row["correct"] == cell.preferred
        assert row["cluster_robust"]["ci_low"] == cell.clustered.ci_low
        assert row["cluster_robust"]["p_holm"] == cell.clustered_p_holm
        assert row["d_prime"]["model"] == "differencing"
        assert row["d_prime"]["estimate"] > 0
    assert data["position_bias"]["x_first"] == 0.5


def test_the_words_speak_of_telling_apart_and_never_of_preference() -> None:
    table = simulated_table(shift=2.0).rename(columns={"preferred": "correct"})
    text = as_text(analyse(table))
    assert "a and unprocessed were told apart" in text
    assert "d′" in text
    for told in (text, report_of(analyse(table), title="Heard")):
        assert "prefer" not in told
    assert "differencing model" in methods_paragraph(analyse(table))


def test_chance_leaves_the_question_open() -> None:
    table = simulated_table(shift=0.0).rename(columns={"preferred": "correct"})
    table["correct"] = np.arange(len(table)) % 4 // 2
    text = as_text(analyse(table))
    assert "stays open" in text
    assert "does not show that they sound the same" in text


def test_an_empty_answer_is_refused_with_its_row() -> None:
    table = simulated_table().rename(columns={"preferred": "correct"})
    table.loc[2, "correct"] = np.nan
    with pytest.raises(TableError, match="column `correct`, row 3: empty"):
        checked(table)


def test_simulated_raters_hear_what_differs(study: Study) -> None:
    simulation.simulate(study, raters=6, seed=1, at=AT, effects=effects(study, 8.0))
    data = analyse_study(study).as_json()
    assert min(row["estimate"] for row in data["discrimination"]) >= 0.75
    told = Response.objects.filter(trial__session__study=study)
    assert not told.filter(listened_x_s=None).exists()


def test_who_hears_nothing_guesses() -> None:
    rng, who = np.random.default_rng(1), listeners.Character(0.0, 0.0, 0)
    answers = [
        simulation.identification(
            listeners.Listeners(), who, latent=0.0, x_first=True, rng=rng
        )
        for _ in range(4000)
    ]
    bias = listeners.Listeners().position_bias / 8
    assert np.mean(np.array(answers) < 0) == pytest.approx(0.5 + bias, abs=0.028)


def effects(study: Study, size: float) -> listeners.Effects:
    snrs = study.stimulus_set.snrs_db
    pairs = study.comparisons.values_list("system", "reference")
    return {(*pair, snr_db): size for pair in pairs for snr_db in snrs}


# ---- the form -----------------------------------------------------------------------


def form_of(scene: Scene, study: Study | None = None) -> StudyForm:
    study = study or Study(owner=scene.ada, stimulus_set=scene.stimulus_set)
    blank = StudyForm(stimulus_set=scene.stimulus_set, instance=study)
    data = {name: blank[name].value() for name in blank.fields}
    data |= {"title": "Heard?", "method": "abx"}
    return StudyForm(data, stimulus_set=scene.stimulus_set, instance=study)


def test_a_study_takes_the_words_of_its_method(scene: Scene) -> None:
    form = form_of(scene)
    assert form.is_valid(), form.errors
    study = form.save()
    assert study.question == ABX.question
    assert study.introduction == ABX.introduction


def test_words_of_the_experimenter_stay(scene: Scene) -> None:
    form = form_of(scene)
    assert form.is_valid(), form.errors
    study = form.save()
    Study.objects.filter(pk=study.pk).update(question="Which is X?")
    again = form_of(scene, Study.objects.get(pk=study.pk))
    assert again.is_valid(), again.errors
    assert again.save().question == "Which is X?"


def test_a_margin_of_preference_is_refused() -> None:
    data = {"equivalence_margin": "0.05", "rater_quota": "50"}
    form = DeclarationForm(data, instance=Study(method="abx"))
    assert form.errors["equivalence_margin"] == ["This method asks for no preference."]
