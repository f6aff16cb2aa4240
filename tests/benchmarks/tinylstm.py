"""How fast the TinyLSTM runs, against ONNX Runtime and PyTorch, on one core.

    uv run --with onnx --with onnxruntime --extra train \
        python -m tests.benchmarks.tinylstm [--seconds 10] [--json FILE]

Weights are random: they do not matter for speed. `network` rows take compressed bands
to masks, the same network for each program; `frame by frame` hands over one frame of
16 ms at a time, with its states. `DTLN-shaped` is a graph of the layers of DTLN
(Westhausen and Meyer, Interspeech 2020) without its transforms, at its hop of 8 ms.
`sound` rows are our systems from sound to sound. Times are of the processor, on one
thread, the best of three, so that a busy machine counts little; the unit is seconds of
sound per second.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from enhancement.compression.integer_network import IntegerNetwork
from enhancement.compression.quantising import quantised
from enhancement.compression.tinylstm_int8 import IntegerMasker, tiny_system
from enhancement.neural.tinylstm import FRAMING, Floats, Masker, Network, State
from enhancement.spectral import SpectralSystem
from tests.benchmarks import graphs
from tests.enhancement.compression.test_integer_network import RANGES
from tests.enhancement.neural.networks import random_network

REPEATS = 3
FILES = (1, 16)
FRAMES_PER_S = 16_000 / FRAMING.hop
DTLN_FRAMES_PER_S = 16_000 / 128


@dataclass(frozen=True)
class Speed:
    what: str
    program: str
    files: int
    real_time_factor: float  # seconds of sound per second of processor


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each file")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    speeds = [*networks(options.seconds), *frames(options.seconds)]
    speeds += sounds(options.seconds)
    for s in speeds:
        line = f"{s.what:22} {s.program:22} {s.files:3} {s.real_time_factor:9.0f}"
        print(line)
    if options.json:
        options.json.write_text(json.dumps([asdict(s) for s in speeds], indent=1))


def networks(seconds: float) -> list[Speed]:
    """Measure whole files, of compressed bands."""
    network, speeds = random_network(), []
    programs = {
        "NumPy": numpy_masks(network),
        "ONNX Runtime": graphs.runner(graphs.tinylstm(network)),
        "PyTorch": graphs.torch_runner(network),
    }
    for files in FILES:
        x = features(round(seconds * FRAMES_PER_S), files)
        for name, run in programs.items():
            took = best(partial(run, x))
            speeds.append(Speed("network", name, files, files * seconds / took))
    return speeds


def frames(seconds: float) -> list[Speed]:
    """Measure one file frame by frame."""
    network = random_network()
    count = round(seconds * FRAMES_PER_S)
    x = features(count, 1)
    ours, theirs = numpy_masks(network), graphs.stepper(graphs.tinylstm(network))
    dtln, blocks = graphs.stepper(graphs.dtln_shaped()), features(2 * count, 1, 257)

    def each(run: Callable[[Floats], object], of: Floats) -> Callable[[], None]:
        def walk() -> None:
            for frame in of:
                run(frame[None])

        return walk

    rows = [
        ("NumPy", each(ours, x), count / FRAMES_PER_S),
        ("ONNX Runtime", each(theirs, x), count / FRAMES_PER_S),
        ("DTLN-shaped, ONNX R.", each(dtln, blocks), len(blocks) / DTLN_FRAMES_PER_S),
    ]
    return [
        Speed("frame by frame", name, 1, lasts / best(walk))
        for name, walk, lasts in rows
    ]


def sounds(seconds: float) -> list[Speed]:
    """Measure our systems, from sound to sound."""
    small = quantised(random_network(0, (128, 128), 128), RANGES)
    large, speeds = quantised(random_network(), RANGES), []
    network = random_network()
    systems = {
        "float": system_of(lambda: Masker(network), large),
        "integers": system_of(lambda: IntegerMasker(large), large),
        "integers, 0.3 M": system_of(lambda: IntegerMasker(small), small),
    }
    rng = np.random.default_rng(0)
    for files in FILES:
        x = 0.05 * rng.standard_normal((files, round(16_000 * seconds)))
        for name, system in systems.items():
            took = best(partial(system.enhance, x))
            speeds.append(Speed("sound", name, files, files * seconds / took))
    return speeds


def system_of(
    processor: Callable[[], Masker | IntegerMasker], network: IntegerNetwork
) -> SpectralSystem:
    return tiny_system(
        slug="random",
        label="Random",
        processor=processor,
        network=network,
        weights_sha256="",
    )


def numpy_masks(network: Network) -> Callable[[Floats], Floats]:
    """Return what takes bands (T, B, bands) to masks, with a state that goes on."""
    states: dict[int, State] = {}

    def run(x: Floats) -> Floats:
        files = x.shape[1]
        state = states.get(files) or network.begin(files)
        masks, states[files] = network.run(x, state)
        return masks

    return run


def features(count: int, files: int, bands: int = 128) -> Floats:
    rng = np.random.default_rng(0)
    return rng.uniform(0, 1.5, (count, files, bands)).astype(np.float32)


def best(run: Callable[[], object]) -> float:
    """Return the least processor time of some runs, after one that warms up."""
    times = []
    for _ in range(REPEATS + 1):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times[1:])


if __name__ == "__main__":
    main()
