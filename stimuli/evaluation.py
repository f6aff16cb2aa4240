"""Objective scores by system and SNR, of a set's stimuli or of a folder of pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from enhancement import audio, measures
from enhancement.measures import Scores
from stimuli.layouts.contents import NoisySpeech, Speech
from stimuli.layouts.pairs import read as read_pairs
from stimuli.mixing import RATE_HZ, Material, Mixed, mix
from stimuli.models import Mixture, Stimulus, StimulusSet
from stimuli.models.stimulus import MixtureQuerySet
from stimuli.rendering import enhance_aligned
from stimuli.storing import loaded, material_of

SCORES = [field.name for field in fields(Scores)]


class CannotEvaluate(Exception):
    """There is nothing to evaluate; the message says why."""


@dataclass(frozen=True)
class Scored:
    """The scores of one stimulus."""

    system: str
    snr_db: float
    scores: Scores


@dataclass(frozen=True)
class Cell:
    """Means over the stimuli of one system at one SNR."""

    system: str
    snr_db: float
    stimuli: int
    si_sdr_db: float
    sdr_db: float
    stoi: float
    estoi: float
    pesq_wb: float | None  # None: its extra is not installed

    def as_json(self) -> dict[str, str | float]:
        return {key: value for key, value in asdict(self).items() if value is not None}


def table(scored: Iterable[Scored]) -> list[Cell]:
    """Return the mean scores by system (in order of coming) and SNR (rising)."""
    cells: dict[tuple[str, float], list[Scores]] = defaultdict(list)
    for one in scored:
        cells[one.system, one.snr_db].append(one.scores)
    order = list(dict.fromkeys(system for system, _ in cells))
    return [
        _cell(system, snr_db, found)
        for (system, snr_db), found in sorted(
            cells.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
        )
    ]


def of_set(stimulus_set: StimulusSet, systems: list[str] | None) -> Iterator[Scored]:
    """Yield the scores of a set: those stored, and computed where none are.

    Systems that are not the set's own are tried on its mixtures.
    """
    wanted = systems or stimulus_set.systems
    for mixture in _complete(stimulus_set):
        stored = _stored(mixture)
        missing = [system for system in wanted if system not in stored]
        mixed = mix(material_of(mixture)) if missing else None
        for system in wanted:
            scores = stored.get(system) or score(mixed, system)
            yield Scored(system, mixture.snr_db, scores)


def of_pairs(folder: Path, systems: list[str]) -> Iterator[Scored]:
    """Yield the scores of systems on a folder `clean/` and `noisy/` of equal names."""
    for snr_db, mixed in mixtures_of_pairs(folder):
        for system in systems:
            yield Scored(system, snr_db, score(mixed, system))


def mixtures_of_set(stimulus_set: StimulusSet) -> Iterator[tuple[float, Mixed]]:
    """Yield the nominal SNR and the mixture of all that is rendered of a set."""
    for mixture in _complete(stimulus_set):
        yield mixture.snr_db, mix(material_of(mixture))


def mixtures_of_pairs(folder: Path) -> Iterator[tuple[float, Mixed]]:
    """Yield SNR and mixture of each pair of a folder `clean/` and `noisy/`.

    A pair whose SNR no table names counts as at the measured one, in whole dB.
    """
    contents = read_pairs(folder)
    if contents.problems:
        raise CannotEvaluate("\n".join(contents.problems))
    clean = {s.name: s for s in contents.sounds if isinstance(s, Speech)}
    for noisy in contents.sounds:
        if isinstance(noisy, NoisySpeech):
            mixed = mix(
                Material(
                    audio.read_mono(clean[noisy.clean].path, rate_hz=RATE_HZ),
                    noisy.snr_db or 0.0,
                    noisy=audio.read_mono(noisy.path, rate_hz=RATE_HZ),
                )
            )
            snr_db = noisy.snr_db if noisy.snr_db is not None else _measured(mixed)
            yield snr_db, mixed


def score(mixed: Mixed | None, system: str) -> Scores:
    """Return the scores of one system on one mixture."""
    if mixed is None:
        raise ValueError("no mixture to score")
    enhanced, _ = enhance_aligned(mixed, loaded(system))
    return measures.score(mixed.target, enhanced, rate_hz=RATE_HZ)


def _complete(stimulus_set: StimulusSet) -> MixtureQuerySet:
    mixtures = stimulus_set.mixtures.with_sources().complete()
    if not mixtures.exists():
        raise CannotEvaluate(f"“{stimulus_set}” has no rendered mixture: generate it.")
    return mixtures


def _measured(mixed: Mixed) -> float:
    measured = mixed.measured_snr_db
    return float("inf") if measured is None else float(round(measured))


def _cell(system: str, snr_db: float, found: list[Scores]) -> Cell:
    pesq = [one.pesq_wb for one in found if one.pesq_wb is not None]
    return Cell(
        system=system,
        snr_db=snr_db,
        stimuli=len(found),
        si_sdr_db=_mean([one.si_sdr_db for one in found]),
        sdr_db=_mean([one.sdr_db for one in found]),
        stoi=_mean([one.stoi for one in found]),
        estoi=_mean([one.estoi for one in found]),
        pesq_wb=_mean(pesq) if len(pesq) == len(found) else None,
    )


def _mean(values: list[float]) -> float:
    return float(np.mean(values))


def _stored(mixture: Mixture) -> dict[str, Scores]:
    """Return the scores of each system that has all that we can compute."""
    computed = [name for name in SCORES if name != "pesq_wb" or measures.has_pesq()]
    found: dict[str, Scores] = {}
    for stimulus in Stimulus.objects.filter(mixture=mixture).rendered():
        values = {name: getattr(stimulus, name) for name in SCORES}
        if all(values[name] is not None for name in computed):
            found[stimulus.system] = Scores(**values)
    return found
