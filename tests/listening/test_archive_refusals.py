"""Archives that are taken in not at all: what is wrong is said, nothing is stored."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from listening.archive import BadArchive, NothingToArchive, restore, write
from listening.archive.parts import BY_NAME, PARTS
from listening.models import (
    Study,
)
from stimuli.models import StimulusSet
from tests.listening.archives import (
    NOON,
    archive_of,
    forget_everything,
    make_eventful_study,
)
from tests.scene import Scene


@pytest.fixture
def study(scene: Scene) -> Study:
    return make_eventful_study(scene)


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
