"""The whole of Earshot in one command."""

import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from tqdm import tqdm

from listening import demo, serving
from listening.demo import Demo
from stimuli.generation import Progress


class Command(BaseCommand):
    help = (
        "From a fresh clone to running studies: database, corpus, stimuli, two live "
        "studies with simulated raters, then a worker and a web server. Can be run "
        "again: it goes on where it was and loses nothing."
    )
    requires_system_checks: list[str] = []  # the first run has no database yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="default: 8000")
        parser.add_argument(
            "--no-serve", action="store_true", help="prepare everything and end"
        )

    def handle(self, *, port: int, no_serve: bool, **options: Any) -> None:
        if not 0 < port < 65536:
            raise CommandError(f"There is no port {port}: choose one up to 65535.")
        if not no_serve and not serving.is_free(port):
            raise CommandError(
                f"Port {port} is in use: stop what listens there, or choose another "
                f"with --port {port % 65535 + 1}."
            )
        try:
            with tqdm(unit="stimulus", disable=None, leave=False) as bar:
                made = demo.build(self.say, on_progress=Shown(bar))
        except demo.StimuliFailed as error:
            raise CommandError(str(error)) from error
        if no_serve:
            self.tell(made, port)
        else:
            self.serve(made, port)

    def serve(self, made: Demo, port: int) -> None:
        def tell() -> None:
            self.tell(made, port)
            self.say("Ctrl-C stops it.")

        kept = Path(settings.DATA_DIR) / "secret-key"
        key = os.environ.get("SECRET_KEY") or demo.keep(kept, secrets.token_urlsafe(50))
        try:
            serving.serve(
                serving.site(port),
                port=port,
                env=serving.environment(key),
                cwd=str(settings.BASE_DIR),
                on_ready=tell,
            )
        except serving.ServerFailed as error:
            raise CommandError(str(error)) from error
        self.say("Stopped.")

    def tell(self, made: Demo, port: int) -> None:
        """Print where everything is: one thing a line, nothing else on this stream."""
        site = f"http://localhost:{port}"
        for name, study in (("rater", "demo"), ("rater-ccr", "demo-ccr")):
            path = reverse("join", args=[made.studies[study].code])
            self.stdout.write(f"{name}: {site}{path}")
        self.stdout.write(f"experimenter: {site}{reverse('studies')}")
        password = made.password or "(the password was changed since)"
        self.stdout.write(f"admin: {demo.ADMIN} {password}")
        self.stdout.flush()

    def say(self, text: str) -> None:
        """Tell what happens, beside what is printed for programs."""
        self.stderr.write(text, style_func=str)


class Shown:
    """Shows progress in a bar."""

    def __init__(self, bar: "tqdm[Any]") -> None:
        self.bar = bar

    def __call__(self, progress: Progress) -> None:
        self.bar.total = progress.total
        self.bar.update(progress.done + progress.failed - self.bar.n)
