"""How fast the TinyLSTMs run, against ONNX Runtime, PyTorch and DTLN, on one core.

    uv run --extra train python -m tests.benchmarks.tinylstm [--seconds 10] [--json F]

`whole files` go from sound to sound. Ours are the systems as `load` gives them. The
rivals run the weights of `tinylstm` in FP32 with the transforms of the whole file at
once: `one by one` as a program does that enhances file after file, `batched` with all
files side by side. `products alone` are the network's matrix products, and nothing else
of it, for all frames at once as if none waited for another, at NumPy's rate: what a
program in FP32 on this core comes near at most. `streams` hand over 16 ms of sound at a
time, and wait. `frames` are networks alone, from bands to a mask, one frame at a time
with their states; `DTLN-shaped` is a graph of the layers of DTLN (Westhausen and Meyer,
Interspeech 2020) without its transforms, at its hop of 8 ms.

The unit is seconds of sound per second of the processor, on one thread; the best of
some rounds, in each of which every program runs once, so that a busy machine counts
little and for all alike. `ratio` is to the first row of a table.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import cast

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from enhancement.neural import bands
from enhancement.neural.runtime import OnnxNetwork
from enhancement.neural.tinylstm import FLOOR, POWER, SINGLE, Floats, Network, Runs
from enhancement.stft import analyse, synthesise
from enhancement.system import CausalSystem, Samples
from enhancement.systems import SYSTEMS, load
from enhancement.weights import checked
from tests.benchmarks import graphs

ROUNDS = 4  # and one that warms up
FILES = (1, 16)
RATE_HZ = 16_000
FRAMES_PER_S = RATE_HZ / SINGLE.hop
DTLN_FRAMES_PER_S = RATE_HZ / 128
FAMILY = [slug for slug, row in SYSTEMS.items() if row.family == "tinylstm"]

Enhance = Callable[[Samples], Samples]
Masks = Callable[[Floats], Floats]  # (T, B, bands) to as many


@dataclass(frozen=True)
class Speed:
    table: str
    program: str
    files: int
    real_time_factor: float  # seconds of sound per second of processor
    ratio: float  # to the first of its table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each file")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    speeds = [speed for files in FILES for speed in whole_files(options.seconds, files)]
    speeds += [*streams(options.seconds), *frames(options.seconds)]
    for s in speeds:
        head = f"{s.table:12} {s.files:3}  {s.program:28}"
        print(f"{head} {s.real_time_factor:8.0f} {s.ratio:7.2f}")
    if options.json:
        options.json.write_text(json.dumps([asdict(s) for s in speeds], indent=1))


def whole_files(seconds: float, files: int) -> list[Speed]:
    """Measure from sound to sound."""
    x = sound(seconds, files)
    network = tinylstm()
    rivals = {
        "ONNX Runtime": whole(masks_of(OnnxNetwork(network))),
        "PyTorch": whole(graphs.TorchNetwork(network).run),
        "NumPy": whole(masks_of(network)),
    }
    programs = {f"{name}, one by one": each(run) for name, run in rivals.items()}
    if files > 1:
        programs |= {f"{name}, batched": run for name, run in rivals.items()}
    programs |= {slug: load(slug).enhance for slug in FAMILY}
    frames = round(seconds * FRAMES_PER_S)
    runs: dict[str, Callable[[], object]] = {
        **{name: partial(run, x) for name, run in programs.items()},
        "products alone": products(network, frames, files),
    }
    return compared("whole files", files, runs, dict.fromkeys(runs, files * seconds))


def streams(seconds: float) -> list[Speed]:
    """Measure one stream, 16 ms at a time, from sound to sound."""
    blocks = np.split(sound(seconds, 1)[0], round(seconds * FRAMES_PER_S))

    def walk(system: CausalSystem) -> None:
        stream = system.stream()
        for block in blocks:
            stream.process(block)

    runs = {s: partial(walk, cast(CausalSystem, load(s))) for s in FAMILY}
    return compared("streams", 1, runs, dict.fromkeys(runs, seconds))


def frames(seconds: float) -> list[Speed]:
    """Measure networks alone, frame by frame."""
    count = round(seconds * FRAMES_PER_S)
    network, dtln = tinylstm(), graphs.stepper(graphs.dtln_shaped())
    x, spectra = features(count, bands.BANDS), features(2 * count, bands.BINS)
    lasts = {
        "ours, in ONNX Runtime": count / FRAMES_PER_S,
        "ours, in NumPy": count / FRAMES_PER_S,
        "DTLN-shaped, ONNX Runtime": len(spectra) / DTLN_FRAMES_PER_S,
    }
    runs = dict(
        zip(
            lasts,
            [
                partial(walk_frames, stepped(OnnxNetwork(network)), x),
                partial(walk_frames, stepped(network), x),
                partial(walk_frames, dtln, spectra),
            ],
            strict=True,
        )
    )
    return compared("frames", 1, runs, lasts)


def compared(
    table: str,
    files: int,
    runs: Mapping[str, Callable[[], object]],
    seconds: Mapping[str, float],
) -> list[Speed]:
    """Run all in turns; `seconds` is how much sound each works on."""
    took: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS + 1):
        for name, run in runs.items():
            start = time.process_time()
            run()
            took[name].append(time.process_time() - start)
    speed = {name: seconds[name] / min(took[name][1:]) for name in runs}
    first = next(iter(speed.values()))
    return [Speed(table, name, files, s, s / first) for name, s in speed.items()]


def tinylstm() -> Network:
    return Network.of(checked("tinylstm.safetensors").tensors)


def whole(masks: Masks) -> Enhance:
    """Return what enhances sounds (files, samples) by transforms of all of it."""
    averages = bands.averages().T.astype(np.float32)
    triangles = bands.triangles().astype(np.float32)

    def enhance(x: Samples) -> Samples:
        spectra = analyse(x, SINGLE)
        magnitudes = np.abs(spectra).swapaxes(0, 1)
        frames, files, bins = magnitudes.shape
        energies = magnitudes.reshape(-1, bins) @ averages
        features = (energies + np.float32(FLOOR)) ** POWER
        found = masks(features.reshape(frames, files, -1))
        gains = found.reshape(frames * files, -1) @ triangles
        masked = spectra * gains.reshape(frames, files, bins).swapaxes(0, 1)
        return synthesise(masked, SINGLE, samples=x.shape[-1])

    return enhance


def products(network: Network, frames: int, files: int) -> Callable[[], None]:
    """Return what multiplies the matrices of a network as often as its frames do."""
    matrices = [m.T.copy() for m in network.tensors().values() if m.ndim == 2]
    inputs = [features(frames, len(m))[:, 0] for m in matrices]
    outputs = [x @ m for x, m in zip(inputs, matrices, strict=True)]

    def run() -> None:
        for _ in range(files):
            for x, m, y in zip(inputs, matrices, outputs, strict=True):
                np.matmul(x, m, out=y)

    return run


def each(enhance: Enhance) -> Enhance:
    """Return what takes sounds one after the other."""
    return lambda x: np.concatenate([enhance(one[None]) for one in x])


def masks_of(network: Runs) -> Masks:
    return lambda x: network.run(x, network.begin(x.shape[1]))[0]


def stepped(network: Runs) -> Masks:
    """Return what runs the next frames of one file, and keeps the states."""
    state = network.begin(1)

    def run(x: Floats) -> Floats:
        nonlocal state
        masks, state = network.run(x, state)
        return masks

    return run


def walk_frames(run: Masks, of: Floats) -> None:
    for frame in of:
        run(frame[None])


def sound(seconds: float, files: int) -> Samples:
    rng = np.random.default_rng(0)
    return 0.05 * rng.standard_normal((files, round(RATE_HZ * seconds)))


def features(count: int, width: int) -> Floats:
    rng = np.random.default_rng(0)
    return rng.uniform(0, 1.5, (count, 1, width)).astype(np.float32)


if __name__ == "__main__":
    main()
