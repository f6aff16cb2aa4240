"""Training a network that skips frames, for integers.

[Cam18] V. Campos et al., Skip RNN: learning to skip state updates in recurrent neural
        networks, ICLR 2018. As in its program, the gate sees the cells of the upper
        layer, and the state of all layers is copied together.

    u_t = round(v_t);  s_t = u_t S(s_{t-1}, x_t) + (1 - u_t) s_{t-1}
    d_t = sigmoid(W s_t + b)
    v_{t+1} = u_t d_t + (1 - u_t) (v_t + min(d_t, 1 - v_t))

and the share of updates, times a budget, added to the loss. Ours: only what lies above
the share that is wanted, so that the cost is chosen, and the budget sets only how fast
it is reached.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from enhancement.compression.quantising import Ranges
from enhancement.training.network import Shape, TinyLSTM
from enhancement.training.quantisation import QuantisedTinyLSTM, cell, weights

GATE_BIAS = 1.0  # at the start [Cam18]: frames are not skipped


class SkippingTinyLSTM(QuantisedTinyLSTM):
    """A network for integers with a gate that decides which frames it runs for."""

    def __init__(
        self, shape: Shape, ranges: Ranges, *, budget: float, wanted: float
    ) -> None:
        super().__init__(shape, ranges)
        self.budget = budget  # of the loss, for running at every frame
        self.wanted = wanted  # share of frames
        self.gate = nn.Linear(shape.lstm[1], 1)
        nn.init.constant_(self.gate.bias, GATE_BIAS)
        self.updates = torch.ones(())  # share of frames that ran in the last batch

    @classmethod
    def of(  # type: ignore[override]
        cls, trained: TinyLSTM, ranges: Ranges, *, budget: float, wanted: float
    ) -> "SkippingTinyLSTM":
        network = cls(trained.shape, ranges, budget=budget, wanted=wanted)
        network.load_state_dict(trained.state_dict(), strict=False)
        return network

    def layers(self, features: Tensor) -> Tensor:
        inputs = self.first_inputs(features)  # (T, B, 4 n1)
        state = self._begin(inputs)
        v = inputs.new_ones(inputs.shape[1], 1)
        loops = self._loops()
        outputs, updates = [], []
        for frame in inputs:
            u = _step(v)
            new = self._cells(frame, state, loops)
            state = [u * a + (1 - u) * b for a, b in zip(new, state, strict=True)]
            d = torch.sigmoid(
                functional.linear(state[3], weights(self.gate.weight, 1))
                + self.gate.bias
            )
            v = u * d + (1 - u) * (v + torch.minimum(d, 1 - v))
            outputs.append(state[2])
            updates.append(u)
        self.updates = torch.stack(updates).mean()
        return self.head(torch.stack(outputs))

    def penalty(self) -> Tensor:
        return self.budget * torch.relu(self.updates - self.wanted)

    def _begin(self, inputs: Tensor) -> list[Tensor]:
        """Return h1, c1, h2, c2 before the first frame."""
        units = self.shape.lstm
        return [inputs.new_zeros(inputs.shape[1], n) for n in units for _ in "hc"]

    def _loops(self) -> tuple[Tensor, Tensor, Tensor]:
        lstm1, lstm2 = self.lstm1, self.lstm2
        rounded = (lstm1.weight_hh_l0, lstm2.weight_ih_l0, lstm2.weight_hh_l0)
        first, between, second = (weights(w, 4).T for w in rounded)
        return first, between, second

    def _cells(
        self, frame: Tensor, state: list[Tensor], loops: tuple[Tensor, Tensor, Tensor]
    ) -> list[Tensor]:
        """Return the state after a frame that is not skipped."""
        h1, c1, h2, c2 = state
        first, between, second = loops
        r = self.ranges
        h1, c1 = cell(frame + h1 @ first, c1, r.h1 / 127, r.c1)
        gates = h1 @ between + self.lstm2.bias_ih_l0 + h2 @ second
        h2, c2 = cell(gates, c2, r.h2 / 127, r.c2)
        return [h1, c1, h2, c2]


def _step(v: Tensor) -> Tensor:
    """Return 1 where v >= 1/2, else 0; with gradient 1, straight through [Cam18]."""
    return v + ((v >= 0.5).float() - v).detach()
