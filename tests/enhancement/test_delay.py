"""The delay of one sound against another."""

import numpy as np
import pytest

from enhancement.delay import delay_samples
from tests.enhancement.signals import noise, speech_like


@pytest.mark.parametrize("delay", [-320, -1, 0, 1, 511])
def test_it_finds_the_delay_beneath_noise(delay: int) -> None:
    x = speech_like(2, seed=1)
    late = np.roll(x, delay) + 0.2 * noise(2, seed=2)
    assert delay_samples(late, x, max_delay=1000) == delay


def test_lengths_may_differ() -> None:
    x = speech_like(2, seed=3)
    late = np.concatenate([np.zeros(100), x])
    assert delay_samples(late[:20_000], x, max_delay=512) == 100


def test_it_looks_no_further_than_it_is_told() -> None:
    x = noise(1, seed=4)
    assert abs(delay_samples(np.roll(x, 50), x, max_delay=20)) <= 20


def test_there_is_no_delay_of_silence_or_of_the_opposite() -> None:
    x = noise(1, seed=5)
    with pytest.raises(ValueError, match="silent"):
        delay_samples(0 * x, x, max_delay=10)
    with pytest.raises(ValueError, match="nothing in common"):
        delay_samples(-x, x, max_delay=0)
