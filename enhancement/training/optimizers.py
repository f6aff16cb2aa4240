"""What changes the weights: Adam, or Muon for matrices and Adam for the rest.

Muon replaces the mean gradient of a matrix by the nearest orthogonal one, so that a
step moves every direction alike, also those that few mixtures ask for (K. Jordan et
al., Muon: an optimizer for hidden layers in neural networks, 2024). Its steps are
scaled to the root mean square of Adam's (J. Liu et al., Muon is scalable for LLM
training, 2025): one learning rate serves both.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from enhancement.training.configuration import Config, ConfigurationError
from enhancement.training.pruning import THRESHOLDS

MUON = "muon"
KINDS = ("adam", MUON)

MEAN = "momentum_buffer"  # as PyTorch's own calls the mean gradient that it keeps
MOMENTUM = 0.95
RMS = 0.2  # of the steps, relative to the learning rate; about that of Adam's
QUINTIC = 3.4445, -4.7750, 2.0315  # K. Jordan's coefficients of x, x^3 and x^5
ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    """Muon with Nesterov's momentum and without weight decay, computed in any `dtype`.

    PyTorch's own computes in bfloat16, which processors without its instructions
    imitate: there, a step of the optimizer takes longer than one of the network.
    """

    def __init__(self, groups: Iterable[dict[str, Any]], dtype: torch.dtype) -> None:
        super().__init__(groups, {"lr": 1e-3})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """Move every matrix that has a gradient."""
        for group in self.param_groups:
            for p in (p for p in group["params"] if p.grad is not None):
                state = self.state[p]
                if MEAN not in state:
                    state[MEAN] = torch.zeros_like(p)
                mean = state[MEAN]
                mean.lerp_(p.grad, 1 - MOMENTUM)
                direction = orthogonal(p.grad.lerp(mean, MOMENTUM), self.dtype)
                p.add_(direction, alpha=-RMS * max(p.shape) ** 0.5 * group["lr"])


def orthogonal(matrix: Tensor, dtype: torch.dtype) -> Tensor:
    """Return about U V of a matrix U S V, by iterations of a polynomial in `dtype`.

    They leave singular values of 0.7 to 1.2, but for such as are next to nothing.
    """
    a, b, c = QUINTIC
    wide = matrix.shape[0] <= matrix.shape[1]
    x = (matrix if wide else matrix.T).to(dtype, copy=True)
    x.div_(x.norm().clamp(min=1e-7))
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x if wide else x.T


def optimizers(network: nn.Module, config: Config) -> list[torch.optim.Optimizer]:
    """Return what learns the parameters of the network that learn.

    Each group has the `factor` of its learning rate: thresholds of pruning have one of
    their own. `ConfigurationError` if there is no such optimizer.
    """
    kind = config.loop.optimizer
    if kind not in KINDS:
        raise ConfigurationError(f"[loop] optimizer is {kind!r}: {KINDS}")

    def by_muon(p: nn.Parameter) -> bool:
        return kind == MUON and p.ndim == 2

    named = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    weights = [p for name, p in named if name != THRESHOLDS]
    thresholds = [p for name, p in named if name == THRESHOLDS]
    groups = [
        {"params": [p for p in weights if not by_muon(p)], "factor": 1.0},
        {"params": thresholds, "factor": config.model.thresholds_rate},
    ]
    found: list[torch.optim.Optimizer] = [
        torch.optim.Adam([group for group in groups if group["params"]])
    ]
    if matrices := [p for p in weights if by_muon(p)]:
        dtype = torch.bfloat16 if config.loop.bfloat16 else torch.float32
        found.append(Muon([{"params": matrices, "factor": 1.0}], dtype))
    return found
