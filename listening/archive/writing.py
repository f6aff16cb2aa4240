"""A study as an archive: all that was declared, done and told in it, as it stands."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

from django.db import connection, transaction
from django.db.models import Field, Model

from listening.archive.manifest import FORMAT, MANIFEST, VERSION
from listening.archive.parts import PARTS, Part
from listening.design_document import software
from listening.designs import SCHEDULE_VERSION
from listening.models import Study
from stimuli.models import Stimulus

AS_IT_IS = (str, int, float, list, dict, type(None))  # what JSON can hold
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same rows make the same files


class NothingToArchive(Exception):
    """The study cannot be archived now; the text says why."""


def write(
    study: Study, file: IO[bytes], *, at: datetime, with_sounds: bool = False
) -> None:
    """Write `study` into `file`.

    The tables are of one moment, whatever raters do meanwhile; sounds never change.

    Raises
    ------
    NothingToArchive
        If its stimuli are not all generated yet, or a sound is not there.
    """
    if not study.stimulus_set.is_ready:
        raise NothingToArchive(
            f"The stimulus set {study.stimulus_set.slug} is not generated yet."
        )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {}
        with _one_moment():
            for part in PARTS:
                lines = _lines(part, part.of(study).order_by("pk"))
                files[part.file] = _add(archive, part.file, lines)
        if with_sounds:
            files |= _sounds(archive, study)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "study": study.slug,
            "title": study.title,
            "made_at": at.isoformat(),
            "schedule_version": SCHEDULE_VERSION,
            "software": software(),
            "files": files,
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        archive.writestr(zipfile.ZipInfo(MANIFEST, LONG_AGO), f"{text}\n")


@contextmanager
def _one_moment() -> Iterator[None]:
    """Let every query within see the same rows.

    SQLite lets nobody write meanwhile; PostgreSQL has to be told.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _lines(part: Part, rows: Iterable[Model]) -> Iterator[bytes]:
    fields = part.fields
    for row in rows:
        told = {"id": row.pk} | {f.attname: plain(f, row) for f in fields}
        yield json.dumps(told, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def plain(field: Field[Any, Any], row: Model) -> Any:
    """Return a column as JSON can hold it, to the last digit."""
    value = field.value_from_object(row)
    return value if isinstance(value, AS_IT_IS) else field.value_to_string(row)


def _sounds(archive: zipfile.ZipFile, study: Study) -> dict[str, dict[str, Any]]:
    files = {}
    for stimulus in Stimulus.objects.of_set(study.stimulus_set).rendered():
        name = f"sounds/{stimulus.sha256}.wav"
        try:
            sound = stimulus.path.read_bytes()
        except OSError:
            raise NothingToArchive(
                f"The sound of {stimulus} is not there: archive without sounds."
            ) from None
        if name not in files:
            files[name] = _add(archive, name, [sound])
    return files


def _add(
    archive: zipfile.ZipFile, name: str, content: Iterable[bytes]
) -> dict[str, Any]:
    """Add a file, and return what the manifest says of it."""
    found, size = hashlib.sha256(), 0
    info = zipfile.ZipInfo(name, LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as file:
        for one in content:
            found.update(one)
            size += len(one)
            file.write(one)
    return {"sha256": found.hexdigest(), "bytes": size}
