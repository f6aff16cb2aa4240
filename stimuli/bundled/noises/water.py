"""Running water: hiss, the vessel, and bubbles [vdD05].

A bubble of radius r (m) rings at 3 / r Hz [Minnaert], is damped by
0.13 / r + 0.0072 r^(-3/2) per second, and rises in pitch as it nears the surface.

[vdD05] K. van den Doel, "Physically based models for liquid sounds", ACM Transactions
on Applied Perception 2(4), 2005.
"""

import numpy as np
from numpy.random import Generator

from stimuli.bundled.shaping import (
    RATE_HZ,
    Samples,
    db,
    place,
    points,
    shaped_noise,
    slow_curve,
    times,
    unit,
)


def tap(rng: Generator, seconds: float) -> Samples:
    """Return a tap that runs into a steel sink."""
    jet = shaped_noise(rng, seconds, lambda f: points(f, JET))
    splash = db(
        2.5 * slow_curve(rng, seconds, 18.0) + 1.2 * slow_curve(rng, seconds, 2)
    )
    sink = shaped_noise(rng, seconds, lambda f: points(f, SINK))
    drops = unit(_bubbles(rng, seconds, per_s=260, radii_mm=(0.45, 4.0)))
    return splash * jet + 0.45 * splash * sink + 0.9 * drops


def filling(rng: Generator, seconds: float) -> Samples:
    """Return a jug that is filled: larger bubbles, and its air sounds ever higher."""
    jet = shaped_noise(rng, seconds, lambda f: points(f, JET))
    drops = unit(_bubbles(rng, seconds, per_s=120, radii_mm=(0.8, 7.0)))
    air = shaped_noise(rng, seconds, lambda f: points(f, {100: -6, 300: 0, 8000: -12}))
    tone = _sliding_resonance(air, 320 * 3.5 ** (times(seconds) / seconds))
    gurgle = db(3.0 * slow_curve(rng, seconds, 6.0))
    return gurgle * (1.1 * drops + 0.5 * unit(tone)) + 0.5 * jet


def _bubbles(
    rng: Generator, seconds: float, *, per_s: float, radii_mm: tuple[float, float]
) -> Samples:
    track = np.zeros(len(times(seconds)))
    count = rng.poisson(per_s * seconds)
    starts = rng.uniform(0, seconds, count)
    radii = 1e-3 * np.exp(rng.uniform(np.log(radii_mm[0]), np.log(radii_mm[1]), count))
    depths = rng.uniform(0, 1, count) ** 2
    for start, radius, depth in zip(starts, radii, depths, strict=True):
        place(track, _bubble(radius, rise=rng.uniform(0, 0.1)), start, depth * radius)
    return track


def _bubble(radius: float, *, rise: float) -> Samples:
    """Return one bubble, radius in m; `rise` is the slope of pitch over damping."""
    f_hz, damping = 3 / radius, 0.13 / radius + 0.0072 * radius**-1.5
    t = times(min(6 / damping, 0.15))
    attack = np.minimum(1.0, t / 0.0008)
    phase = 2 * np.pi * f_hz * (t + 0.5 * rise * damping * t**2)
    return np.asarray(attack * np.exp(-damping * t) * np.sin(phase))


def _sliding_resonance(x: Samples, f_hz: Samples, *, q: float = 9.0) -> Samples:
    """Return `x` through a resonance that moves slowly, by blocks of 64 ms."""
    size, hop = 1024, 256
    padded = np.pad(x, (size, size))
    out = np.zeros_like(padded)
    window = np.hanning(size + 1)[:-1]
    grid = np.fft.rfftfreq(size, 1 / RATE_HZ)
    for start in range(0, len(padded) - size, hop):
        f0 = f_hz[min(max(start - size // 2, 0), len(f_hz) - 1)]
        detune = grid / f0 - f0 / np.maximum(grid, 1.0)
        block = np.fft.rfft(window * padded[start : start + size])
        out[start : start + size] += window * np.fft.irfft(
            block / np.sqrt(1 + (q * detune) ** 2), size
        )
    return out[size:-size]


JET = {150: -30, 500: -14, 1000: -6, 2500: 0, 5000: -1, 8000: -6}
SINK = {
    80: -30,
    180: -4,
    230: -14,
    340: 0,
    420: -12,
    560: -3,
    700: -14,
    1500: -26,
    8000: -60,
}
