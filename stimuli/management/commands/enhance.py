"""Enhance a file or a tree of files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from enhancement.systems import UnknownSystemError, load
from enhancement.weights import WeightsError
from stimuli.enhancing import EnhancingError, Report, plan, run


class Command(BaseCommand):
    help = "Enhance a file, or a tree of files whose structure and names are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("system", help="slug, see the command `systems`")
        parser.add_argument("src", type=Path, help="file, or folder of files")
        parser.add_argument("dst", type=Path, help="file, or folder to make")
        parser.add_argument(
            "--reference",
            type=Path,
            help="the clean speech, for the oracles: a file, or a tree of equal names",
        )

    def handle(self, *args: object, **options: Any) -> None:
        try:
            system = load(options["system"])
            jobs = plan(options["src"], options["dst"], reference=options["reference"])
            # No bar unless standard error is a terminal
            bar = tqdm(run(system, jobs), total=len(jobs), unit="file", disable=None)
            *_, report = bar
        except (EnhancingError, UnknownSystemError, WeightsError) as error:
            raise CommandError(str(error)) from error
        self._tell(report)

    def _tell(self, report: Report) -> None:
        for note in report.notes:
            self.stdout.write(note)
        for reason in report.failed.values():
            self.stderr.write(reason)
        if report.done:
            self.stdout.write(
                f"{report.done} files, {report.sound_s:.1f} s of sound: enhanced at "
                f"{report.real_time_factor:.0f} times real time, "
                f"{report.overall_s:.1f} s with reading and writing"
            )
        if report.failed:
            total = report.done + len(report.failed)
            raise CommandError(f"{len(report.failed)} of {total} files failed")
