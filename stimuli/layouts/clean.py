"""Layout `clean`: utterances to which we add noise, with noises and rooms of its own.

    speech/<speaker>/<name>.wav|flac|ogg
    noise/<kind>/<name>.flac                  optional
    rooms/<name>.flac                         optional: talker -> ear, noise -> ear
    utterances.csv: file,text[,speaker]       optional; file is a place below speech/
    corpus.json: title, description, licence, synthetic, rooms     optional

A folder that has no `speech/` is all speech. A speaker is called as the folder is.
"""

import json
from pathlib import Path
from typing import Any

from stimuli.layouts.contents import (
    Contents,
    Facts,
    Noise,
    RoomResponses,
    Sound,
    Speech,
)
from stimuli.layouts.folders import Row, key, read_table, rows_by_file, sounds_below


def read(path: Path) -> Contents:
    """Return what the folder `path` holds and what is wrong with its tables."""
    facts, rooms, problems = _facts(path / "corpus.json")
    speech, wrong = _speech(path)
    noise = [
        Noise(found, found.stem, kind=_kind(found, path / "noise"))
        for found in sounds_below(path / "noise")
    ]
    responses = [
        RoomResponses(found, found.stem, description=rooms.get(found.stem, ""))
        for found in sounds_below(path / "rooms")
    ]
    return Contents([*speech, *noise, *responses], facts, [*problems, *wrong])


def _speech(path: Path) -> tuple[list[Sound], list[str]]:
    folder = path / "speech" if (path / "speech").is_dir() else path
    others = () if folder != path else (path / "noise", path / "rooms")
    files = [
        found
        for found in sounds_below(folder)
        if not any(found.is_relative_to(other) for other in others)
    ]
    if not files:
        return [], [f"{folder}: no WAV, FLAC or Ogg file in it; name another folder"]
    rows: list[Row] = []
    problems: list[str] = []
    if (table := path / "utterances.csv").is_file():
        rows, problems = read_table(
            table, required=["file"], optional=["text", "speaker"]
        )
    by_file, wrong = rows_by_file(rows, [key(f, folder) for f in files], folder=folder)
    cells = {place: row.cells for place, row in by_file.items()}
    sounds: list[Sound] = [
        Speech(
            found,
            found.stem,
            speaker=cells.get(key(found, folder), {}).get("speaker")
            or found.absolute().parent.name,
            text=cells.get(key(found, folder), {}).get("text", ""),
        )
        for found in files
    ]
    return sounds, [*problems, *wrong]


def _kind(found: Path, folder: Path) -> str:
    """Return the folder's name; a noise that lies in none is a kind of its own."""
    return found.stem if found.parent == folder else found.parent.name


def _facts(path: Path) -> tuple[Facts, dict[str, str], list[str]]:
    """Return what corpus.json says of the corpus and of its rooms."""
    if not path.is_file():
        return Facts(), {}, []
    try:
        said: Any = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(said, dict) or not isinstance(said.get("rooms", {}), dict):
            raise ValueError("not an object with named facts")
    except ValueError as error:
        return Facts(), {}, [f"{path}: cannot be read ({error}); write a JSON object"]
    facts = Facts(
        title=str(said.get("title", "")),
        description=str(said.get("description", "")),
        licence=str(said.get("licence", "")),
        synthetic=said.get("synthetic") is True,
    )
    rooms = {str(name): str(text) for name, text in said.get("rooms", {}).items()}
    return facts, rooms, []
