"""Objective scores by system and SNR."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from enhancement.audio import AudioError
from enhancement.measures import has_pesq
from enhancement.systems import SYSTEMS
from stimuli.evaluation import CannotEvaluate, Cell, Scored, of_pairs, of_set, table
from stimuli.management.sets import find_set

NO_PESQ = "PESQ is left out: install its extra with `uv sync --extra pesq`."


@dataclass(frozen=True)
class Column:
    head: str
    value: Callable[[Cell], str | float | None]
    form: str
    width: int

    def text(self, cell: Cell) -> str:
        value = self.value(cell)
        return ("–" if value is None else f"{value:{self.form}}").rjust(self.width)


COLUMNS = [
    Column("SNR dB", lambda cell: cell.snr_db, "g", 8),
    Column("stimuli", lambda cell: cell.stimuli, "d", 8),
    Column("SI-SDR dB", lambda cell: cell.si_sdr_db, ".2f", 10),
    Column("SDR dB", lambda cell: cell.sdr_db, ".2f", 8),
    Column("STOI", lambda cell: cell.stoi, ".3f", 7),
    Column("ESTOI", lambda cell: cell.estoi, ".3f", 7),
    Column("PESQ", lambda cell: cell.pesq_wb, ".2f", 7),
]


class Command(BaseCommand):
    help = (
        "Score systems against the clean speech: SI-SDR, SDR, STOI, ESTOI and, where "
        "its extra is installed, wide-band PESQ, as means by system and SNR. Of a "
        "rendered set, or of a folder with clean/ and noisy/."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--pairs", type=Path, metavar="DIR")
        what.add_argument("--set", metavar="SET")
        parser.add_argument("--systems", nargs="+", metavar="SYSTEM")
        parser.add_argument("--json", action="store_true", help="a list of objects")

    def handle(
        self,
        *,
        pairs: Path | None,
        set: str | None,
        systems: list[str] | None,
        json: bool,
        **options: Any,
    ) -> None:
        check_systems(systems)
        if set is not None:
            scored = of_set(find_set(set), systems)
        else:
            scored = of_pairs(pairs or Path(), systems or list(SYSTEMS))
        try:
            cells = table(self.shown(scored))
        except (CannotEvaluate, AudioError, ValueError) as error:
            raise CommandError(str(error)) from error
        if not has_pesq():
            self.stderr.write(NO_PESQ, style_func=str)
        self.stdout.write(as_json(cells) if json else as_text(cells))

    def shown(self, scored: Any) -> "tqdm[Scored]":
        return tqdm(scored, unit="stimulus", disable=None)


def check_systems(systems: list[str] | None) -> None:
    if unknown := [system for system in systems or [] if system not in SYSTEMS]:
        raise CommandError(
            f"Unknown system: {', '.join(unknown)}. There are: {', '.join(SYSTEMS)}."
        )


def as_json(cells: list[Cell]) -> str:
    return json.dumps([cell.as_json() for cell in cells], indent=2)


def as_text(cells: list[Cell]) -> str:
    """Return the table in columns, systems apart by an empty line."""
    columns = [c for c in COLUMNS if any(c.value(cell) is not None for cell in cells)]
    heads = [column.head.rjust(column.width) for column in columns]
    lines = [" ".join(["system".ljust(24), *heads])]
    for system, group in groupby(cells, key=lambda cell: cell.system):
        rows = [[column.text(cell) for column in columns] for cell in group]
        lines += ["", *(" ".join([system.ljust(24), *row]) for row in rows)]
    return "\n".join(lines)
