"""A C program written from the definition gives the same bits as the engine."""

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from enhancement.compression.fixed_point import sigmoid_table, tanh_table
from enhancement.compression.integer_network import (
    IntegerDense,
    IntegerLstm,
    IntegerNetwork,
)
from enhancement.compression.quantising import quantised
from tests.enhancement.compression.test_integer_network import RANGES, bands_of
from tests.enhancement.neural.networks import random_network

SOURCE = Path(__file__).with_name("definition.c")
TABLES = np.array([*sigmoid_table(), *tanh_table()], np.int16)
COMPILER = shutil.which("cc") or shutil.which("gcc")

pytestmark = pytest.mark.skipif(COMPILER is None, reason="wants a C compiler")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    library = tmp_path_factory.mktemp("c") / "definition.so"
    flags = ["-std=c11", "-O1", "-ftrapv", "-Wall", "-Wextra", "-Werror"]
    command = [
        str(COMPILER),
        *flags,
        "-shared",
        "-fPIC",
        str(SOURCE),
        "-o",
        str(library),
    ]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(library))


def at(array: NDArray[Any]) -> ctypes.c_void_p:
    assert array.flags["C_CONTIGUOUS"]
    return ctypes.c_void_p(array.ctypes.data)


class Running:
    """The C program's network, with its state."""

    def __init__(self, program: ctypes.CDLL, network: IntegerNetwork) -> None:
        self.program, self.network = program, network
        units = (network.lstm1.units, network.lstm2.units)
        self.h = [np.zeros(n, np.int8) for n in units]
        self.c = [np.zeros(n, np.int16) for n in units]

    def mask(self, bands: NDArray[np.float64]) -> NDArray[np.int16]:
        """Return the mask of the next frame."""
        network = self.network
        x = np.empty(len(bands), np.int8)
        integers = bands.astype(np.int64)
        self.program.compress(len(x), at(network.thresholds), at(integers), at(x))
        self._lstm(network.lstm1, 0, x)
        self._lstm(network.lstm2, 1, self.h[0])
        d = np.empty(len(network.dense.bias), np.int8)
        self.program.relu(*self._dense(network.dense), at(self.h[1]), at(d))
        y = np.empty(len(network.mask.bias), np.int16)
        self.program.mask(*self._dense(network.mask), at(TABLES), at(d), at(y))
        return y

    def _lstm(self, lstm: IntegerLstm, i: int, x: NDArray[np.int8]) -> None:
        z = np.empty(4 * lstm.units, np.int16)
        into, loop, out = lstm.input, lstm.recurrent, lstm.output
        self.program.lstm(
            *(lstm.units, into.weights.shape[1], at(into.weights), at(loop.weights)),
            *(at(into.bias), at(into.multiplier.m), at(into.multiplier.n)),
            *(at(loop.multiplier.m), at(loop.multiplier.n), lstm.cell_bits),
            *(int(out.m[0]), int(out.n[0]), at(TABLES), at(x)),
            *(at(z), at(self.h[i]), at(self.c[i])),
        )

    def _dense(self, dense: IntegerDense) -> tuple[Any, ...]:
        m, n = int(dense.multiplier.m[0]), int(dense.multiplier.n[0])
        return (*dense.weights.shape, at(dense.weights), at(dense.bias), m, n)


@pytest.mark.parametrize("lstm", [(6, 5), (96, 80), (256, 256)])
def test_c_and_numpy_give_the_same_bits(
    program: ctypes.CDLL, lstm: tuple[int, int]
) -> None:
    network = quantised(random_network(11, lstm, 24), RANGES)
    bands = bands_of(12, frames=50, sounds=1)
    ours, _ = network.run(bands, network.begin(1))
    running = Running(program, network)
    theirs = [running.mask(frame[0]) for frame in bands]
    np.testing.assert_array_equal(ours[:, 0], theirs)
