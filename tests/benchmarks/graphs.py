"""Networks as graphs for ONNX Runtime and as modules of PyTorch: the rivals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from enhancement.neural.tinylstm import Floats, Lstm, Network
from enhancement.training.conversion import trainable

GATES_IN_ONNX = (0, 3, 1, 2)  # of ours i, f, g, o: it wants i, o, f, g


class Graph:
    """Builds a model step by step; states of layers are its inputs and outputs."""

    def __init__(self, inputs: int) -> None:
        shape = ["frames", "files", inputs]
        self.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
        self.outputs: list[Any] = []
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, value: NDArray[Any]) -> str:
        name = f"k{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def lstm(self, x: str, lstm: Lstm) -> str:
        n, k = lstm.units, len(self.nodes)
        w, r, b = (_reordered(a) for a in (lstm.input, lstm.recurrent, lstm.bias))
        bias = np.concatenate([b, np.zeros_like(b)])[None]
        names = [self.constant(a) for a in (w[None], r[None], bias)]
        state = [f"h{k}", f"c{k}"]
        for name in state:
            shape = [1, "files", n]
            info = helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            self.inputs.append(info)
            out = helper.make_tensor_value_info(f"{name}o", TensorProto.FLOAT, shape)
            self.outputs.append(out)
        outputs = [f"y{k}", *(f"{name}o" for name in state)]
        self.nodes.append(
            helper.make_node("LSTM", [x, *names, "", *state], outputs, hidden_size=n)
        )
        return self.node("Squeeze", f"y{k}", self.constant(np.array([1])))

    def dense(self, x: str, weights: Floats, bias: Floats | None = None) -> str:
        y = self.node("MatMul", x, self.constant(np.ascontiguousarray(weights.T)))
        return y if bias is None else self.node("Add", y, self.constant(bias))

    def model(self, result: str) -> bytes:
        shape = ["frames", "files", None]
        y = helper.make_tensor_value_info(result, TensorProto.FLOAT, shape)
        graph = helper.make_graph(
            self.nodes, "g", self.inputs, [y, *self.outputs], self.constants
        )
        opset = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=8)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())


def _reordered(rows: Floats) -> Floats:
    gates = np.split(rows, 4)
    return np.concatenate([gates[i] for i in GATES_IN_ONNX])


def tinylstm(network: Network) -> bytes:
    """Return the graph from compressed bands to masks."""
    g = Graph(network.lstm1.input.shape[1])
    y = g.lstm(g.lstm("x", network.lstm1), network.lstm2)
    y = g.node("Relu", g.dense(y, network.dense, network.dense_bias))
    return g.model(g.node("Sigmoid", g.dense(y, network.mask, network.mask_bias)))


def dtln_shaped() -> bytes:
    """Return a graph of the layers of both cores of DTLN, with random weights."""
    rng = np.random.default_rng(0)

    def weights(*shape: int) -> Floats:
        return (rng.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)

    def layer(inputs: int) -> Lstm:
        return Lstm(weights(512, inputs), weights(512, 128), weights(512))

    g = Graph(257)
    y = g.lstm(g.lstm("x", layer(257)), layer(128))
    masked = g.node("Mul", "x", g.node("Sigmoid", g.dense(y, weights(257, 128))))
    encoded = g.dense(masked, weights(256, 257))  # its transform gives 512 samples
    scale, shift = (g.constant(v * np.ones(256, np.float32)) for v in (1, 0))
    y = g.node("LayerNormalization", encoded, scale, shift)
    y = g.lstm(g.lstm(y, layer(256)), layer(128))
    mask = g.node("Sigmoid", g.dense(y, weights(256, 128)))
    return g.model(g.dense(g.node("Mul", encoded, mask), weights(512, 256)))


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"]
    )


def runner(model: bytes) -> Callable[[Floats], Floats]:
    """Return what runs whole files (T, B, inputs), from empty states."""
    session = _session(model)

    def run(x: Floats) -> Floats:
        result: Floats = session.run(None, {"x": x, **_empty(session, x.shape[1])})[0]
        return result

    return run


def stepper(model: bytes) -> Callable[[Floats], Floats]:
    """Return what runs the next frames, and keeps the states."""
    session = _session(model)
    state: dict[str, Floats] = _empty(session, 1)

    def run(x: Floats) -> Floats:
        result: Floats
        result, *states = session.run(None, {"x": x, **state})
        state.update(zip(state, states, strict=True))
        return result

    return run


def _empty(session: onnxruntime.InferenceSession, files: int) -> dict[str, Floats]:
    shapes = {i.name: i.shape for i in session.get_inputs() if i.name != "x"}
    return {
        name: np.zeros((1, files, shape[-1]), np.float32)
        for name, shape in shapes.items()
    }


def torch_runner(network: Network) -> Callable[[Floats], Floats]:
    """Return what runs whole files (T, B, bands) in PyTorch, on one thread."""
    torch.set_num_threads(1)
    module = trainable(network)

    def run(x: Floats) -> Floats:
        with torch.inference_mode():
            return torch.sigmoid(module.layers(torch.from_numpy(x))).numpy()

    return run
