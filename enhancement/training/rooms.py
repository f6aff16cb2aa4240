"""Rooms simulated by the image-source method (pyroomacoustics), kept in a cache.

Every room has one target position and several interferer positions, one omnidirectional
microphone, and walls, floor and ceiling of different materials. The target is nearer
than every interferer. Responses begin with their direct sound and keep the
reverberation: the target stays reverberant in what the network is trained for.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyroomacoustics as pra
from numpy.typing import NDArray
from tqdm import tqdm

from enhancement.training.corpus import RATE_HZ

Rng = np.random.Generator
Responses = NDArray[np.float32]

SIZE_M = ((2.5, 2.5, 2.2), (8.0, 6.5, 3.2))  # smallest and largest room
T60_S = (0.15, 0.75)
TARGET_M = (0.4, 2.6)  # from the microphone
FARTHER = 1.25  # an interferer is at least so many times farther away than the target
WALL_M = 0.3  # nothing is nearer to a wall
MAX_ORDER = 16  # of reflections
LEAD = 16  # samples kept before the direct sound
TRIES = 200


@dataclass(frozen=True)
class Rooms:
    responses: Responses  # (rooms, positions, taps); position 0 is the target's

    def target(self, room: int) -> Responses:
        return self.responses[room, 0]

    def interferer(self, room: int, position: int) -> Responses:
        """Return the response of interferer `position`, counted from 0."""
        return self.responses[room, 1 + position]

    @property
    def interferers(self) -> int:
        return self.responses.shape[1] - 1


def build(path: Path, *, count: int, interferers: int, taps: int, seed: int) -> Rooms:
    """Return `count` rooms drawn from `seed`, computed once and kept at `path`."""
    if not path.is_file():
        rng = np.random.default_rng(seed)
        rooms = [_room(rng, interferers, taps) for _ in tqdm(range(count), "rooms")]
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npy")
        np.save(part, np.stack(rooms))
        part.replace(path)
    responses = np.load(path)
    if responses.shape != (count, 1 + interferers, taps):
        raise ValueError(f"{path}: holds other rooms, {responses.shape}; remove it")
    return Rooms(responses)


def _room(rng: Rng, interferers: int, taps: int) -> Responses:
    size = rng.uniform(*SIZE_M)
    t60_s = rng.uniform(*T60_S)
    absorption, order = _walls(rng, size, t60_s)
    room = pra.ShoeBox(
        size, fs=RATE_HZ, materials=absorption, max_order=min(order, MAX_ORDER)
    )
    ear = _inside(rng, size)
    target = _around(rng, size, ear, TARGET_M)
    farthest = float(np.linalg.norm(size))
    nearest = FARTHER * float(np.linalg.norm(target - ear))
    positions = [
        _around(rng, size, ear, (nearest, farthest)) for _ in range(interferers)
    ]
    for position in (target, *positions):
        room.add_source(position)
    room.add_microphone(ear)
    room.compute_rir()
    return np.stack([_cut(response, taps) for response in room.rir[0]])


def _walls(
    rng: Rng, size: NDArray[np.float64], t60_s: float
) -> tuple[dict[str, pra.Material], int]:
    """Return materials that give about `t60_s` [Sabine], uneven over six walls."""
    volume, (x, y, z) = size.prod(), size
    area = 2 * (x * y + y * z + x * z)
    mean = min(0.161 * volume / (area * t60_s), 0.9)
    walls = ("east", "west", "north", "south", "ceiling", "floor")
    uneven = rng.uniform(0.5, 1.5, len(walls))
    absorption = np.clip(mean * uneven / uneven.mean(), 0.02, 0.98)
    order = int(np.ceil(343 * t60_s / size.min()))
    return {w: pra.Material(a) for w, a in zip(walls, absorption, strict=True)}, order


def _inside(rng: Rng, size: NDArray[np.float64]) -> NDArray[np.float64]:
    return rng.uniform(WALL_M, size - WALL_M)


def _around(
    rng: Rng,
    size: NDArray[np.float64],
    ear: NDArray[np.float64],
    distance_m: tuple[float, float],
) -> NDArray[np.float64]:
    """Return a place in the room whose distance from `ear` is in the range.

    If none is met in many tries, the one that came nearest to the range.
    """
    places = rng.uniform(WALL_M, size - WALL_M, (TRIES, 3))
    away = np.linalg.norm(places - ear, axis=-1)
    miss = np.maximum(distance_m[0] - away, 0) + np.maximum(away - distance_m[1], 0)
    return places[np.argmin(miss)]


def _cut(response: NDArray[np.float64], taps: int) -> Responses:
    """Return `taps` samples from just before the direct sound; that has peak 1."""
    first = int(np.argmax(np.abs(response) > 0.5 * np.abs(response).max()))
    part = response[max(first - LEAD, 0) :][:taps].astype(np.float32)
    padded = np.zeros(taps, np.float32)
    padded[: len(part)] = part
    fade = min(taps // 8, 800)
    padded[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return padded / np.abs(padded).max()
