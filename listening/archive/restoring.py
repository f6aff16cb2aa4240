"""A study out of an archive: whole, or not at all.

Rows get numbers of this installation, and fresh codes and tokens. Corpus and stimulus
set are shared: where one of the same name is here, it must be the same one.

Nothing of an archive is believed: columns, types and choices are those of our models,
references stay within the archive, no path and no address is taken over unlooked at,
and the database holds all its constraints against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import DatabaseError, transaction
from django.db.models import Model

from listening.archive.manifest import BadArchive, Opened, opened
from listening.archive.parts import PARTS, Part, part_of
from listening.archive.rows import built
from listening.archive.sense import require_sense
from listening.models import Rater, Session, Study, Trial
from stimuli import files
from stimuli.models import Corpus, Mixture, Stimulus, StimulusSet

AT_ONCE = 500  # rows that are stored together
# A study does not go on by itself in another place: its link is another one there
STATE_HERE = {
    Study.State.PILOT: Study.State.PAUSED,
    Study.State.LIVE: Study.State.PAUSED,
}


def restore(file: IO[bytes], *, owner: User, slug: str = "") -> Study:
    """Store the study of the archive `file` for `owner`, and return it.

    `slug` is its name here, if it shall not have the one that it had. A study that was
    open is paused. Without sounds in the archive, and none here, nobody can rate it.

    Raises
    ------
    BadArchive
        And nothing is stored, neither rows nor files.
    """
    with opened(file) as archive, _files_or_none() as written:
        try:
            with transaction.atomic():
                return _Restoring(archive, owner, slug, written).run()
        except (DatabaseError, ValueError) as error:
            if isinstance(error, BadArchive):
                raise
            raise BadArchive("The rows of the archive contradict each other.") from None


@contextmanager
def _files_or_none() -> Iterator[list[Path]]:
    """Give a list of files to write; of a restoring that failed none are left."""
    written: list[Path] = []
    try:
        yield written
    except BaseException:
        files.remove_all(written)
        raise


@dataclass
class _Restoring:
    archive: Opened
    owner: User
    slug: str
    written: list[Path]
    # part -> number there -> number here
    numbers: dict[str, dict[int, int]] = field(default_factory=dict)
    # part -> numbers of rows that were here before
    known: dict[str, set[int]] = field(default_factory=dict)

    def run(self) -> Study:
        for part in PARTS:
            self.numbers[part.name], self.known[part.name] = {}, set()
            rows = self.archive.rows(part.file)
            while some := list(islice(rows, AT_ONCE)):
                self.take(part, some)
        if len(self.numbers["study"]) != 1 or len(self.numbers["stimulus_sets"]) != 1:
            raise BadArchive("The archive does not hold one study.")
        study = Study.objects.get(pk=next(iter(self.numbers["study"].values())))
        require_sense(study)
        return study

    def take(self, part: Part, some: list[dict[str, Any]]) -> None:
        """Store rows of a part, or find them if they are here."""
        numbers = self.numbers[part.name]
        new: dict[int, Model] = {}
        for row in some:
            one = built(part, row, self.numbers)
            there: int = row["id"]
            if there in numbers or there in new:
                raise BadArchive(f"{part.file}: row {there} is there twice.")
            here = self.find(part, one)
            if here is None:
                new[there] = self.fitted(one)
            else:
                numbers[there] = here
                self.known[part.name].add(here)
        _require_new([one for one in new.values() if isinstance(one, Rater)])
        _store(part, list(new.values()))
        numbers.update({there: one.pk for there, one in new.items()})

    def find(self, part: Part, one: Model) -> int | None:
        """Return the number of a shared row that is here, None if it is to be made."""
        if not part.key:
            return None
        key = {name: getattr(one, name) for name in part.key}
        here = part.model._default_manager.filter(**key).first()
        if here is None:
            if part.within and self.is_known(part, one):
                raise BadArchive(f"{_name(part, one)} is not in the one that is here.")
            return None
        if any(getattr(here, name) != getattr(one, name) for name in part.same):
            raise BadArchive(f"{_name(part, one)} is another one than the one here.")
        return int(here.pk)

    def is_known(self, part: Part, one: Model) -> bool:
        """Return whether what the row belongs to was here before."""
        column = next(f for f in part.fields if f.attname == part.within)
        to = part_of(column)  # type: ignore[arg-type]
        return to is not None and getattr(one, part.within) in self.known[to.name]

    def fitted(self, one: Model) -> Model:
        """Return a new row with what this installation has to say of it."""
        if isinstance(one, Study):
            one.owner, one.slug = self.owner, _free(self.slug or one.slug)
            one.state = STATE_HERE.get(Study.State(one.state), one.state)
        if isinstance(one, Stimulus) and one.sha256 in self.archive.sounds:
            one.file = self.sound(one)
        if isinstance(one, Trial):
            one.renew_tokens()
        return one

    def sound(self, one: Stimulus) -> str:
        """Write the sound of a stimulus, and return its name in our store."""
        one.file = files.new_name(one.mixture.stimulus_set)
        self.written.append(one.path)
        one.path.parent.mkdir(parents=True, exist_ok=True)
        with self.archive.file.open(self.archive.sounds[one.sha256]) as sound:
            one.path.write_bytes(sound.read())
        return one.file


def _name(part: Part, one: Model) -> str:
    named = {
        Corpus: "corpus",
        StimulusSet: "stimulus set",
        Mixture: "mixture",
        Stimulus: "stimulus",
    }
    what = named.get(part.model, "recording")
    return f"The {what} {one}"


def _free(slug: str) -> str:
    """Return a name that no study here has; raise BadArchive if one has it."""
    try:
        validate_slug(slug)
    except ValidationError:
        raise BadArchive(
            f"{slug[:50]!r} is no name: use letters, digits, - and _ only."
        ) from None
    if Study.objects.filter(slug=slug).exists():
        raise BadArchive(f"There is a study {slug} here: give this one another name.")
    return slug


def _require_new(raters: list[Rater]) -> None:
    here = Rater.objects.filter(code__in=[rater.code for rater in raters])
    session = Session.objects.filter(rater__in=here).select_related("study").first()
    if session is not None:
        raise BadArchive(
            f"Raters of this archive are here already, in the study "
            f"{session.study.slug}: it is the same one."
        )


def _store(part: Part, rows: list[Model]) -> None:
    """Store rows with the times that they had, not with that of now."""
    made = [f for f in part.fields if getattr(f, "auto_now_add", False)]
    times = [{f.attname: getattr(one, f.attname) for f in made} for one in rows]
    manager = part.model._default_manager
    manager.bulk_create(rows)
    for one, had in zip(rows, times, strict=True):
        for name, at in had.items():
            setattr(one, name, at)
    if made and rows:
        manager.bulk_update(rows, [field.name for field in made])
