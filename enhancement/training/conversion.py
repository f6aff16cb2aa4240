"""Networks of PyTorch as networks of NumPy, and back.

The scaling of features belongs to training: in NumPy it is folded into the first layer.
"""

import numpy as np
import torch
from torch import nn

from enhancement.neural.tinylstm import Floats, Lstm, Network
from enhancement.training.network import (
    FEATURE_MEAN,
    FEATURE_SCALE,
    Shape,
    TinyLSTM,
)


def network_of(trained: TinyLSTM) -> Network:
    """Return the network that the site runs, with the outputs of `trained`."""
    lstm1 = _lstm(trained.lstm1)
    w = lstm1.input * np.float32(FEATURE_SCALE)
    bias = lstm1.bias - np.float32(FEATURE_MEAN) * w.sum(axis=1)
    return Network(
        Lstm(w, lstm1.recurrent, bias),
        _lstm(trained.lstm2),
        _array(trained.dense.weight),
        _array(trained.dense.bias),
        _array(trained.mask.weight),
        _array(trained.mask.bias),
    )


@torch.no_grad()
def trainable(network: Network) -> TinyLSTM:
    """Return the network to be trained further: `network_of` undone."""
    units = (network.lstm1.units, network.lstm2.units)
    trained = TinyLSTM(Shape(units, network.dense.shape[0]))
    w = network.lstm1.input / np.float32(FEATURE_SCALE)
    bias = network.lstm1.bias + np.float32(FEATURE_MEAN) * network.lstm1.input.sum(1)
    _fill(trained.lstm1, Lstm(w, network.lstm1.recurrent, bias))
    _fill(trained.lstm2, network.lstm2)
    for layer, weight, bias in (
        (trained.dense, network.dense, network.dense_bias),
        (trained.mask, network.mask, network.mask_bias),
    ):
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(bias))
    return trained


def _fill(lstm: nn.LSTM, numbers: Lstm) -> None:
    lstm.weight_ih_l0.copy_(torch.from_numpy(numbers.input))
    lstm.weight_hh_l0.copy_(torch.from_numpy(numbers.recurrent))
    lstm.bias_ih_l0.copy_(torch.from_numpy(numbers.bias))


def _lstm(lstm: nn.LSTM) -> Lstm:
    return Lstm(
        _array(lstm.weight_ih_l0),
        _array(lstm.weight_hh_l0),
        _array(lstm.bias_ih_l0) + _array(lstm.bias_hh_l0),
    )


def _array(tensor: torch.Tensor) -> Floats:
    return tensor.detach().cpu().numpy().astype(np.float32)
