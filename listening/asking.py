"""From a drawn schedule to what a method asks: which is X, and on which scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from listening.identifying import with_x
from listening.methods import Method
from listening.schedule import Drawn


def as_asked(drawn: Sequence[Drawn], method: Method, *, seed: int) -> list[Drawn]:
    """Return the trials as `method` asks them; same trials and seed, same questions."""
    if method.has_x:
        return with_x(drawn, seed=seed)
    return on_scales(drawn, [scale.slug for scale in method.scales])


def on_scales(drawn: Sequence[Drawn], scales: Sequence[str]) -> list[Drawn]:
    """Return each trial once for every scale, in order; as it is if there are none."""
    return [replace(trial, scale=scale) for trial in drawn for scale in scales or [""]]
