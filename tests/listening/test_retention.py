"""Forgetting who took part: manage.py retention."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.test import Client
from django.utils.timezone import now

from listening.enrolment import admit
from listening.invitations import invite
from listening.models import Invitation, PanelIdentity, Session, Study
from listening.panels import Claim
from listening.retention import forget
from listening.serving import site
from tests.listening.test_withdrawal import everything
from tests.scene import Scene, make_study

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def study(scene: Scene) -> Study:
    """Return a study with a participant of a panel and somebody who is invited."""
    admit(study=scene.study, seed=1, at=NOON, claim=Claim("mturk", "a" * 64))
    invite(scene.study, ["rosa@example.org"], at=NOON)
    Study.objects.update(identity_days=10)
    return scene.study


def test_identities_go_after_the_days_and_sessions_stay(study: Study) -> None:
    assert forget(at=NOON + timedelta(days=10)) == {}
    counts = forget(at=NOON + timedelta(days=10, seconds=1))
    assert counts == {"panel identities of study": 1, "invitations of study": 1}
    assert not PanelIdentity.objects.exists()
    assert not Invitation.objects.exists()
    assert Session.objects.count() == 1
    assert forget(at=NOON + timedelta(days=11)) == {}


def test_each_study_has_its_own_days(scene: Scene, study: Study) -> None:
    other = make_study(scene.ada, scene.stimulus_set, slug="other", identity_days=400)
    admit(study=other, seed=1, at=NOON, claim=Claim("mturk", "b" * 64))
    forget(at=NOON + timedelta(days=30))
    assert PanelIdentity.objects.get().study == other


def told(*options: str) -> str:
    out = StringIO()
    call_command("retention", *options, stdout=out)
    return out.getvalue()


def test_a_dry_run_only_says_what_would_go(study: Study) -> None:
    PanelIdentity.objects.update(created_at=now() - timedelta(days=11))
    assert "panel identities of study: 1 would be deleted" in told("--dry-run")
    assert PanelIdentity.objects.exists()
    assert "panel identities of study: 1 deleted" in told()
    assert told() == "There is nothing to delete.\n"


def test_failed_log_ins_go_once_they_can_no_longer_lock_out(
    client: Client, scene: Scene
) -> None:
    client.post("/accounts/login/", {"username": "ada", "password": "wrong"})
    assert AccessAttempt.objects.count() == 1
    assert forget(at=now()) == {}
    forget(at=now() + timedelta(minutes=16))
    assert not AccessAttempt.objects.exists()


def test_no_address_of_a_raters_computer_is_kept(scene: Scene) -> None:
    """Neither in a row nor in a log: the web server is told to write none."""
    address = "203.0.113.77"
    client = Client(REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=address)
    link = client.post(f"/r/{scene.study.code}/")["Location"]
    client.post(f"{link}consent/", {"decision": "agree"})
    client.post(f"{link}sound-check/")
    assert client.get(f"{link}trial/").status_code == 200
    assert "203.0.113" not in everything()
    assert not [word for word in site(8000)["web server"] if "access" in word]
