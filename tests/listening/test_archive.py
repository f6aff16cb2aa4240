"""A study as a file and back, into an installation that knows nothing of it."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.test import Client

from listening import telemetry
from listening.analysis import analyse_study
from listening.answering import show
from listening.archive import BadArchive, NothingToArchive, restore, write
from listening.archive.parts import BY_NAME, PARTS
from listening.blinding import is_blind
from listening.enrolment import admit, candidates, enrol
from listening.export.folder import TABLES
from listening.export.writing import as_csv, rows_of
from listening.launching import problems
from listening.leaving_out import leave_out
from listening.models import (
    Invitation,
    PanelIdentity,
    Rater,
    Response,
    Session,
    Study,
    Trial,
)
from listening.panels import Claim
from listening.simulation import simulate
from stimuli.models import Corpus, Mixture, StimulusSet
from tests.raters import finish
from tests.scene import Scene, make_checked_study, uncover

NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def study(scene: Scene) -> Study:
    """A study in which everything happened that can."""
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


# ---- refusals -----------------------------------------------------------------------


Change = Callable[[dict[str, bytes]], None]


def rewritten(file: io.BytesIO, change: Change, *, honest: bool = True) -> io.BytesIO:
    """Return the archive with other files; with the hashes of these if `honest`."""
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    if honest:
        manifest = json.loads(files["manifest.json"])
        for name in manifest["files"]:
            manifest["files"][name]["sha256"] = hashlib.sha256(files[name]).hexdigest()
        files["manifest.json"] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    out.seek(0)
    return out


def setting(part: str, column: str, value: Any) -> Change:
    """Return what puts `value` into a column of the first row of a part."""

    def change(files: dict[str, bytes]) -> None:
        first, _, rest = files[f"{part}.jsonl"].partition(b"\n")
        row = json.loads(first) | {column: value}
        files[f"{part}.jsonl"] = json.dumps(row).encode() + b"\n" + rest

    return change


def in_manifest(key: str, value: Any) -> Change:
    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"]) | {key: value}
        files["manifest.json"] = json.dumps(manifest).encode()

    return change


def added(name: str) -> Change:
    return lambda files: files.update({name: b"x"})


def without(name: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        del files[name]

    return change


def counts() -> list[int]:
    return [part.model._default_manager.count() for part in PARTS]


def refused(file: io.BytesIO, owner: User, message: str) -> None:
    """Check that the archive is refused in these words, and that nothing is stored."""
    before = counts()
    with pytest.raises(BadArchive, match=message):
        restore(file, owner=owner)
    assert counts() == before
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.wav"))


KEPT: dict[str, bytes] = {}  # made once: what is in it never changes


@pytest.fixture
def file(db: None, request: pytest.FixtureRequest) -> io.BytesIO:
    if not KEPT:
        KEPT["file"] = archive_of(request.getfixturevalue("study")).getvalue()
        forget_everything()
    return io.BytesIO(KEPT["file"])


@pytest.fixture
def owner(file: io.BytesIO) -> User:
    """Somebody in an installation that never saw the study of `file`."""
    return User.objects.create_user("mia")


@pytest.mark.parametrize("bytes_left", [0, 10, 1000, -1, -30])
def test_a_file_that_was_cut_off(
    file: io.BytesIO, owner: User, bytes_left: int
) -> None:
    cut = io.BytesIO(file.getvalue()[:bytes_left])
    refused(cut, owner, "The file is damaged or cut off")


def test_a_file_of_which_a_byte_was_changed(file: io.BytesIO, owner: User) -> None:
    content = bytearray(file.getvalue())
    content[len(content) // 2] ^= 0xFF
    refused(io.BytesIO(bytes(content)), owner, "damaged|was changed")


def test_a_row_that_was_changed(file: io.BytesIO, owner: User) -> None:
    changed = rewritten(file, setting("responses", "value", 1), honest=False)
    refused(changed, owner, "responses.jsonl was changed: its hash is not the one")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (in_manifest("version", 99), "has format 99, and this Earshot reads format 1"),
        (in_manifest("format", "cake"), "manifest.json is not that of a study"),
        (in_manifest("files", []), "does not say which files there are"),
        (added("evil.py"), "evil.py is in it and should not be"),
        (added("../../evil.py"), r"\.\./\.\./evil.py is in it and should not be"),
        (without("events.jsonl"), "events.jsonl is missing"),
        (without("manifest.json"), "There is no manifest.json in it"),
    ],
)
def test_another_manifest(
    file: io.BytesIO, owner: User, change: Change, message: str
) -> None:
    refused(rewritten(file, change, honest=False), owner, message)


@pytest.mark.parametrize(
    ("part", "column", "value", "message"),
    [
        ("study", "method", "exec", "the method 'exec', which this Earshot has not"),
        ("study", "panel", "nix", "the panel 'nix', which this Earshot has not"),
        ("study", "language", "tlh", "the language 'tlh', which this Earshot has not"),
        ("study", "state", "maybe", "state: 'maybe' cannot be"),
        ("study", "slug", "../up", "slug: '../up' cannot be"),
        ("study", "exclusion_rules", {"x": {}}, "exclusion rules cannot be applied"),
        ("study", "stimulus_set_id", 999, "stimulus_set_id: '999' cannot be"),
        ("study", "evil", 1, "it has evil; another Earshot wrote it"),
        ("study", "created_at", "2026-05-01T12:00", "created_at: '2026"),
        ("stimulus_sets", "slug", "a/b", "slug: 'a/b' cannot be"),
        ("stimulus_sets", "systems", "wiener", "no list of systems"),
        ("stimulus_sets", "snrs_db", ["x"], "an SNR that is no number"),
        ("stimulus_sets", "state", "queued", "is not generated"),
        ("responses", "value", 9, "contradict each other"),
        ("responses", "value", "x", "value: 'x' cannot be"),
        ("responses", "listened_a_s", "inf", "listened_a_s: 'inf' cannot be"),
        ("responses", "trial_id", [1], r"trial_id: '\[1\]' cannot be"),
        ("trials", "session_id", None, "session_id: 'None' cannot be"),
        ("trials", "id", "x", "its number is none"),
        ("events", "kind", "explode", "kind: 'explode' cannot be"),
        (
            "completion_paths",
            "url",
            "javascript:alert(1)",
            "An address begins with https://",
        ),
        ("exclusions", "reason", "", "contradict each other"),
        ("stimuli", "file", "/etc/passwd", "it has file"),
    ],
)
def test_rows_that_cannot_be(
    file: io.BytesIO, owner: User, part: str, column: str, value: Any, message: str
) -> None:
    refused(rewritten(file, setting(part, column, value)), owner, message)


@pytest.mark.parametrize("line", [b"[]", b"{", b"nul", b'{"id": NaN}', b"\xff"])
def test_lines_that_are_no_rows(file: io.BytesIO, owner: User, line: bytes) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["events.jsonl"] = line + b"\n" + files["events.jsonl"]

    refused(rewritten(file, change), owner, "events.jsonl, line 1: this is no row")


def test_a_row_that_is_there_twice(file: io.BytesIO, owner: User) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["raters.jsonl"] *= 2

    refused(rewritten(file, change), owner, "is there twice")


def test_two_studies_in_one(file: io.BytesIO, owner: User) -> None:
    def change(files: dict[str, bytes]) -> None:
        row = json.loads(files["study.jsonl"]) | {"id": 77, "slug": "second"}
        files["study.jsonl"] += json.dumps(row).encode()

    refused(rewritten(file, change), owner, "does not hold one study")


def test_a_sound_that_is_another_one(scene: Scene) -> None:
    file = archive_of(scene.study, with_sounds=True)
    owner = forget_everything()

    def change(files: dict[str, bytes]) -> None:
        name = next(name for name in files if name.startswith("sounds/"))
        files[name] = b"noise"

    refused(rewritten(file, change), owner, "was changed")


def claiming(size: int) -> io.BytesIO:
    """Return a ZIP whose directory gives its one file, of 2 MB, this size."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(2_000_000))
        archive.infolist()[0].file_size = size
    file.seek(0)
    return file


def test_a_bomb_is_not_unpacked(owner: User) -> None:
    message = "holds more than 2 GB or 50,000 files: it is not unpacked"
    refused(claiming(3_000_000_000), owner, message)


def test_a_bomb_that_makes_itself_small_is_cut_off(owner: User) -> None:
    refused(claiming(1000), owner, "The file is damaged")


def test_a_name_that_is_taken(scene: Scene) -> None:
    file = archive_of(scene.study)
    before = counts()
    with pytest.raises(BadArchive, match="There is a study study here"):
        restore(file, owner=scene.eve)
    assert counts() == before
    again = restore(file, owner=scene.eve, slug="again")  # nobody had taken part
    assert (again.slug, again.owner) == ("again", scene.eve)


def test_raters_are_not_taken_in_twice(study: Study, scene: Scene) -> None:
    before = counts()
    with pytest.raises(BadArchive, match="already, in the study checked"):
        restore(archive_of(study), owner=scene.eve, slug="again")
    assert counts() == before


@pytest.mark.parametrize(
    ("part", "column", "value", "message"),
    [
        ("stimuli", "sha256", "0" * 64, "stimulus .* is another one than the one here"),
        ("mixtures", "index", 99, "mixture .* is not in the one that is here"),
        ("utterances", "frames", 5, "recording .* is another one than the one here"),
        ("utterances", "name", "new", "recording .* is not in the one that is here"),
    ],
)
def test_other_stimuli_of_the_same_name(
    scene: Scene, part: str, column: str, value: Any, message: str
) -> None:
    file = rewritten(archive_of(scene.study), setting(part, column, value))
    with pytest.raises(BadArchive, match=message):
        restore(file, owner=scene.eve, slug="again")


def test_nothing_is_archived_before_stimuli_are_there(scene: Scene) -> None:
    StimulusSet.objects.update(state="running")
    study = Study.objects.get()
    with pytest.raises(NothingToArchive, match="is not generated yet"):
        write(study, io.BytesIO(), at=NOON)


def test_a_sound_that_is_not_there_is_said(scene: Scene) -> None:
    shutil.rmtree(Path(settings.MEDIA_ROOT))
    with pytest.raises(NothingToArchive, match="archive without sounds"):
        write(scene.study, io.BytesIO(), at=NOON, with_sounds=True)


def test_every_part_refers_to_parts_before_it() -> None:
    assert list(BY_NAME) == [part.name for part in PARTS]


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
