"""The networks that can be trained, by the kind that a configuration names."""

from collections.abc import Callable
from pathlib import Path

import torch

from enhancement.compression.quantising import Ranges, restored, restored_gate
from enhancement.compression.skipping import skip_network_of
from enhancement.compression.storage import network_of
from enhancement.neural.tinylstm import Network
from enhancement.training.configuration import ConfigurationError, ModelConfig
from enhancement.training.conversion import trainable
from enhancement.training.network import TinyLSTM
from enhancement.training.pruning import PrunedTinyLSTM
from enhancement.training.quantisation import QuantisedTinyLSTM
from enhancement.training.skipping import SkippingTinyLSTM
from enhancement.weights import Tensors
from enhancement.weights.safetensors import parse


def _pruned(start: TinyLSTM, config: ModelConfig) -> TinyLSTM:
    return PrunedTinyLSTM.of(start, strength=config.strength, wanted=config.parameters)


def _quantised(start: TinyLSTM, config: ModelConfig) -> TinyLSTM:
    return QuantisedTinyLSTM.of(start, _ranges(config))


def _skipping(start: TinyLSTM, config: ModelConfig) -> TinyLSTM:
    return SkippingTinyLSTM.of(
        start, _ranges(config), budget=config.budget, wanted=config.updates
    )


def _ranges(config: ModelConfig) -> Ranges:
    if len(config.ranges) != 6:
        raise ConfigurationError(f"[model] ranges wants 6 numbers: {config.ranges}")
    return Ranges(*config.ranges)


KINDS: dict[str, Callable[[TinyLSTM, ModelConfig], TinyLSTM]] = {
    "baseline": lambda start, config: start,
    "pruned": _pruned,
    "quantised": _quantised,
    "skipping": _skipping,
}


def build(config: ModelConfig) -> TinyLSTM:
    """Return the network at the beginning of training."""
    if config.kind not in KINDS:
        raise ConfigurationError(f"[model] kind is {config.kind!r}: {sorted(KINDS)}")
    tensors = _tensors(config.start) if config.start else {}
    network = KINDS[config.kind](_start(tensors, config), config)
    if isinstance(network, SkippingTinyLSTM) and "gate" in tensors:
        _restore_gate(network, tensors)
    return network


def teacher(config: ModelConfig, device: torch.device) -> TinyLSTM | None:
    """Return the network that is learned from, which learns nothing itself, if any."""
    if not config.teacher:
        return None
    network = trainable(Network.of(_tensors(config.teacher)))
    return network.requires_grad_(False).to(device)


def _start(tensors: Tensors, config: ModelConfig) -> TinyLSTM:
    """Return the network to begin with, of floats or of integers that are restored."""
    if not tensors:
        return TinyLSTM()
    if "thresholds" not in tensors:
        return trainable(Network.of(tensors))
    integer, ranges = network_of(tensors), _ranges(config)
    try:
        return trainable(restored(integer, ranges))
    except ValueError as error:
        raise ConfigurationError(f"[model] ranges: {config.start}: {error}") from error


@torch.no_grad()
def _restore_gate(network: SkippingTinyLSTM, tensors: Tensors) -> None:
    gate = skip_network_of(tensors).gate
    weights, bias = restored_gate(gate, network.ranges.c2)
    network.gate.weight.copy_(torch.from_numpy(weights))
    network.gate.bias.fill_(bias)


def _tensors(path: str) -> Tensors:
    tensors, _ = parse(Path(path).read_bytes(), name=path)
    return tensors
