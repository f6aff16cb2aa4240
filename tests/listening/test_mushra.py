"""Many sounds on sliders beside a reference, from draw to results."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from listening import answering, cells, methods
from listening.answering import BadValue, KeyUsed, NotShown
from listening.board import board
from listening.checks_form import ChecksForm
from listening.duplicating import duplicate
from listening.enrolment import enrol
from listening.forms import StudyForm
from listening.launching import dry_run, preview, problems
from listening.methods.mushra import BESIDE, MOST
from listening.models import Response, Session, Study, Trial, TrialSound
from listening.progress import minutes
from listening.rehearsal import rehearse
from listening.together import problem_of_systems
from stimuli.models import Stimulus
from tests.raters import key_for, start
from tests.scene import SYSTEMS, Scene, make_mushra_study, make_scored_study

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERY = {*SYSTEMS, *BESIDE}
LETTERS = "bcdefg"
MUSHRA = methods.load("mushra")


@pytest.fixture
def study(scene: Scene) -> Study:
    return make_mushra_study(scene)


@pytest.fixture
def session(study: Study) -> Session:
    return start(begun(study, 1), at=AT)


def begun(study: Study, seed: int) -> Session:
    return enrol(study=study, stage=Session.Stage.LIVE, seed=seed, at=AT)


def score(trial: Trial, scores: dict[str, int], *, attempt: int = 1) -> Response:
    """Answer with a score for each system by name."""
    answering.show(trial, at=AT)
    return answering.answer_with_scores(
        trial,
        key=key_for(trial, attempt=attempt),
        scores={sound.letter: scores[sound.system] for sound in trial.sounds.all()},
        listened_s=dict.fromkeys(LETTERS, 1.0),
        listened_a_s=1.0,
        response_time_s=30.0,
        at=AT,
    )


def all_at(points: int, **others: int) -> dict[str, int]:
    return dict.fromkeys(EVERY, points) | others


def posted(trial: Trial, **changed: str) -> dict[str, str]:
    scores = {f"score_{letter}": "50" for letter in LETTERS}
    fixed = {"position": str(trial.position), "key": str(key_for(trial))}
    return {k: v for k, v in (fixed | scores | changed).items() if v}


# ---- the draw -----------------------------------------------------------------------


def test_every_trial_has_all_systems_the_reference_and_the_anchors(
    session: Session,
) -> None:
    trials = list(session.trials.order_by("position"))
    assert [trial.kind for trial in trials] == ["training", "test", "test", "test"]
    for trial in trials:
        assert trial.comparison is None
        assert {sound.system for sound in trial.sounds.all()} == EVERY
        assert list(trial.tokens) == ["a", *LETTERS]
    tokens = [token for trial in trials for token in trial.tokens.values()]
    assert len(set(tokens)) == len(tokens) == 4 * 7


def test_the_order_on_the_page_is_drawn_for_each_trial_from_the_seed(
    study: Study,
) -> None:
    def orders(session: Session) -> list[list[str]]:
        return [
            [sound.system for sound in trial.sounds.all()]
            for trial in session.trials.order_by("position")
        ]

    one, same, other = (orders(begun(study, seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    assert len({tuple(order) for order in one}) > 1


def test_no_system_has_a_place_of_its_own(study: Study) -> None:
    for seed in range(20):
        begun(study, seed)
    reference = TrialSound.objects.filter(system="clean")
    places = Counter(reference.values_list("place", flat=True))
    assert set(places) == {1, 2, 3, 4, 5, 6}
    assert max(places.values()) < 30  # of 80, where 13 are expected


def test_mixtures_are_heard_equally_often(study: Study) -> None:
    for seed in range(4):
        finish(begun(study, seed))
    tests = Trial.objects.filter(kind="test")
    heard = Counter(tests.values_list("mixture", flat=True))
    assert set(heard.values()) == {1}
    assert len(heard) == 12


def finish(session: Session, points: int = 50) -> Session:
    start(session, at=AT)
    for trial in session.trials.order_by("position"):
        score(trial, all_at(points, clean=100))
    session.refresh_from_db()
    return session


def test_a_trial_counts_in_the_cell_of_every_system(study: Study) -> None:
    finish(begun(study, 1))
    given = cells.given(study, stage=Session.Stage.LIVE, at=AT)
    assert set(given.values()) == {1}
    assert len(given) == 3 * 3  # comparisons by trials, each at another SNR
    shown = board(study, at=AT)
    assert [sum(cell.answers for cell in row.cells) for row in shown.rows] == [3, 3, 3]
    assert shown.expected == pytest.approx(study.rater_quota * 3 / 6)


def test_a_closed_cell_closes_its_snr(study: Study) -> None:
    open_cells = [cell for cell in cells.all_cells(study) if cell[1] < 0]
    cells.recruit_in(study, open_cells)
    Study.objects.filter(pk=study.pk).update(trials_per_session=2)
    session = begun(study, 3)
    tests = session.trials.filter(kind="test")
    assert set(tests.values_list("mixture__snr_db", flat=True)) == {-6.0, -3.0}


def test_the_rehearsal_tells_the_order_of_each_trial(study: Study) -> None:
    rehearsal = rehearse(study, sessions=2)
    assert rehearsal is not None
    assert {len(t.a.split(", ")) for one in rehearsal.schedules for t in one} == {6}
    assert {line.as_a for line in rehearsal.balance} == {6}


def test_a_session_takes_as_long_as_its_sounds(study: Study) -> None:
    assert minutes(study) == (4 * 6 * 15 + 60) / 60


# ---- design and launch --------------------------------------------------------------


def test_a_set_without_clean_speech_cannot_be_launched(scene: Scene) -> None:
    study = make_scored_study(scene.ada, scene.stimulus_set, method="mushra")
    [problem] = [p for p in problems(study) if "clean speech" in p]
    assert "has no clean, anchor-3.5k, anchor-7k" in problem


def test_the_form_says_that_a_set_lacks_the_reference(
    client: Client, scene: Scene
) -> None:
    client.force_login(scene.ada)
    page = client.get("/studies/new/").content.decode()
    assert "MUSHRA: This method holds every system against the clean speech" in page
    filled = {"title": "M", "method": "mushra", "trials_per_session": "4"}
    filled |= {"training_trials": "1", "min_listening_s": "1", "seed": "1"}
    chosen = {"comparisons": ["wiener:unprocessed"]}
    form = StudyForm(filled | chosen, stimulus_set=scene.stimulus_set, instance=Study())
    assert "no clean, anchor-3.5k, anchor-7k" in str(form.errors["method"])


def test_the_form_names_systems_and_not_what_is_there_anyway(study: Study) -> None:
    filled = {"title": "M", "method": "mushra", "trials_per_session": "5"}
    filled |= {"training_trials": "1", "min_listening_s": "1", "seed": "1"}
    chosen = {"comparisons": ["wiener:clean", "log-mmse:anchor-7k"]}
    there = study.stimulus_set
    form = StudyForm(
        filled | chosen, stimulus_set=there, instance=Study(owner=study.owner)
    )
    assert form.is_valid(), form.errors
    saved = form.save()
    asked = saved.comparisons.values_list("system", "reference")
    assert set(asked) == {("wiener", ""), ("log-mmse", "")}
    assert saved.question == MUSHRA.question


def test_there_are_at_most_nine_systems() -> None:
    nine = [f"s{n}" for n in range(MOST)]
    assert not problem_of_systems(MUSHRA, [*nine, "clean"], there=BESIDE)
    assert "At most 9" in problem_of_systems(MUSHRA, [*nine, "s9"], there=BESIDE)


def test_trials_that_check_on_raters_are_refused(study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(repeat_trials=1)
    study.refresh_from_db()
    assert any("no gold trials, placebos or repeats" in p for p in problems(study))


def test_the_rule_on_the_reference_is_for_this_method_alone(
    scene: Scene, study: Study
) -> None:
    filled = {"gold_trials": "0", "placebo_trials": "0", "repeat_trials": "0"}
    filled |= {"gold_system": "clean", "gold_reference": "unprocessed"}
    filled |= {"headphone_check": "none", "headphone_policy": "flag"}
    filled |= {"headphone_mark": "5", "reference_use": "0.15"}
    Study.objects.update(state=Study.State.DRAFT, opened_at=None)
    study.refresh_from_db()
    form = ChecksForm(filled, instance=study)
    assert form.is_valid(), form.errors
    assert form.save().exclusion_rules == {"reference": {"use": 0.15}}
    repeated = ChecksForm(filled | {"repeat_trials": "1"}, instance=study)
    assert "holds the hidden reference" in str(repeated.errors["repeat_trials"])
    of_pairs = ChecksForm(filled, instance=Study.objects.get(pk=scene.study.pk))
    assert "no hidden reference" in str(of_pairs.errors["reference_use"])


def test_it_can_be_previewed_tried_and_duplicated(study: Study) -> None:
    shown = preview(study, at=AT, seed=1)
    assert shown.trials.count() == 4
    dry_run(study, at=AT)
    dry_run(study, at=AT)  # the first one is deleted
    assert study.sessions.of_dry_run().complete().count() == 4
    copy = duplicate(study, owner=study.owner)
    assert copy.comparisons.count() == 3
    assert problems(copy) == []


# ---- blindness ----------------------------------------------------------------------


def test_the_reference_is_played_openly_and_in_hiding(
    client: Client, session: Session
) -> None:
    trial = session.trials.all()[0]
    hidden = trial.sounds.get(system="clean")
    heard = [client.get(f"/audio/{t}/") for t in (trial.token_a, hidden.token)]
    clean = Stimulus.objects.get(mixture=trial.mixture, system="clean")
    assert [one.content for one in heard] == 2 * [clean.path.read_bytes()]
    assert dict(heard[0].items()) == dict(heard[1].items())


def test_all_sounds_are_served_alike(client: Client, session: Session) -> None:
    trial = session.trials.all()[0]
    heard = [client.get(f"/audio/{token}/") for token in trial.tokens.values()]
    assert len({str(dict(one.items())) for one in heard}) == 1
    assert len({len(one.content) for one in heard}) == 1
    assert len({one.content for one in heard}) == 6
    for sound in trial.sounds.all():
        wanted = Stimulus.objects.get(mixture=trial.mixture, system=sound.system)
        assert heard[sound.place].content == wanted.path.read_bytes()


def test_the_page_is_the_same_in_whatever_order(
    client: Client, session: Session
) -> None:
    trial = session.trials.all()[0]
    pages = set()
    for turn in range(3):
        systems = np.roll(sorted(EVERY), turn)
        TrialSound.objects.filter(trial=trial).delete()
        TrialSound.objects.bulk_create(
            TrialSound(trial=trial, place=place, system=system, token=f"{place:022}")
            for place, system in enumerate(systems, start=1)
        )
        page = client.get(f"/session/{session.code}/trial/").content.decode()
        assert not [system for system in (*EVERY, "anchor") if system in page]
        pages.add(page.split('<section class="trial"')[1].split("<form")[0])
        pages.add(page.split("</legend>")[1])
    assert len(pages) == 2


def test_a_sound_of_a_later_trial_is_not_served(
    client: Client, session: Session
) -> None:
    later = session.trials.order_by("position")[2]
    assert client.get(f"/audio/{later.sounds.all()[0].token}/").status_code == 410


# ---- answers ------------------------------------------------------------------------


def test_all_scores_come_in_one_answer(client: Client, session: Session) -> None:
    trial = session.trials.order_by("position")[0]
    address = f"/session/{session.code}/trial/"
    client.get(address)
    answer = posted(trial, score_c="100", listened_a_s="3.5", listened_b_s="2.5")
    assert client.post(address, answer).status_code == 302
    assert [s.score for s in trial.sounds.all()] == [50, 100, 50, 50, 50, 50]
    assert trial.sounds.all()[0].listened_s == 2.5
    assert trial.response.listened_a_s == 3.5
    assert trial.response.value is None


def test_of_two_answers_the_first_one_counts(session: Session) -> None:
    trial = session.trials.all()[0]
    first = score(trial, all_at(40))
    again = score(trial, all_at(60), attempt=2)
    assert again == first
    assert {sound.score for sound in trial.sounds.all()} == {40}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"score_b": ""}, "Please give every version a score."),
        ({"score_b": "many"}, "Please give every version a score."),
        ({"score_b": "-1"}, "Scores are whole numbers from 0 to 100."),
        ({"score_g": "101"}, "Scores are whole numbers from 0 to 100."),
        ({"score_b": "", "score_c": ""}, "Please give every version a score."),
        ({"key": ""}, "The answer came without key."),
    ],
)
def test_what_is_no_score_is_refused_whole(
    client: Client, session: Session, changed: dict[str, str], words: str
) -> None:
    trial = session.trials.all()[0]
    address = f"/session/{session.code}/trial/"
    client.get(address)
    reply = client.post(address, posted(trial, **changed))
    assert reply.status_code == 422
    assert reply.content.decode().count(words) == 1
    assert not Response.objects.exists()
    assert not TrialSound.objects.exclude(score=None).exists()


def test_scores_that_do_not_fit_the_trial_are_refused(session: Session) -> None:
    trial, other = session.trials.all()[:2]
    answering.show(trial, at=AT)
    whole = dict.fromkeys(LETTERS, 50)
    for scores in ({"b": 50}, whole | {"h": 50}, whole | {"b": 101}, whole | {"b": -1}):
        with pytest.raises(BadValue):
            answering.answer_with_scores(
                trial, key=key_for(trial), scores=scores, listened_s={}, at=AT
            )
    with pytest.raises(NotShown):
        answering.answer_with_scores(
            other, key=key_for(other), scores=whole, listened_s={}, at=AT
        )
    with pytest.raises(BadValue):
        answering.answer(trial, key=key_for(trial), value=1, at=AT)
    answering.answer_with_scores(
        trial, key=key_for(trial), scores=whole, listened_s={}, at=AT
    )
    answering.show(other, at=AT)
    with pytest.raises(KeyUsed):
        answering.answer_with_scores(
            other, key=key_for(trial), scores=whole, listened_s={}, at=AT
        )


def test_the_database_holds_the_promises(session: Session) -> None:
    trial = session.trials.all()[0]
    sounds = TrialSound.objects.filter(trial=trial)
    for change in ({"score": 101}, {"place": 13}, {"place": 0}, {"system": "clean"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            sounds.filter(system="wiener").update(**change)


def test_the_question_is_asked_in_the_language_of_the_study(
    client: Client, study: Study, session: Session
) -> None:
    Study.objects.filter(pk=study.pk).update(language="fr")
    page = client.get(f"/session/{session.code}/trial/").content.decode()
    assert "Quelle est la qualité de chaque son par rapport à la référence" in page
    assert "Écouter la référence" in page
    assert "Excellente" in page
