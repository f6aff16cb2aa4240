"""The network in PyTorch, and the same in NumPy."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from enhancement.neural.tinylstm import FRAMING, Masker  # noqa: E402
from enhancement.spectral import SpectralSystem  # noqa: E402
from enhancement.training.conversion import network_of  # noqa: E402
from enhancement.training.network import (  # noqa: E402
    TinyLSTM,
    enhance,
    sounds,
    spectra,
)


@pytest.fixture(scope="module")
def network() -> TinyLSTM:
    torch.manual_seed(0)
    return TinyLSTM()


def test_it_has_the_published_size(network: TinyLSTM) -> None:
    assert network.parameters_that_learn() == 968_960


def test_spectra_give_back_the_sound() -> None:
    x = torch.randn(2, 5000, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(sounds(spectra(x), 5000), x, atol=1e-6, rtol=0)


def test_numpy_computes_what_torch_does(network: TinyLSTM) -> None:
    x = 0.1 * np.random.default_rng(0).standard_normal((3, 8000))
    ours = SpectralSystem(
        slug="ours",
        label="Ours",
        hop=FRAMING.hop,
        latency=FRAMING.latency,
        framing=FRAMING,
        processor=lambda: Masker(network_of(network)),
    ).enhance(x)
    with torch.no_grad():
        theirs = enhance(network, torch.from_numpy(x.astype(np.float32))).numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
