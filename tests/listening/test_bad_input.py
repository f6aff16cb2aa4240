"""What strangers, forgers and broken browsers send: a clear page, the right status,
nothing lost, nothing executed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.utils.timezone import now

from listening.answering import check_sound, consent
from listening.enrolment import enrol
from listening.invitations import invite
from listening.launching import pause_study
from listening.models import Event, Outcome, Response, Session, Study
from tests.raters import finish, start
from tests.scene import Scene

FORM_TYPE = "application/x-www-form-urlencoded"
SCRIPT = "<script>alert('x')</script>"


@pytest.fixture
def session(scene: Scene) -> Session:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    return start(session, at=now())


def trial_url(session: Session) -> str:
    return f"/session/{session.code}/trial/"


def posted(position: object = 1, **changes: Any) -> dict[str, Any]:
    return {"position": position, "key": str(uuid4()), "value": "-1"} | changes


# Forged parameters of panels: see test_panels.py


@pytest.mark.parametrize(
    "address",
    ["/session/{0}/trial/", "/session/{0}/done/", "/session/{0}/leave/", "/r/{0}/",
     "/r/{0}/kept/", "/i/{0}/", "/audio/{0}/"],
)  # fmt: skip
@pytest.mark.parametrize("code", ["made-up", "A" * 22, "A" * 5000, "%00", "..%2f", "é"])
def test_a_token_that_was_made_up(
    client: Client, scene: Scene, address: str, code: str
) -> None:
    assert client.get(address.format(code)).status_code == 404


def test_an_expired_and_a_foreign_token(
    client: Client, scene: Scene, session: Session
) -> None:
    """A sound is heard while its pair is due, and in no session but its own."""
    tokens = [trial.token_a for trial in session.trials.all()]
    client.get(trial_url(session))
    client.post(trial_url(session), posted())
    assert client.get(f"/audio/{tokens[0]}/").status_code == 410
    assert client.get(f"/audio/{tokens[4]}/").status_code == 410
    other = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=2, at=now())
    assert client.get(f"/session/{tokens[1]}/trial/").status_code == 404
    assert client.get(f"/audio/{other.code}/").status_code == 404


def test_an_answer_to_a_trial_that_was_not_shown_yet(
    client: Client, session: Session
) -> None:
    client.get(trial_url(session))
    response = client.post(trial_url(session), posted(3))
    assert response.status_code == 409
    assert b"not shown yet" in response.content
    assert not Response.objects.exists()


def test_times_in_the_future_and_negative_listening(
    client: Client, session: Session
) -> None:
    """The answer is what counts: it is kept, and what cannot be true is not."""
    client.get(trial_url(session))
    lies = {"response_time_s": "1e12", "listened_a_s": "-5", "listened_b_s": "99999999"}
    client.post(trial_url(session), posted(**lies, switches="-3", plays="1e300"))
    kept = Response.objects.get()
    assert kept.value == -1
    told = (kept.response_time_s, kept.listened_a_s, kept.listened_b_s)
    assert told == (None, None, None)
    assert (kept.switches, kept.plays) == (None, None)
    assert abs(kept.answered_at - now()) < timedelta(minutes=1)


def test_when_it_was_answered_is_the_servers_to_say(
    client: Client, session: Session
) -> None:
    client.get(trial_url(session))
    client.post(trial_url(session), posted(answered_at="2099-01-01", at="2099-01-01"))
    assert Response.objects.get().answered_at.year < 2099


def test_a_comment_is_kept_and_can_be_changed(client: Client, session: Session) -> None:
    finish(session, at=now())
    done = f"/session/{session.code}/done/"
    for words in ("It hummed.", "It hummed a lot."):
        assert client.post(done, {"comment": words}).status_code == 302
    assert "It hummed a lot." in client.get(done).content.decode()


def test_a_comment_before_the_end_is_not_taken(
    client: Client, session: Session
) -> None:
    client.post(f"/session/{session.code}/done/", {"comment": "early"})
    session.refresh_from_db()
    assert session.comment == ""


@pytest.mark.parametrize("how", [MULTIPART_CONTENT, FORM_TYPE])
def test_a_comment_of_two_megabytes(client: Client, session: Session, how: str) -> None:
    finish(session, at=now())
    done = f"/session/{session.code}/done/"
    response = client.post(done, {"comment": "x" * 2_000_000}, content_type=how)
    assert response.status_code == 413
    assert b"larger than this page takes" in response.content
    session.refresh_from_db()
    assert session.state == Session.State.COMPLETE
    assert session.comment == ""
    assert client.get(done).status_code == 200


@pytest.mark.parametrize("comment", ["x" * 2001, "a\0b"])
def test_a_comment_that_is_too_long_or_no_text(
    client: Client, session: Session, comment: str
) -> None:
    finish(session, at=now())
    done = f"/session/{session.code}/done/"
    response = client.post(done, {"comment": comment})
    assert response.status_code == 422
    assert session.completion_code in response.content.decode()


def test_script_in_every_text_field_is_shown_as_text(
    client: Client, scene: Scene
) -> None:
    study = scene.study
    fields = [
        *("title", "question", "introduction", "consent_text", "contact"),
        "hypotheses",
    ]
    Study.objects.update(**dict.fromkeys(fields, SCRIPT), panel_parameters=SCRIPT)
    study.refresh_from_db()
    study.completion_paths.create(outcome=Outcome.COMPLETE, code=SCRIPT, url=SCRIPT)
    invite(study, [f"{SCRIPT}@x.example"], at=now())
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=now())
    told = of_a_rater(client, session) + of_the_owner(client, scene, session)
    assert "&lt;script&gt;alert(" in told
    assert "<script>alert" not in told


def of_a_rater(client: Client, session: Session) -> str:
    """Return every page from the link to the withdrawal, a comment written."""
    code = session.study.code
    told = "".join(page(client, f"/r/{code}/{part}") for part in ("", "kept/"))
    told += page(client, f"/session/{session.code}/consent/")
    consent(session, at=now())
    told += page(client, f"/session/{session.code}/sound-check/")
    check_sound(session, at=now())
    told += page(client, trial_url(session))
    finish(session, at=now())
    done = f"/session/{session.code}/done/"
    told += client.post(done, {"comment": SCRIPT}, follow=True).content.decode()
    data = {"code": session.withdrawal_code}
    return told + client.post("/withdraw/", data).content.decode()


def of_the_owner(client: Client, scene: Scene, session: Session) -> str:
    """Return every page of the study, each reason that is asked for given."""
    study = session.study
    client.force_login(scene.ada)
    pause_study(study)
    there = "/studies/study/"
    forms = {
        f"{there}sessions/{session.pk}/leave-out/": {"reason": SCRIPT},
        f"{there}results/unblind/": {"reason": SCRIPT},
        f"{there}declaration/": {"hypotheses": f"{SCRIPT}!", "reason": SCRIPT}
        | {"rater_quota": 9},
    }
    for address, form in forms.items():
        assert client.post(address, form).status_code == 302, address
    assert study.frozen_designs.count() == 2
    parts = [
        *("", "edit/", "checks/", "declaration/", "texts/", "recruiting/"),
        *("schedules/", "design/", "board/", "sessions/", "results/"),
        f"sessions/{session.pk}/",
    ]
    told = "".join(page(client, there + part) for part in parts)
    User.objects.filter(pk=scene.ada.pk).update(is_staff=True, is_superuser=True)
    admin = ("study/", f"study/{study.pk}/change/", f"session/{session.pk}/change/")
    return told + "".join(page(client, f"/admin/listening/{part}") for part in admin)


def page(client: Client, address: str) -> str:
    reply = client.get(address)
    assert reply.status_code == 200, address
    return str(reply.content.decode())


def test_no_page_of_a_rater_would_run_a_script_that_is_in_it(
    client: Client, session: Session
) -> None:
    policy = client.get(trial_url(session))["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy


def test_ten_tabs_are_one_session(client: Client, scene: Scene) -> None:
    link = f"/r/{scene.study.code}/"
    for _ in range(10):
        assert client.get(link).status_code == 200
    for _ in range(10):
        assert client.post(link).status_code == 302
    session = start(Session.objects.get(), at=now())
    for _ in range(10):
        client.get(trial_url(session))
    for value in ("-1", "1") * 5:
        client.post(trial_url(session), posted(value=value))
    assert Response.objects.get().value == -1


def test_a_study_that_closes_in_the_middle_of_a_session(
    client: Client, session: Session
) -> None:
    client.get(trial_url(session))
    client.post(trial_url(session), posted())
    client.get(trial_url(session))
    Study.objects.update(state=Study.State.CLOSED)
    for response in (
        client.get(trial_url(session)),
        client.post(trial_url(session), posted(2)),
        client.post(f"/session/{session.code}/problem/", {"problem": "no-sound"}),
        client.post(trial_url(session), posted(2), headers={"HX-Request": "true"}),
    ):
        assert response.status_code == 410
        assert "closed" in response.content.decode()
    session.refresh_from_db()
    assert session.state == Session.State.TRIALS
    assert Response.objects.count() == 1
    assert not Event.objects.exists()
    code = {"code": session.withdrawal_code, "confirmed": "on"}
    assert client.post("/withdraw/", code).status_code == 200
    assert not Response.objects.exists()
