"""Write the weights of a run: `python -m enhancement.training.export RUN FILE`.

The averaged weights: as they are, the smaller network that pruning kept, or integers.
Configuration and history go into the file; the hash is printed for `SHA256SUMS`.

`--kept SHARE` exports a point on the line from what was trained to what it started from
(WiSE-FT: M. Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022): a
network that was trained on among other sounds has then forgotten less of the former
ones, and may be better among the new ones too.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import torch

from enhancement.compression.quantising import quantised, quantised_gate
from enhancement.compression.skipping import Gate, SkipNetwork, skip_tensors_of
from enhancement.compression.storage import tensors_of
from enhancement.training import checkpoints
from enhancement.training.configuration import (
    Config,
    ConfigurationError,
    from_dict,
    to_json,
)
from enhancement.training.conversion import network_of
from enhancement.training.models import build
from enhancement.training.pruning import PrunedTinyLSTM
from enhancement.training.quantisation import QuantisedTinyLSTM
from enhancement.training.skipping import SkippingTinyLSTM
from enhancement.weights import Tensors
from enhancement.weights.safetensors import serialise


def tensors(config: Config, state: dict[str, Any], *, kept: float = 0.0) -> Tensors:
    """Return what is to be stored of the averaged weights `state`.

    `kept` is the share of the weights at the start of training in what is stored;
    `ConfigurationError` if these were random.
    """
    if kept and not config.model.start:
        raise ConfigurationError("nothing to be kept: it started from random weights")
    trained = build(config.model)
    first = trained.state_dict()
    state = {name: torch.lerp(w, first[name], kept) for name, w in state.items()}
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


def write(run: Path, target: Path, *, kept: float = 0.0) -> str:
    """Write the weights of the folder `run`; return the SHA-256."""
    state, history = checkpoints.load(run)
    config = from_dict(state["config"])
    metadata = {"config": to_json(config), "history": json.dumps(history)}
    if kept:
        metadata["kept"] = str(kept)
    data = serialise(tensors(config, state["average"], kept=kept), metadata)
    part = target.with_name(target.name + ".part")
    part.write_bytes(data)
    part.replace(target)
    return hashlib.sha256(data).hexdigest()


def share(text: str) -> float:
    """Return a number of 0 to 1; ValueError for any other text."""
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m enhancement.training.export")
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("target", type=Path, help="file to be written")
    parser.add_argument("--kept", type=share, default=0.0, help="0 to 1; see above")
    options = parser.parse_args()
    try:
        digest = write(options.run, options.target, kept=options.kept)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{digest}  {options.target.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
