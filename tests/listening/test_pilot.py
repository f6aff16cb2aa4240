"""A pilot: real people, and nothing of theirs in the study. A dry run: programs."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from listening import freezing, launching
from listening.analysis import analyse_study
from listening.board import board
from listening.cells import given
from listening.enrolment import EnrolmentRefused, admit, exposure, is_full
from listening.freezing import ChangeRefused
from listening.launching import LaunchRefused
from listening.models import Session, Study, Trial
from listening.simulation import simulate
from tests.raters import finish
from tests.scene import Scene, make_study

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LIVE = Session.Stage.LIVE


@pytest.fixture
def draft(scene: Scene) -> Study:
    return make_study(
        scene.ada, scene.stimulus_set, slug="draft", state="draft", opened_at=None
    )


@pytest.fixture
def piloted(draft: Study) -> Study:
    """Return a study in its pilot that a person and a program have finished."""
    launching.start_pilot(draft)
    finish(admit(study=draft, seed=1, at=NOON), at=NOON)
    simulate(draft, raters=1, seed=1, at=NOON)
    return draft


def change(study: Study, **fields: Any) -> None:
    def save() -> None:
        Study.objects.filter(pk=study.pk).update(**fields)

    freezing.change(study, save, at=NOON)
    study.refresh_from_db()


def test_the_link_takes_people_into_the_pilot(piloted: Study) -> None:
    assert set(piloted.sessions.values_list("stage", flat=True)) == {"pilot"}
    assert set(piloted.sessions.values_list("design_version", flat=True)) == {None}
    assert not piloted.frozen_designs.exists()


def test_nothing_of_the_pilot_counts_in_the_study(piloted: Study) -> None:
    Study.objects.filter(pk=piloted.pk).update(rater_quota=1)
    launching.open_study(piloted, at=NOON)
    assert not is_full(piloted, stage=LIVE, at=NOON)
    assert not given(piloted, stage=LIVE, at=NOON)
    assert not exposure(piloted, stage=LIVE, at=NOON, simulated=False)
    assert board(piloted, at=NOON).complete == 0
    assert analyse_study(piloted).n == 0
    assert piloted.frozen_designs.get().answers == 0


def test_who_is_in_the_pilot_finishes_it_after_the_launch(draft: Study) -> None:
    launching.start_pilot(draft)
    session = admit(study=draft, seed=1, at=NOON)
    launching.open_study(draft, at=NOON)
    finish(Session.objects.get(pk=session.pk), at=NOON)
    session.refresh_from_db()
    assert (session.stage, session.state) == ("pilot", "complete")
    assert not Trial.objects.for_results().exists()


def test_when_it_ends_nobody_new_begins(piloted: Study) -> None:
    launching.end_pilot(piloted)
    with pytest.raises(EnrolmentRefused, match="has not opened yet"):
        admit(study=piloted, seed=2, at=NOON)


def test_after_it_the_design_is_a_draft_s_again(piloted: Study) -> None:
    with pytest.raises(ChangeRefused, match="End the pilot"):
        change(piloted, rater_quota=10)
    launching.end_pilot(piloted)
    change(piloted, rater_quota=10)
    assert piloted.rater_quota == 10


def test_what_its_answers_rest_on_stands_until_it_is_discarded(piloted: Study) -> None:
    launching.end_pilot(piloted)
    with pytest.raises(ChangeRefused, match="discard its sessions"):
        change(piloted, method="ccr")
    launching.discard_pilot(piloted)
    assert not piloted.sessions.exists()
    change(piloted, method="ccr")
    assert piloted.method == "ccr"


def test_discarding_it_leaves_the_live_sessions(piloted: Study) -> None:
    launching.open_study(piloted, at=NOON)
    with pytest.raises(LaunchRefused, match="pause the study first"):
        launching.discard_pilot(piloted)
    live = finish(admit(study=piloted, seed=2, at=NOON), at=NOON)
    launching.pause_study(piloted)
    launching.discard_pilot(piloted)
    assert [session.pk for session in piloted.sessions.all()] == [live.pk]


def test_the_page_says_that_it_is_a_rehearsal(ada: Client, piloted: Study) -> None:
    page = ada.get("/studies/draft/").content.decode()
    assert "what they answer is marked as the pilot’s and never counted" in page
    assert "2 came to the pilot, 2 finished." in page
    assert "Whoever has this link can take part." in page


# ---- dry run ------------------------------------------------------------------------


def test_a_dry_run_stores_every_answer_and_counts_nowhere(
    ada: Client, draft: Study
) -> None:
    answer = ada.post("/studies/draft/dry-run/")
    assert answer.headers["Location"] == "/studies/draft/schedules/"
    page = ada.get("/studies/draft/schedules/").content.decode()
    assert "4 of 4 simulated raters came from the consent" in page
    assert "20 of their 20 trials are answered" in page
    assert set(draft.sessions.values_list("stage", flat=True)) == {"preview"}


def test_a_second_dry_run_takes_the_place_of_the_first(draft: Study) -> None:
    for _ in range(2):
        launching.dry_run(draft, at=NOON)
    assert draft.sessions.count() == 4


def test_a_change_of_the_design_takes_its_trials_back(draft: Study) -> None:
    launching.preview(draft, at=NOON)
    launching.dry_run(draft, at=NOON)
    assert [s.look for s in launching.checklist(draft)][-2:] == ["ok", "ok"]
    change(draft, trials_per_session=8)
    assert [s.look for s in launching.checklist(draft)][-2:] == ["todo", "todo"]


def test_a_preview_is_no_dry_run(draft: Study) -> None:
    launching.dry_run(draft, at=NOON)
    assert [s.look for s in launching.checklist(draft)][-2:] == ["todo", "ok"]
