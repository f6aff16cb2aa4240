"""The network in ONNX Runtime, against the readable one in NumPy."""

import pickle

import numpy as np
import pytest

from enhancement.neural.runtime import OnnxNetwork
from enhancement.neural.tinylstm import FRAMING, Floats, Masker
from enhancement.stft import analyse
from enhancement.system import Samples
from tests.enhancement.neural.networks import random_network

# Single precision: sums in another order, other polynomials for sigmoid and tanh
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def network() -> OnnxNetwork:
    """Layers of three widths, so that none can be mistaken for another."""
    return OnnxNetwork(random_network(0, (60, 50), 40))


@pytest.fixture(scope="module")
def features() -> Floats:
    rng = np.random.default_rng(1)
    return rng.uniform(0, 1.5, (50, 3, 128)).astype(np.float32)


def test_it_gives_the_masks_and_states_of_the_readable_network(
    network: OnnxNetwork, features: Floats
) -> None:
    masks, state = network.run(features, network.begin(3))
    wanted, wanted_state = network.network.run(features, network.begin(3))
    assert wanted.std() > 0.1
    np.testing.assert_allclose(masks, wanted, atol=TOLERANCE)
    for found, one in zip(state, wanted_state, strict=True):
        np.testing.assert_allclose(found, one, atol=TOLERANCE)


def test_frame_by_frame_it_gives_the_whole(
    network: OnnxNetwork, features: Floats
) -> None:
    whole, _ = network.run(features, network.begin(3))
    state = network.begin(3)
    for t in range(len(features)):
        part, state = network.run(features[t : t + 1], state)
        np.testing.assert_allclose(part[0], whole[t], atol=TOLERANCE)


def test_one_of_a_batch_is_what_it_is_alone(
    network: OnnxNetwork, features: Floats
) -> None:
    together, _ = network.run(features, network.begin(3))
    for i in range(3):
        alone, _ = network.run(features[:, i : i + 1], network.begin(1))
        np.testing.assert_allclose(together[:, i], alone[:, 0], atol=TOLERANCE)


def test_a_masker_runs_either(network: OnnxNetwork) -> None:
    x: Samples = 0.1 * np.random.default_rng(2).standard_normal((2, 6000))
    spectra = analyse(x, FRAMING)
    ours, readable = Masker(network), Masker(network.network)
    np.testing.assert_allclose(
        ours.process(spectra), readable.process(spectra), atol=TOLERANCE
    )


def test_it_can_be_pickled_while_it_runs(
    network: OnnxNetwork, features: Floats
) -> None:
    before, _ = network.run(features, network.begin(3))
    again = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(again.run(features, again.begin(3))[0], before)
