"""Everything of a study as a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from listening.export import export_study
from listening.management.sight import add_unblind, require_sight
from listening.models import Study


class Command(BaseCommand):
    help = (
        "Write trials, raters, sessions, stimuli, design, data dictionary, analysis, "
        "figures and an R script that reproduces the numbers into a folder. Files of "
        "an earlier export there are replaced."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", metavar="STUDY", help="slug")
        parser.add_argument("--to", type=Path, required=True, metavar="DIR")
        add_unblind(parser)

    def handle(self, *, study: str, to: Path, unblind: str, **options: Any) -> None:
        found = Study.objects.filter(slug=study).first()
        if found is None:
            raise CommandError(f"{study}: there is no such study")
        require_sight(found, reason=unblind)
        try:
            written = export_study(found, to)
        except OSError as error:
            raise CommandError(f"{to}: {error.strerror}") from error
        self.stdout.write(f"{len(written)} files in {to}")
