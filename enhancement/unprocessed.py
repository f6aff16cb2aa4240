"""The identity: what every other system is compared with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from enhancement.system import CausalSystem, Samples


@dataclass(frozen=True, kw_only=True)
class Unprocessed(CausalSystem):
    def _stream(self) -> "Unprocessed":
        return self  # it keeps nothing from block to block

    def process(self, block: ArrayLike) -> Samples:
        return np.asarray(block, dtype=np.float64)
