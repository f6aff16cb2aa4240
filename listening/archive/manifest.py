"""What an archive says of itself, and whether that is true.

Everything is looked at before anything is done: that the file is whole, of a format
that is known and of a size that can be true; that it holds what the manifest names and
nothing else; and that every file has the hash that the manifest gives.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from listening.archive.parts import PARTS

FORMAT, VERSION = "earshot-study", 1
MANIFEST = "manifest.json"
SOUND = re.compile(r"sounds/([0-9a-f]{64})\.wav")
# Beyond these nothing is unpacked: a file of kilobytes can claim to hold gigabytes
MOST_BYTES = 2_000_000_000
MOST_OF_MANIFEST = 10_000_000
MOST_OF_A_ROW = 1_000_000
MOST_FILES = 50_000
CHUNK = 1 << 20
DAMAGED = "The file is damaged or cut off, or it is no archive of a study."
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError),
)


class BadArchive(ValueError):
    """It is not restored; the text says why, in one line."""


@dataclass(frozen=True)
class Opened:
    """An archive that was looked at and is what it says."""

    file: zipfile.ZipFile
    manifest: dict[str, Any]

    @property
    def sounds(self) -> dict[str, str]:
        """The names of the sounds by their hashes."""
        found = (SOUND.fullmatch(name) for name in self.manifest["files"])
        return {match[1]: match[0] for match in found if match}

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of the file `name`."""
        with self.file.open(name) as lines:
            every = iter(lambda: lines.readline(MOST_OF_A_ROW), b"")
            for number, line in enumerate(every, start=1):
                yield _row(line, f"{name}, line {number}")


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Opened]:
    """Open an archive once all that it says of itself is found true.

    Raises
    ------
    BadArchive
    """
    try:
        archive = zipfile.ZipFile(file)
    except UNREADABLE:
        raise BadArchive(DAMAGED) from None
    with archive:
        try:
            manifest = _manifest(archive)
            _require_names(archive, manifest)
            for name, told in manifest["files"].items():
                _require_hash(archive, name, told)
        except BadArchive:
            raise
        except UNREADABLE:
            raise BadArchive(DAMAGED) from None
        yield Opened(archive, manifest)


def _row(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise BadArchive(f"{where}: this is no row.")
    return row


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    infos = archive.infolist()
    if sum(info.file_size for info in infos) > MOST_BYTES or len(infos) > MOST_FILES:
        limit = f"{MOST_BYTES / 1e9:g} GB or {MOST_FILES:,} files"
        raise BadArchive(f"The archive holds more than {limit}: it is not unpacked.")
    if MANIFEST not in archive.namelist():
        raise BadArchive(f"There is no {MANIFEST} in it: it is no archive of a study.")
    if archive.getinfo(MANIFEST).file_size > MOST_OF_MANIFEST:
        raise BadArchive(DAMAGED)
    try:
        manifest = json.loads(archive.read(MANIFEST))
    except RecursionError:
        raise BadArchive(DAMAGED) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BadArchive(f"{MANIFEST} is not that of a study.")
    if manifest.get("version") != VERSION:
        raise BadArchive(
            f"The archive has format {str(manifest.get('version'))[:20]}, and this "
            f"Earshot reads format {VERSION}: use the Earshot that wrote it."
        )
    if not isinstance(manifest.get("files"), dict):
        raise BadArchive(f"{MANIFEST} does not say which files there are.")
    return manifest


def _require_names(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    there = Counter(archive.namelist())
    named = {MANIFEST, *manifest["files"]}
    expected = {part.file for part in PARTS}
    for name in sorted({*there, *named, *expected}):
        if name not in there:
            raise BadArchive(f"{name} is missing in it.")
        if name not in named or there[name] > 1:
            raise BadArchive(f"{name[:80]} is in it and should not be.")
        if name not in expected and name != MANIFEST and not SOUND.fullmatch(name):
            raise BadArchive(f"{name[:80]} is in it and should not be.")


def _require_hash(archive: zipfile.ZipFile, name: str, told: Any) -> None:
    found = hashlib.sha256()
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    sound = SOUND.fullmatch(name)
    wanted = told.get("sha256") if isinstance(told, dict) else None
    if found.hexdigest() != wanted or (sound and sound[1] != wanted):
        raise BadArchive(f"{name} was changed: its hash is not the one it had.")
