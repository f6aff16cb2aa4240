"""The float TinyLSTM in ONNX Runtime: what `Network.run` says, faster.

Against the NumPy network it does about twice as many sounds of a batch in a time, half
as many again of one, and as many frame by frame (`tests.benchmarks.tinylstm`).
"""

from functools import cached_property
from typing import Self

import numpy as np
import onnxruntime

from enhancement.neural.onnx_graph import GraphBuilder
from enhancement.neural.tinylstm import Floats, Lstm, Network, State

GATES_IN_ONNX = (0, 3, 1, 2)  # of ours i, f, g, o: it wants i, o, f, g
STATES = ("h1", "c1", "h2", "c2")
ERRORS_ONLY = 3  # of its messages


class OnnxNetwork:
    """Runs a network as the network itself does, on one thread.

    The session is made when it is first needed, in the process that needs it, so that a
    network can be pickled and a process that holds one can fork.
    """

    def __init__(self, network: Network) -> None:
        self.network = network

    def __reduce__(self) -> tuple[type[Self], tuple[Network]]:
        return type(self), (self.network,)

    def begin(self, sounds: int) -> State:
        """Return the state before the first frame."""
        return self.network.begin(sounds)

    def run(self, features: Floats, state: State) -> tuple[Floats, State]:
        """Return the masks of features, both (T, B, bands), and the new state."""
        states = {name: s[None] for name, s in zip(STATES, state, strict=True)}
        masks, *after = self._session.run(None, {"x": features, **states})
        h1, c1, h2, c2 = (s[0] for s in after)
        return masks, (h1, c1, h2, c2)

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return session(graph(self.network))


def session(model: bytes) -> onnxruntime.InferenceSession:
    """Return a session on one thread of the processor."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    return onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"]
    )


def graph(network: Network) -> bytes:
    """Return the model from compressed bands to masks, states of layers by name."""
    g = GraphBuilder(network.lstm1.input.shape[1])
    y = g.lstm("1", "x", in_order_of_onnx(network.lstm1))
    y = g.lstm("2", y, in_order_of_onnx(network.lstm2))
    y = g.node("Relu", g.dense(y, network.dense, network.dense_bias))
    y = g.node("Sigmoid", g.dense(y, network.mask, network.mask_bias))
    return g.model(y, len(network.mask_bias))


def in_order_of_onnx(lstm: Lstm) -> tuple[Floats, Floats, Floats]:
    """Return input, recurrent and bias with their rows as ONNX wants the gates."""
    w, r, b = (
        np.concatenate([np.split(rows, 4)[gate] for gate in GATES_IN_ONNX])
        for rows in (lstm.input, lstm.recurrent, lstm.bias)
    )
    return w, r, b
