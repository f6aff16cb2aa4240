"""Objective scores by system and SNR."""

import json
from argparse import ArgumentParser
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from enhancement.audio import AudioError
from enhancement.systems import SYSTEMS
from stimuli.evaluation import CannotEvaluate, Cell, Scored, of_pairs, of_set, table
from stimuli.management.sets import find_set

LINE = "{:24} {:>8} {:>8} {:>10} {:>8} {:>7} {:>7}"


class Command(BaseCommand):
    help = (
        "Score systems against the clean speech: SI-SDR, SDR, STOI, ESTOI, as means by "
        "system and SNR. Of a rendered set, or of a folder with clean/ and noisy/."
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
    lines = [
        LINE.format(
            "system", "SNR dB", "stimuli", "SI-SDR dB", "SDR dB", "STOI", "ESTOI"
        )
    ]
    for _, group in groupby(cells, key=lambda cell: cell.system):
        lines += [
            "",
            *(
                LINE.format(
                    cell.system,
                    f"{cell.snr_db:g}",
                    cell.stimuli,
                    f"{cell.si_sdr_db:.2f}",
                    f"{cell.sdr_db:.2f}",
                    f"{cell.stoi:.3f}",
                    f"{cell.estoi:.3f}",
                )
                for cell in group
            ),
        ]
    return "\n".join(lines)
