"""The player's graph, rendered by the browser's own Web Audio ahead of time."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

RATE_HZ = 48_000
FADE_S = 0.015

# Renders a pair of sounds while `plan` happens: [[verb, argument, seconds], ...].
RENDER = """
async ({ address, sounds, plan, seconds, switching }) => {
  const { Player, [switching]: shape } = await import(address);
  const rate = 48000;
  const context = new OfflineAudioContext(1, Math.round(seconds * rate), rate);
  const buffers = sounds.map((samples) => {
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(Float32Array.from(samples), 0);
    return buffer;
  });
  const player = new Player(context, buffers, { switching: shape });
  for (const [verb, argument, at] of plan) {
    if (verb === "pause") player.pause(at);
    else player[verb](argument, at);
  }
  const heard = [player.heard(0, seconds), player.heard(1, seconds)];
  const rendered = await context.startRendering();
  return { heard, switches: player.switches, duration: player.duration,
           samples: Array.from(rendered.getChannelData(0)) };
}
"""


Plan = list[list[Any]]


class Rendered:
    def __init__(self, told: dict[str, Any]) -> None:
        self.samples: NDArray[np.float64] = np.array(told["samples"])
        self.heard: list[float] = told["heard"]
        self.switches: int = told["switches"]
        self.duration: float = told["duration"]


@pytest.fixture
def studio(quiet_page: Page, live_server: LiveServer) -> "Studio":
    quiet_page.goto(f"{live_server.url}/accounts/login/")
    return Studio(quiet_page, f"{live_server.url}/static/listening/player.js")


class Studio:
    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    def render(
        self,
        sounds: list[NDArray[np.float64]],
        plan: list[list[Any]],
        *,
        seconds: float,
        switching: str = "CROSSING",
    ) -> Rendered:
        arguments = {
            "address": self.address,
            "sounds": [s.tolist() for s in sounds],
            "plan": plan,
            "seconds": seconds,
            "switching": switching,
        }
        return Rendered(self.page.evaluate(RENDER, arguments))


def tone(hz: float, *, seconds: float = 1.0, phase: float = 0.0) -> NDArray[np.float64]:
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return 0.5 * np.sin(2 * np.pi * hz * t + phase)


def steepest(*sounds: NDArray[np.float64]) -> float:
    """Return the bound on a jump: of the loudest sum of both, plus that of the fades.

    With gains g, h (equal power, slope at most pi / (2 FADE_S) per second) of sounds
    x, y the step of g x + h y is at most g |dx| + h |dy| + (|x| + |y|) |dg|.
    """
    steps = math.hypot(*(float(np.abs(np.diff(s)).max()) for s in sounds))
    slope = math.pi / (2 * FADE_S * RATE_HZ)
    return steps + slope * sum(float(np.abs(s).max()) for s in sounds)


def test_switching_makes_no_click(studio: Studio) -> None:
    """No step from sample to sample beyond that of the material and of the fade."""
    a, b = tone(220), tone(330, phase=1.0)
    plan: Plan = [["play", 0, 0.1]]
    plan += [["play", n % 2, 0.3 + 0.0537 * n] for n in range(1, 12)]
    out = studio.render([a, b], plan, seconds=1.0)
    assert out.switches == 11
    assert np.abs(np.diff(out.samples)).max() <= steepest(a, b) + 1e-6


def test_switching_during_a_fade_makes_no_click(studio: Studio) -> None:
    a, b = tone(220), tone(330, phase=1.0)
    plan: Plan = [
        ["play", 0, 0.1],
        ["play", 1, 0.3],
        ["play", 0, 0.305],
        ["play", 1, 0.309],
    ]
    out = studio.render([a, b], plan, seconds=0.8)
    assert out.switches == 3
    assert np.abs(np.diff(out.samples)).max() <= steepest(a, b) + 1e-6
    at = slice(round(0.4 * RATE_HZ), round(0.8 * RATE_HZ))
    expected = b[round(0.3 * RATE_HZ) : round(0.7 * RATE_HZ)]
    np.testing.assert_allclose(out.samples[at], expected, atol=1e-4)


def test_without_cross_fade_one_is_gone_before_the_next_begins(studio: Studio) -> None:
    """Raised cosines of 5 ms down and 5 ms up (BS.1534-3, 5.3), and no step."""
    plan: Plan = [["play", 0, 0.1], ["play", 1, 0.3]]
    level, apart = np.ones(RATE_HZ), "APART"
    first, second = (
        studio.render(pair, plan, seconds=0.5, switching=apart).samples
        for pair in ([level, 0 * level], [0 * level, level])
    )
    assert np.minimum(first, second).max() == 0
    t = np.arange(first.size) / RATE_HZ
    going, coming = 0.3 + 0.0005, 0.306 + 0.0005
    within = (t > going) & (t < going + 0.004)
    wanted = np.cos(np.pi / 2 * (t - 0.3) / 0.005) ** 2
    np.testing.assert_allclose(first[within], wanted[within], atol=2e-3)
    within = (t > coming) & (t < coming + 0.004)
    wanted = np.sin(np.pi / 2 * (t - 0.306) / 0.005) ** 2
    np.testing.assert_allclose(second[within], wanted[within], atol=2e-3)
    assert second[(t > 0.312) & (t < 0.45)].min() > 0.999


def test_switching_leaves_no_gap(studio: Studio) -> None:
    """Of two equal members nothing is missing, whenever one switches."""
    a = tone(440)
    plan: Plan = [
        ["play", 0, 0.1],
        *[["play", n % 2, 0.2 + 0.1 * n] for n in range(1, 6)],
    ]
    out = studio.render([a, a], plan, seconds=0.9)
    at = slice(round(0.15 * RATE_HZ), round(0.9 * RATE_HZ))
    straight = a[round(0.05 * RATE_HZ) : round(0.8 * RATE_HZ)]
    rms = np.sqrt(np.convolve(out.samples[at] ** 2, np.ones(480) / 480, "valid"))
    assert rms.min() > 0.9 * np.sqrt(np.mean(straight**2))


def test_both_members_are_in_step_to_the_sample(studio: Studio) -> None:
    """Impulses of A at even, of B at odd multiples of 100 samples stay there."""
    a, b = np.zeros(RATE_HZ), np.zeros(RATE_HZ)
    a[200::200], b[300::200] = 0.9, 0.9
    plan: Plan = [["play", 0, 0.1], ["play", 1, 0.4], ["play", 0, 0.7]]
    out = studio.render([a, b], plan, seconds=1.0)
    start = round(0.1 * RATE_HZ)
    found = np.flatnonzero(np.abs(out.samples) > 0.5) - start
    heard_b = (found / RATE_HZ > 0.32) & (found / RATE_HZ < 0.59)
    heard_a = (found / RATE_HZ < 0.29) | (found / RATE_HZ > 0.62)
    assert set(found % 100) == {0}
    assert set(found[heard_b] % 200) == {100}
    assert set(found[heard_a] % 200) == {0}
    assert heard_b.sum() > 60
    np.testing.assert_allclose(np.abs(out.samples[found + start][heard_b]), 0.9, 1e-6)


def test_the_power_stays_through_a_crossfade(studio: Studio) -> None:
    """Of two unrelated sounds of one power the sum keeps that power, within 0.3 dB.

    Averaged over 40 switches, at 9 points of the fade.
    """
    rng = np.random.default_rng(1)
    a, b = 0.1 * rng.standard_normal((2, 3 * RATE_HZ))
    times = [0.2 + 0.06 * n for n in range(40)]
    plan: Plan = [["play", 0, 0.05]]
    plan += [["play", (n + 1) % 2, at] for n, at in enumerate(times)]
    out = studio.render([a, b], plan, seconds=2.8)
    length = round(FADE_S * RATE_HZ)
    fades = np.stack(
        [out.samples[(s := round(at * RATE_HZ)) : s + length] for at in times]
    )
    power = (fades**2).reshape(len(times), 9, -1).mean(axis=(0, 2))
    assert np.abs(10 * np.log10(power / 0.01)).max() < 0.3


def test_the_loop_goes_on_without_a_click(studio: Studio) -> None:
    a, b = tone(220, seconds=0.3, phase=1.0), tone(330, seconds=0.3, phase=1.0)
    out = studio.render([a, b], [["play", 0, 0.0]], seconds=1.5)
    edge = 0.5 / (0.005 * RATE_HZ)
    assert np.abs(np.diff(out.samples)).max() <= steepest(a, b) + edge
    turn = round(out.duration * RATE_HZ)
    first = out.samples[turn : 2 * turn]
    assert np.sqrt(np.mean(first**2)) > 0.1
    np.testing.assert_allclose(out.samples[2 * turn : 2 * turn + 9000], first[:9000])


def test_seeking_and_pausing_make_no_click(studio: Studio) -> None:
    a, b = tone(220), tone(330, phase=1.0)
    plan: Plan = [
        ["play", 0, 0.1],
        ["seek", 0.613, 0.3],
        ["seek", 0.111, 0.304],
        ["pause", None, 0.5],
        ["play", 1, 0.504],
        ["pause", None, 0.7],
    ]
    out = studio.render([a, b], plan, seconds=0.9)
    # While one run fades out another fades in: both are heard.
    assert np.abs(np.diff(out.samples)).max() <= steepest(a, a, b) + 1e-6
    assert np.abs(out.samples[round(0.75 * RATE_HZ) :]).max() == 0


def test_a_pause_goes_on_where_it_stopped(studio: Studio) -> None:
    a = tone(220)
    plan: Plan = [["play", 0, 0.1], ["pause", None, 0.4], ["play", 0, 0.6]]
    out = studio.render([a, a], plan, seconds=0.9)
    at = slice(round(0.65 * RATE_HZ), round(0.9 * RATE_HZ))
    expected = a[round(0.35 * RATE_HZ) : round(0.6 * RATE_HZ)]
    np.testing.assert_allclose(out.samples[at], expected, atol=1e-4)


def test_only_what_was_audible_counts_as_heard(studio: Studio) -> None:
    plan: Plan = [
        ["play", 0, 0.1],
        ["play", 1, 0.4],
        ["pause", None, 0.5],
        ["seek", 0.2, 0.6],
        ["play", 1, 0.7],
    ]
    out = studio.render([tone(220), tone(330)], plan, seconds=0.9)
    assert out.heard == pytest.approx([0.3, 0.3], abs=1e-3)


def test_sounds_of_unequal_length_are_refused(studio: Studio) -> None:
    with pytest.raises(Exception, match="differ in length"):
        studio.render([tone(220), tone(220)[:-1]], [], seconds=0.1)
