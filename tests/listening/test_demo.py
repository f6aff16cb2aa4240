"""manage.py demo: from nothing to running studies."""

import socket
import stat
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from enhancement.systems import SYSTEMS
from listening import demo
from listening.models import Response, Study
from stimuli.models import Corpus, Stimulus, StimulusSet


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the same demo of fewer things."""
    for name, value in {
        "UTTERANCES_PER_SNR": 2,
        "SYSTEMS": ["unprocessed", "tinylstm", "tinylstm-int8-2", "log-mmse"],
        "RATERS": 2,
        "JOBS": 1,
    }.items():
        monkeypatch.setattr(demo, name, value)


FAMILY = [slug for slug, row in SYSTEMS.items() if row.family == "tinylstm"]
WHOLE = demo.SYSTEMS


def run(**options: object) -> dict[str, str]:
    out = StringIO()
    call_command("demo", no_serve=True, stdout=out, stderr=StringIO(), **options)
    return dict(line.split(": ") for line in out.getvalue().splitlines())


@pytest.mark.django_db(transaction=True)
def test_the_whole_path_and_a_second_run_that_loses_nothing(tmp_path: Path) -> None:
    first = run(port=8123)
    assert list(first) == ["rater", "rater-ccr", "experimenter", "admin"]
    assert first["rater"].startswith("http://localhost:8123/r/")
    for study in Study.objects.all():
        assert study.state == Study.State.LIVE
        assert study.trials_per_session + study.training_trials <= 12
        assert study.trials_per_session % (2 * study.comparisons.count()) == 0
        done = study.sessions.filter(state="complete", rater__simulated=True)
        assert done.count() == study.sessions.count() == 2
    kept = list(Stimulus.objects.values_list("sha256", "rendered_at"))
    answers = list(Response.objects.values_list("pk", "value"))
    assert run(port=8123) == first
    assert list(Stimulus.objects.values_list("sha256", "rendered_at")) == kept
    assert list(Response.objects.values_list("pk", "value")) == answers
    assert Corpus.objects.count() == StimulusSet.objects.count() == 1


def test_what_was_interrupted_goes_on(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "RATERS", 1)
    run()
    monkeypatch.setattr(demo, "RATERS", 3)
    run()
    assert {s.sessions.count() for s in Study.objects.all()} == {3}


def test_it_keeps_the_password_to_itself(db: None, tmp_path: Path) -> None:
    user, password = demo.own()
    assert password
    assert user.check_password(password)
    kept = tmp_path / "demo-password"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert demo.own() == (user, password)


def test_a_changed_password_stays(db: None) -> None:
    user, _ = demo.own()
    user.set_password("something else entirely")
    user.save()
    assert demo.own() == (user, None)
    assert User.objects.get().check_password("something else entirely")


def test_a_password_of_a_run_that_was_killed_is_used(db: None, tmp_path: Path) -> None:
    demo.keep(tmp_path / "demo-password", "written before the user was")
    assert demo.own()[1] == "written before the user was"


def test_a_study_that_was_closed_stays_closed(db: None) -> None:
    run()
    Study.objects.filter(slug="demo").update(state=Study.State.CLOSED)
    run()
    assert Study.objects.get(slug="demo").state == Study.State.CLOSED


def test_a_port_in_use_is_said_before_anything_is_done(db: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is in use"):
            call_command("demo", port=port)
    assert not Corpus.objects.exists()


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_there_is_no_such_port(db: None, port: int) -> None:
    with pytest.raises(CommandError, match="There is no port"):
        call_command("demo", port=port)


def test_the_family_is_offered_and_its_compression_asked_about_directly() -> None:
    assert set(FAMILY) < set(WHOLE)
    asked = {plan.slug: plan.comparisons for plan in demo.PLANS}
    assert ("tinylstm-int8-2", "tinylstm") in asked["demo"]
    for comparisons in asked.values():
        assert ("tinylstm", "unprocessed") in comparisons
        assert ("tinylstm-int8-2", "unprocessed") in comparisons
        assert {slug for pair in comparisons for slug in pair} <= set(WHOLE)
