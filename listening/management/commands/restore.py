"""A study out of the file that `archive` wrote."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from listening.archive import BadArchive, restore


class Command(BaseCommand):
    help = (
        "Store the study of an archive, whole or not at all. Hashes, names and every "
        "row are checked first. A study that was open is paused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--name", default="", metavar="SLUG", help="if it shall have another one"
        )
        parser.add_argument(
            "--owner", metavar="USER", help="whose it shall be; else the first admin's"
        )

    def handle(
        self, *, file: Path, name: str, owner: str | None, **options: Any
    ) -> None:
        user = owner_called(owner)
        try:
            with file.open("rb") as content:
                study = restore(content, owner=user, slug=name)
        except BadArchive as why:
            raise CommandError(f"{file}: {why}") from why
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        self.stdout.write(f"{study.slug}: restored for {user.username}")


def owner_called(name: str | None) -> User:
    """Return the user `name`, or without a name the first administrator."""
    if name is None:
        user = User.objects.filter(is_superuser=True).order_by("pk").first()
        if user is None:
            raise CommandError("There is no administrator: say whose it is by --owner")
        return user
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"{name}: there is no such user")
    return user
