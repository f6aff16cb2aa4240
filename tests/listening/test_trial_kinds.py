"""What the database promises of trials of each kind."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from listening.enrolment import enrol, exposure
from listening.models import Session, Trial
from tests.scene import Scene, make_checked_study


@pytest.fixture
def session(scene: Scene) -> Session:
    study = make_checked_study(scene)
    return enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=now())


BROKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "a gold trial of a comparison": ("test", {"kind": "gold"}),
    "a test trial of none": ("gold", {"kind": "test"}),
    "a repeat of nothing": ("test", {"kind": "repeat"}),
    "a test trial that repeats": ("repeat", {"kind": "test"}),
    "a repeat of what comes later": ("repeat", {"repeats": 99}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_it_cannot_be_stored(session: Session, name: str) -> None:
    kind, changes = BROKEN[name]
    trial = session.trials.filter(kind=kind)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Trial.objects.filter(pk=trial.pk).update(**changes)


def test_every_kind_is_stored_and_a_repeat_knows_its_first_time(
    session: Session,
) -> None:
    kinds = [trial.kind for trial in session.trials.all()]
    assert sorted(kinds) == sorted(
        ["training", *["test"] * 4, *["gold"] * 2, "placebo", "repeat"]
    )
    again = session.trials.get(kind="repeat")
    assert again.repeats is not None
    first = session.trials.get(position=again.repeats)
    assert (first.kind, first.mixture_id) == ("test", again.mixture_id)
    assert first.enhanced_first is not again.enhanced_first


def test_only_test_trials_count_as_exposure(session: Session) -> None:
    given = exposure(session.study, stage=Session.Stage.LIVE, at=now(), simulated=False)
    assert sum(given.values()) == 4
