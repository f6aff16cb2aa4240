"""The headphone check of a session: drawn, answered, judged, kept, exported."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from listening.analysis.checks import answers_of, evidence_of
from listening.analysis.screening import decide, declared
from listening.answering import answer, check_sound, consent, show
from listening.board import board
from listening.enrolment import enrol
from listening.export.columns import HEADPHONES, SESSIONS
from listening.export.folder import Export
from listening.freezing import change
from listening.headphone_answering import go_on, take
from listening.headphone_check import drawn, trials_of
from listening.listeners import Listeners
from listening.models import HeadphoneTrial, Outcome, Session, Study
from listening.models.session import SOUND_HOLDS
from listening.outcomes import way_back
from listening.progress import minutes
from listening.sheet import sheet_of
from listening.simulation import simulate
from listening.withdrawal import withdraw
from tests.raters import finish, key_for
from tests.scene import Scene

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def arrive(study: Study, *, seed: int = 1, **fields: object) -> Session:
    """Return a session of `study`, changed by `fields`, at the headphone check."""
    changes = {"headphone_check": "huggins", "headphone_policy": "exclude"} | fields
    Study.objects.filter(pk=study.pk).update(**changes)
    study.refresh_from_db()
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=seed, at=NOON)
    consent(session, at=NOON)
    check_sound(session, at=NOON)
    return session


def attempt(
    session: Session, number: int, *, wrong: int, ears: bool = True, round: int = 1
) -> None:
    """Answer an attempt, the first `wrong` sounds of each kind wrongly."""
    seen: Counter[str] = Counter()
    answers = {}
    for trial in session.headphone_trials.filter(round=round, attempt=number):
        seen[trial.kind] += 1
        right = ears if trial.kind == "side" else seen[trial.kind] > wrong
        answers[trial.position] = trial.odd if right else trial.odd % 3 + 1
    take(session, asked=(round, number), answers=answers, at=NOON)


@pytest.mark.parametrize(
    ("check", "kinds"),
    [
        ("none", {}),
        ("huggins", {"huggins": 12, "side": 2}),
        ("antiphase", {"antiphase": 12, "side": 2}),
        ("both", {"huggins": 12, "antiphase": 12, "side": 2}),
    ],
)
def test_both_attempts_are_drawn_once_the_volume_is_set(
    scene: Scene, check: str, kinds: dict[str, int]
) -> None:
    session = arrive(scene.study, headphone_check=check)
    trials = list(session.headphone_trials.all())
    assert Counter(trial.kind for trial in trials) == kinds
    assert trials_of(scene.study) * 2 == len(trials)
    assert len({trial.token for trial in trials}) == len(trials)
    assert len({trial.seed for trial in trials}) == len(trials)
    assert session.step == ("headphones" if kinds else "trial")


def test_every_answer_is_right_equally_often() -> None:
    """A chi-square of two degrees of freedom exceeds 9.2 once in a hundred times."""
    study = Study(headphone_check="huggins")
    sessions = [Session(study=study, seed=seed) for seed in range(300)]
    trials = [trial for session in sessions for trial in drawn(session, number=1)]
    odd = Counter(trial.odd for trial in trials if trial.kind == "huggins")
    expected = 300 * 12 / 3
    assert sum((odd[n] - expected) ** 2 / expected for n in (1, 2, 3)) < 9.2
    sides = Counter(trial.odd for trial in trials if trial.kind == "side")
    assert sides[1] == pytest.approx(300, abs=2.6 * 150**0.5)
    assert sides[3] == 0


@pytest.mark.parametrize(("mark", "wrong"), [(4, 2), (5, 1), (6, 0)])
def test_the_mark_passes_at_the_first_attempt(
    scene: Scene, mark: int, wrong: int
) -> None:
    session = arrive(scene.study, headphone_mark=mark)
    attempt(session, 1, wrong=wrong, ears=False)
    assert (session.step, session.passed_headphones) == ("trial", True)
    assert session.headphones_checked_at == NOON
    assert session.headphone_trials.answered().count() == 7


def test_of_both_kinds_the_worse_one_counts(scene: Scene) -> None:
    session = arrive(scene.study, headphone_check="both")
    answers = {t.position: t.odd for t in session.headphone_trials.current()}
    for trial in session.headphone_trials.filter(attempt=1, kind="antiphase")[:3]:
        answers[trial.position] = trial.odd % 3 + 1
    take(session, asked=(1, 1), answers=answers, at=NOON)
    assert (session.headphones_right, session.step) == (3, "headphones")


def test_the_better_attempt_counts(scene: Scene) -> None:
    session = arrive(scene.study, headphone_policy="flag")
    attempt(session, 1, wrong=2)
    assert (session.step, session.headphones_checked_at) == ("headphones", None)
    attempt(session, 2, wrong=5)
    assert (session.headphones_right, session.passed_headphones) == (4, False)


def test_the_second_attempt_may_pass(scene: Scene) -> None:
    session = arrive(scene.study)
    attempt(session, 1, wrong=6)
    attempt(session, 2, wrong=0)
    assert (session.step, session.headphones_right) == ("trial", 6)


def fail(session: Session) -> None:
    attempt(session, 1, wrong=3)
    attempt(session, 2, wrong=2)


def test_whoever_is_flagged_goes_on(scene: Scene) -> None:
    session = arrive(scene.study, headphone_policy="flag")
    fail(session)
    assert (session.step, session.passed_headphones) == ("trial", False)


def test_whoever_is_warned_goes_on_after_the_warning(scene: Scene) -> None:
    session = arrive(scene.study, headphone_policy="warn")
    attempt(session, 1, wrong=3)
    go_on(session, at=NOON)  # there is an attempt left
    assert session.step == "headphones"
    attempt(session, 2, wrong=3)
    assert session.step == "headphones"
    go_on(session, at=NOON)
    assert (session.step, session.passed_headphones) == ("trial", False)


def test_whoever_is_excluded_is_screened_out_with_that_code(scene: Scene) -> None:
    for outcome in Outcome:
        scene.study.completion_paths.create(outcome=outcome, code=f"C-{outcome.value}")
    session = arrive(scene.study)
    fail(session)
    assert session.state == Session.State.SCREENED_OUT
    assert way_back(session).code == "C-screened-out"
    assert not session.may_begin_anew
    assert session.headphone_trials.answered().count() == 14


def test_an_attempt_is_taken_once(scene: Scene) -> None:
    session = arrive(scene.study)
    attempt(session, 1, wrong=3)
    attempt(session, 1, wrong=0)
    attempt(session, 3, wrong=0)
    assert (session.headphones_right, session.step) == (3, "headphones")
    assert session.headphone_trials.answered().count() == 7


@pytest.mark.parametrize(
    "fields",
    [
        {"odd": 4},
        {"answer": 0, "answered_at": NOON},
        {"answer": 2},
        {"answered_at": NOON},
        {"position": 2},
    ],
)
def test_the_database_refuses_what_cannot_be(
    scene: Scene, fields: dict[str, object]
) -> None:
    session = arrive(scene.study)
    first = session.headphone_trials.filter(attempt=1, position=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        first.update(**fields)


# ---- again, or for the first time in the middle of a session ------------------------


def rate(session: Session, *, at: datetime) -> None:
    """Answer the next trial."""
    trial = session.trials.unanswered()[0]
    show(trial, at=at)
    answer(trial, key=key_for(trial), value=1, at=at)
    session.refresh_from_db()


def later(session: Session) -> Session:
    """Answer a trial half an hour after the set-up, and set the volume again."""
    rate(session, at=NOON + SOUND_HOLDS)
    assert session.step == "sound-check"
    check_sound(session, at=NOON + SOUND_HOLDS)
    return session


def passed_once(study: Study, *, policy: str = "exclude") -> Session:
    session = arrive(study, headphone_policy=policy)
    attempt(session, 1, wrong=0)
    return session


def test_after_half_an_hour_it_comes_again_with_new_sounds(scene: Scene) -> None:
    session = passed_once(scene.study)
    rate(session, at=NOON + SOUND_HOLDS - timedelta(seconds=1))
    assert session.step == "trial"
    assert later(session).step == "headphones"
    rounds = Counter(session.headphone_trials.values_list("round", flat=True))
    assert rounds == {1: 14, 2: 14}
    assert len(set(session.headphone_trials.values_list("seed", flat=True))) == 28
    attempt(session, 1, wrong=0, round=2)
    assert (session.step, session.passed_headphones) == ("trial", True)


def test_a_second_click_on_the_volume_draws_no_other_round(scene: Scene) -> None:
    session = later(passed_once(scene.study))
    check_sound(session, at=NOON + SOUND_HOLDS)
    assert session.headphone_trials.newest_round() == 2


def test_an_old_page_answers_no_new_round(scene: Scene) -> None:
    session = later(passed_once(scene.study))
    attempt(session, 1, wrong=0, round=1)
    attempt(session, 2, wrong=0, round=1)
    assert session.step == "headphones"
    assert not session.headphone_trials.filter(round=2).answered().exists()


@pytest.mark.parametrize(
    ("policy", "step"),
    [("flag", "trial"), ("warn", "headphones"), ("exclude", "ended")],
)
def test_who_fails_then_is_treated_as_at_first(
    scene: Scene, policy: str, step: str
) -> None:
    session = later(passed_once(scene.study, policy=policy))
    for number in (1, 2):
        attempt(session, number, wrong=3, round=2)
    assert (session.step, session.passed_headphones) == (step, False)
    assert session.trials.answered().count() == 1
    go_on(session, at=NOON)
    assert session.step == (step if policy == "exclude" else "trial")


def test_the_worst_round_is_told_and_each_of_them_exported(scene: Scene) -> None:
    session = passed_once(scene.study, policy="flag")
    later(session)
    for number, wrong in ((1, 5), (2, 2)):
        attempt(session, number, wrong=wrong, round=2)
    assert session.headphones_right == 4
    rounds = [(r.number, r.right, r.passed) for r in sheet_of(session).headphones]
    assert rounds == [(1, 6, True), (2, 4, False)]
    told = [m.what for m in sheet_of(session).moments]
    assert "Headphone check again (2), attempt 1" in told
    rows = csv.DictReader(io.StringIO(Export(scene.study).csv(HEADPHONES)))
    asked = Counter((row["round"], row["attempt"]) for row in rows)
    assert asked == {("1", "1"): 7, ("2", "1"): 7, ("2", "2"): 7}


def test_a_simulated_rater_of_a_long_session_passes_each_time(scene: Scene) -> None:
    Study.objects.update(headphone_check="huggins")
    scene.study.refresh_from_db()
    slow = Listeners(listening_s=15 * 60)
    [session] = simulate(scene.study, raters=1, seed=1, at=NOON, listeners=slow)
    assert session.headphone_trials.newest_round() > 1
    assert not session.headphone_trials.filter(attempt=1, answer=None).exists()
    assert session.state == Session.State.COMPLETE


def amend(study: Study, **fields: object) -> None:
    """Change the design of a study that is paused for it, and is open again."""

    def save() -> None:
        Study.objects.filter(pk=study.pk).update(**fields)

    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    change(study, save, at=NOON, reason="Some had none.")
    Study.objects.filter(pk=study.pk).update(state=Study.State.LIVE)


def test_who_is_in_the_middle_when_a_study_comes_to_have_one_is_asked_next(
    scene: Scene,
) -> None:
    session = arrive(scene.study, headphone_check="none")
    rate(session, at=NOON)
    shown = session.trials.unanswered()[0]
    show(shown, at=NOON)
    amend(scene.study, headphone_check="huggins")
    session = Session.objects.get()
    assert session.step == "trial"  # what is on the screen can be answered
    rate(session, at=NOON)
    assert (session.step, session.trials.answered().count()) == ("headphones", 2)
    attempt(session, 1, wrong=0)
    assert session.step == "trial"


def test_a_check_that_an_amendment_takes_away_holds_nobody_up(scene: Scene) -> None:
    session = arrive(scene.study)
    amend(scene.study, headphone_check="none")
    session = Session.objects.get()
    assert session.step == "trial"
    rate(session, at=NOON)
    amend(scene.study, headphone_check="antiphase")
    session = Session.objects.get()
    rate(session, at=NOON)
    assert session.step == "headphones"
    assert {t.kind for t in session.headphone_trials.current()} == {"side", "antiphase"}


# ---- what comes of it ---------------------------------------------------------------


def test_simulated_raters_pass(scene: Scene) -> None:
    Study.objects.update(headphone_check="both", headphone_policy="exclude")
    scene.study.refresh_from_db()
    [session] = simulate(scene.study, raters=1, seed=1, at=NOON)
    assert (session.state, session.headphones_right) == (Session.State.COMPLETE, 6)


def test_the_funnel_counts_who_passed(scene: Scene) -> None:
    fail(arrive(scene.study))
    attempt(arrive(scene.study, seed=2), 1, wrong=0)
    arrive(scene.study, seed=3)
    simulate(scene.study, raters=1, seed=1, at=NOON)
    found = board(scene.study, at=NOON)
    steps = {s.label: (s.people, s.simulated) for s in [*found.funnel, *found.ends]}
    assert steps["Passed the headphone check"] == (1, 1)
    assert steps["Did not pass the headphone check"] == (1, 0)
    assert steps["Without headphones"] == (0, 0)


def test_a_withdrawal_takes_it_along(scene: Scene) -> None:
    session = arrive(scene.study)
    attempt(session, 1, wrong=0)
    withdraw(session)
    assert not HeadphoneTrial.objects.exists()


def test_the_export_holds_every_answer_of_the_real_study(scene: Scene) -> None:
    session = arrive(scene.study)
    fail(session)
    preview = enrol(study=scene.study, stage="preview", seed=9, at=NOON)
    finish(preview, at=NOON)
    export = Export(scene.study)
    rows = list(csv.DictReader(io.StringIO(export.csv(HEADPHONES))))
    assert [row["attempt"] for row in rows] == ["1"] * 7 + ["2"] * 7
    assert sum(row["right"] == "1" for row in rows) == 1 + 3 + 1 + 4
    assert {row["rater"] for row in rows} == {session.rater.code}
    [row] = csv.DictReader(io.StringIO(export.csv(SESSIONS)))
    assert (row["headphones_right"], row["headphones_passed"]) == ("4", "0")


def test_a_declared_rule_leaves_out_who_failed(scene: Scene) -> None:
    for seed, wrong in enumerate((0, 2)):
        session = arrive(scene.study, seed=seed, headphone_policy="flag")
        for number in (1, 2):
            attempt(session, number, wrong=wrong)
        finish(session, at=NOON)
    rules = declared({"headphones": {"use": 0.8}})
    known = evidence_of(answers_of(scene.study), min_listening_s=0.2)
    assert sorted(one.headphones or 0 for one in known) == [4 / 6, 1.0]
    [out] = [d for d in (decide(k, rules) for k in known) if not d.used]
    assert "67% of the headphone check rightly, less than 80%" in out.not_used[0].words


def test_without_a_check_nobody_fails_the_rule(scene: Scene) -> None:
    finish(enrol(study=scene.study, stage="live", seed=1, at=NOON), at=NOON)
    [known] = evidence_of(answers_of(scene.study), min_listening_s=0.2)
    assert decide(known, declared({"headphones": {"use": 1.0}})).used


def test_it_is_reckoned_in_what_a_session_takes(scene: Scene) -> None:
    before = minutes(scene.study)
    arrive(scene.study, headphone_check="both")
    assert minutes(scene.study) == before + 1  # from 135 s to 239 s
