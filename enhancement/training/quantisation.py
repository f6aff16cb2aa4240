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
        r, lstm1, lstm2 = self.ranges, self.lstm1, self.lstm2
        x = self.first_inputs(features)
        x = _lstm(x, lstm1.weight_hh_l0, r.h1 / 127, r.c1)
        x = functional.linear(x, weights(lstm2.weight_ih_l0, 4), lstm2.bias_ih_l0)
        x = _lstm(x, lstm2.weight_hh_l0, r.h2 / 127, r.c2)
        return self.head(x)

    def first_inputs(self, features: Tensor) -> Tensor:
        """Return the first layer's gates (T, B, 4 n), without its loop.

        As exported: the scaling of features is part of the weights.
        """
        lstm = self.lstm1
        x = rounded(features.float(), self.ranges.features / 255, 0, 255)
        shift = FEATURE_SCALE * FEATURE_MEAN * lstm.weight_ih_l0.sum(1)
        w = weights(lstm.weight_ih_l0 * FEATURE_SCALE, 4)
        return functional.linear(x, w, lstm.bias_ih_l0 - shift)

    def head(self, h: Tensor) -> Tensor:
        """Return the mask before its sigmoid, of the second layer's outputs."""
        x = functional.linear(h, weights(self.dense.weight, 1), self.dense.bias)
        x = rounded(x, self.ranges.dense / 255, 0, 255)
        return functional.linear(x, weights(self.mask.weight, 1), self.mask.bias)


def rounded(x: Tensor, scale: float | Tensor, low: int, high: int) -> Tensor:
    """Return the nearest multiple of `scale` in the range; gradient 1 within it."""
    q = x / scale
    inside = q.clamp(low, high)
    return (inside + (inside.round() - inside).detach()) * scale


def weights(matrix: Tensor, parts: int) -> Tensor:
    """Return weights rounded to 8 bits, with a scale for each group of rows."""
    groups = matrix.reshape(parts, -1)
    scale = groups.detach().abs().amax(1, keepdim=True).clamp_min(1e-6) / 127
    return rounded(groups, scale, -127, 127).reshape(matrix.shape)


def _lstm(inputs: Tensor, r: Tensor, s_h: float, largest_cell: float) -> Tensor:
    """Run a layer over its gates' inputs (T, B, 4 n); outputs are rounded at once."""
    loop = weights(r, 4).T
    h = inputs.new_zeros(inputs.shape[1], r.shape[1])
    c = torch.zeros_like(h)
    outputs = []
    for gates in inputs:
        h, c = cell(gates + h @ loop, c, s_h, largest_cell)
        outputs.append(h)
    return torch.stack(outputs)


def cell(
    gates: Tensor, c: Tensor, s_h: float, largest_cell: float
) -> tuple[Tensor, Tensor]:
    """Return the next output, rounded to its scale, and the next cell state."""
    i, f, g, o = gates.chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    c = c.clamp(-largest_cell, largest_cell)
    return rounded(torch.sigmoid(o) * torch.tanh(c), s_h, -128, 127), c
