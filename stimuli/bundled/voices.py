"""Speakers: voices of flite, some with another pitch and another vocal tract.

`tract` above 1 shortens the vocal tract: all resonances, and the pitch with them, move
up by that factor, and the duration stays. flite (`apt install flite`) brings the
voices; its licence lets anyone use and distribute it without restriction and claims
nothing of what it says.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
import soxr

from stimuli.bundled.shaping import RATE_HZ, Samples, equalised, fade

MARGIN_S = 0.25


@dataclass(frozen=True)
class Voice:
    flite: str
    tract: float = 1.0
    pitch_hz: float | None = None  # mean, before `tract`; of the voice if None
    slowness: float = 1.0


# The voices boom, and some are dull. These gains (Hz: dB) bring their octave levels
# near the standard speech spectrum of ANSI S3.5-1997, normal effort: at 250, 500, 1000,
# 2000 and 4000 Hz it is 34.75, 34.27, 25.01, 17.32 and 9.33 dB per Hz.
EQUALISER = {
    "slt": {80: -14, 125: -10, 250: -7, 500: 0, 1000: 0, 2000: 2, 4000: 2},
    "rms": {80: -14, 125: -7, 250: -5, 500: 0, 1000: 6, 2000: 4, 4000: -5},
    "awb": {80: -14, 125: -6, 250: -4, 500: 0, 1000: 3, 2000: 0, 4000: 0},
    "kal16": {80: -6, 125: 0, 250: 1, 500: 0, 1000: 1, 2000: 2, 4000: -3},
}

# Whom one is to understand. No name stands for a person.
SPEAKERS = {
    "amy": Voice("slt"),
    "ben": Voice("rms", slowness=0.92),
    "cleo": Voice("slt", tract=1.07, pitch_hz=196, slowness=0.97),
    "dov": Voice("awb"),
    "edda": Voice("slt", tract=0.93, pitch_hz=178, slowness=1.05),
    "finn": Voice("kal16", pitch_hz=112),
    "gus": Voice("rms", tract=0.93, slowness=0.95),
    "hal": Voice("awb", tract=1.07, pitch_hz=140, slowness=1.05),
}

# Who talks in the background: nobody from above.
GUESTS = (
    Voice("slt", tract=1.03, pitch_hz=210),
    Voice("awb", tract=0.95, pitch_hz=112),
    Voice("rms", tract=1.05, slowness=0.85),
    Voice("slt", tract=0.9, pitch_hz=190, slowness=0.92),
    Voice("kal16", tract=1.06, pitch_hz=125, slowness=0.95),
    Voice("slt", tract=1.11, pitch_hz=180),
    Voice("awb", tract=1.03, pitch_hz=122, slowness=1.1),
    Voice("rms", tract=0.96, slowness=0.9),
)
ANCHOR = Voice("awb", tract=0.98, pitch_hz=118, slowness=0.95)
HOST = Voice("slt", tract=1.05, pitch_hz=205, slowness=0.9)


def speak(text: str, voice: Voice) -> Samples:
    """Return `text` spoken at 16 kHz, shape (frames,), with 0.25 s around it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "spoken.wav"
        subprocess.run(_command(text, voice, path), check=True, capture_output=True)
        spoken, rate = soundfile.read(path)
    if rate != RATE_HZ:
        raise ValueError(f"flite's voice {voice.flite} speaks at {rate} Hz, not 16 kHz")
    clear = equalised(spoken, EQUALISER[voice.flite])
    return trimmed(soxr.resample(clear, rate * voice.tract, rate, "VHQ"))


def _command(text: str, voice: Voice, path: Path) -> list[str]:
    stretch = f"duration_stretch={voice.slowness * voice.tract:.4f}"
    pitch = voice.pitch_hz and ["--setf", f"int_f0_target_mean={voice.pitch_hz}"]
    return [
        *["flite", "-voice", voice.flite, "--setf", stretch, *(pitch or [])],
        *["-t", text, "-o", str(path)],
    ]


def trimmed(spoken: Samples, *, below_db: float = 45.0) -> Samples:
    """Cut to 0.25 s before and after what is louder than its peak less `below_db`."""
    loud = np.flatnonzero(abs(spoken) > abs(spoken).max() * 10 ** (-below_db / 20))
    margin = int(MARGIN_S * RATE_HZ)
    padded = np.pad(spoken, margin)
    return fade(padded[loud[0] : loud[-1] + 2 * margin + 1], seconds=0.02)
