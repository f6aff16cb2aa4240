"""From a drawn schedule to what a method asks: X, scales, and the order of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from listening.identifying import with_x
from listening.methods import Method
from listening.schedule import Drawn
from listening.together import in_places


def as_asked(
    drawn: Sequence[Drawn],
    method: Method,
    *,
    seed: int,
    begun: Mapping[str, int],
    together: Sequence[str] = (),
) -> list[Drawn]:
    """Return the trials as `method` asks them; same arguments, same questions.

    `begun`: how many sessions began with each scale, by slug; `together`: the systems
    of every trial, where all are heard in one.
    """
    if method.has_x:
        return with_x(drawn, seed=seed)
    if method.is_together:
        drawn = in_places(drawn, together, seed=seed)
    return on_scales(drawn, order_of(method, begun, seed=seed))


def order_of(method: Method, begun: Mapping[str, int], *, seed: int) -> list[str]:
    """Return the scales in the order in which a session has them.

    Of three the one comes first with which fewer sessions began; of equal numbers
    chance decides. The last one is last in all sessions.
    """
    slugs = [scale.slug for scale in method.scales]
    if len(slugs) < 3:
        return slugs
    first, second, *rest = slugs
    ahead = begun.get(first, 0) - begun.get(second, 0)
    by_chance = bool(np.random.default_rng([seed, 2]).integers(2))
    swapped = ahead > 0 or (ahead == 0 and by_chance)
    return [second, first, *rest] if swapped else slugs


def on_scales(drawn: Sequence[Drawn], scales: Sequence[str]) -> list[Drawn]:
    """Return each trial once for every scale, in order; as it is if there are none."""
    return [replace(trial, scale=scale) for trial in drawn for scale in scales or [""]]
