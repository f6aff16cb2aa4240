"""Write the weights of a run: `python -m enhancement.training.export RUN FILE`.

The averaged weights: as they are, the smaller network that pruning kept, or integers.
Configuration and history go into the file; the hash is printed for `SHA256SUMS`.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from enhancement.compression.quantising import quantised, quantised_gate
from enhancement.compression.skipping import Gate, SkipNetwork, skip_tensors_of
from enhancement.compression.storage import tensors_of
from enhancement.training import checkpoints
from enhancement.training.configuration import Config, from_dict, to_json
from enhancement.training.conversion import network_of
from enhancement.training.models import build
from enhancement.training.pruning import PrunedTinyLSTM
from enhancement.training.quantisation import QuantisedTinyLSTM
from enhancement.training.skipping import SkippingTinyLSTM
from enhancement.weights import Tensors
from enhancement.weights.safetensors import serialise


def tensors(config: Config, state: dict[str, Any]) -> Tensors:
    """Return what is to be stored of the averaged weights `state`."""
    trained = build(config.model)
    trained.load_state_dict(state)
    if isinstance(trained, PrunedTinyLSTM):
        trained = trained.compact()
    network = network_of(trained)
    if not isinstance(trained, QuantisedTinyLSTM):
        return network.tensors()
    integer = quantised(network, trained.ranges)
    if isinstance(trained, SkippingTinyLSTM):
        return skip_tensors_of(SkipNetwork(integer, gate_of(trained)))
    return tensors_of(integer)


def gate_of(trained: SkippingTinyLSTM) -> Gate:
    """Return the gate in integers."""
    weights = trained.gate.weight.detach().cpu().numpy()[0]
    return quantised_gate(weights, trained.gate.bias.item(), trained.ranges.c2)


def write(run: Path, target: Path) -> str:
    """Write the weights of the folder `run`; return the SHA-256."""
    state, history = checkpoints.load(run)
    config = from_dict(state["config"])
    metadata = {"config": to_json(config), "history": json.dumps(history)}
    data = serialise(tensors(config, state["average"]), metadata)
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
