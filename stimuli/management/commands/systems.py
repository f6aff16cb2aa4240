"""List the systems of enhancement."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enhancement.systems import SYSTEMS, describe, load
from enhancement.weights import WeightsError
from stimuli.enhancing import measure

UNITS = {"real_time_factor": "x real time", "compute_per_hop_us": "us/hop"}
COLUMNS = ["slug", "name", "family", "parameters", "bytes", "hop", "latency", "source"]


class Command(BaseCommand):
    help = "List the systems of enhancement: hop and latency in samples at 16 kHz."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON list")
        parser.add_argument(
            "--measure",
            action="store_true",
            help="add the compute per hop and the real-time factor on this machine",
        )

    def handle(self, *args: object, **options: Any) -> None:
        try:
            rows = [_row(slug, measured=options["measure"]) for slug in SYSTEMS]
        except WeightsError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            self.stdout.write(_table(rows))


def _row(slug: str, *, measured: bool) -> dict[str, Any]:
    facts = asdict(describe(slug))
    order = "parameters", "bytes", "operations_per_frame", "hop", "latency", "source"
    row = {"slug": slug, "name": facts["label"], "family": facts["family"]}
    row |= {key: facts[key] for key in order}
    if measured:
        speed = measure(load(slug))
        row["compute_per_hop_us"] = round(speed.seconds_per_hop * 1e6, 3)
        row["real_time_factor"] = round(speed.real_time_factor, 1)
    return row


def _table(rows: list[dict[str, Any]]) -> str:
    keys = [key for key in [*COLUMNS, *UNITS] if key in rows[0]]
    lines = [[UNITS.get(key, key) for key in keys]]
    lines += [[str(row[key]) for key in keys] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        for line in lines
    ]
    return "\n".join("  ".join(line).rstrip() for line in padded)
