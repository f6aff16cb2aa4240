"""The contract of what reaches the ear, on arrays."""

import numpy as np
import pytest

from enhancement import level
from enhancement.system import System
from enhancement.systems import load
from stimuli.mixing import Material, Mixed, mix
from stimuli.rendering import Member, Rendering, render
from tests.stimuli.material import Broken, Late, Loud, noise, speech

UNPROCESSED = load("unprocessed")
LATE = Late(slug="late", label="Late")
LOUD = Loud(slug="loud", label="Loud")
BROKEN = Broken(slug="broken", label="Broken")


@pytest.fixture(scope="module")
def mixed() -> Mixed:
    clean = speech(2.0)
    return mix(Material(clean, 0.0, noise=noise()[: len(clean)]))


def member(mixed: Mixed, system: System, **options: object) -> Member:
    return render(mixed, [system], **options).members[system.slug]  # type: ignore[arg-type]


def all_of(mixed: Mixed) -> Rendering:
    return render(mixed, [UNPROCESSED, LATE, LOUD, load("wiener"), load("oracle-irm")])


def test_members_are_three_times_as_long_at_48_khz(mixed: Mixed) -> None:
    lengths = {len(m.samples) for m in all_of(mixed).members.values()}
    assert lengths == {3 * len(mixed.noisy)}


def test_the_ends_are_faded(mixed: Mixed) -> None:
    ends = member(mixed, UNPROCESSED).samples[[0, -1]]
    assert np.abs(ends).max() < 1e-4


def test_the_speech_in_every_member_sits_at_one_level(mixed: Mixed) -> None:
    """Found again at 48 kHz by a plain regression on the target, not by our code."""
    target = level.fade(mixed.target, 16_000)
    found = []
    for slug in ("unprocessed", "late", "loud"):
        heard = all_of(mixed).members[slug].samples[::3]
        found.append(20 * np.log10(abs(heard @ target) / (target @ target)))
    assert max(found) - min(found) < 0.1
    assert mixed.target_level_dbov + found[0] == pytest.approx(-26.0, abs=0.2)


def test_speech_levels_told_are_equal_within_a_tenth_of_a_db(mixed: Mixed) -> None:
    told = [m.speech_level_dbov for m in all_of(mixed).members.values()]
    assert max(told) - min(told) < 0.1


def test_a_delay_is_found_to_the_sample_and_taken_out(mixed: Mixed) -> None:
    rendered = render(mixed, [UNPROCESSED, LATE]).members
    assert rendered["late"].delay_samples == 37
    assert rendered["unprocessed"].delay_samples == 0
    inside = slice(1_000, -3 * 37 - 1_000)
    late, direct = (rendered[s].samples[inside] for s in ("late", "unprocessed"))
    np.testing.assert_allclose(late, direct, atol=1e-3)


def test_systems_of_ours_have_no_delay(mixed: Mixed) -> None:
    members = all_of(mixed).members
    assert members["wiener"].delay_samples == members["oracle-irm"].delay_samples == 0


def test_one_safety_gain_keeps_all_true_peaks_below_minus_1_dbtp(mixed: Mixed) -> None:
    rendered = render(mixed, [UNPROCESSED, LOUD, load("wiener")], level_db=-10.0)
    members = rendered.members.values()
    assert len({m.safety_gain_db for m in members}) == 1
    assert all(m.safety_gain_db < 0 for m in members)
    peaks = [level.true_peak_dbtp(m.samples, 48_000) for m in members]
    assert max(peaks) <= -1.0
    assert peaks == pytest.approx([m.true_peak_dbtp for m in members], abs=1e-6)


def test_by_loudness_every_member_is_equally_loud(mixed: Mixed) -> None:
    rendered = render(
        mixed, [UNPROCESSED, LOUD, load("wiener")], policy="loudness", level_db=-26.0
    )
    for m in rendered.members.values():
        assert level.loudness_lufs(m.samples, 48_000) == pytest.approx(-26.0, abs=0.05)


def test_by_no_policy_the_level_is_as_the_system_left_it(mixed: Mixed) -> None:
    made = render(mixed, [UNPROCESSED, LOUD], policy="none").members
    loud, plain = made["loud"].samples, made["unprocessed"].samples
    assert 20 * np.log10(loud.std() / plain.std()) == pytest.approx(30.0, abs=1e-6)


def test_a_failing_system_harms_no_other(mixed: Mixed) -> None:
    rendered = render(mixed, [UNPROCESSED, BROKEN])
    assert set(rendered.members) == {"unprocessed"}
    assert rendered.failures["broken"].startswith("the filter ran away\n\nTraceback")


def test_scores_are_made_only_when_wanted(mixed: Mixed) -> None:
    assert member(mixed, UNPROCESSED).scores is None
    scores = member(mixed, UNPROCESSED, with_scores=True).scores
    assert scores is not None
    oracle = member(mixed, load("oracle-irm"), with_scores=True).scores
    assert oracle is not None
    assert oracle.si_sdr_db > scores.si_sdr_db


def test_the_same_mixture_gives_the_same_samples(mixed: Mixed) -> None:
    first, second = all_of(mixed).members, all_of(mixed).members
    for slug in first:
        assert np.array_equal(first[slug].samples, second[slug].samples)


def test_where_a_network_ran_is_kept_of_one_that_skips(mixed: Mixed) -> None:
    skipping = load("tinylstm-skip")
    updates = skipping.updates(mixed.noisy)
    assert updates is not None
    found = [c == "1" for c in member(mixed, skipping).updates]
    assert found == updates.tolist()
    assert member(mixed, load("wiener")).updates == ""


def test_the_sounds_of_mushra_are_in_step_at_one_level_and_of_one_length(
    mixed: Mixed,
) -> None:
    """What an anchor has below its limit is the reference, but for a common gain."""
    slugs = ("clean", "anchor-3.5k", "anchor-7k", "unprocessed")
    rendered = render(mixed, [load(slug) for slug in slugs]).members
    assert {one.delay_samples for one in rendered.values()} == {0}
    assert len({one.samples.shape for one in rendered.values()}) == 1
    told = [one.speech_level_dbov for one in rendered.values()]
    assert max(told) - min(told) < 0.1
    spectra = {slug: np.fft.rfft(one.samples) for slug, one in rendered.items()}
    hz = np.fft.rfftfreq(len(rendered["clean"].samples), 1 / 48_000)
    for slug, pass_hz in (("anchor-3.5k", 3500), ("anchor-7k", 7000)):
        kept = (hz > 200) & (hz < pass_hz - 100)
        ratio = spectra[slug][kept] @ spectra["clean"][kept].conj()
        ratio /= np.sum(np.abs(spectra["clean"][kept]) ** 2)
        assert abs(ratio.imag) < 1e-3
        assert abs(20 * np.log10(abs(ratio))) < 0.5
