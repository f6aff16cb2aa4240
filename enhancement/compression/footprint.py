"""What a network costs on the paper's microcontroller, and whether it fits there.

[Fed20] I. Fedorov et al., TinyLSTMs: efficient neural speech enhancement for hearing
        aids, Interspeech 2020. The limits are those of an STM32F746VE with 10 ms for a
        frame; latency is modelled as 0.155 million operations a ms.
"""

from dataclasses import dataclass

from enhancement.compression.integer_network import IntegerNetwork
from enhancement.compression.storage import size_bytes
from enhancement.neural import bands
from enhancement.neural.tinylstm import FRAMING

MAX_OPERATIONS = 1.55e6  # per frame
MAX_FLASH = 500_000  # bytes
MAX_MEMORY = 320_000  # bytes
OPERATIONS_PER_MS = 0.155e6

INT8, INT16, INT32 = 1, 2, 4  # bytes


@dataclass(frozen=True)
class Footprint:
    parameters: int
    operations: int  # per frame: 2 x parameters, biases as products with 1
    flash: int  # bytes: weights, scales, thresholds, tables
    memory: int  # bytes that are written while it runs

    @property
    def latency_ms(self) -> float:
        return self.operations / OPERATIONS_PER_MS

    @property
    def fits(self) -> bool:
        """Say whether all three limits are met."""
        return (
            self.operations <= MAX_OPERATIONS
            and self.flash < MAX_FLASH
            and self.memory < MAX_MEMORY
        )


def footprint(network: IntegerNetwork) -> Footprint:
    tables = 2 * 513 * INT16
    spread = 2 * bands.BINS * (INT16 + INT8)  # at most two triangles at each bin
    return Footprint(
        parameters=network.parameters,
        operations=2 * network.parameters,
        flash=size_bytes(network) + tables + 2 * spread,
        memory=sum(working_memory(network).values()),
    )


def working_memory(network: IntegerNetwork) -> dict[str, int]:
    """Return the bytes of every buffer, were none of them shared.

    The transform is counted in 32-bit fixed point, in place.
    """
    units = (network.lstm1.units, network.lstm2.units)
    return {
        "sound": FRAMING.window * INT16,
        "spectrum": 2 * bands.BINS * INT32,
        "overlap": FRAMING.hop * INT32,
        "bands": bands.BANDS * INT8,
        "outputs": sum(units) * INT8,  # of the layers, now
        "next outputs": max(units) * INT8,  # a loop needs the old ones to the end
        "cells": sum(units) * INT16,
        "gates": 4 * max(units) * INT16,
        "neurons": len(network.dense.bias) * INT8,
        "mask": bands.BANDS * INT16,
    }
