"""Integer networks as named tensors, in the safetensors format.

    thresholds                      I64 (255,)
    lstmL.input, lstmL.recurrent    I8  (4 n, inputs), L = 1, 2
    lstmL.bias                      I32 (4 n,)
    lstmL.input.m, .n               I32 (4,), I8 (4,): multipliers of i, f, g, o
    lstmL.recurrent.m, .n           likewise
    lstmL.cell_bits                 I8  (1,)
    lstmL.output.m, .n              I32 (1,), I8 (1,)
    dense, mask                     I8  (outputs, inputs), with .bias, .m and .n

Numbers mean what the docstring of `enhancement.compression` says.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from enhancement.compression.fixed_point import Multiplier
from enhancement.compression.integer_network import (
    GATES,
    IntegerDense,
    IntegerLstm,
    IntegerNetwork,
)
from enhancement.weights import Tensors, WeightsError


def tensors_of(network: IntegerNetwork) -> Tensors:
    """Return the network as tensors to be stored."""
    named: Tensors = {"thresholds": network.thresholds}
    for name, lstm in (("lstm1", network.lstm1), ("lstm2", network.lstm2)):
        named[f"{name}.input"] = lstm.input.weights
        named[f"{name}.recurrent"] = lstm.recurrent.weights
        named[f"{name}.bias"] = lstm.input.bias
        named |= _named(f"{name}.input", lstm.input.multiplier)
        named |= _named(f"{name}.recurrent", lstm.recurrent.multiplier)
        named[f"{name}.cell_bits"] = np.array([lstm.cell_bits], np.int8)
        named |= _named(f"{name}.output", lstm.output)
    for name, dense in (("dense", network.dense), ("mask", network.mask)):
        named[name] = dense.weights
        named[f"{name}.bias"] = dense.bias
        named |= _named(name, dense.multiplier)
    return named


def network_of(tensors: Tensors) -> IntegerNetwork:
    """Return the network that is stored; `WeightsError` if anything is amiss."""
    network = IntegerNetwork(
        taken(tensors, "thresholds", np.int64, 1),
        _lstm(tensors, "lstm1"),
        _lstm(tensors, "lstm2"),
        _dense(tensors, "dense"),
        _dense(tensors, "mask"),
    )
    network.check()
    return network


def size_bytes(network: IntegerNetwork) -> int:
    """Return the bytes of all numbers as stored, without names."""
    return sum(tensor.nbytes for tensor in tensors_of(network).values())


def _lstm(tensors: Tensors, name: str) -> IntegerLstm:
    recurrent = taken(tensors, f"{name}.recurrent", np.int8, 2)
    if recurrent.shape[0] != GATES * recurrent.shape[1]:
        raise WeightsError(f"{name}.recurrent has shape {recurrent.shape}: no layer")
    nothing = np.zeros(recurrent.shape[0], np.int32)
    return IntegerLstm(
        IntegerDense(
            taken(tensors, f"{name}.input", np.int8, 2),
            taken(tensors, f"{name}.bias", np.int32, 1),
            multiplier_of(tensors, f"{name}.input", GATES),
        ),
        IntegerDense(
            recurrent, nothing, multiplier_of(tensors, f"{name}.recurrent", GATES)
        ),
        int(taken(tensors, f"{name}.cell_bits", np.int8, 1)[0]),
        multiplier_of(tensors, f"{name}.output", 1),
    )


def _dense(tensors: Tensors, name: str) -> IntegerDense:
    return IntegerDense(
        taken(tensors, name, np.int8, 2),
        taken(tensors, f"{name}.bias", np.int32, 1),
        multiplier_of(tensors, name, 1),
    )


def _named(name: str, multiplier: Multiplier) -> Tensors:
    return {f"{name}.m": multiplier.m, f"{name}.n": multiplier.n}


def multiplier_of(tensors: Tensors, name: str, count: int) -> Multiplier:
    """Return the multiplier `name`.m, `name`.n of `count` factors."""
    m = taken(tensors, f"{name}.m", np.int32, 1)
    n = taken(tensors, f"{name}.n", np.int8, 1)
    if m.shape != (count,) or n.shape != (count,):
        raise WeightsError(f"{name}: {m.size} multipliers, not {count}")
    if (m < 0).any() or (n < 1).any() or (n > 62).any():
        raise WeightsError(f"{name}: a multiplier is out of range")
    return Multiplier(m, n)


def taken(tensors: Tensors, name: str, kind: type, axes: int) -> NDArray[Any]:
    """Return a tensor; `WeightsError` if it is missing, or not of that type."""
    if name not in tensors:
        raise WeightsError(f"there is no tensor {name!r}, only {sorted(tensors)}")
    tensor = tensors[name]
    if tensor.dtype != kind or tensor.ndim != axes or tensor.size == 0:
        raise WeightsError(f"{name} is {tensor.dtype} {tensor.shape}: not of a network")
    return tensor
