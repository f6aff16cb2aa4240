"""Models for ONNX Runtime, written without the package `onnx`.

A model is a message of Protocol Buffers
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); the few fields that we need
are written here by their numbers in that file. A number is a key and a varint, all else
a key, a length and bytes.
"""

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

IR_VERSION = 8
OPSET = 17  # of the default domain
TYPES = {np.dtype(np.float32): 1, np.dtype(np.int64): 7}  # TensorProto.DataType
ATTRIBUTE_INT = 2  # AttributeProto.AttributeType


class Model(IntEnum):
    IR_VERSION, GRAPH, OPSET = 1, 7, 8


class Graph(IntEnum):
    NODE, NAME, CONSTANT, INPUT, OUTPUT = 1, 2, 5, 11, 12


class GraphBuilder:
    """Builds a model step by step; states of layers are its inputs and outputs.

    The input `x` has shape (frames, files, inputs), the first output as many frames.
    """

    def __init__(self, inputs: int) -> None:
        self._inputs = [_value("x", "frames", "files", inputs)]
        self._states: list[bytes] = []
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def constant(self, value: NDArray[Any]) -> str:
        name = f"k{len(self._constants)}"
        self._constants.append(_tensor(name, value))
        return name

    def node(self, kind: str, *inputs: str) -> str:
        """Add an operator of one output; return the output's name."""
        name = f"n{len(self._nodes)}"
        self._nodes.append(_node(kind, inputs, [name]))
        return name

    def lstm(
        self,
        name: str,
        x: str,
        weights: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    ) -> str:
        """Add a layer whose state goes in as h`name`, c`name`, and out with an `o`.

        `weights` are input, recurrent and bias with rows in the order of ONNX: i, o, f,
        g. The second bias, of the recurrent part, is 0.
        """
        w, r, b = weights
        n = r.shape[-1]
        constants = [
            self.constant(a[None]) for a in (w, r, np.append(b, np.zeros_like(b)))
        ]
        state = [f"h{name}", f"c{name}"]
        self._inputs += [_value(s, 1, "files", n) for s in state]
        after = [f"{s}o" for s in state]
        self._states += [_value(s, 1, "files", n) for s in after]
        self._nodes.append(
            _node("LSTM", [x, *constants, "", *state], [f"y{name}", *after], hidden=n)
        )
        return self.node("Squeeze", f"y{name}", self.constant(np.array([1])))

    def dense(
        self,
        x: str,
        weights: NDArray[np.float32],
        bias: NDArray[np.float32] | None = None,
    ) -> str:
        y = self.node("MatMul", x, self.constant(np.ascontiguousarray(weights.T)))
        return y if bias is None else self.node("Add", y, self.constant(bias))

    def model(self, result: str, outputs: int) -> bytes:
        """Return the model whose first output is `result`, (frames, files, outputs)."""
        graph = b"".join(
            [
                *(_field(Graph.NODE, node) for node in self._nodes),
                _field(Graph.NAME, "network"),
                *(_field(Graph.CONSTANT, constant) for constant in self._constants),
                *(_field(Graph.INPUT, value) for value in self._inputs),
                _field(Graph.OUTPUT, _value(result, "frames", "files", outputs)),
                *(_field(Graph.OUTPUT, value) for value in self._states),
            ]
        )
        opset = _field(1, "") + _field(2, OPSET)
        return (
            _field(Model.IR_VERSION, IR_VERSION)
            + _field(Model.GRAPH, graph)
            + _field(Model.OPSET, opset)
        )


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _tensor(name: str, value: NDArray[Any]) -> bytes:
    dims = b"".join(_field(1, size) for size in value.shape)
    kind = _field(2, TYPES[value.dtype])
    data = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False)
    return dims + kind + _field(8, name) + _field(9, data.tobytes())


def _value(name: str, *shape: int | str) -> bytes:
    """Return a ValueInfoProto of floats; a name in its shape is any size."""
    sizes = (_field(1 if isinstance(size, int) else 2, size) for size in shape)
    dims = b"".join(_field(1, size) for size in sizes)
    tensor = _field(1, TYPES[np.dtype(np.float32)]) + _field(2, dims)
    return _field(1, name) + _field(2, _field(1, tensor))


def _node(
    kind: str, inputs: tuple[str, ...] | list[str], outputs: list[str], hidden: int = 0
) -> bytes:
    named = [_field(1, name) for name in inputs] + [_field(2, name) for name in outputs]
    if hidden:
        attribute = _field(1, "hidden_size") + _field(3, hidden)
        named.append(_field(5, attribute + _field(20, ATTRIBUTE_INT)))
    return b"".join(named) + _field(4, kind)
