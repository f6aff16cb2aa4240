"""How fast mixtures become stimuli on one core.

    uv run python -m tests.benchmarks.generation [--mixtures 6] [--json FILE]

Mixtures are of the bundled corpus, with its rooms. For every system: stimuli per second
and how many times faster than the sound lasts, without and with objective scores, from
the mixture in memory to the file on disk. `plain` is the rival: the least that writes
such a file (SciPy's resampling, a sample peak, soundfile), with no enhancement, no
levels, no true peak and no proof of the delay; `/ plain` is our time over its time.
Times are of the processor, on one thread, so that a busy machine does not count.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import soundfile
from scipy.signal import resample_poly

from enhancement import audio, level
from enhancement.delay import delay_samples
from enhancement.system import System
from enhancement.systems import SYSTEMS, load
from stimuli import bundled
from stimuli.mixing import RATE_HZ, Material, Mixed, cut_noise, mix
from stimuli.rendering import EAR_RATE_HZ, LONGEST_DELAY, Samples, render

SNRS_DB = (-6.0, -3.0, 0.0, 3.0, 6.0, 9.0)
CLASSICAL = ("spectral-subtraction", "wiener", "log-mmse", "omlsa")
IN_A_SET = ("unprocessed", "spectral-subtraction", "log-mmse", "omlsa")
WANTED = 60.0  # times real time, classical systems, without scores


@dataclass(frozen=True)
class Speed:
    what: str
    scores: bool
    per_second: float
    real_time_factor: float  # seconds of sound per second of processor
    over_plain: float  # our time over the rival's


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mixtures", type=int, default=6)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        mixtures = [mixture(i) for i in range(options.mixtures)]
        speeds = measure(mixtures, Path(folder))
        parts = measure_parts(mixtures)
    print_tables(mixtures, speeds, parts)
    if options.json:
        facts = {"speeds": [asdict(speed) for speed in speeds], "parts_ms": parts}
        options.json.write_text(json.dumps(facts, indent=2))


def mixture(i: int) -> Mixed:
    """Return a mixture of the bundled corpus; each has other speech, noise, room."""
    speech = nth("speech", 7 * i)[0]
    room, noise = nth("rooms", i), nth("noise", 3 * i)[0]
    piece = cut_noise(noise, offset=0, speech=len(speech), room=room.shape[-1])
    return mix(Material(speech, SNRS_DB[i % len(SNRS_DB)], noise=piece, room=room))


def nth(kind: str, i: int) -> Samples:
    files = sorted((Path(bundled.PATH) / kind).rglob("*.flac"))
    return audio.read(files[i % len(files)])[0]


def measure(mixtures: list[Mixed], folder: Path) -> list[Speed]:
    length_s = sum(len(m.noisy) for m in mixtures) / RATE_HZ
    rival = seconds(lambda: write_plainly(mixtures, folder))

    def speed(what: str, systems: list[System], scores: bool) -> Speed:
        took = seconds(lambda: write_rendered(mixtures, systems, scores, folder))
        sounds = len(mixtures) * len(systems)
        return Speed(
            what,
            scores,
            per_second=(len(mixtures) if len(systems) > 1 else sounds) / took,
            real_time_factor=length_s * len(systems) / took,
            over_plain=took / len(systems) / rival,
        )

    plain = Speed("plain", False, len(mixtures) / rival, length_s / rival, 1.0)
    whole = [load(slug) for slug in IN_A_SET]
    return [
        plain,
        *(
            speed(slug, [load(slug)], scores)
            for scores in (False, True)
            for slug in SYSTEMS
        ),
        *(speed("mixture of 4 systems", whole, scores) for scores in (False, True)),
    ]


def measure_parts(mixtures: list[Mixed]) -> dict[str, float]:
    """Return milliseconds a stimulus of the parts that every system shares."""
    heard = [audio.resample(m.noisy, RATE_HZ, EAR_RATE_HZ) for m in mixtures]
    parts: dict[str, Callable[[Mixed, Samples], object]] = {
        "delay": lambda m, x: delay_samples(m.noisy, m.noisy, max_delay=LONGEST_DELAY),
        "speech component": lambda m, x: level.speech_component_gain_db(
            m.noisy, m.target, m.noisy - m.target
        ),
        "resampling": lambda m, x: audio.resample(m.noisy, RATE_HZ, EAR_RATE_HZ),
        "loudness": lambda m, x: level.loudness_lufs(x, EAR_RATE_HZ),
        "true peak": lambda m, x: level.true_peak_dbtp(x, EAR_RATE_HZ),
    }
    pairs = list(zip(mixtures, heard, strict=True))
    return {
        name: 1000 * seconds(lambda p=part: [p(m, x) for m, x in pairs]) / len(pairs)  # type: ignore[misc]
        for name, part in parts.items()
    }


def write_rendered(
    mixtures: list[Mixed], systems: list[System], scores: bool, folder: Path
) -> None:
    for mixed in mixtures:
        rendered = render(mixed, systems, with_scores=scores)
        assert not rendered.failures, rendered.failures
        for slug, member in rendered.members.items():
            audio.write_pcm16(folder / f"{slug}.wav", member.samples, EAR_RATE_HZ)


def write_plainly(mixtures: list[Mixed], folder: Path) -> None:
    for mixed in mixtures:
        x = resample_poly(mixed.noisy, EAR_RATE_HZ // RATE_HZ, 1)
        x = x * min(1.0, 0.89 / float(np.abs(x).max()))
        soundfile.write(folder / "plain.wav", x, EAR_RATE_HZ, subtype="PCM_16")


def seconds(work: Callable[[], object], *, rounds: int = 3) -> float:
    """Return the processor's time of the best of several rounds, after one for free."""
    work()
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def print_tables(
    mixtures: list[Mixed], speeds: list[Speed], parts: dict[str, float]
) -> None:
    length_s = sum(len(m.noisy) for m in mixtures) / RATE_HZ / len(mixtures)
    print(f"{len(mixtures)} mixtures of {length_s:.1f} s on the average, one core\n")
    line = "{:24} {:>7} {:>8} {:>12} {:>9}"
    print(line.format("", "scores", "per s", "x real time", "/ plain"))
    for s in speeds:
        numbers = (
            f"{s.per_second:.1f}",
            f"{s.real_time_factor:.0f}",
            f"{s.over_plain:.1f}",
        )
        print(line.format(s.what, "yes" if s.scores else "no", *numbers))
    print("\nshared parts, ms a stimulus: ", end="")
    print(", ".join(f"{name} {ms:.1f}" for name, ms in parts.items()))
    slow = [
        s.what
        for s in speeds
        if s.what in CLASSICAL and not s.scores and s.real_time_factor < WANTED
    ]
    verdict = f"not reached by {', '.join(slow)}" if slow else "reached"
    print(f"{WANTED:.0f} x real time for the classical systems: {verdict}")


if __name__ == "__main__":
    main()
