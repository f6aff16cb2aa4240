"""How a session ends for whoever sent the rater: codes, addresses, and when."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils.timezone import now

from listening.answering import check_sound, consent, decline, end
from listening.enrolment import enrol
from listening.launching import LaunchRefused, open_study, problems
from listening.models import Outcome, Session, Study
from listening.outcomes import outcome_of, problem_of_url, way_back
from tests.raters import finish, start
from tests.scene import Scene

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def session(scene: Scene) -> Session:
    for outcome in Outcome:
        scene.study.completion_paths.create(
            outcome=outcome,
            code=f"C-{outcome.value}",
            url="https://panel.example/back?cc={code}",
        )
    return enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())


def no_headphones(session: Session) -> None:
    consent(session, at=NOON)
    end(session, problem="no-headphones", at=NOON)


def no_sound(session: Session) -> None:
    consent(session, at=NOON)
    end(session, problem="no-sound", at=NOON)


ENDS = {
    Outcome.COMPLETE: lambda session: finish(session, at=NOON),
    Outcome.NO_CONSENT: lambda session: decline(session, at=NOON),
    Outcome.SCREENED_OUT: no_headphones,
    Outcome.TECHNICAL: no_sound,
}


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_its_code_and_its_way_back(
    client: Client, session: Session, outcome: Outcome
) -> None:
    ENDS[outcome](session)
    session.refresh_from_db()
    assert outcome_of(session) is outcome
    page = client.get(f"/session/{session.code}/", follow=True).content.decode()
    assert f"C-{outcome.value}" in page
    response = client.get(f"/session/{session.code}/leave/")
    assert response.status_code == 302
    assert response["Location"] == f"https://panel.example/back?cc=C-{outcome.value}"


def test_nobody_is_sent_back_before_the_last_answer(
    client: Client, session: Session
) -> None:
    leave = f"/session/{session.code}/leave/"
    assert client.get(leave)["Location"] == f"/session/{session.code}/consent/"
    consent(session, at=NOON)
    check_sound(session, at=NOON)
    session.trials.last()
    assert client.get(leave)["Location"] == f"/session/{session.code}/trial/"
    assert way_back(session).code == ""


def test_without_an_address_one_stays_at_the_code(client: Client, scene: Scene) -> None:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    finish(session, at=NOON)
    assert way_back(session).code == session.completion_code
    response = client.get(f"/session/{session.code}/leave/")
    assert response["Location"] == f"/session/{session.code}/done/"


def test_prolific_needs_no_address_of_ours(scene: Scene) -> None:
    scene.study.completion_paths.create(outcome=Outcome.COMPLETE, code="CPRL1234")
    Study.objects.update(panel="prolific")
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    finish(session, at=NOON)
    url = "https://app.prolific.com/submissions/complete?cc=CPRL1234"
    assert way_back(session).url == url


def test_without_a_code_nobody_is_sent_to_prolific_in_vain(scene: Scene) -> None:
    Study.objects.update(panel="prolific")
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    decline(session, at=NOON)
    assert way_back(session).url == ""


def test_a_study_of_prolific_opens_with_its_code_only(scene: Scene) -> None:
    study = scene.study
    study.state, study.panel = Study.State.DRAFT, "prolific"
    study.save()
    assert ["completion code" in problem for problem in problems(study)] == [True]
    with pytest.raises(LaunchRefused, match="Prolific needs the completion code"):
        open_study(study, at=NOON)
    study.completion_paths.create(outcome=Outcome.COMPLETE, code="CPRL1234")
    open_study(study, at=NOON)


@pytest.mark.parametrize("problem", ["no-headphones", "no-sound"])
def test_a_problem_frees_the_place(
    client: Client, session: Session, problem: str
) -> None:
    Study.objects.update(rater_quota=1)
    consent(session, at=now())
    link = f"/r/{session.study.code}/"
    assert client.get(link).status_code == 403
    response = client.post(f"/session/{session.code}/problem/", {"problem": problem})
    assert response["Location"] == f"/session/{session.code}/ended/"
    assert client.get(link).status_code == 200


def test_a_problem_changes_nothing_once_the_session_is_over(
    client: Client, session: Session
) -> None:
    finish(session, at=NOON)
    client.post(f"/session/{session.code}/problem/", {"problem": "no-sound"})
    session.refresh_from_db()
    assert session.state == Session.State.COMPLETE


@pytest.mark.parametrize("problem", ["", "boredom", "x" * 5000])
def test_a_problem_that_is_none(client: Client, session: Session, problem: str) -> None:
    start(session, at=NOON)
    response = client.post(f"/session/{session.code}/problem/", {"problem": problem})
    assert response.status_code == 400
    session.refresh_from_db()
    assert session.state == Session.State.TRIALS


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "//x.example", "https://", "ftp://x.example", "x",
     "https://x.example/{id}", "https://x.example/a b", "https://[x"],
)  # fmt: skip
def test_addresses_that_lead_nowhere(url: str) -> None:
    assert problem_of_url(url)


def test_a_code_is_quoted_in_the_address() -> None:
    assert problem_of_url("https://x.example/?cc={code}&a=1") == ""
