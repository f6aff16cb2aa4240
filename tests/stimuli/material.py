"""Sounds made for tests: speech-like, noise, rooms, a corpus, and a bad system.

No recordings are needed. `python -m tests.stimuli.material` makes the corpus and a set
in the installation's own database, for tests that start real processes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from django.conf import settings
from numpy.typing import NDArray
from scipy.signal import lfilter

from enhancement.system import System
from stimuli.models import Corpus, NoiseRecording, Room, StimulusSet, Utterance

Samples = NDArray[np.float64]
RATE_HZ = 16_000


def speech(seconds: float = 1.2, *, seed: int = 1) -> Samples:
    """Return syllables: pulses through two resonances, four bursts a second."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pitch_hz = 110 + 60 * rng.random() + 10 * np.sin(2 * np.pi * 2 * t)
    pulses = np.diff(np.floor(np.cumsum(pitch_hz) / RATE_HZ), prepend=0.0)
    x = pulses + 0.02 * rng.standard_normal(len(t))
    for formant_hz in (400 + 400 * rng.random(), 1200 + 800 * rng.random()):
        w = 2 * np.pi * formant_hz / RATE_HZ
        x = np.asarray(lfilter([1], [1, -2 * 0.97 * np.cos(w), 0.97**2], x))
    x = x * np.sqrt(np.clip(np.sin(2 * np.pi * 4 * t + rng.random()), 0, None))
    return np.asarray(0.3 * x / np.abs(x).max())


def noise(seconds: float = 6.0, *, seed: int = 2) -> Samples:
    """Return noise that falls towards high frequencies."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ))
    return 0.05 * np.asarray(lfilter([1], [1, -0.7], white))


def room(taps: int = 800, *, seed: int = 3) -> Samples:
    """Return two decaying impulse responses, shape (2, taps), direct sound first."""
    rng = np.random.default_rng(seed)
    tail = rng.standard_normal((2, taps)) * 10 ** (-3 * np.arange(taps) / taps)
    return np.eye(1, taps, 20) + 0.1 * tail


def make_corpus(*, sentences: int = 6, slug: str = "syllables") -> Corpus:
    """Make a corpus with files: two speakers, two kinds of noise, two rooms."""
    corpus = Corpus.objects.create(
        slug=slug, title="Syllables", layout="clean", synthetic=True
    )
    for i in range(sentences):
        Utterance.objects.create(
            **_store(corpus, f"u{i:02d}", speech(1.0 + 0.1 * (i % 3), seed=i)),
            speaker=f"speaker {i % 2}",
            sentence=f"sentence {i}",
        )
    for i in range(2):
        sound = noise(seed=100 + i)
        fields = _store(corpus, f"noise{i}", sound)
        NoiseRecording.objects.create(**fields, kind=f"kind {i}")
        Room.objects.create(**_store(corpus, f"room{i}", room(seed=200 + i)))
    return corpus


def _store(corpus: Corpus, name: str, x: Samples) -> dict[str, Any]:
    file = f"corpora/{corpus.slug}/{name}.flac"
    path = Path(settings.MEDIA_ROOT) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.5 * x.T, RATE_HZ, subtype="PCM_24")
    return {
        "corpus": corpus,
        "name": name,
        "file": file,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "frames": x.shape[-1],
    }


def make_set(
    corpus: Corpus | None = None,
    *,
    systems: Sequence[str] = ("unprocessed", "wiener"),
    **fields: Any,
) -> StimulusSet:
    """Make a draft of a set: two SNRs, two utterances each, without scores."""
    defaults: dict[str, Any] = {
        "slug": "small",
        "title": "Small",
        "corpus": corpus or make_corpus(),
        "snrs_db": [0.0, 6.0],
        "utterances_per_snr": 2,
        "with_scores": False,
    }
    return StimulusSet.objects.create(systems=list(systems), **(defaults | fields))


@dataclass(frozen=True, kw_only=True)
class Broken(System):
    """A system that cannot do it."""

    def _enhance(self, x: Samples, reference: Samples | None) -> Samples:
        raise ArithmeticError("the filter ran away")


@dataclass(frozen=True, kw_only=True)
class Late(System):
    """A system that does not take out its delay of 37 samples."""

    def _enhance(self, x: Samples, reference: Samples | None) -> Samples:
        return np.concatenate([np.zeros(37), x[:-37]])


@dataclass(frozen=True, kw_only=True)
class Loud(System):
    """A system with a gain of 30 dB."""

    def _enhance(self, x: Samples, reference: Samples | None) -> Samples:
        return x * 10**1.5
