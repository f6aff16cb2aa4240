"""Quotas and recruiting by cell: a comparison at an SNR."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from listening.answering import decline
from listening.cells import all_cells, closed, given, recruit_in
from listening.enrolment import EnrolmentRefused, Refusal, enrol, is_full
from listening.models import ClosedCell, Comparison, Session, Study, Trial
from tests.raters import finish
from tests.scene import Scene

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
LIVE = Session.Stage.LIVE


def begin(study: Study, seed: int, *, at: datetime = NOON, **more: bool) -> Session:
    return enrol(study=study, stage=LIVE, seed=seed, at=at, **more)


def counts(study: Study) -> Counter[tuple[int, float]]:
    tests = Trial.objects.filter(session__study=study, kind=Trial.Kind.TEST)
    return Counter(tests.values_list("comparison", "mixture__snr_db"))


def test_no_cell_gets_more_answers_than_are_wanted(scene: Scene) -> None:
    """12 cells of 2 answers are 24 trials: six sessions of four, and no more."""
    Study.objects.update(cell_quota=2)
    for seed in range(6):
        finish(begin(scene.study, seed), at=NOON)
    assert set(counts(scene.study).values()) == {2}
    with pytest.raises(EnrolmentRefused) as refused:
        begin(scene.study, 7)
    assert refused.value.reason is Refusal.FULL


def test_a_place_in_a_cell_becomes_free_when_its_session_is_stale(scene: Scene) -> None:
    Study.objects.update(cell_quota=1)
    for seed in range(3):
        begin(scene.study, seed)
    scene.study.refresh_from_db()
    assert is_full(scene.study, stage=LIVE, at=NOON)
    later = NOON + timedelta(minutes=31)
    assert not is_full(scene.study, stage=LIVE, at=later)
    decline(Session.objects.earliest("pk"), at=NOON)
    assert sum(given(scene.study, stage=LIVE, at=NOON).values()) == 8
    begin(scene.study, 4)


def test_a_closed_cell_is_asked_no_more_and_sides_stay_balanced(scene: Scene) -> None:
    first = scene.study.comparisons.earliest("pk")
    shut = {(first.pk, snr_db) for snr_db in (-6.0, -3.0, 0.0)}
    recruit_in(scene.study, set(all_cells(scene.study)) - shut)
    assert closed(scene.study) == shut
    for seed in range(6):
        session = finish(begin(scene.study, seed), at=NOON)
        sides = Counter(
            session.trials.filter(kind="test").values_list(
                "comparison", "enhanced_first"
            )
        )
        assert set(sides.values()) == {1}
    assert not shut & counts(scene.study).keys()
    assert sum(counts(scene.study).values()) == 24


def test_a_comparison_without_open_cells_is_left_out(scene: Scene) -> None:
    first = scene.study.comparisons.earliest("pk")
    recruit_in(scene.study, {c for c in all_cells(scene.study) if c[0] != first.pk})
    session = begin(scene.study, 1)
    tests = session.trials.filter(kind="test")
    assert tests.count() == 2
    assert not session.trials.filter(comparison=first).exists()
    assert Counter(tests.values_list("enhanced_first", flat=True)) == {
        True: 1,
        False: 1,
    }


def test_with_every_cell_closed_the_study_says_that_it_is_full(
    client: Client, scene: Scene
) -> None:
    recruit_in(scene.study, set())
    response = client.get(f"/r/{scene.study.code}/")
    assert response.status_code == 403
    assert "Every place" in response.content.decode()
    recruit_in(scene.study, all_cells(scene.study))
    assert client.get(f"/r/{scene.study.code}/").status_code == 200


def test_too_few_sentences_in_what_is_open_is_full_as_well(scene: Scene) -> None:
    """Two comparisons want two sentences each at one SNR, which has two."""
    recruit_in(scene.study, {c for c in all_cells(scene.study) if c[1] == 0.0})
    with pytest.raises(EnrolmentRefused) as refused:
        begin(scene.study, 1)
    assert refused.value.reason is Refusal.FULL


def test_programs_fill_no_quota_and_heed_the_switch(scene: Scene) -> None:
    Study.objects.update(cell_quota=1)
    first = scene.study.comparisons.earliest("pk")
    recruit_in(scene.study, {c for c in all_cells(scene.study) if c[0] != first.pk})
    for seed in range(4):
        begin(scene.study, seed, simulated=True)
    assert {c for c, _ in counts(scene.study)} == set(
        Comparison.objects.exclude(pk=first.pk).values_list("pk", flat=True)
    )
    assert not given(scene.study, stage=LIVE, at=NOON)


def test_a_preview_shows_all(scene: Scene) -> None:
    recruit_in(scene.study, set())
    seen = enrol(study=scene.study, stage=Session.Stage.PREVIEW, seed=1, at=NOON)
    assert seen.trials.count() == 5


def test_saving_twice_changes_nothing(scene: Scene) -> None:
    for _ in range(2):
        recruit_in(scene.study, all_cells(scene.study)[1:])
    assert ClosedCell.objects.count() == 1
