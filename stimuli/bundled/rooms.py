"""Living rooms by the image method [AB79] of pyroomacoustics, heard at one ear.

Every room file has two channels: the way from the talker, about 2 m in front, and the
way from the noise, farther off. Sound needs 6 ms for 2 m; that common delay is taken
out, so that the direct sound of channel 1 arrives at sample `DIRECT`, and channel 2
keeps its relation to it in time and in level.

[AB79] J. B. Allen and D. A. Berkley, "Image method for efficiently simulating
small-room acoustics", J. Acoust. Soc. Am. 65(4), 1979.
"""

import math
from dataclasses import dataclass

import numpy as np
import pyroomacoustics as pra
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from stimuli.bundled.shaping import RATE_HZ, Samples, fade

DIRECT = 40  # samples, 2.5 ms: half the filter that puts an echo between two samples
LOWEST_HZ = 60
PEAK = 0.5  # of channel 1

BANDS_HZ = [125, 250, 500, 1000, 2000, 4000]
# Carpet and curtains take the high frequencies, plasterboard and windows the low ones.
SOFT = np.array([0.6, 0.75, 0.95, 1.0, 1.1, 1.15])
BARE = np.array([1.15, 1.0, 0.9, 0.95, 1.0, 1.05])


@dataclass(frozen=True)
class LivingRoom:
    """Places are metres from one lower corner of a box of `size`."""

    size: tuple[float, float, float]
    rt60_s: float
    ear: tuple[float, float, float]
    talker: tuple[float, float, float]
    noise: tuple[float, float, float]
    furnishing: NDArray[np.float64]
    description: str


ROOMS = {
    "snug": LivingRoom(
        size=(4.1, 3.4, 2.45), rt60_s=0.25, furnishing=SOFT,
        ear=(1.1, 1.5, 1.15), talker=(3.0, 1.9, 1.25), noise=(3.6, 3.0, 0.9),
        description="small room with carpet, curtains and a large sofa",
    ),
    "parlour": LivingRoom(
        size=(5.2, 4.0, 2.6), rt60_s=0.32, furnishing=SOFT,
        ear=(1.4, 2.1, 1.2), talker=(3.4, 2.3, 1.5), noise=(4.6, 0.7, 1.1),
        description="furnished room, talker standing",
    ),
    "kitchen-diner": LivingRoom(
        size=(6.3, 4.3, 2.5), rt60_s=0.40, furnishing=BARE,
        ear=(2.0, 1.5, 1.15), talker=(3.7, 2.5, 1.2), noise=(5.6, 3.5, 1.0),
        description="open room with a kitchen at one end",
    ),
    "old-house": LivingRoom(
        size=(5.6, 4.8, 3.1), rt60_s=0.48, furnishing=BARE,
        ear=(2.3, 3.2, 1.15), talker=(3.9, 2.0, 1.2), noise=(0.7, 0.8, 1.4),
        description="high room with floorboards",
    ),
    "loft": LivingRoom(
        size=(7.1, 4.9, 2.8), rt60_s=0.36, furnishing=SOFT,
        ear=(2.6, 2.0, 1.2), talker=(4.5, 2.7, 1.6), noise=(6.4, 4.2, 0.6),
        description="long room, talker standing",
    ),
}  # fmt: skip


def make_room(room: LivingRoom, *, seed: int) -> Samples:
    """Return both impulse responses, shape (2, frames), RT60 near what is asked for.

    The wall absorption is found by repetition: what Sabine's formula promises, the
    image method keeps only roughly.
    """
    absorption = 0.161 * math.prod(room.size) / (_surface(room) * room.rt60_s)
    for _ in range(8):
        responses = _simulated(room, absorption, seed=seed)
        found = reverberation_time(responses[0])
        if abs(found / room.rt60_s - 1) < 0.02:
            break
        absorption = min(
            0.95 / room.furnishing.max(), absorption * (found / room.rt60_s) ** 0.7
        )
    start = int(abs(responses[0]).argmax()) - DIRECT
    cut = responses[:, start : start + round(1.1 * room.rt60_s * RATE_HZ)]
    cut = cut * (PEAK / abs(cut[0]).max())
    tail = np.ones(cut.shape[1])
    tail[-320:] = fade(np.ones(640), seconds=0.02)[-320:]
    return np.asarray(cut * tail)


def _surface(room: LivingRoom) -> float:
    x, y, z = room.size
    return 2 * (x * y + y * z + x * z)


def _simulated(room: LivingRoom, absorption: float, *, seed: int) -> Samples:
    """Run the image method, images jittered by 8 cm against sweeping echoes."""
    pra.random.seed(seed)
    pra.constants.set("num_threads", 1)  # sums in one order: equal bytes anywhere
    pra.constants.set("rir_hpf_enable", False)  # it runs backwards too: echoes ahead
    coefficients = np.minimum(0.98, absorption * room.furnishing)
    walls = {"description": "", "coeffs": coefficients, "center_freqs": BANDS_HZ}
    box = pra.ShoeBox(
        room.size,
        fs=RATE_HZ,
        materials=pra.Material(walls),
        max_order=round(1.2 * room.rt60_s * 343 / min(room.size)) + 2,
        use_rand_ism=True,
        air_absorption=True,
    )
    box.add_source(room.talker)
    box.add_source(room.noise)
    box.add_microphone(room.ear)
    box.compute_rir()
    talker, noise = (np.asarray(rir, float) for rir in box.rir[0])
    frames = max(len(talker), len(noise))
    responses = np.stack([np.pad(r, (0, frames - len(r))) for r in (talker, noise)])
    # All echoes of the image method are positive: without this they boom.
    sos = butter(2, LOWEST_HZ, "highpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfilt(sos, responses))


def reverberation_time(response: Samples) -> float:
    """Return RT60 in seconds: twice the fall from -5 to -35 dB (T30, ISO 3382).

    By Schroeder's backward integration of the energy after the direct sound.
    """
    energy = response[abs(response).argmax() :] ** 2
    decay_db = 10 * np.log10(np.cumsum(energy[::-1])[::-1] / energy.sum() + 1e-12)
    falling = np.flatnonzero((decay_db <= -5) & (decay_db >= -35))
    slope, _ = np.polyfit(falling / RATE_HZ, decay_db[falling], 1)
    return float(-60 / slope)
