"""GET and POST /session/<code>/headphones/, and the sounds at /headphones/<token>/."""

import re

import numpy as np
import pytest
from django.test import Client

from listening.headphones import RATE_HZ, sound
from listening.models import HeadphoneTrial, Session, Study
from listening.wav import encode
from tests.listening.test_blindness import CSRF, RANDOM
from tests.listening.test_headphone_check import arrive, attempt
from tests.scene import Scene


@pytest.fixture
def session(scene: Scene) -> Session:
    return arrive(scene.study, headphone_check="both")


def address(session: Session) -> str:
    return f"/session/{session.code}/headphones/"


def answers(session: Session, number: int = 1, *, right: bool = True) -> dict[str, str]:
    """Return what a browser sends for an attempt."""
    sent = {"attempt": f"1.{number}"}
    for trial in session.headphone_trials.filter(attempt=number):
        answer = trial.odd if right else trial.odd % 3 + 1
        sent[f"answer-{trial.position}"] = str(answer)
    return sent


def heard(client: Client, trial: HeadphoneTrial) -> tuple[dict[str, str], bytes]:
    response = client.get(f"/headphones/{trial.token}/")
    assert response.status_code == 200
    return dict(response.items()), response.content


# ---- blindness ----------------------------------------------------------------------


def test_all_sounds_are_alike_in_all_but_their_samples(
    client: Client, session: Session
) -> None:
    found = [heard(client, trial) for trial in session.headphone_trials.current()]
    assert len(found) == 13
    assert len({str(headers) for headers, _ in found}) == 1
    assert len({(len(content), content[:44]) for _, content in found}) == 1
    assert len({content for _, content in found}) == 13


def test_the_headers_are_those_of_every_sound(client: Client, session: Session) -> None:
    headers, content = heard(client, session.headphone_trials.current()[0])
    assert headers["Content-Type"] == "audio/wav"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Content-Length"] == str(len(content))
    for name in ("ETag", "Last-Modified", "Content-Disposition", "Vary", "Set-Cookie"):
        assert name not in headers


def test_the_sound_is_that_of_its_row_at_the_level_of_the_study(
    client: Client, session: Session
) -> None:
    for trial in session.headphone_trials.current()[::4]:
        level_dbov = session.study.stimulus_set.level_db
        made = sound(trial.kind, trial.seed, trial.odd, level_dbov=level_dbov)
        assert heard(client, trial)[1] == encode(made, rate_hz=RATE_HZ)


def page(client: Client, session: Session) -> str:
    return client.get(address(session)).content.decode()


def test_the_page_is_the_same_whatever_is_right(
    client: Client, session: Session
) -> None:
    pages = set()
    for odd in (1, 2):
        session.headphone_trials.update(odd=odd, seed=odd)
        pages.add(CSRF.sub("", page(client, session)))
    assert len(pages) == 1


def test_neither_page_nor_reply_tells_what_is_right(
    client: Client, session: Session
) -> None:
    told = page(client, session)
    reply = client.post(address(session), answers(session, right=False))
    told += str(reply.headers) + reply.content.decode() + page(client, session)
    words = RANDOM.sub("", told).lower()
    for secret in ("odd", "seed", "huggins", "antiphase", "wrong", "correct", "of 6"):
        assert secret not in words
    assert "checked" not in words  # what was sent is not shown again


def test_only_the_attempt_on_the_page_is_heard(
    client: Client, session: Session
) -> None:
    first, second = (session.headphone_trials.filter(attempt=n)[3] for n in (1, 2))
    assert client.get(f"/headphones/{second.token}/").status_code == 410
    attempt(session, 1, wrong=3)
    assert client.get(f"/headphones/{second.token}/").status_code == 200
    response = client.get(f"/headphones/{first.token}/")
    assert response.status_code == 410
    assert response["Cache-Control"] == "private, no-store"


def test_before_the_volume_is_set_and_after_the_end_nothing_is_heard(
    client: Client, session: Session
) -> None:
    token = session.headphone_trials.current()[0].token
    Session.objects.update(sound_checked_at=None)
    assert client.get(f"/headphones/{token}/").status_code == 410
    Session.objects.update(state="technical")
    assert client.get(f"/headphones/{token}/").status_code == 410


def test_a_closed_study_is_silent(client: Client, session: Session) -> None:
    token = session.headphone_trials.current()[0].token
    Study.objects.update(state="closed")
    assert client.get(f"/headphones/{token}/").status_code == 410
    assert client.get(address(session)).status_code == 410


def test_a_token_that_was_made_up_or_is_of_another_thing(
    client: Client, session: Session
) -> None:
    trial = session.trials.all()[0]
    for token in ("A" * 22, trial.token_a, session.code):
        assert client.get(f"/headphones/{token}/").status_code == 404
    token = session.headphone_trials.current()[0].token
    assert client.get(f"/audio/{token}/").status_code == 404
    assert client.post(f"/headphones/{token}/").status_code == 405


# ---- answers ------------------------------------------------------------------------


def test_it_comes_after_the_volume_and_before_the_trials(
    client: Client, session: Session
) -> None:
    for name in ("sound-check", "trial", "done", ""):
        there = f"/session/{session.code}/{name}/".replace("//", "/")
        assert client.get(there)["Location"] == address(session)
    reply = client.post(address(session), answers(session))
    assert reply["Location"] == f"/session/{session.code}/trial/"
    assert client.get(address(session))["Location"] == reply["Location"]


def test_a_missing_answer_is_asked_for_and_the_others_stay(
    client: Client, session: Session
) -> None:
    sent = answers(session)
    del sent["answer-3"]
    reply = client.post(address(session), sent)
    told = reply.content.decode()
    assert reply.status_code == 422
    assert told.count("Please answer this one, too.") == 1
    assert len(re.findall(r"\bchecked\b", told)) == 12
    assert not session.headphone_trials.answered().exists()


@pytest.mark.parametrize("answer", ["0", "4", "-1", "first", "1.5", "١x"])
def test_an_answer_that_is_none(client: Client, session: Session, answer: str) -> None:
    reply = client.post(address(session), answers(session) | {"answer-2": answer})
    assert reply.status_code == 422
    assert "This is none of the answers." in reply.content.decode()
    assert not session.headphone_trials.answered().exists()


@pytest.mark.parametrize("number", ["1.2", "2.1", "1", "0", "x", "", "warned"])
def test_another_attempt_than_the_one_asked_changes_nothing(
    client: Client, session: Session, number: str
) -> None:
    reply = client.post(address(session), answers(session) | {"attempt": number})
    assert reply["Location"] == address(session)
    assert not session.headphone_trials.answered().exists()


def test_a_double_click_counts_once(client: Client, session: Session) -> None:
    sent = answers(session, right=False)
    for _ in range(2):
        assert client.post(address(session), sent)["Location"] == address(session)
    assert session.headphone_trials.answered().count() == 13
    assert "Once more, please" in page(client, session)


def test_a_double_click_does_not_skip_the_warning(
    client: Client, session: Session
) -> None:
    Study.objects.update(headphone_policy="warn")
    for number in (1, 2, 2):
        client.post(address(session), answers(session, number, right=False))
    assert "Please put headphones on" in page(client, session)
    reply = client.post(address(session), {"attempt": "warned"})
    assert reply["Location"] == f"/session/{session.code}/trial/"


def test_who_was_excluded_gets_no_more_attempts_by_the_link(
    client: Client, session: Session
) -> None:
    client.cookies[f"session-{session.study.code}"] = session.code
    for number in (1, 2):
        reply = client.post(address(session), answers(session, number, right=False))
    assert reply["Location"] == f"/session/{session.code}/ended/"
    ended = client.get(reply["Location"]).content.decode()
    assert "with headphones, so it ends" in ended
    assert "begin again" not in ended
    again = client.get(f"/r/{session.study.code}/", follow=True)
    assert again.request["PATH_INFO"] == reply["Location"]


def test_who_has_no_headphones_may_come_back_with_some(
    client: Client, session: Session
) -> None:
    client.cookies[f"session-{session.study.code}"] = session.code
    posted = {"problem": "no-headphones"}
    reply = client.post(f"/session/{session.code}/problem/", posted, follow=True)
    assert "begin again" in reply.content.decode()
    assert client.get(f"/r/{session.study.code}/").status_code == 200


def test_the_page_says_why_it_comes_again(client: Client, session: Session) -> None:
    session.headphone_trials.update(round=2)
    told = page(client, session)
    assert "Half an hour has passed" in told
    assert "Are your headphones still on?" in told
    sent = answers(session) | {"attempt": "2.1"}
    reply = client.post(address(session), sent)
    assert reply["Location"] == f"/session/{session.code}/trial/"


def test_a_study_without_a_check_has_no_such_page(client: Client, scene: Scene) -> None:
    session = arrive(scene.study, headphone_check="none")
    there = f"/session/{session.code}/trial/"
    assert client.get(address(session))["Location"] == there
    assert client.post(address(session), {"attempt": "1.1"})["Location"] == there


def test_stereo_survives(client: Client, session: Session) -> None:
    """One channel of the first sound is silent, the other is not."""
    content = heard(client, session.headphone_trials.current()[0])[1]
    samples = np.frombuffer(content[44:], dtype="<i2").reshape(-1, 2)
    assert sorted(np.abs(samples).max(axis=0) > 0) == [False, True]
