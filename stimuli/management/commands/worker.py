"""Work through what was queued, and first take up what a killed worker left."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django_tasks import task_backends
from django_tasks_db import DatabaseBackend

from stimuli.generation import resume_interrupted


class Command(BaseCommand):
    help = (
        "Run a worker for the tasks in the database. Start as many as you like; each "
        "first takes up what a killed one left."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--batch", action="store_true", help="end when there is nothing to do"
        )

    def handle(self, *, batch: bool, verbosity: int, **options: Any) -> None:
        for stimulus_set in resume_interrupted():
            self.stdout.write(f"“{stimulus_set}” goes on.")
        if not isinstance(task_backends["default"], DatabaseBackend):
            raise CommandError(
                "TASKS_BACKEND is not the database: start that backend's own worker."
            )
        # No reloader: a worker that is killed must not leave a child that works on
        call_command(
            "db_worker",
            batch=batch,
            reload=False,
            startup_delay=False,
            interval=0.5,
            verbosity=max(verbosity - 1, 0),  # 2: a line for every task
        )
