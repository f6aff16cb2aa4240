"""What tests of archives archive, and an installation that knows nothing of it."""

import io
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User

from listening import telemetry
from listening.answering import show
from listening.archive import write
from listening.enrolment import admit, enrol
from listening.leaving_out import leave_out
from listening.models import (
    Invitation,
    Rater,
    Response,
    Session,
    Study,
)
from listening.panels import Claim
from listening.simulation import simulate
from stimuli.models import Corpus, StimulusSet
from tests.raters import finish
from tests.scene import Scene, make_checked_study, uncover

NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)


def make_eventful_study(scene: Scene) -> Study:
    """Make a study in which everything happened that can."""
    rules = {"gold": {"use": 0.34}}
    study = make_checked_study(
        scene, exclusion_rules=rules, headphone_check="huggins", rater_quota=20
    )
    simulate(study, raters=2, seed=1, at=NOON)
    claim = Claim("prolific", "the keyed hash of an id")
    person = finish(admit(study=study, seed=3, at=NOON, claim=claim), at=NOON)
    trial = person.trials.order_by("position")[1]
    show(trial, at=NOON)
    told = '[{"n": 1, "trial": 2, "kind": "blur", "at_s": 0.1}]'
    telemetry.record(person, page=uuid4(), batch=told, at=NOON)
    enrol(study=study, stage="preview", seed=9, at=NOON)
    uncover(study)
    leave_out(person, by="ada", reason="Sat in a train.", at=NOON)
    study.completion_paths.create(outcome="complete", code="C1", url="https://x.org/")
    Invitation.objects.create(
        study=study, name="rosa@example.org", state="code", created_at=NOON
    )
    return study


def archive_of(study: Study, **options: Any) -> io.BytesIO:
    file = io.BytesIO()
    write(study, file, at=NOON, **options)
    file.seek(0)
    return file


def forget_everything() -> User:
    """Make this an installation that was never used, and return who is there."""
    Response.objects.all().delete()
    Session.objects.all().delete()
    Rater.objects.all().delete()
    Study.objects.all().delete()
    StimulusSet.objects.all().delete()
    Corpus.objects.all().delete()
    shutil.rmtree(Path(settings.MEDIA_ROOT))
    for number in range(3):  # rows here have other numbers than there
        Rater.objects.create(code=f"other {number}")
    return User.objects.create_user(f"mia-{uuid4()}")
