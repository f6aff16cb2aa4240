"""Structural pruning: whole LSTM units and neurons go, by thresholds that are learned.

As the notes on TinyLSTMs tell of the paper (groups as in W. Wen et al., Learning
intrinsic sparse structures within long short-term memory, ICLR 2018):

1. A group is all that goes with a unit: its rows of the gates' matrices and biases,
   its column of the recurrent matrix, and its column of the next layer; of a neuron,
   its row and its column of the next layer.
2. A group of norm |w_g| is kept if |w_g| >= tau_k, one tau_k learned for each layer k;
   backwards, the step is taken for a sigmoid.
3. lambda times the sum of the norms of the kept groups is added to the loss.

Where the paper is silent: norms are root mean squares over the group, so that one tau
suits layers of all widths; the sigmoid's slope is 1 / WIDTH; a unit that is not kept is
multiplied by zero where it is used, which makes removing it change nothing. The penalty
rests while no more parameters are kept than are wanted, so that the size is chosen and
lambda sets only how fast it is reached.
"""

import torch
from torch import Tensor, nn
from torch.func import functional_call

from enhancement.training.network import (
    FEATURE_MEAN,
    FEATURE_SCALE,
    Shape,
    TinyLSTM,
)

WIDTH = 0.01  # of the sigmoid, in units of the norm
THRESHOLDS = "thresholds"  # name of the parameter
START = 0.5  # of the smallest norm of a layer: where its threshold starts


class PrunedTinyLSTM(TinyLSTM):
    """A TinyLSTM that learns which of its units to keep."""

    def __init__(self, shape: Shape, *, strength: float, wanted: int) -> None:
        super().__init__(shape)
        self.strength = strength  # lambda
        self.wanted = wanted  # parameters
        self.thresholds = nn.Parameter(torch.zeros(3))  # lstm1, lstm2, dense

    @classmethod
    def of(cls, trained: TinyLSTM, *, strength: float, wanted: int) -> "PrunedTinyLSTM":
        """Return a copy of `trained` whose thresholds prune nothing yet."""
        network = cls(trained.shape, strength=strength, wanted=wanted)
        network.load_state_dict(trained.state_dict(), strict=False)
        with torch.no_grad():
            smallest = [norms.min() for norms in network.norms()]
            network.thresholds.copy_(START * torch.stack(smallest))
        return network

    def norms(self) -> list[Tensor]:
        """Return the norm of each group, of the layers lstm1, lstm2 and dense."""
        return [
            _unit_norms(self.lstm1, self.lstm2.weight_ih_l0),
            _unit_norms(self.lstm2, self.dense.weight),
            _rms([self.dense.weight.T, self.dense.bias[None], self.mask.weight]),
        ]

    def kept(self) -> list[Tensor]:
        """Return 1 for each unit that is kept and 0 for others; has a gradient."""
        pairs = zip(self.norms(), self.thresholds, strict=True)
        return [_step(norms - threshold) for norms, threshold in pairs]

    def layers(self, features: Tensor) -> Tensor:
        kept1, kept2, kept3 = self.kept()
        x = (features - FEATURE_MEAN) * FEATURE_SCALE
        x = _masked_lstm(self.lstm1, x, kept1)
        x = _masked_lstm(self.lstm2, x, kept2)
        return self.mask(torch.relu(self.dense(x)) * kept3)

    def penalty(self) -> Tensor:
        norms, kept = self.norms(), self.kept()
        if _shape(kept).parameters <= self.wanted:
            return super().penalty()
        pairs = zip(norms, kept, strict=True)
        return self.strength * sum((n * k).sum() for n, k in pairs)

    @torch.no_grad()
    def compact(self) -> TinyLSTM:
        """Return the smaller dense network of the units that are kept."""
        kept = self.kept()
        keep1, keep2, keep3 = (k.bool() for k in kept)
        shape = _shape(kept)
        if not min(*shape.lstm, shape.dense):
            raise ValueError(f"a layer would be left without units: {shape}")
        small = TinyLSTM(shape)
        everything = torch.ones(self.lstm1.input_size, dtype=torch.bool)
        _copy_lstm(self.lstm1, small.lstm1, everything, keep1)
        _copy_lstm(self.lstm2, small.lstm2, keep1, keep2)
        small.dense.weight.copy_(self.dense.weight[keep3][:, keep2])
        small.dense.bias.copy_(self.dense.bias[keep3])
        small.mask.weight.copy_(self.mask.weight[:, keep3])
        small.mask.bias.copy_(self.mask.bias)
        return small


def _shape(kept: list[Tensor]) -> Shape:
    first, second, dense = (int(k.sum()) for k in kept)
    return Shape((first, second), dense)


def _step(x: Tensor) -> Tensor:
    """Return 1 where x >= 0, else 0; with the gradient of a sigmoid."""
    soft = torch.sigmoid(x / WIDTH)
    return (x >= 0).float() + soft - soft.detach()


def _rms(parts: list[Tensor]) -> Tensor:
    """Return the root mean square of each column of the stacked parts."""
    return torch.cat(parts).square().mean(0).sqrt()


def _unit_norms(lstm: nn.LSTM, consumer: Tensor) -> Tensor:
    n = lstm.hidden_size
    rows = torch.cat(
        [lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0[:, None]], dim=1
    )
    of_gates = rows.reshape(4, n, -1).transpose(1, 2).reshape(-1, n)
    return _rms([of_gates, lstm.weight_hh_l0, consumer])


def _masked_lstm(lstm: nn.LSTM, x: Tensor, kept: Tensor) -> Tensor:
    """Run a layer whose units count only where `kept`: in its loop and its output."""
    y, _ = functional_call(lstm, {"weight_hh_l0": lstm.weight_hh_l0 * kept}, (x,))
    return y * kept


def _copy_lstm(big: nn.LSTM, small: nn.LSTM, inputs: Tensor, units: Tensor) -> None:
    rows = units.repeat(4)
    small.weight_ih_l0.copy_(big.weight_ih_l0[rows][:, inputs])
    small.weight_hh_l0.copy_(big.weight_hh_l0[rows][:, units])
    small.bias_ih_l0.copy_(big.bias_ih_l0[rows])
    small.bias_hh_l0.zero_()
