"""Consent, sound check and the ends of a session."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from listening.answering import answer, consent, show
from listening.enrolment import enrol
from listening.models import Response, Session, Study
from listening.models.session import SOUND_HOLDS
from tests.raters import finish, key_for, start
from tests.scene import Scene


@pytest.fixture
def session(scene: Scene) -> Session:
    return enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())


def page(session: Session, name: str) -> str:
    return f"/session/{session.code}/{name}/"


def test_the_session_leads_to_its_step(client: Client, session: Session) -> None:
    address = f"/session/{session.code}/"
    assert client.get(address)["Location"] == page(session, "consent")
    consent(session, at=now())
    assert client.get(address)["Location"] == page(session, "sound-check")
    start(session, at=now())
    assert client.get(address)["Location"] == page(session, "trial")


def test_agreeing_goes_on(client: Client, session: Session) -> None:
    response = client.post(page(session, "consent"), {"decision": "agree"})
    assert response["Location"] == page(session, "sound-check")
    session.refresh_from_db()
    assert session.consent_version == 1


def test_words_that_changed_meanwhile_are_shown_before_agreeing(
    client: Client, session: Session
) -> None:
    Study.objects.update(consent_text="Other words", consent_version=2)
    sent = {"decision": "agree", "version": "1"}
    response = client.post(page(session, "consent"), sent)
    assert response.status_code == 409
    assert "The text has changed" in response.content.decode()
    assert "Other words" in response.content.decode()


def test_declining_ends_politely(client: Client, session: Session) -> None:
    response = client.post(
        page(session, "consent"), {"decision": "decline"}, follow=True
    )
    assert "You did not agree" in response.content.decode()
    session.refresh_from_db()
    assert session.state == Session.State.DECLINED
    assert client.get(page(session, "trial"))["Location"] == page(session, "declined")


def test_neither_agreeing_nor_declining_asks_again(
    client: Client, session: Session
) -> None:
    assert client.post(page(session, "consent")).status_code == 422
    session.refresh_from_db()
    assert session.state == Session.State.CONSENT


def test_consent_sent_twice_is_harmless(client: Client, session: Session) -> None:
    for _ in range(2):
        client.post(page(session, "consent"), {"decision": "agree"})
    decline = client.post(page(session, "consent"), {"decision": "decline"})
    assert decline["Location"] == page(session, "sound-check")


def test_nothing_is_skipped(client: Client, session: Session) -> None:
    for name in ("sound-check", "trial", "done", "declined"):
        assert client.get(page(session, name))["Location"] == page(session, "consent")


def test_the_volume_is_set_once(client: Client, session: Session) -> None:
    consent(session, at=now())
    assert b"Play test sound" in client.get(page(session, "sound-check")).content
    response = client.post(page(session, "sound-check"))
    assert response["Location"] == page(session, "trial")
    assert client.get(page(session, "sound-check"))["Location"].endswith("/trial/")


@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
def test_after_half_an_hour_the_volume_is_set_again(
    client: Client, session: Session, htmx: dict[str, str]
) -> None:
    began = now() - SOUND_HOLDS - timedelta(seconds=1)
    first, second, *_ = start(session, at=began).trials.unanswered()
    address = f"/session/{session.code}/trial/"
    client.get(address)
    told = {"position": first.position, "key": key_for(first), "value": "1"}
    answered = client.post(address, told, headers=htmx)
    page = answered.get("HX-Redirect") or answered["Location"]
    assert page == f"/session/{session.code}/sound-check/"
    assert "Set your volume once more" in client.get(page).content.decode()
    assert client.post(page)["Location"] == address
    shown = client.get(address).content.decode()
    assert f'name="position" value="{second.position}"' in shown
    assert Response.objects.get().trial == first


def test_before_that_it_is_not(client: Client, session: Session) -> None:
    began = now() - SOUND_HOLDS + timedelta(minutes=1)
    trial = start(session, at=began).trials.unanswered()[0]
    address = f"/session/{session.code}/trial/"
    client.get(address)
    told = {"position": trial.position, "key": key_for(trial), "value": "1"}
    assert client.post(address, told)["Location"] == address


def test_the_last_answer_ends_the_session_however_late_it_comes(
    session: Session,
) -> None:
    start(session, at=now() - 2 * SOUND_HOLDS)
    for trial in session.trials.unanswered():
        show(trial, at=now())
        answer(trial, key=key_for(trial), value=-1, at=now())
    session.refresh_from_db()
    assert session.step == "done"


def test_the_code_is_shown_at_the_end_and_not_before(
    client: Client, session: Session
) -> None:
    start(session, at=now())
    assert client.get(page(session, "done"))["Location"] == page(session, "trial")
    finish(session, at=now())
    response = client.get(page(session, "done"))
    assert session.completion_code in response.content.decode()


def test_the_code_stays_when_the_study_has_closed(
    client: Client, session: Session
) -> None:
    finish(session, at=now())
    Study.objects.update(state=Study.State.CLOSED)
    assert client.get(page(session, "done")).status_code == 200


@pytest.mark.parametrize("name", ["consent", "sound-check", "trial"])
def test_a_closed_study_says_so(client: Client, session: Session, name: str) -> None:
    if name != "consent":
        consent(session, at=now())
    if name == "trial":
        start(session, at=now())
    Study.objects.update(state=Study.State.CLOSED)
    for response in (client.get(page(session, name)), client.post(page(session, name))):
        assert response.status_code == 410
        assert b"closed" in response.content


def test_a_preview_says_that_it_is_one(client: Client, scene: Scene) -> None:
    seen = enrol(study=scene.study, stage=Session.Stage.PREVIEW, seed=1, at=now())
    response = client.get(page(seen, "consent"))
    assert b"Preview: answers are not counted" in response.content


def test_a_rater_sees_no_preview_bar(client: Client, session: Session) -> None:
    assert b"Preview" not in client.get(page(session, "consent")).content


@pytest.mark.parametrize(
    "name",
    ["", "consent/", "sound-check/", "trial/", "done/", "declined/", "test-sound/"],
)
def test_a_stranger_finds_nothing(client: Client, scene: Scene, name: str) -> None:
    assert client.get(f"/session/made-up/{name}").status_code == 404


@pytest.mark.parametrize("name", ["consent", "sound-check", "trial", "done"])
def test_no_page_is_kept_by_caches(client: Client, session: Session, name: str) -> None:
    finish(session, at=now())
    response = client.get(page(session, name), follow=True)
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["consent", "sound-check", "trial", "done"])
def test_other_verbs_are_refused(client: Client, session: Session, name: str) -> None:
    assert client.delete(page(session, name)).status_code == 405
