"""Write the weights of a run: `python -m enhancement.training.export RUN FILE`.

The averaged weights; the scaling of features is folded into the first layer. The
configuration goes into the file, and history and hash are printed for `SHA256SUMS`.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from enhancement.neural.tinylstm import Floats, Lstm, Network
from enhancement.training import checkpoints
from enhancement.training.configuration import from_dict, to_json
from enhancement.training.network import FEATURE_MEAN, FEATURE_SCALE, TinyLSTM
from enhancement.weights.safetensors import serialise


def network_of(trained: TinyLSTM) -> Network:
    """Return the network that the site runs, with the outputs of `trained`."""
    lstm1 = _lstm(trained.lstm1)
    shift = lstm1.input.sum(axis=1) * np.float32(FEATURE_SCALE * FEATURE_MEAN)
    scaled = Lstm(
        lstm1.input * np.float32(FEATURE_SCALE), lstm1.recurrent, lstm1.bias - shift
    )
    return Network(
        scaled,
        _lstm(trained.lstm2),
        _array(trained.dense.weight),
        _array(trained.dense.bias),
        _array(trained.mask.weight),
        _array(trained.mask.bias),
    )


def _lstm(lstm: nn.LSTM) -> Lstm:
    return Lstm(
        _array(lstm.weight_ih_l0),
        _array(lstm.weight_hh_l0),
        _array(lstm.bias_ih_l0) + _array(lstm.bias_hh_l0),
    )


def _array(tensor: torch.Tensor) -> Floats:
    return tensor.detach().numpy().astype(np.float32)


def write(run: Path, target: Path) -> str:
    """Write the averaged weights of the folder `run`; return the SHA-256."""
    state, _ = checkpoints.load(run)
    trained = TinyLSTM()
    trained.load_state_dict(state["average"])
    metadata = {
        "config": to_json(from_dict(state["config"])),
        "steps": str(state["steps"]),
    }
    data = serialise(network_of(trained).tensors(), metadata)
    part = target.with_name(target.name + ".part")
    part.write_bytes(data)
    part.replace(target)
    return hashlib.sha256(data).hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m enhancement.training.export")
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("target", type=Path, help="file to be written")
    options = parser.parse_args()
    print(f"{write(options.run, options.target)}  {options.target.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
