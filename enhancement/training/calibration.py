"""The ranges of a network's signals: `python -m enhancement.training.calibration ...`.

Prints the line `ranges = [...]` for a configuration that quantises: over mixtures of
the stock, the quantile below which almost all of each signal lies. The rest saturates.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from enhancement.compression.quantising import Ranges
from enhancement.neural.tinylstm import Floats, Network
from enhancement.training import configuration
from enhancement.training.material import gather
from enhancement.training.mixing import batches
from enhancement.training.network import POWER, TinyLSTM, magnitudes, spectra
from enhancement.training.stock import prepare
from enhancement.weights.safetensors import parse

QUANTILE = 0.9999
CELL_QUANTILE = 0.99999


def ranges_of(network: Network, features: Floats) -> Ranges:
    """Return the ranges over features (T, B, bands), cells up to a power of two."""
    h1, c1 = _trace(network, 1, features)
    h2, c2 = _trace(network, 2, h1)
    neurons = np.maximum(h2 @ network.dense.T + network.dense_bias, 0)
    return Ranges(
        _top(features),
        _top(h1),
        _power_of_two(c1),
        _top(h2),
        _power_of_two(c2),
        _top(neurons),
    )


def _trace(network: Network, layer: int, x: Floats) -> tuple[Floats, Floats]:
    """Return all outputs and all cell states of a layer."""
    lstm = network.lstm1 if layer == 1 else network.lstm2
    h = c = np.zeros((x.shape[1], lstm.units), np.float32)
    outputs, cells = [], []
    for frame in x:
        y, h, c = lstm.run(frame[None], h, c)
        outputs.append(y[0])
        cells.append(c)
    return np.stack(outputs), np.stack(cells)


def _top(x: Floats) -> float:
    return float(np.quantile(np.abs(x), QUANTILE))


def _power_of_two(cells: Floats) -> float:
    return float(2 ** np.ceil(np.log2(np.quantile(np.abs(cells), CELL_QUANTILE))))


def features_of(sound: Floats) -> Floats:
    """Return the compressed bands, shape (T, B, bands), of (B, samples)."""
    averages = TinyLSTM().averages
    bands = magnitudes(spectra(torch.from_numpy(sound))) @ averages
    return ((bands + 1e-8) ** POWER).transpose(0, 1).numpy()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m enhancement.training.calibration")
    parser.add_argument("weights", type=Path, help="float weights")
    parser.add_argument("config", type=Path, help="TOML file with [data] and [mixing]")
    parser.add_argument("--cache", type=Path, required=True, help="decoded audio")
    options = parser.parse_args()
    config = configuration.read(options.config)
    tensors, _ = parse(options.weights.read_bytes(), name=str(options.weights))
    material, _ = gather(config.data, options.cache)
    section = prepare(material, config, 0)
    batch = next(batches(config, [section], 0))
    ranges = ranges_of(Network.of(tensors), features_of(batch.noisy))
    print(f"ranges = {[round(v, 5) for v in vars(ranges).values()]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
