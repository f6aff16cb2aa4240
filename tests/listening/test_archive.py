"""A study as a file and back, into an installation that knows nothing of it."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.test import Client

from listening.analysis import analyse_study
from listening.archive import restore
from listening.archive.parts import PARTS
from listening.blinding import is_blind
from listening.enrolment import candidates, enrol
from listening.export.folder import TABLES
from listening.export.writing import as_csv, rows_of
from listening.launching import problems
from listening.models import (
    PanelIdentity,
    Rater,
    Response,
    Session,
    Study,
    Trial,
)
from stimuli.models import Mixture
from tests.listening.archives import (
    NOON,
    archive_of,
    forget_everything,
    make_eventful_study,
)
from tests.raters import finish
from tests.scene import Scene


@pytest.fixture
def study(scene: Scene) -> Study:
    return make_eventful_study(scene)


def told_of(study: Study) -> dict[str, str]:
    """Return all that leaves the house of `study`, but for its numbers of rows."""
    tables = {}
    for table in TABLES:
        columns = [c.name for c in table.columns]
        rows = rows_of(table, table.rows(study))
        kept = [n for n, name in enumerate(columns) if name not in ("session",)]
        tables[table.name] = as_csv(columns, [[row[n] for n in kept] for row in rows])
    return tables


# ---- there and back -----------------------------------------------------------------


def test_another_installation_finds_the_same_to_the_last_bit(study: Study) -> None:
    analysis, told = analyse_study(study).as_json(), told_of(study)
    code, file = study.code, archive_of(study)
    owner = forget_everything()
    restored = restore(file, owner=owner)
    assert json.dumps(analyse_study(restored).as_json()) == json.dumps(analysis)
    assert told_of(restored) == told
    assert restored.owner == owner
    assert restored.code != code
    assert restored.unblinding.reason == "A test looks."
    assert Session.objects.left_out().count() == 1


def test_what_was_open_is_paused_and_hidden_as_before(scene: Scene) -> None:
    finish(enrol(study=scene.study, stage="live", seed=1, at=NOON), at=NOON)
    file = archive_of(scene.study)
    restored = restore(file, owner=forget_everything())
    assert restored.state == Study.State.PAUSED
    assert is_blind(restored)


def test_with_sounds_raters_can_go_on(study: Study) -> None:
    file = archive_of(study, with_sounds=True)
    before = len(candidates(study))
    restored = restore(file, owner=forget_everything())
    assert len(candidates(restored)) == before == 12
    assert problems(restored) == []
    for stimulus in restored.stimulus_set.mixtures.get(index=0).stimuli.all():
        content = stimulus.path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == stimulus.sha256
    Study.objects.update(state=Study.State.LIVE)
    session = enrol(study=restored, stage="live", seed=11, at=NOON)
    assert finish(session, at=NOON).state == Session.State.COMPLETE


def test_without_sounds_nobody_is_let_in(study: Study) -> None:
    restored = restore(archive_of(study), owner=forget_everything())
    assert candidates(restored) == []
    assert any("different sentences" in problem for problem in problems(restored))


def test_stimuli_that_are_here_are_used(study: Study, scene: Scene) -> None:
    file = archive_of(study)
    expected = analyse_study(study).as_json()
    Response.objects.all().delete()
    Session.objects.all().delete()
    Rater.objects.all().delete()
    Study.objects.filter(pk=study.pk).delete()
    mixtures = Mixture.objects.count()
    restored = restore(file, owner=scene.eve)
    assert Mixture.objects.count() == mixtures
    assert restored.stimulus_set_id == study.stimulus_set_id
    assert json.dumps(analyse_study(restored).as_json()) == json.dumps(expected)


def test_the_same_study_makes_the_same_file(study: Study) -> None:
    assert archive_of(study).getvalue() == archive_of(study).getvalue()


def test_no_identity_and_no_secret_leaves(study: Study) -> None:
    with zipfile.ZipFile(archive_of(study)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    secrets = [study.code, "rosa@example.org"]
    secrets += PanelIdentity.objects.values_list("pseudonym", flat=True)
    for model, column in (
        (Session, "code"),
        (Session, "withdrawal_code"),
        (Trial, "token_a"),
        (Trial, "token_b"),
    ):
        secrets += model.objects.values_list(column, flat=True)
    assert len(secrets) > 50
    assert [secret for secret in secrets if secret.encode() in everything] == []
    assert b'"preview"' not in everything


NOT_ARCHIVED = {"Invitation", "PanelIdentity", "AnalysisResult"}


def test_every_table_of_a_study_is_in_it_or_left_out_for_a_reason() -> None:
    """Identities never leave; what was computed can be computed again."""
    ours: Iterator[type[Model]] = apps.get_app_config("listening").get_models()
    archived = {part.model for part in PARTS}
    assert {model.__name__ for model in ours if model not in archived} == NOT_ARCHIVED


# ---- commands and pages -------------------------------------------------------------


def test_the_commands_go_there_and_back(scene: Scene, tmp_path: Path) -> None:
    file, out = tmp_path / "study.zip", io.StringIO()
    call_command("archive", "study", str(file), "--sounds", stdout=out)
    assert [path.name for path in tmp_path.glob("study.zip*")] == ["study.zip"]
    forget_everything()
    User.objects.create_superuser("root")
    call_command("restore", str(file), stdout=out)
    assert Study.objects.get().owner.username == "root"
    assert "study: restored for root" in out.getvalue()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["archive", "nix", "x.zip"], "nix: there is no such study"),
        (["archive", "study", "/no/where.zip"], "No such file or directory"),
        (["restore", "/no/where.zip", "--owner", "ada"], "No such file or directory"),
        (["restore", "x.zip"], "There is no administrator"),
        (["restore", "x.zip", "--owner", "nix"], "nix: there is no such user"),
        (["restore", "manage.py", "--owner", "ada"], "manage.py: The file is damaged"),
    ],
)
def test_commands_refuse_in_one_line(
    scene: Scene, args: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        call_command(*args)


def test_the_pages_go_there_and_back(
    study: Study, scene: Scene, client: Client
) -> None:
    client.force_login(scene.ada)
    response = client.get("/studies/checked/archive.zip")
    assert 'filename="checked-archive.zip"' in response["Content-Disposition"]
    content = b"".join(response)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(name.startswith("sounds/") for name in archive.namelist())
    forget_everything()
    mia = User.objects.create_user("mia", is_staff=True)
    client.force_login(mia)
    sent = io.BytesIO(content)
    sent.name = "a.zip"
    page = client.post("/restore/", {"archive": sent, "name": "here"}, follow=True)
    assert "The study is restored." in page.content.decode()
    assert Study.objects.get().slug == "here"


def test_the_page_says_what_is_wrong_with_a_file(scene: Scene, client: Client) -> None:
    scene.ada.is_staff = True
    scene.ada.save()
    client.force_login(scene.ada)
    sent = io.BytesIO(b"PK no archive")
    sent.name = "a.zip"
    response = client.post("/restore/", {"archive": sent})
    assert response.status_code == 422
    assert "The file is damaged or cut off" in response.content.decode()
    assert client.post("/restore/", {}).status_code == 422


def test_a_study_under_way_leaves_in_no_archive_of_a_page(
    scene: Scene, client: Client
) -> None:
    finish(enrol(study=scene.study, stage="live", seed=1, at=NOON), at=NOON)
    client.force_login(scene.ada)
    assert client.get("/studies/study/archive.zip").status_code == 403


def test_archives_are_the_owner_s_and_restoring_is_for_staff(
    scene: Scene, client: Client
) -> None:
    urls = ("/studies/study/archive.zip", "/restore/")
    for url in urls:
        assert client.get(url)["Location"].startswith("/accounts/login/")
    client.force_login(scene.eve)
    assert [client.get(url).status_code for url in urls] == [404, 404]
    assert client.post("/restore/").status_code == 404
    page = client.get("/studies/").content.decode()
    assert "Restore an archive" not in page
    scene.eve.is_staff = True
    scene.eve.save()
    assert client.get("/restore/").status_code == 200
    assert "Restore an archive" in client.get("/studies/").content.decode()
