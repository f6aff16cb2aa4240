"""What a network costs on a microcontroller, and whether it fits on the paper's.

[Fed20] I. Fedorov et al., TinyLSTMs: efficient neural speech enhancement for hearing
        aids, Interspeech 2020. The limits are those of an STM32F746VE with 10 ms for a
        frame; latency is modelled as 0.155 million operations a ms.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MAX_OPERATIONS = 1_550_000  # a frame
MAX_FLASH = 500_000  # bytes
MAX_MEMORY = 320_000  # bytes
OPERATIONS_PER_MS = 155_000


@dataclass(frozen=True)
class Footprint:
    parameters: int  # weights that were learned
    stored: int  # bytes of all numbers of the network
    operations: int  # of a frame: 2 x parameters, biases as products with 1
    flash: int  # bytes: what is stored, and tables
    memory: int  # bytes that are written while it runs
    integers: bool  # no float in the network
    updated: float | None = 1.0  # share of frames in which it runs; None: not measured

    @property
    def average_operations(self) -> float | None:
        """Operations a frame on average, if it is known in how many it runs."""
        return None if self.updated is None else self.operations * self.updated

    @property
    def latency_ms(self) -> float:
        """The model's time for a frame in which the network runs."""
        return self.operations / OPERATIONS_PER_MS

    @property
    def limits(self) -> Mapping[str, bool]:
        """Say of each limit whether it is met, also by the frames that cost most."""
        return {
            "operations": self.operations <= MAX_OPERATIONS,
            "flash": self.flash < MAX_FLASH,
            "memory": self.memory < MAX_MEMORY,
        }

    @property
    def fits(self) -> bool:
        """Say whether all three limits are met."""
        return all(self.limits.values())


@dataclass(frozen=True)
class Bytes:
    """How wide the numbers of a running network are."""

    value: int  # activations
    wide: int  # cells, gates and the mask


INTEGERS = Bytes(value=1, wide=2)
FLOATS = Bytes(value=4, wide=4)


def working_memory(
    units: tuple[int, int], neurons: int, bands: int, width: Bytes
) -> dict[str, int]:
    """Return the bytes of every buffer of a network, were none of them shared."""
    return {
        "bands": bands * width.value,
        "outputs": sum(units) * width.value,  # of the layers, now
        "next outputs": max(units)
        * width.value,  # a loop needs the old ones to the end
        "cells": sum(units) * width.wide,
        "gates": 4 * max(units) * width.wide,
        "neurons": neurons * width.value,
        "mask": bands * width.wide,
    }


def front_end_memory(window: int, hop: int, bins: int) -> dict[str, int]:
    """Return the bytes of the buffers for sound of 16 bits.

    The transform is counted in 32-bit fixed point, in place.
    """
    return {
        "sound": window * 2,
        "spectrum": 2 * bins * 4,
        "overlap": hop * 4,
        "level and gain": 2 * 4,  # of `levelling`
    }
