"""The float networks of the TinyLSTM family, as systems."""

from functools import partial

from enhancement.footprint import (
    FLOATS,
    Footprint,
    front_end_memory,
    working_memory,
)
from enhancement.neural import bands
from enhancement.neural.family import tiny_system
from enhancement.neural.runtime import OnnxNetwork
from enhancement.neural.tinylstm import SINGLE, Masker, Network
from enhancement.spectral import SpectralSystem
from enhancement.weights import checked

VERSION = "3"  # 2 had transforms of 64-bit floats; see `family` for what was before


def system(*, slug: str, label: str) -> SpectralSystem:
    """Return the system of the bundled weights called `slug`."""
    file = checked(f"{slug}.safetensors")
    network = Network.of(file.tensors)
    return tiny_system(
        slug=slug,
        label=label,
        version=VERSION,
        framing=SINGLE,
        masker=partial(Masker, OnnxNetwork(network)),
        units=(network.lstm1.units, network.lstm2.units),
        dense=network.dense.shape[0],
        cost=footprint(network),
        weights_sha256=file.sha256,
    )


def footprint(network: Network) -> Footprint:
    """Return what the network costs were it run in 32-bit floats."""
    stored = sum(tensor.nbytes for tensor in network.tensors().values())
    spread = 2 * bands.BINS * (4 + 1)  # at most two triangles at each bin
    units = (network.lstm1.units, network.lstm2.units)
    memory = front_end_memory(SINGLE.window, SINGLE.hop, bands.BINS)
    memory |= working_memory(units, network.dense.shape[0], bands.BANDS, FLOATS)
    return Footprint(
        parameters=network.parameters,
        stored=stored,
        operations=network.operations_per_frame,
        flash=stored + 2 * spread,
        memory=sum(memory.values()),
        integers=False,
    )
