"""Crossed mixed models for preferences, binary and graded."""

from .design import Factor, FixedEffects
from .fit import fit_binary, fit_ordinal
from .marginal import (
    Contrast,
    Preference,
    Share,
    contrast,
    degrees_of_freedom,
    preference,
    share_of_raters,
)
from .result import ConvergenceError, MixedFit, RandomEffect, Start

__all__ = [
    "Contrast",
    "ConvergenceError",
    "Factor",
    "FixedEffects",
    "MixedFit",
    "Preference",
    "RandomEffect",
    "Share",
    "Start",
    "contrast",
    "degrees_of_freedom",
    "fit_binary",
    "fit_ordinal",
    "preference",
    "share_of_raters",
]
