"""Render a stimulus set here and now: what the admin's button has a worker do."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from stimuli.generation import CannotGenerate, Progress, prepare, render_with, retry
from stimuli.management.sets import find_set, positive
from stimuli.models import Stimulus, StimulusSet


class Command(BaseCommand):
    help = (
        "Draw and render a stimulus set. Can be run twice: what is rendered stays, "
        "what failed or was cancelled is tried again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("set", help="slug of the stimulus set")
        parser.add_argument(
            "--jobs",
            type=positive,
            default=1,
            metavar="N",
            help="processes (default: 1)",
        )

    def handle(self, *, set: str, jobs: int, **options: Any) -> None:
        stimulus_set = find_set(set)
        try:
            prepare(stimulus_set)
        except CannotGenerate as error:
            raise CommandError(f"“{set}” cannot be generated. {error}") from error
        retry(stimulus_set)
        with tqdm(unit="stimulus", disable=None) as bar:
            render_with(stimulus_set, jobs=jobs, on_progress=Shown(bar))
        self.tell(stimulus_set)

    def tell(self, stimulus_set: StimulusSet) -> None:
        stimulus_set.refresh_from_db()
        stimuli = Stimulus.objects.of_set(stimulus_set)
        counts = stimuli.counts()
        total, failed = sum(counts.values()), stimuli.failed().first()
        if failed is not None:
            raise CommandError(
                f"“{stimulus_set}”: {counts['failed']} of {total} stimuli failed. "
                f"The first: {failed}: {failed.reason}"
            )
        self.stdout.write(
            f"“{stimulus_set}” is {stimulus_set.get_state_display()}: "
            f"{counts['done']} of {total} stimuli are rendered."
        )


class Shown:
    """Shows progress in a bar."""

    def __init__(self, bar: "tqdm[Any]") -> None:
        self.bar = bar

    def __call__(self, progress: Progress) -> None:
        self.bar.total = progress.total
        self.bar.update(progress.done + progress.failed - self.bar.n)
