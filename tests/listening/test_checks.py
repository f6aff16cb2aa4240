"""What checks on raters say, on tables whose answers are known."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.utils.timezone import now

from listening.analysis.checks import (
    Failing,
    answers_of,
    check_results,
    evidence_of,
    first_times,
    trials_of_rater,
)
from listening.analysis.screening import decide, declared
from listening.analysis.tables import trials_of
from listening.enrolment import enrol
from listening.models import Response, Session, Trial
from listening.reporting.exclusion_wording import about_checks
from tests.raters import finish
from tests.scene import Scene, make_checked_study

# kind, repeats, utterance, enhanced first, value (negative: A)
SESSION: list[tuple[str, float, str, bool, float]] = [
    ("test", np.nan, "u1", True, -1),
    ("gold", np.nan, "g1", False, 1),  # B is the good one, and was chosen
    ("test", np.nan, "u2", False, -1),
    ("placebo", np.nan, "p1", True, -1),
    ("repeat", 1, "u1", False, 1),  # the enhanced again
    ("repeat", 3, "u2", True, -1),  # the reference before, now the enhanced
]


def session(rater: str, *, number: int, **changes: Any) -> pd.DataFrame:
    """Return a rater's answers, other values where a column is given."""
    names = ["kind", "repeats", "utterance", "enhanced_first", "value"]
    rows = pd.DataFrame(SESSION, columns=names)
    rows["rater"], rows["session"] = rater, number
    rows["position"] = np.arange(1, len(rows) + 1)
    rows["listened_a_s"], rows["listened_b_s"] = 2.0, 3.0
    rows["x_first"] = rows["listened_x_s"] = np.nan
    rows["response_time_s"], rows["frames"] = 6.0, 4 * 48_000.0
    rows["headphones_right"], rows["scale"] = np.nan, ""
    rows["many"] = rows["many_least_s"] = rows["hidden"] = np.nan
    return rows.assign(**changes)


def test_shares_are_counted_over_all_raters() -> None:
    """4 of 6 repeats alike, A in 2 of 3 placebos, 1 of 3 gold trials failed."""
    bob = [-1, -1, -1, 1, 1, 1]  # fails gold, B of equal sounds, both repeats alike
    table = pd.concat(
        [
            session("ada", number=1),
            session("bob", number=2, value=bob),
            session("cyd", number=3),
        ],
        ignore_index=True,
    )
    found = check_results(table)
    assert found.gold is not None
    assert found.placebo is not None
    assert found.repeat is not None
    assert (found.gold.count, found.gold.n) == (1, 3)
    assert (found.placebo.count, found.placebo.n) == (2, 3)
    assert (found.repeat.count, found.repeat.n) == (4, 6)
    assert found.failing == (Failing("bob", failed=1, trials=1),)
    assert about_checks(found)[0].startswith(
        "Of 3 gold trials, whose answer is known, 1 were failed (33.3 %"
    )


def test_no_preference_fails_gold_and_is_right_in_a_placebo() -> None:
    found = check_results(session("ada", number=1, value=[-1, 0, -1, 0, 1, 1]))
    assert found.gold is not None
    assert (found.gold.count, found.gold.n) == (1, 1)
    assert found.placebo is None  # neither side was ever chosen


def test_the_interval_of_repeats_is_clustered_by_rater() -> None:
    """Ten raters who repeat all, ten who repeat nothing: each counts as one answer."""
    alike, unlike = [-1, 1, -1, -1, 1, 1], [-1, 1, -1, -1, -1, -1]
    tables = [
        session(f"r{n}", number=n, value=alike if n % 2 else unlike) for n in range(20)
    ]
    found = check_results(pd.concat(tables, ignore_index=True)).repeat
    assert found is not None
    assert found.estimate == 0.5
    assert found.clustered is not None
    # G / (G - 1) sum of squared sums: 20 / 19 x 20 x (2 x 0.5)^2 / 40^2
    assert found.clustered.se == pytest.approx(np.sqrt(20 / 19 * 20 / 40**2))


def test_a_repeat_finds_its_first_time_in_its_own_session() -> None:
    table = pd.concat(
        [session("ada", number=7), session("bob", number=9)], ignore_index=True
    )
    assert first_times(table).tolist() == [-1, -1, -1, -1, 0, 2] + [-1] * 4 + [6, 8]


def test_a_repeat_whose_first_time_was_not_answered_counts_nowhere() -> None:
    table = session("ada", number=1, value=[np.nan, 1, np.nan, -1, 1, 1])
    assert check_results(table).repeat is None


def test_no_rule_asks_for_more_listening_than_the_page() -> None:
    """1.5 s are demanded; one sound is shorter than that and was heard to its end."""
    rows = session("ada", number=1, listened_a_s=1.5, response_time_s=3.1)
    rows.loc[0, ["frames", "listened_a_s"]] = [48_000.0, 1.0]
    of = trials_of_rater("ada", rows, min_listening_s=1.5)
    np.testing.assert_allclose(of.heard, 1)
    np.testing.assert_allclose(of.pace, [3.1 / 2, *[3.1 / 3] * 5])
    strict = declared({"heard": {"use": 0.0}, "speed": {"use": 0.0}})
    known = evidence_of(rows, min_listening_s=1.5)
    assert decide(known[0], strict).used


def test_who_went_around_the_page_has_heard_too_little() -> None:
    rows = session("ada", number=1, listened_b_s=0.4, response_time_s=0.9)
    rules = declared({"heard": {"use": 0.2}, "speed": {"use": 0.2}})
    [known] = evidence_of(rows, min_listening_s=1.5)
    assert [r.rule for r in decide(known, rules).not_used] == ["heard", "speed"]


def test_where_nothing_has_to_be_heard_nobody_heard_too_little() -> None:
    [known] = evidence_of(session("ada", number=1, listened_b_s=0.0), min_listening_s=0)
    assert known.heard is None


def test_what_a_browser_did_not_tell_is_held_against_nobody() -> None:
    nothing = dict.fromkeys(("listened_a_s", "listened_b_s", "response_time_s"), np.nan)
    [known] = evidence_of(session("ada", number=1, **nothing), min_listening_s=1)
    assert (known.heard, known.pace) == (None, None)


# ---- from the database --------------------------------------------------------------


@pytest.fixture
def finished(scene: Scene) -> Session:
    study = make_checked_study(scene)
    return finish(
        enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=now()), at=now()
    )


def test_the_analysis_reads_test_trials_only(finished: Session) -> None:
    table = trials_of(finished.study)
    kinds = Trial.objects.in_bulk(field_name="pk").values()
    assert len(table) == sum(t.kind == "test" for t in kinds) == 4
    assert len(answers_of(finished.study)) == 4 + 2 + 1 + 1


def test_a_rater_who_answers_always_a_fails_half_of_gold_and_repeats_nothing(
    finished: Session,
) -> None:
    found = check_results(answers_of(finished.study))
    assert found.gold is not None
    assert (found.gold.count, found.gold.n) == (1, 2)
    assert found.repeat is not None
    assert (found.repeat.count, found.repeat.n) == (0, 1)
    assert found.placebo is not None
    assert found.placebo.estimate == 1


def test_who_answered_nothing_is_not_decided_on(finished: Session) -> None:
    enrol(study=finished.study, stage=Session.Stage.LIVE, seed=2, at=now())
    assert set(answers_of(finished.study)["rater"]) == {finished.rater.code}


def test_trials_that_were_not_answered_are_known(finished: Session) -> None:
    Response.objects.filter(trial__kind="gold").delete()
    [known] = evidence_of(answers_of(finished.study), min_listening_s=0.2)
    assert (known.answered, known.trials) == (6, 8)


def test_previews_check_on_nobody(scene: Scene) -> None:
    study = make_checked_study(scene)
    preview = enrol(study=study, stage=Session.Stage.PREVIEW, seed=1, at=now())
    finish(preview, at=now())
    assert answers_of(study).empty
