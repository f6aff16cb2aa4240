"""What changes the weights: Adam, or Muon for matrices and Adam for the rest.

Muon replaces the mean gradient of a matrix by the nearest orthogonal one, so that a
step moves every direction alike, also those that few mixtures ask for (K. Jordan et
al., Muon: an optimizer for hidden layers in neural networks, 2024). Its steps are
scaled to the root mean square of Adam's (J. Liu et al., Muon is scalable for LLM
training, 2025): one learning rate serves both.
"""

import torch
from torch import nn

from enhancement.training.configuration import Config, ConfigurationError
from enhancement.training.pruning import THRESHOLDS

MUON = "muon"
KINDS = ("adam", MUON)


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
        found.append(
            torch.optim.Muon(
                [{"params": matrices, "factor": 1.0}],
                weight_decay=0.0,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    return found
