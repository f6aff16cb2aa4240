"""Layout `pairs`: finished mixtures beside the clean speech in them.

    clean/**/<name>.wav|flac|ogg
    noisy/**/<name>.wav|flac|ogg       at the same place, of the same length
    pairs.csv: file,snr_db[,speaker,text]   optional; file is a place below clean/

Without a speaker in the table a speaker is called as the folder is, if it is not
`clean` itself.
"""

from pathlib import Path

from stimuli.layouts.contents import Contents, NoisySpeech, Sound, Speech
from stimuli.layouts.folders import Row, key, read_table, rows_by_file, sounds_below


def read(path: Path) -> Contents:
    """Return the pairs in the folder `path`, and what has no partner."""
    folders = path / "clean", path / "noisy"
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        return Contents([], problems=[f"{f}: no such folder; make it" for f in missing])
    clean, noisy = (
        {key(found, folder): found for found in sounds_below(folder)}
        for folder in folders
    )
    problems = [
        *_alone(clean.keys() - noisy.keys(), clean, folders[1]),
        *_alone(noisy.keys() - clean.keys(), noisy, folders[0]),
        *(p for f in folders for p in _twice(f)),
    ]
    if not clean and not noisy:
        problems.append(f"{path}: no WAV, FLAC or Ogg file in it; name another folder")
    by_file, wrong = _table(path / "pairs.csv", clean, folders[0])
    sounds: list[Sound] = []
    for place in sorted(clean.keys() & noisy.keys()):
        try:
            sounds += _pair(clean[place], noisy[place], by_file.get(place), folders[0])
        except ValueError as error:
            wrong.append(str(error))
    return Contents(sounds, problems=[*problems, *wrong])


def _pair(clean: Path, noisy: Path, row: Row | None, folder: Path) -> list[Sound]:
    cells = row.cells if row else {}
    place = "" if clean.parent == folder else clean.parent.name
    name = clean.stem
    return [
        Speech(clean, name, cells.get("speaker") or place, cells.get("text", "")),
        NoisySpeech(noisy, name, name, row.number("snr_db") if row else None),
    ]


def _alone(places: set[str], files: dict[str, Path], other: Path) -> list[str]:
    return [
        f"{files[place]}: it has no partner below {other}; "
        f"add one called {place} or take this away"
        for place in sorted(places)
    ]


def _twice(folder: Path) -> list[str]:
    """Say which files differ in their suffix only: which one is meant?"""
    seen: dict[str, Path] = {}
    problems = []
    for found in sounds_below(folder):
        if (place := key(found, folder)) in seen:
            problems.append(
                f"{found}: differs from {seen[place]} in its suffix only; "
                "take one of them away"
            )
        seen.setdefault(place, found)
    return problems


def _table(
    path: Path, clean: dict[str, Path], folder: Path
) -> tuple[dict[str, Row], list[str]]:
    if not path.is_file():
        return {}, []
    rows, problems = read_table(
        path, required=["file", "snr_db"], optional=["speaker", "text"]
    )
    by_file, wrong = rows_by_file(rows, clean, folder=folder)
    return by_file, [*problems, *wrong]
