"""Training that knows of quantisation: rounded forwards, straight through backwards.

Weights, features, layer outputs and the neurons are rounded to the integers that
`compression.quantising.quantised` will make of them, with the same scales. What has 16
bits in the integer engine stays float: its rounding is too small to learn from.
"""

import torch
from torch import Tensor
from torch.nn import functional

from enhancement.compression.quantising import Ranges
from enhancement.training.network import (
    FEATURE_MEAN,
    FEATURE_SCALE,
    Shape,
    TinyLSTM,
)


class QuantisedTinyLSTM(TinyLSTM):
    """A TinyLSTM whose numbers are those of its integer network, nearly."""

    def __init__(self, shape: Shape, ranges: Ranges) -> None:
        super().__init__(shape)
        self.ranges = ranges

    @classmethod
    def of(cls, trained: TinyLSTM, ranges: Ranges) -> "QuantisedTinyLSTM":
        network = cls(trained.shape, ranges)
        network.load_state_dict(trained.state_dict())
        return network

    def layers(self, features: Tensor) -> Tensor:
        r = self.ranges
        x = _rounded(features.float(), r.features / 255, 0, 255)
        lstm1, lstm2 = self.lstm1, self.lstm2
        # As exported: the scaling of features is part of the first layer
        shift = FEATURE_SCALE * FEATURE_MEAN * lstm1.weight_ih_l0.sum(1)
        bias = lstm1.bias_ih_l0 - shift
        w = lstm1.weight_ih_l0 * FEATURE_SCALE
        x = _lstm(x, w, lstm1.weight_hh_l0, bias, r.h1 / 127, r.c1)
        w, bias = lstm2.weight_ih_l0, lstm2.bias_ih_l0
        x = _lstm(x, w, lstm2.weight_hh_l0, bias, r.h2 / 127, r.c2)
        x = functional.linear(x, _weights(self.dense.weight, 1), self.dense.bias)
        x = _rounded(x, r.dense / 255, 0, 255)
        return functional.linear(x, _weights(self.mask.weight, 1), self.mask.bias)


def _rounded(x: Tensor, scale: float | Tensor, low: int, high: int) -> Tensor:
    """Return the nearest multiple of `scale` in the range; gradient 1 within it."""
    q = x / scale
    inside = q.clamp(low, high)
    return (inside + (inside.round() - inside).detach()) * scale


def _weights(weights: Tensor, parts: int) -> Tensor:
    """Return weights rounded to 8 bits, with a scale for each group of rows."""
    groups = weights.reshape(parts, -1)
    scale = groups.detach().abs().amax(1, keepdim=True).clamp_min(1e-6) / 127
    return _rounded(groups, scale, -127, 127).reshape(weights.shape)


def _lstm(
    x: Tensor, w: Tensor, r: Tensor, bias: Tensor, s_h: float, largest_cell: float
) -> Tensor:
    """Run a layer over (T, B, inputs); every output is rounded before its next use."""
    inputs = functional.linear(x, _weights(w, 4), bias)
    loop = _weights(r, 4).T
    h = x.new_zeros(x.shape[1], r.shape[1])
    c = torch.zeros_like(h)
    outputs = []
    for gates in inputs:
        i, f, g, o = (gates + h @ loop).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        c = c.clamp(-largest_cell, largest_cell)
        h = _rounded(torch.sigmoid(o) * torch.tanh(c), s_h, -128, 127)
        outputs.append(h)
    return torch.stack(outputs)
