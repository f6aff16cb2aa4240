"""What layouts share: finding sounds below a folder, reading a table, pairing names."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUFFIXES = {".wav", ".flac", ".ogg"}


def sounds_below(folder: Path) -> list[Path]:
    """Return the WAV, FLAC and Ogg files anywhere below `folder`, in order of name.

    What is hidden is left out: `._take1.wav` is a trace of a Mac, not a sound.
    """
    found = [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES]
    return sorted(
        path
        for path in found
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def key(path: Path, folder: Path) -> str:
    """Return a file's place below `folder` without its suffix: `ana/ana01`."""
    return path.relative_to(folder).with_suffix("").as_posix()


@dataclass(frozen=True)
class Row:
    """One row of a table, by column; `where` names file and row."""

    where: str
    cells: dict[str, str]

    def number(self, column: str) -> float:
        """Return a cell as a finite number; ValueError says where there is none."""
        text = self.cells[column]
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not abs(value) < float("inf"):
            raise ValueError(
                f"{self.where}, column {column}: {text!r} is not a number; "
                "write one like -3 or 2.5"
            )
        return value


def read_table(
    path: Path, *, required: Iterable[str], optional: Iterable[str] = ()
) -> tuple[list[Row], list[str]]:
    """Return the rows of a CSV file and what is wrong with it.

    A row lacks a column if its cell is missing or, for a required one, empty.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            header, lines = reader.fieldnames or [], list(_numbered(reader))
    except (UnicodeDecodeError, csv.Error) as error:
        return [], [f"{path}: not a CSV file in UTF-8 ({error}); save it as one"]
    missing = [column for column in required if column not in header]
    if missing:
        return [], [_without(path, column, header) for column in missing]
    return _rows(path, lines, list(required), [*required, *optional])


def _without(path: Path, column: str, header: Iterable[str]) -> str:
    has = ", ".join(header) or "no header"
    return f"{path}, row 1: the column {column} is missing (there is: {has}); add it"


def _numbered(
    reader: "csv.DictReader[str]",
) -> Iterator[tuple[int, dict[str | None, Any]]]:
    for cells in reader:
        yield reader.line_num, dict(cells)


def _rows(
    path: Path,
    lines: list[tuple[int, dict[str | None, Any]]],
    required: list[str],
    columns: list[str],
) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    problems: list[str] = []
    for number, raw in lines:
        cells = {column: (raw.get(column) or "").strip() for column in columns}
        where = f"{path}, row {number}"
        if raw.get(None):  # what csv.DictReader could not give a column
            problems.append(
                f"{where}: more cells than columns; put quotes around text with commas"
            )
        empty = [column for column in required if not cells[column]]
        problems += [
            f"{where}, column {column}: the cell is empty; fill it or delete the row"
            for column in empty
        ]
        if not empty:
            rows.append(Row(where, cells))
    return rows, problems


def rows_by_file(
    rows: Iterable[Row], files: Iterable[str], *, folder: Path
) -> tuple[dict[str, Row], list[str]]:
    """Return each row under the file it names, and what does not fit.

    `files` are the places below `folder` that exist, without suffix.
    """
    known, by_file, problems = set(files), dict[str, Row](), list[str]()
    for row in rows:
        name = row.cells["file"]
        place = Path(name).with_suffix("") if _is_sound(name) else Path(name)
        if place.as_posix() not in known:
            problems.append(
                f"{row.where}, column file: there is no {name} below {folder}; "
                "correct the name or delete the row"
            )
        elif place.as_posix() in by_file:
            first = by_file[place.as_posix()].where
            problems.append(
                f"{row.where}, column file: {name} was named before, in {first}; "
                "keep one of them"
            )
        else:
            by_file[place.as_posix()] = row
    return by_file, problems


def _is_sound(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES
