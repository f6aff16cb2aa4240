"""Recordings, rooms, music and scenes that training draws from."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pyroomacoustics")

from enhancement.training import corpus, scenes
from enhancement.training.configuration import (
    ConfigurationError,
    MixingConfig,
    from_dict,
    read,
)
from enhancement.training.corpus import noise_floor_margin_db
from enhancement.training.material import Material, gather
from enhancement.training.mixing import mixture, recording
from enhancement.training.music import music
from enhancement.training.stock import Clips, Section, prepare
from tests.enhancement.training.made_up import (
    hiss,
    hummed,
    small_config,
    write_folders,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("recordings")
    write_folders(root)
    return root


@pytest.fixture(scope="module")
def both(folder: Path) -> tuple[Material, Material]:
    return gather(small_config(folder).data, folder / "cache")


def test_speech_with_a_near_noise_floor_is_dropped(
    folder: Path, tmp_path: Path
) -> None:
    """Its own floor lies 10 dB below it: not for training to keep."""
    rng = np.random.default_rng(0)
    clean = hummed(rng)
    assert noise_floor_margin_db(clean) > 40
    rough = clean + 0.3 * np.std(clean) * rng.standard_normal(len(clean))
    assert noise_floor_margin_db(rough.astype(np.float32)) < 30


def test_validation_shares_nothing_with_training(
    both: tuple[Material, Material],
) -> None:
    ours, theirs = both
    for kind in ("speech", "people", "noise"):
        a, b = ({r.path for r in getattr(m, kind).recordings} for m in (ours, theirs))
        assert not a & b
    assert {r.group for r in theirs.speech.recordings} == {"0"}


def test_a_recording_is_read_as_it_was_written(
    folder: Path, both: tuple[Material, Material]
) -> None:
    speech = corpus.load(folder / "cache" / "speech")
    x = speech.sound(speech.recordings[0])
    wanted = hummed(np.random.default_rng(0))
    np.testing.assert_allclose(x, wanted, atol=1e-4)


def test_targets_are_nearer_than_their_companions(
    both: tuple[Material, Material],
) -> None:
    """More of its energy is direct sound, before the first reflections."""
    responses = both[0].rooms.responses
    direct = np.sum(responses[..., :48] ** 2, axis=-1)
    share = direct / np.sum(responses**2, axis=-1)
    assert share[:, 0].mean() > share[:, 1:].mean()


def test_a_section_depends_on_its_number_alone(
    folder: Path, both: tuple[Material, Material]
) -> None:
    config = small_config(folder)
    one, two, other = (prepare(both[0], config, i) for i in (3, 3, 4))
    np.testing.assert_array_equal(one.noises.integers, two.noises.integers)
    np.testing.assert_array_equal(one.targets.integers, two.targets.integers)
    assert not np.array_equal(one.targets.integers, other.targets.integers)


def test_scenes_and_noises_have_the_levels_they_promise(
    both: tuple[Material, Material],
) -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        target, companions = scenes.scene(rng, both[0], MixingConfig(), 16_000)
        noise = scenes.noise(rng, both[0], 16_000)
        assert scenes.active_rms(target) == pytest.approx(1, rel=1e-3)
        for x in (companions, noise):
            assert np.sqrt(np.mean(x**2)) == pytest.approx(1, rel=1e-2)


def test_rumble_is_taken_from_a_voice() -> None:
    """Of a filter of order 4 at 50 to 80 Hz; its edge is at half the power."""
    rng = np.random.default_rng(4)
    t = np.arange(64_000) / 16_000
    kept = {}
    for hz in (20, 300):
        x = np.sin(2 * np.pi * hz * t).astype(np.float32)
        y = scenes.high_passed(rng, x)[16_000:]
        kept[hz] = 20 * np.log10(np.std(y) / np.std(x))
    closed = -10 * np.log10(1 + (np.array(scenes.LOWEST_HZ) / 20) ** 8)
    assert closed[1] < kept[20] < closed[0] < -30
    assert kept[300] == pytest.approx(0, abs=0.01)


def test_bursts_come_and_go() -> None:
    """They fill what their mean lengths say: 1.05 s of 1.05 + 1.35 s, or a bit more.

    More, because most begin before the first pause could have ended.
    """
    rng = np.random.default_rng(5)
    gains = np.stack([scenes.bursts(rng, 96_000) for _ in range(300)])
    assert gains.any(axis=1).all()
    assert gains.max() <= 1
    assert 0.4 < np.mean(gains > 0) < 0.55
    assert np.abs(np.diff(gains)).max() <= 2 / scenes.EDGE


def test_events_leave_most_of_the_time_soft(both: tuple[Material, Material]) -> None:
    """Noise that lasts has nearly all of its frames near its mean level; these not."""
    rng = np.random.default_rng(6)

    def loud(kind: scenes.Kind) -> float:
        sounds = [scenes.unit(kind(rng, both[0], 64_000)) for _ in range(40)]
        frames = np.stack(sounds).reshape(-1, 320)
        return float(np.mean(np.mean(frames**2, axis=-1) > 0.5))

    assert loud(scenes.events) < 0.6 * loud(scenes.steady)


def test_music_is_loud_everywhere() -> None:
    x = music(np.random.default_rng(2), 2.0, 16_000)
    assert x.shape == (32_000,)
    assert np.sqrt(np.mean(x**2)) == pytest.approx(1, rel=1e-3)


def test_a_mixture_is_its_target_and_noise_at_a_level_of_the_range() -> None:
    rng = np.random.default_rng(3)
    clips = Clips.of([hummed(rng, 16_000)])
    section = Section(clips, clips, Clips.of([hiss(rng, 16_000)]))
    mixing = MixingConfig(silent_share=1.0, level_dbfs=(-30.0, -30.0))
    noisy, target = mixture(rng, [section], mixing)
    assert not target.any()
    assert 20 * np.log10(np.sqrt(np.mean(noisy**2))) == pytest.approx(-30, abs=0.01)


def test_in_a_share_of_recordings_another_mixture_takes_over() -> None:
    rng = np.random.default_rng(4)
    clips = Clips.of([hummed(rng, 16_000) for _ in range(20)])
    section = Section(clips, clips, Clips.of([hiss(rng, 16_000)]))
    mixing, changed = MixingConfig(changing_share=0.5), 0
    for seed in range(40):
        found = recording(np.random.default_rng(seed), [section], mixing)
        alone = mixture(np.random.default_rng(seed), [section], mixing)
        for sound, undisturbed in zip(found, alone, strict=True):
            np.testing.assert_array_equal(sound[:2000], undisturbed[:2000])
        changed += not np.array_equal(found[0][14_000:], alone[0][14_000:])
    assert 10 <= changed <= 30


@pytest.mark.parametrize(
    "values", [{"lop": {}}, {"loop": {"bach": 3}}], ids=["part", "value"]
)
def test_unknown_names_in_a_configuration_are_refused(
    values: dict[str, dict[str, int]],
) -> None:
    with pytest.raises(ConfigurationError, match="known are"):
        from_dict(values)


def test_a_configuration_names_what_differs_from_its_base(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[loop]\nbatch = 8\nclip = 2.0\n")
    (tmp_path / "b.toml").write_text(
        'base = "a.toml"\n[loop]\nclip = 3.0\n[model]\nkind = "pruned"\n'
    )
    config = read(tmp_path / "b.toml")
    assert (config.loop.batch, config.loop.clip) == (8, 3.0)
    assert config.model.kind == "pruned"


def test_a_missing_base_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text('base = "away.toml"\n')
    with pytest.raises(ConfigurationError, match=r"away\.toml"):
        read(tmp_path / "b.toml")
