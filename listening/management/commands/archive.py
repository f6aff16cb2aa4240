"""A whole study as one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from listening.archive import NothingToArchive, write
from listening.models import Study


class Command(BaseCommand):
    help = (
        "Write a study into one file: design, stimuli, sessions, answers, events and "
        "logs, with hashes. `restore` reads it, here or in another installation. Who "
        "took part is not in it. It shows nobody the outcome, but it holds all answers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", metavar="STUDY", help="slug")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--sounds", action="store_true", help="with the stimuli, to go on rating"
        )

    def handle(self, *, study: str, file: Path, sounds: bool, **options: Any) -> None:
        found = Study.objects.filter(slug=study).first()
        if found is None:
            raise CommandError(f"{study}: there is no such study")
        part = file.with_name(f"{file.name}.part")
        try:
            with part.open("wb") as content:
                write(found, content, at=now(), with_sounds=sounds)
            part.replace(file)
        except NothingToArchive as why:
            raise CommandError(str(why)) from why
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)
        self.stdout.write(f"{file}: {file.stat().st_size / 1e6:.1f} MB")
