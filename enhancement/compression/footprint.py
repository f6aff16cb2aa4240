"""What an integer network costs on a microcontroller."""

from enhancement.compression.integer_network import IntegerNetwork
from enhancement.compression.skipping import SkipNetwork
from enhancement.compression.storage import size_bytes
from enhancement.footprint import (
    INTEGERS,
    Footprint,
    front_end_memory,
    working_memory,
)
from enhancement.neural import bands
from enhancement.neural.tinylstm import FRAMING

TABLES = 2 * 513 * 2  # bytes of sigmoid and tanh, of 16 bits
SPREAD = 2 * bands.BINS * (2 + 1)  # bytes: at most two triangles at each bin
GATE_STATE = 2 + 2  # bytes of v and d, besides the mask that is kept


def footprint(network: IntegerNetwork) -> Footprint:
    stored = size_bytes(network)
    return Footprint(
        parameters=network.parameters,
        stored=stored,
        operations=2 * network.parameters,
        flash=stored + TABLES + 2 * SPREAD,
        memory=sum(memory_of(network).values()),
        integers=True,
    )


def footprint_of_skipping(skipping: SkipNetwork, updated: float | None) -> Footprint:
    """Return the footprint of a network that runs in the share `updated` of frames."""
    without, gate = footprint(skipping.network), skipping.gate
    parameters = without.parameters + gate.weights.size + 1
    stored = gate.nbytes
    return Footprint(
        parameters=parameters,
        stored=without.stored + stored,
        operations=2 * parameters,
        flash=without.flash + stored,
        memory=without.memory + GATE_STATE,
        integers=True,
        updated=updated,
    )


def memory_of(network: IntegerNetwork) -> dict[str, int]:
    """Return the bytes of every buffer."""
    units = (network.lstm1.units, network.lstm2.units)
    return front_end_memory(FRAMING.window, FRAMING.hop, bands.BINS) | working_memory(
        units, len(network.dense.bias), bands.BANDS, INTEGERS
    )
