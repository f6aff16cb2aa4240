"""The headphone check of a session: drawn, answered, judged, kept, exported."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from listening.analysis.checks import answers_of, evidence_of
from listening.analysis.screening import decide, declared
from listening.answering import check_sound, consent
from listening.board import board
from listening.enrolment import enrol
from listening.export.columns import HEADPHONES, SESSIONS
from listening.export.folder import Export
from listening.headphone_check import drawn, go_on, take, trials_of
from listening.models import HeadphoneTrial, Outcome, Session, Study
from listening.outcomes import way_back
from listening.progress import minutes
from listening.simulation import simulate
from listening.withdrawal import withdraw
from tests.raters import finish
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


def attempt(session: Session, number: int, *, wrong: int, ears: bool = True) -> None:
    """Answer an attempt, the first `wrong` sounds of each kind wrongly."""
    seen: Counter[str] = Counter()
    answers = {}
    for trial in session.headphone_trials.filter(attempt=number):
        seen[trial.kind] += 1
        right = ears if trial.kind == "side" else seen[trial.kind] > wrong
        answers[trial.position] = trial.odd if right else trial.odd % 3 + 1
    take(session, attempt=number, answers=answers, at=NOON)


@pytest.mark.parametrize(
    ("check", "kinds"),
    [
        ("none", {}),
        ("huggins", {"huggins": 12, "side": 2}),
        ("antiphase", {"antiphase": 12, "side": 2}),
        ("both", {"huggins": 12, "antiphase": 12, "side": 2}),
    ],
)
def test_both_attempts_are_drawn_with_the_session(
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
    trials = [trial for session in sessions for trial in drawn(session)]
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
    take(session, attempt=1, answers=answers, at=NOON)
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
