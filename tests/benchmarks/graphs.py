"""Networks for ONNX Runtime and PyTorch to run: the rivals of the benchmark."""

from collections.abc import Callable

import numpy as np
import torch

from enhancement.neural.onnx_graph import GraphBuilder
from enhancement.neural.runtime import in_order_of_onnx, session
from enhancement.neural.tinylstm import Floats, Lstm, Network
from enhancement.training.conversion import trainable


def dtln_shaped() -> bytes:
    """Return a graph of the layers of both cores of DTLN, with random weights."""
    rng = np.random.default_rng(0)

    def weights(*shape: int) -> Floats:
        return (rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)

    def layer(inputs: int) -> tuple[Floats, Floats, Floats]:
        lstm = Lstm(weights(512, inputs), weights(512, 128), weights(512))
        return in_order_of_onnx(lstm)

    g = GraphBuilder(257)
    y = g.lstm("2", g.lstm("1", "x", layer(257)), layer(128))
    masked = g.node("Mul", "x", g.node("Sigmoid", g.dense(y, weights(257, 128))))
    encoded = g.dense(masked, weights(256, 257))  # its transform gives 512 samples
    scale, shift = (g.constant(v * np.ones(256, np.float32)) for v in (1, 0))
    y = g.node("LayerNormalization", encoded, scale, shift)
    y = g.lstm("4", g.lstm("3", y, layer(256)), layer(128))
    mask = g.node("Sigmoid", g.dense(y, weights(256, 128)))
    decoded = g.dense(g.node("Mul", encoded, mask), weights(512, 256))
    return g.model(decoded, 512)


def stepper(model: bytes) -> Callable[[Floats], Floats]:
    """Return what runs the next frames of one file, and keeps the states."""
    running = session(model)
    shapes = {i.name: i.shape for i in running.get_inputs() if i.name != "x"}
    state = {name: np.zeros((1, 1, s[-1]), np.float32) for name, s in shapes.items()}

    def run(x: Floats) -> Floats:
        result: Floats
        result, *states = running.run(None, {"x": x, **state})
        state.update(zip(state, states, strict=True))
        return result

    return run


class TorchNetwork:
    """The network in PyTorch, on one thread; whole files only."""

    def __init__(self, network: Network) -> None:
        torch.set_num_threads(1)
        self.module = trainable(network)

    def run(self, features: Floats) -> Floats:
        """Return the masks of features, both (T, B, bands), from empty states."""
        with torch.inference_mode():
            return torch.sigmoid(self.module.layers(torch.from_numpy(features))).numpy()
