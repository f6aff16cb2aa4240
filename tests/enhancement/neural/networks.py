"""Networks with random weights, for tests that need a network and not a good one."""

from collections.abc import Callable

import numpy as np

from enhancement.neural.bands import BANDS
from enhancement.neural.tinylstm import FRAMING, Floats, Lstm, Network
from enhancement.spectral import SpectralSystem
from enhancement.stft import FrameProcessor


def random_network(
    seed: int = 0, lstm: tuple[int, int] = (256, 256), dense: int = 128
) -> Network:
    """Return a network whose gates and masks are far from constant."""
    rng = np.random.default_rng(seed)
    n1, n2 = lstm

    def normal(*shape: int) -> Floats:
        x = rng.standard_normal(shape) / np.sqrt(shape[-1])
        return np.asarray(x, np.float32)

    return Network(
        Lstm(3 * normal(4 * n1, BANDS), normal(4 * n1, n1), normal(4 * n1)),
        Lstm(2 * normal(4 * n2, n1), normal(4 * n2, n2), normal(4 * n2)),
        3 * normal(dense, n2),
        normal(dense),
        6 * normal(BANDS, dense),
        normal(BANDS),
    )


def system_of(processor: Callable[[], FrameProcessor]) -> SpectralSystem:
    """Return a system of the family's framing without weights of its own."""
    return SpectralSystem(
        slug="random",
        label="Random",
        hop=FRAMING.hop,
        latency=FRAMING.latency,
        framing=FRAMING,
        processor=processor,
    )
