"""Take a folder of recordings into our store and database: all of it or nothing.

It can be run twice: what is there already stays, what has changed is replaced, and a
recording that stimuli rest on is never changed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from enhancement.audio import AudioError, read
from stimuli.converting import Converted, convert
from stimuli.layouts import LAYOUTS, reader
from stimuli.layouts.contents import (
    Contents,
    Facts,
    Noise,
    NoisySpeech,
    RoomResponses,
    Sound,
    Speech,
)
from stimuli.models import (
    Corpus,
    Mixture,
    NoiseRecording,
    NoisyRecording,
    Room,
    Utterance,
)

AnyRecording = Utterance | NoiseRecording | Room | NoisyRecording


@dataclass(frozen=True)
class Kind:
    """Where a kind of sound goes: its rows, its folder, and who rests on it."""

    model: type[AnyRecording]
    folder: str
    mixture_field: str
    facts: Callable[[Any], dict[str, Any]]


# In order of writing: finished mixtures point at utterances.
KINDS: dict[type[Sound], Kind] = {
    Speech: Kind(
        Utterance,
        "speech",
        "utterance",
        lambda s: {"speaker": s.speaker, "text": s.text, "sentence": sentence_of(s)},
    ),
    Noise: Kind(NoiseRecording, "noise", "noise", lambda s: {"kind": s.kind}),
    RoomResponses: Kind(
        Room, "rooms", "room", lambda s: {"description": s.description}
    ),
    NoisySpeech: Kind(
        NoisyRecording, "noisy", "noisy_recording", lambda s: {"snr_db": s.snr_db}
    ),
}


NOT_SAID = {"corpus", "utterance", "file", "sha256", "frames"}  # by a description


class ImportRefused(Exception):
    """Nothing was imported; `problems` says why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Report:
    """What an import did, or what a dry run found that it would do."""

    slug: str
    layout: str
    dry_run: bool
    added: dict[str, int] = field(default_factory=dict)  # by folder of the kind
    changed: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0  # of sound in the folder
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """What is to be done about one sound."""

    kind: Kind
    converted: Converted
    row: AnyRecording | None  # that has its name already
    moves: bool  # our file is new or other than before
    facts: dict[str, Any]
    outcome: str


def import_corpus(
    *,
    slug: str,
    path: Path | str,
    layout: str,
    title: str | None = None,
    description: str = "",
    licence: str = "",
    synthetic: bool = False,
    dry_run: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Import the folder `path` as the corpus `slug`.

    1. Read names and tables as `layout` has it.
    2. Look at every sound and convert it, aside.
    3. Compare with what was imported before.
    4. Move the files into the store and write the rows, in one transaction.

    What is given here goes before what the corpus says of itself. Raises
    `ImportRefused` with all problems, having changed nothing; a dry run reports them.
    """
    _check_arguments(slug, Path(path), layout)
    contents = reader(layout)(Path(path))  # 1.
    said = Facts(
        title or contents.facts.title,
        description or contents.facts.description,
        licence or contents.facts.licence,
        synthetic or contents.facts.synthetic,
    )
    with _staging() as folder:
        converted, problems = _convert_all(contents, folder, on_progress)  # 2.
        steps, refused = _plan(slug, converted)  # 3.
        problems = [*contents.problems, *problems, *refused]
        if problems and not dry_run:
            raise ImportRefused(problems)
        if not dry_run:
            _store(slug, layout, said, steps)  # 4.
    notes = [*_notes(steps), *_left_over(slug, contents)]
    return _report(slug, layout, dry_run, steps, notes, problems)


def sentence_of(speech: Speech) -> str:
    """Return what counts as the same sentence: its words, or its name without text."""
    words = unicodedata.normalize("NFKC", speech.text).casefold().replace("’", "'")
    return " ".join(re.sub(r"[^\w\s']", " ", words).split())[:300] or speech.name


def _check_arguments(slug: str, path: Path, layout: str) -> None:
    problems = []
    try:
        validate_slug(slug)
    except ValidationError:
        problems.append(
            f"{slug!r} is no name for a corpus; use letters, digits, - and _ only"
        )
    if layout not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        problems.append(f"there is no layout {layout!r}; choose one of: {known}")
    if not path.is_dir():
        problems.append(f"{path}: there is no such folder; name an existing one")
    if problems:
        raise ImportRefused(problems)


@contextmanager
def _staging() -> Iterator[Path]:
    """Give a folder on the store's own disk that is gone afterwards."""
    store = Path(settings.MEDIA_ROOT) / "corpora"
    store.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=store, prefix=".importing-") as folder:
        yield Path(folder)


def _convert_all(
    contents: Contents, folder: Path, on_progress: Callable[[int, int], None] | None
) -> tuple[list[Converted], list[str]]:
    problems = _named_twice(contents.sounds)
    converted: list[Converted] = []
    groups = _together(contents.sounds)
    for number, group in enumerate(groups, start=1):
        (aside := folder / f"{number}").mkdir()
        files, wrong = convert(group, aside)
        converted += files
        problems += wrong
        if on_progress:
            on_progress(number, len(groups))
    return converted, problems


def _named_twice(sounds: list[Sound]) -> list[str]:
    first: dict[tuple[type, str], Sound] = {}
    problems = []
    for sound in sounds:
        if (key := (type(sound), sound.name)) in first:
            problems.append(
                f"{sound.path}: {first[key].path} is called {sound.name!r} too; "
                "rename or take away one of them"
            )
        first.setdefault(key, sound)
    return problems


def _together(sounds: list[Sound]) -> list[list[Sound]]:
    """Return finished mixtures grouped with their clean speech, all else alone."""
    groups: dict[object, list[Sound]] = {}
    for sound in sounds:
        clean = sound.clean if isinstance(sound, NoisySpeech) else sound.name
        kind = Speech if isinstance(sound, NoisySpeech) else type(sound)
        groups.setdefault((kind, clean), []).append(sound)
    return list(groups.values())


def _plan(slug: str, converted: list[Converted]) -> tuple[list[Step], list[str]]:
    """Return what is to be done about each, and what must not be done."""
    steps, problems = [], []
    for sound_type, kind in KINDS.items():
        rows = {row.name: row for row in kind.model.objects.filter(corpus__slug=slug)}
        of_mixtures = Mixture.objects.filter(
            **{f"{kind.mixture_field}__corpus__slug": slug}
        )
        used = set(of_mixtures.values_list(f"{kind.mixture_field}_id", flat=True))
        for each in (c for c in converted if type(c.sound) is sound_type):
            row = rows.get(each.sound.name)
            same = row is not None and _same_sound(row, each)
            if row is not None and row.pk in used and not same:
                problems.append(_in_use(each, slug))
            steps.append(_step(kind, each, row, same=same))
            problems += _unfit(steps[-1])
    return steps, problems


def _step(kind: Kind, each: Converted, row: AnyRecording | None, *, same: bool) -> Step:
    facts = kind.facts(each.sound)
    if row is None:
        return Step(kind, each, row, True, facts, "added")
    moves = not same or not row.path.exists()
    stays = all(getattr(row, name) == value for name, value in facts.items())
    outcome = "unchanged" if stays and not moves else "changed"
    return Step(kind, each, row, moves, facts, outcome)


def _same_sound(row: AnyRecording, new: Converted) -> bool:
    """Say whether they sound the same, though an encoder may have changed since."""
    if row.sha256 == new.sha256:
        return True
    if row.frames != new.frames:
        return False
    try:
        old, _ = read(row.path)
    except AudioError:
        return False
    return np.array_equal(old, read(new.path)[0])


def _in_use(new: Converted, slug: str) -> str:
    return (
        f"{new.sound.path}: differs from the {new.sound.name!r} that was imported "
        f"before, and stimuli rest on that one; import the folder under another name "
        f"than {slug!r}"
    )


def _unfit(step: Step) -> list[str]:
    """Say which facts the database cannot hold, such as too long a name."""
    row = step.kind.model(name=step.converted.sound.name, **step.facts)
    unknown = {name for name, value in step.facts.items() if value is None}
    try:
        row.clean_fields(exclude=unknown | NOT_SAID)
    except ValidationError as error:
        return [
            f"{step.converted.sound.path}, {name}: {' '.join(said)}"
            for name, said in error.message_dict.items()
        ]
    return []


def _store(slug: str, layout: str, said: Facts, steps: list[Step]) -> None:
    """Move files and write rows; if anything fails, leave neither."""
    moved: list[Path] = []
    try:
        with transaction.atomic():
            corpus = _write_corpus(slug, layout, said)
            for step in steps:
                if step.outcome != "unchanged":
                    _write_row(corpus, step, moved)
    except BaseException:
        for path in moved:
            path.unlink(missing_ok=True)
        raise


def _write_corpus(slug: str, layout: str, said: Facts) -> Corpus:
    """Make or amend the corpus; what nobody says any more stays as it was."""
    corpus = Corpus.objects.filter(slug=slug).first() or Corpus(slug=slug, title=slug)
    corpus.layout = layout
    corpus.title = said.title or corpus.title
    corpus.description = said.description or corpus.description
    corpus.licence = said.licence or corpus.licence
    corpus.synthetic = said.synthetic or corpus.synthetic
    corpus.save()
    return corpus


def _write_row(corpus: Corpus, step: Step, moved: list[Path]) -> None:
    new = step.converted
    row = step.row or step.kind.model(corpus=corpus, name=new.sound.name)
    for name, value in step.facts.items():
        setattr(row, name, value)
    if isinstance(row, NoisyRecording) and isinstance(new.sound, NoisySpeech):
        row.utterance = Utterance.objects.get(corpus=corpus, name=new.sound.clean)
    if step.moves:
        before, row.file = row.file, _file_name(corpus, step)
        row.sha256, row.frames, row.notes = new.sha256, new.frames, new.notes
        row.path.parent.mkdir(parents=True, exist_ok=True)
        if not row.path.exists():
            moved.append(row.path)
        new.path.replace(row.path)
        if before and before != row.file:
            old = Path(settings.MEDIA_ROOT) / before
            transaction.on_commit(lambda: old.unlink(missing_ok=True))
    row.save()


def _file_name(corpus: Corpus, step: Step) -> str:
    """Return a place that no other content has, so that no file is written over."""
    name, content = step.converted.sound.name, step.converted.sha256
    tag = hashlib.sha256(f"{name}/{content}".encode()).hexdigest()[:12]
    return f"corpora/{corpus.slug}/{step.kind.folder}/{name[:60]}-{tag}.flac"


def _notes(steps: list[Step]) -> list[str]:
    return [
        f"{step.converted.sound.path}: {step.converted.notes}"
        for step in steps
        if step.converted.notes
    ]


def _left_over(slug: str, contents: Contents) -> list[str]:
    """Say what was imported once and is not in the folder now."""
    named = {(type(sound), sound.name) for sound in contents.sounds}
    return [
        f"{row}: imported before and not in the folder now; it stays"
        for sound_type, kind in KINDS.items()
        for row in kind.model.objects.filter(corpus__slug=slug).select_related("corpus")
        if (sound_type, row.name) not in named
    ]


def _report(
    slug: str,
    layout: str,
    dry_run: bool,
    steps: list[Step],
    notes: list[str],
    problems: list[str],
) -> Report:
    counts: dict[str, dict[str, int]] = {"added": {}, "changed": {}, "unchanged": {}}
    for step in steps:
        of_outcome = counts[step.outcome]
        of_outcome[step.kind.folder] = of_outcome.get(step.kind.folder, 0) + 1
    seconds = sum(step.converted.frames for step in steps) / 16_000
    return Report(
        slug, layout, dry_run, **counts, seconds=seconds, notes=notes, problems=problems
    )
