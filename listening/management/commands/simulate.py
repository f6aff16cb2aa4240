"""Raters made by a program."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now
from tqdm import tqdm

from listening.designs import ImpossibleDesign
from listening.enrolment import EnrolmentRefused
from listening.models import Study
from listening.simulation import simulate


class Command(BaseCommand):
    help = (
        "Let simulated raters go through a study that is open. They are marked as "
        "simulated in the results, the figure and every export."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", metavar="STUDY", help="slug")
        parser.add_argument("--raters", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, required=True, metavar="S")

    def handle(self, *, study: str, raters: int, seed: int, **options: Any) -> None:
        if raters < 1 or seed < 0:
            raise CommandError("--raters is 1 or more, --seed 0 or more")
        found = Study.objects.filter(slug=study).first()
        if found is None:
            raise CommandError(f"{study}: there is no such study")
        try:
            with tqdm(total=raters, unit="rater", disable=None) as bar:
                sessions = simulate(
                    found, raters=raters, seed=seed, at=now(), on_progress=bar.update
                )
        except (EnrolmentRefused, ImpossibleDesign) as error:
            raise CommandError(f"{study}: {error}") from error
        self.stdout.write(f"{len(sessions)} simulated raters completed {study}.")
