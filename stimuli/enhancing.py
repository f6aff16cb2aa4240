"""Enhance files: one, or a tree whose structure and names are kept.

Each channel is enhanced by itself, at the system's rate, and brought back to the rate
and length of its file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from enhancement import audio
from enhancement.system import CausalSystem, System

Samples = NDArray[np.float64]

SUFFIXES = (
    *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc"),
    *(".au", ".caf", ".rf64", ".snd", ".w64"),
)
BLOCK = 1 << 16  # frames of a file that are in memory at a time
INTEGER_PEAK = 0.999  # of full scale, for what would not fit into an integer format
MEASURED_S = 4.0  # of sound, when a system's speed is measured
MEASURED_TIMES = 3


class EnhancingError(ValueError):
    """The request as a whole cannot be met; says what to change."""


@dataclass(frozen=True)
class Job:
    source: Path
    target: Path
    reference: Path | None


@dataclass
class Report:
    """What has been done so far."""

    done: int = 0
    failed: dict[Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    sound_s: float = 0.0  # of all channels together
    enhancing_s: float = 0.0
    overall_s: float = 0.0  # with reading, resampling and writing

    @property
    def real_time_factor(self) -> float:
        """Return how many seconds of sound are enhanced in a second."""
        return self.sound_s / self.enhancing_s if self.enhancing_s else float("nan")

    def note(self, text: str) -> None:
        if text not in self.notes:  # what holds for many files is said once
            self.notes.append(text)


def plan(src: Path, dst: Path, *, reference: Path | None = None) -> list[Job]:
    """Return what is to be enhanced into what; `EnhancingError` if it cannot be.

    A tree keeps its structure and names; files that do not end like audio are passed
    over. The reference of a tree is a tree with the same names.
    """
    if src.is_file():
        target = dst / src.name if dst.is_dir() else dst
        jobs = [Job(src, target, reference)]
    elif src.is_dir():
        jobs = [_job(path, src, dst, reference) for path in _audio_files(src)]
    else:
        raise EnhancingError(f"{src}: there is no such file or folder")
    if not jobs:
        raise EnhancingError(f"{src}: no audio file is in this folder")
    _refuse_overwriting(jobs, src, dst)
    return jobs


def _job(path: Path, src: Path, dst: Path, reference: Path | None) -> Job:
    inside = path.relative_to(src)
    return Job(path, dst / inside, reference and reference / inside)


def _audio_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            yield path


def _refuse_overwriting(jobs: list[Job], src: Path, dst: Path) -> None:
    inputs = {job.source.resolve() for job in jobs}
    inputs |= {job.reference.resolve() for job in jobs if job.reference}
    if any(job.target.resolve() in inputs for job in jobs):
        raise EnhancingError(f"{dst}: would overwrite its own input; name another DST")
    if src.is_dir() and src.resolve() in dst.resolve().parents:
        raise EnhancingError(f"{dst}: lies inside {src}; name a DST outside of it")


def run(system: System, jobs: list[Job]) -> Iterator[Report]:
    """Enhance; yield the report after each file. A bad file does not stop the rest."""
    if system.needs_reference and any(job.reference is None for job in jobs):
        raise EnhancingError(
            f"{system.slug} needs the clean speech: name it with --reference"
        )
    report = Report()
    for job in jobs:
        started = perf_counter()
        try:
            _enhance_file(system, job, report)
            report.done += 1
        except (audio.AudioError, OSError, ValueError) as error:
            report.failed[job.source] = str(error)
        report.overall_s += perf_counter() - started
        yield report


def _enhance_file(system: System, job: Job, report: Report) -> None:
    with audio.opened(job.source) as source:
        rate_hz, frames, channels = source.rate_hz, source.frames, source.channels
        blocks = partial(_enhanced, system, job, report)
        peak = _write(job, source, blocks, gain=1.0)
        if peak is not None:
            _write(job, source, blocks, gain=INTEGER_PEAK / peak)
            lower_db = 20 * np.log10(peak / INTEGER_PEAK)
            report.note(f"{job.target}: lowered by {lower_db:.1f} dB so as not to clip")
    report.sound_s += channels * frames / rate_hz
    if rate_hz > system.sample_rate:
        kept = system.sample_rate // 2
        report.note(f"at {rate_hz} Hz: what lies above {kept} Hz is lost")


def _write(
    job: Job, source: audio.Source, blocks: Callable[[], Iterator[Samples]], gain: float
) -> float | None:
    """Write the blocks with a gain.

    If that exceeds what the format holds, no file is written; returned is their peak.
    """
    job.target.parent.mkdir(parents=True, exist_ok=True)
    kind = {"container": source.container, "subtype": source.subtype}
    holds = np.inf if source.subtype in audio.FLOAT_SUBTYPES else 1.0
    peak = 0.0
    try:
        with audio.writing(
            job.target, source.rate_hz, channels=source.channels, **kind
        ) as add:
            for block in _of_length(blocks(), source.frames):
                peak = max(peak, float(np.abs(block).max(initial=0.0)))
                if gain * peak <= holds:
                    add(gain * block)
            if gain * peak > holds:
                raise _TooLoud
    except _TooLoud:
        return peak
    return None


class _TooLoud(Exception):
    """What was to be written is beyond full scale."""


def _enhanced(system: System, job: Job, report: Report) -> Iterator[Samples]:
    """Yield the enhanced sound of a file at its rate, shape (channels, some samples).

    What is causal works block by block, however long the file is.
    """
    with audio.opened(job.source) as source:
        rates = (source.rate_hz, system.sample_rate)
        up = audio.Resampler(*rates[::-1], source.channels)
        if isinstance(system, CausalSystem):
            blocks = _streamed(system, source, report)
        else:
            blocks = _whole(system, job, source, report)
        for block in blocks:
            yield up.process(block)
        yield up.process(np.empty((source.channels, 0)), last=True)


def _streamed(
    system: CausalSystem, source: audio.Source, report: Report
) -> Iterator[Samples]:
    """Yield enhanced sound at the system's rate, its latency taken out."""
    stream, late = system.stream(), system.latency
    down = audio.Resampler(source.rate_hz, system.sample_rate, source.channels)
    for noisy in _resampled(source, down, rest=system.latency):
        started = perf_counter()
        enhanced = stream.process(noisy)
        report.enhancing_s += perf_counter() - started
        yield enhanced[:, late:]
        late = max(0, late - enhanced.shape[-1])


def _resampled(
    source: audio.Source, resampler: audio.Resampler, *, rest: int
) -> Iterator[Samples]:
    """Yield a file's sound at another rate, and `rest` samples of silence."""
    for block in source.blocks(BLOCK):
        yield resampler.process(block)
    yield resampler.process(np.empty((source.channels, 0)), last=True)
    yield np.zeros((source.channels, rest))


def _whole(
    system: System, job: Job, source: audio.Source, report: Report
) -> Iterator[Samples]:
    (x,) = source.blocks(audio.WHOLE)
    reference = _reference(job, x, source.rate_hz)
    noisy = audio.resample(x, source.rate_hz, system.sample_rate)
    if reference is not None:
        reference = audio.resample(reference, source.rate_hz, system.sample_rate)
    started = perf_counter()
    enhanced = system.enhance(noisy, reference=reference)
    report.enhancing_s += perf_counter() - started
    yield enhanced


def _reference(job: Job, x: Samples, rate_hz: int) -> Samples | None:
    """Return the clean speech in the shape of the noisy; one channel serves all."""
    if job.reference is None:
        return None
    s, reference_hz = audio.read(job.reference)
    if reference_hz != rate_hz or s.shape[-1] != x.shape[-1]:
        raise EnhancingError(
            f"{job.reference}: {s.shape[-1]} frames at {reference_hz} Hz, but "
            f"{job.source} has {x.shape[-1]} at {rate_hz} Hz; they must be equal"
        )
    if len(s) not in (1, len(x)):
        raise EnhancingError(
            f"{job.reference}: {len(s)} channels, but {job.source} has {len(x)}"
        )
    return np.broadcast_to(s, x.shape)


def _of_length(blocks: Iterator[Samples], length: int) -> Iterator[Samples]:
    """Cut or fill the sample or two that resampling to and fro may add or lose."""
    left = length
    for block in blocks:
        yield block[:, :left]
        left -= min(left, block.shape[-1])
        channels = len(block)
    if left:
        yield np.zeros((channels, left))


@dataclass(frozen=True)
class Speed:
    seconds_per_hop: float
    real_time_factor: float  # seconds of sound in a second


def measure(system: System) -> Speed:
    """Return how fast a system runs on this machine: the median of three runs."""
    rng = np.random.default_rng(0)
    samples = round(MEASURED_S * system.sample_rate)
    clean, noise = 0.1 * rng.standard_normal((2, samples))
    times = []
    for _ in range(MEASURED_TIMES + 1):
        started = perf_counter()
        system.enhance(clean + noise, reference=clean)
        times.append(perf_counter() - started)
    seconds = median(times[1:])  # the first run warms up
    return Speed(seconds * system.hop / samples, MEASURED_S / seconds)
