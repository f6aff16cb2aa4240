"""Prove that the files are what the rows say."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from stimuli.management.sets import find_set
from stimuli.models import Mixture
from stimuli.verification import differences_of_mixture, orphans


class Command(BaseCommand):
    help = (
        "Look at every rendered stimulus: hash, length, bytes, format, true peak; "
        "report files that no row names. Ends with status 1 if anything differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("set", nargs="?", help="slug of a set (default: all)")
        parser.add_argument(
            "--rerender",
            action="store_true",
            help="render every mixture again and compare to the byte",
        )

    def handle(self, *, set: str | None, rerender: bool, **options: Any) -> None:
        only = None if set is None else find_set(set)
        mixtures = Mixture.objects.with_sources()
        if only is not None:
            mixtures = mixtures.filter(stimulus_set=only)
        differences = [
            told
            for mixture in tqdm(mixtures, unit="mixture", disable=None)
            for told in differences_of_mixture(mixture, rerender=rerender)
        ]
        differences += [f"{path}: no row names this file" for path in orphans(only)]
        for told in differences:
            self.stdout.write(told)
        if differences:
            raise CommandError(
                f"{len(differences)} differences in {len(mixtures)} mixtures."
            )
        self.stdout.write(f"{len(mixtures)} mixtures: the files are what the rows say.")
