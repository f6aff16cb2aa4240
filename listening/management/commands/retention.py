"""Forget who took part, after the days that each study declares."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from listening.retention import forget


class Command(BaseCommand):
    help = (
        "Delete panel identities and invitations that are older than their study keeps "
        "them, and log-ins that no longer matter. Answers stay. Meant to run every day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would go; delete nothing"
        )

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        done = "would be deleted" if dry_run else "deleted"
        counts = forget(at=now(), dry_run=dry_run)
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count} {done}")
        if not counts:
            self.stdout.write("There is nothing to delete.")
