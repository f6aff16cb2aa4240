"""What changes the weights, by closed forms."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from enhancement.training.configuration import (  # noqa: E402
    Config,
    ConfigurationError,
    LoopConfig,
)
from enhancement.training.network import TinyLSTM  # noqa: E402
from enhancement.training.optimizers import (  # noqa: E402
    Muon,
    optimizers,
    orthogonal,
)

RATE = 1e-3
MUON = Config(loop=LoopConfig(optimizer="muon", bfloat16=False))


def stepped(config: Config) -> dict[str, Any]:
    """Return by how much a step of random gradients changes each parameter."""
    torch.manual_seed(0)
    network = TinyLSTM()
    learning = {n: p for n, p in network.named_parameters() if p.requires_grad}
    before = {name: p.detach().clone() for name, p in learning.items()}
    for p in learning.values():
        p.grad = torch.randn_like(p)
    for optimizer in optimizers(network, config):
        for group in optimizer.param_groups:
            group["lr"] = RATE * group["factor"]
        optimizer.step()
    return {name: p.detach() - before[name] for name, p in learning.items()}


def test_the_first_step_of_adam_is_the_rate_everywhere() -> None:
    for change in stepped(Config()).values():
        torch.testing.assert_close(
            change.abs(), torch.full_like(change, RATE), rtol=0.05, atol=1e-6
        )


def test_muon_moves_every_direction_of_a_matrix_alike() -> None:
    """An orthogonal step of 0.2 sqrt(longer side) times the rate has an RMS of 0.2.

    Five iterations of its polynomial leave singular values of 0.7 to 1.2 times that,
    but for the few that were next to nothing.
    """
    for change in stepped(MUON).values():
        if change.ndim == 1:
            assert change.abs().max() == pytest.approx(RATE, rel=0.05)
            continue
        rate = RATE * 0.2 * max(change.shape) ** 0.5
        directions = torch.linalg.svdvals(change) / rate
        assert directions.quantile(0.05) > 0.6
        assert directions.max() < 1.3
        assert change.square().mean().sqrt() == pytest.approx(0.2 * RATE, rel=0.25)


def test_muon_in_bfloat16_is_that_of_pytorch() -> None:
    torch.manual_seed(0)
    ours = [torch.nn.Parameter(torch.randn(shape)) for shape in ((24, 40), (40, 24))]
    theirs = [torch.nn.Parameter(p.detach().clone()) for p in ours]
    own = Muon([{"params": ours, "lr": RATE}], torch.bfloat16)
    rival = torch.optim.Muon(
        theirs, lr=RATE, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"
    )
    for _ in range(3):
        for p, q in zip(ours, theirs, strict=True):
            p.grad = torch.randn_like(p)
            q.grad = p.grad.clone()
        own.step()
        rival.step()
    for p, q in zip(ours, theirs, strict=True):
        assert torch.equal(p, q)


@pytest.mark.parametrize("bfloat16", [True, False])
def test_muon_computes_in_the_numbers_of_the_network(bfloat16: bool) -> None:
    config = Config(loop=LoopConfig(optimizer="muon", bfloat16=bfloat16))
    (muon,) = (o for o in optimizers(TinyLSTM(), config) if isinstance(o, Muon))
    assert (muon.dtype == torch.bfloat16) == bfloat16


@pytest.mark.parametrize("shape", [(24, 40), (40, 24)])
def test_the_direction_of_muon_is_near_the_orthogonal_factor(
    shape: tuple[int, int],
) -> None:
    """Held to the factor U V of a singular value decomposition."""
    torch.manual_seed(0)
    u, values, v = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    direction = u.T @ orthogonal(u * values @ v, torch.float32) @ v.T
    off = direction - torch.diag(direction.diagonal())
    assert off.abs().max() < 1e-4
    assert direction.diagonal().min() > 0.6
    assert direction.diagonal().max() < 1.3


def test_another_optimizer_is_refused_by_name() -> None:
    config = Config(loop=LoopConfig(optimizer="lion"))
    with pytest.raises(ConfigurationError, match=r"'lion'.*'adam', 'muon'"):
        optimizers(TinyLSTM(), config)
