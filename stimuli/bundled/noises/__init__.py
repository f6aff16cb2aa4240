"""Domestic noises, each made from a seed. A new one is a function and one row.

Name of the file -> (kind, dotted path of a function of `rng` and `seconds`).
"""

from importlib import import_module

from numpy.random import default_rng

from stimuli.bundled.shaping import Samples, fade, unit

NOISES = {
    "babble-few": ("babble", "babble.few"),
    "babble-many": ("babble", "babble.many"),
    "television-news": ("television", "television.news"),
    "television-show": ("television", "television.show"),
    "fan-desk": ("fan", "fan.desk"),
    "fan-hood": ("fan", "fan.hood"),
    "water-tap": ("water", "water.tap"),
    "water-filling": ("water", "water.filling"),
    "kitchen-dishes": ("kitchen", "kitchen.dishes"),
    "kitchen-cooking": ("kitchen", "kitchen.cooking"),
    "footsteps-shoes": ("footsteps-and-doors", "footsteps.shoes"),
    "footsteps-slippers": ("footsteps-and-doors", "footsteps.slippers"),
    "traffic-street": ("traffic", "traffic.street"),
    "traffic-crossing": ("traffic", "traffic.crossing"),
}
RMS = 10 ** (-32 / 20)


def make_noise(name: str, *, seed: int, seconds: float) -> Samples:
    """Return the noise `name` at -32 dBov RMS, shape (frames,) at 16 kHz.

    Every noise has a stream of its own: changing one leaves the others as they were.
    """
    module, function = NOISES[name][1].split(".")
    make = getattr(import_module(f"{__name__}.{module}"), function)
    rng = default_rng([seed, *name.encode()])
    return fade(RMS * unit(make(rng, seconds)))
