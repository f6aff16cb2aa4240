"""What sounds there are (`corpus`) and what was made of them (`stimulus`)."""

from stimuli.models.corpus import (
    Corpus,
    NoiseRecording,
    NoisyRecording,
    Room,
    Utterance,
)
from stimuli.models.stimulus import Mixture, Stimulus, StimulusSet

__all__ = [
    "Corpus",
    "Mixture",
    "NoiseRecording",
    "NoisyRecording",
    "Room",
    "Stimulus",
    "StimulusSet",
    "Utterance",
]
