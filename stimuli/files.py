"""The files of stimuli: opaque names, and no file that no row knows."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from stimuli.models import Stimulus, StimulusSet

FOLDER = "stimuli"  # below the media folder


def new_name(stimulus_set: StimulusSet) -> str:
    """Return a fresh name that says nothing of mixture or system."""
    return f"{FOLDER}/{stimulus_set.slug}/{uuid.uuid4().hex}.wav"


def sha256(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(path: Path) -> None:
    """Remove a stimulus's file, and what is left of writing it."""
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".part").unlink(missing_ok=True)


def orphans(stimulus_set: StimulusSet | None = None) -> list[Path]:
    """Return the files below the stimuli's folder that no row names, sorted.

    Files are listed before rows are read, and a row has its name before its file is
    written: what another process writes meanwhile is never taken for an orphan.
    """
    root = Path(settings.MEDIA_ROOT)
    folder = root / FOLDER if stimulus_set is None else stimulus_set.folder
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    named = set(Stimulus.objects.with_files().values_list("file", flat=True))
    return [path for path in found if _known_as(path, root) not in named]


def remove_orphans(stimulus_set: StimulusSet | None = None) -> list[Path]:
    """Remove the files that no row names; return which."""
    return remove_all(orphans(stimulus_set))


def remove_all(paths: Iterable[Path]) -> list[Path]:
    removed = list(paths)
    for path in removed:
        path.unlink(missing_ok=True)
    return removed


def _known_as(path: Path, root: Path) -> str:
    """Return the name a row would have; a `.part` belongs to the file it becomes."""
    name = path.relative_to(root).as_posix()
    return name.removesuffix(".part")
