"""The terms of the loss against a measure that other tests hold to account."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from enhancement.measures import si_sdr_db  # noqa: E402
from enhancement.training.configuration import LossConfig  # noqa: E402
from enhancement.training.losses import loss, taught  # noqa: E402

BARE = LossConfig(log_weight=0.0)
SI_SDR = LossConfig(log_weight=0.0, si_sdr_weight=1.0)


def spectrum(seed: int) -> Tensor:
    """Return a spectrum of shape (1, 40, 257, 2) that is sparse, as speech is."""
    rng = torch.Generator().manual_seed(seed)
    shape = torch.rand(1, 40, 257, 1, generator=rng) ** 6
    return shape * torch.randn(1, 40, 257, 2, generator=rng)


@pytest.fixture
def target() -> Tensor:
    return spectrum(1)


@pytest.fixture
def noisy(target: Tensor) -> Tensor:
    return target + 0.5 * spectrum(2)


def term(mask: Tensor, noisy: Tensor, target: Tensor) -> float:
    """Return what the third term adds."""
    with_it, without = (loss(mask, noisy, target, c) for c in (SI_SDR, BARE))
    return float((with_it - without).detach())


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_the_third_term_is_the_negative_si_sdr(
    noisy: Tensor, target: Tensor, scale: float
) -> None:
    s2, n2 = target.square().sum(-1), (noisy - target).square().sum(-1)
    mask = scale * (s2 / (s2 + n2)).sqrt()
    output = (mask[..., None] * noisy).flatten().double().numpy()
    expected = -si_sdr_db(target.flatten().double().numpy(), output)
    assert -20 < expected < -10
    # it is clipped smoothly at 30 dB and at -20 dB, which takes a little of it
    assert term(mask, noisy, target) == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize(
    ("mask", "more"), [(0.25, 3 * (1 - 0.5**0.3) ** 2), (0.5, 0.0), (1.0, 0.0)]
)
def test_only_what_is_lost_weighs_more(mask: float, more: float) -> None:
    """Of a target half as loud as the noisy sound, compressed with the power 0.3."""
    noisy = torch.randn(1, 40, 257, 2, generator=torch.Generator().manual_seed(3))
    config = replace(BARE, lost_weight=3.0)
    constant = torch.full(noisy.shape[:-1], mask)
    weighed, plain = (loss(constant, noisy, 0.5 * noisy, c) for c in (config, BARE))
    assert float(weighed - plain) == pytest.approx(more, abs=1e-6)


def test_a_wrong_talker_is_worse_than_a_soft_right_one(
    noisy: Tensor, target: Tensor
) -> None:
    """The second term would have them the other way round."""
    s2, n2 = target.square().sum(-1), (noisy - target).square().sum(-1)
    right = 0.05 * (s2 > n2).float()
    wrong = (s2 < n2).float()
    assert term(right, noisy, target) < -5
    assert term(wrong, noisy, target) > 5


def test_where_nothing_at_all_is_heard_there_is_nothing_to_learn() -> None:
    """A recording of zeros, as when a companion falls silent who was all the noise."""
    silence = torch.zeros(1, 40, 257, 2)
    mask = torch.full(silence.shape[:-1], 0.5, requires_grad=True)
    loss(mask, silence, silence, LossConfig(si_sdr_weight=0.1)).backward()
    assert mask.grad is not None
    assert torch.isfinite(mask.grad).all()


def test_no_output_at_all_is_as_bad_as_can_be(noisy: Tensor, target: Tensor) -> None:
    mask = torch.zeros(noisy.shape[:-1], requires_grad=True)
    assert term(mask, noisy, target) == pytest.approx(20, abs=0.1)
    loss(mask, noisy, target, SI_SDR).backward()
    assert np.isfinite(mask.grad.numpy()).all()


def test_without_a_target_only_the_first_term_counts(noisy: Tensor) -> None:
    mask = torch.full(noisy.shape[:-1], 0.5)
    assert term(mask, noisy, torch.zeros_like(noisy)) == 0


def test_a_teacher_is_one_more_target(noisy: Tensor, target: Tensor) -> None:
    mask, wanted = torch.full((1, 40, 257), 0.5), torch.rand(1, 40, 257)
    value = loss(mask, noisy, target, SI_SDR)
    of_teacher = loss(mask, noisy, wanted[..., None] * noisy, SI_SDR)
    for weight in (0.0, 0.25, 1.0):
        config = LossConfig(log_weight=0.0, si_sdr_weight=1.0, teacher_weight=weight)
        found = taught(value, mask, wanted, noisy, config)
        expected = (1 - weight) * value + weight * of_teacher
        torch.testing.assert_close(found, expected)


def test_a_pupil_that_is_its_teacher_has_nothing_to_learn(noisy: Tensor) -> None:
    config = LossConfig(log_weight=0.0, teacher_weight=1.0)
    mask = torch.rand(1, 40, 257)
    value = taught(torch.tensor(9.0), mask, mask, noisy, config)
    assert float(value) == pytest.approx(0, abs=1e-3)
