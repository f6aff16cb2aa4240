"""Held-out mixtures, and what one system loses against another on them."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

pytest.importorskip("torch")
pytest.importorskip("pyroomacoustics")
pytest.importorskip("pesq")

from enhancement import systems
from enhancement.measures import si_sdr_db
from enhancement.training import comparison, validation
from enhancement.training.material import Material, gather
from tests.enhancement.training.made_up import (
    small_config,
    write_folders,
)


@pytest.fixture(scope="module")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> Material:
    root = tmp_path_factory.mktemp("audio")
    write_folders(root)
    return gather(small_config(root).data, root / "cache")[1]


def test_the_set_is_the_same_every_time_and_another_by_another_seed(
    held_out: Material,
) -> None:
    once, again = (validation.draw(held_out, per_snr=1) for _ in range(2))
    other = validation.draw(held_out, per_snr=1, seed=2)
    np.testing.assert_array_equal(once.noisy, again.noisy)
    assert not np.array_equal(once.noisy, other.noisy)
    counts = {"home": 6, "near": 4, "room": 6, "family": 6}
    assert Counter(once.kind) == counts


def test_a_set_may_be_drawn_quieter(held_out: Material) -> None:
    loud = validation.draw(held_out, per_snr=1)
    quiet = validation.draw(held_out, per_snr=1, level_dbfs=-46)
    np.testing.assert_allclose(10 * quiet.noisy, loud.noisy, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(10 * quiet.target, loud.target, rtol=1e-5, atol=1e-8)


def test_scores_are_those_of_the_systems_own_output(held_out: Material) -> None:
    drawn = validation.draw(held_out, per_snr=1)
    unprocessed = comparison.si_sdrs(systems.load("unprocessed"), drawn)
    expected = [si_sdr_db(s, x) for s, x in zip(drawn.target, drawn.noisy, strict=True)]
    assert unprocessed == pytest.approx(expected)


def test_others_of_its_kind_are_heard_before_each_mixture() -> None:
    noisy = np.arange(10, dtype=np.float32).reshape(5, 2)
    kinds = ("home", "near", "home", "near", "home")
    heard = comparison.running(noisy, kinds, before=2)
    assert heard[4].tolist() == [0, 1, 4, 5, 8, 9]
    assert heard[0].tolist() == [4, 5, 8, 9, 0, 1]
    assert heard[3].tolist() == [6, 7, 2, 3, 6, 7]
    np.testing.assert_array_equal(comparison.running(noisy, kinds, before=0), noisy)


def test_what_was_heard_before_is_not_scored(held_out: Material) -> None:
    drawn = validation.draw(held_out, per_snr=1)
    unprocessed = systems.load("unprocessed")
    behind, alone = (comparison.si_sdrs(unprocessed, drawn, before=n) for n in (2, 0))
    assert behind == pytest.approx(alone)


def test_the_standard_error_is_that_of_a_paired_t_test() -> None:
    rng = np.random.default_rng(0)
    ours, theirs = rng.normal(1, 3, 40), rng.normal(0, 3, 40)
    mean, error = comparison.paired(ours, theirs)
    assert mean / error == pytest.approx(stats.ttest_rel(ours, theirs).statistic)


def test_the_table_compares_with_its_first_row_kind_by_kind() -> None:
    scores = {"a": np.array([1.0, 3.0, 10.0, 12.0]), "b": np.array([2.0, 3, 8, 10])}
    lines = list(comparison.table(scores, ("home", "home", "near", "near")))
    assert lines[0] == "| system | home | near | all |"
    assert lines[2].startswith("| a | 2.00 (+0.000 ± 0.000) | 11.00 (+0.000")
    assert lines[3].startswith("| b | 2.50 (+0.500 ± 0.500) | 9.00 (-2.000 ± 0.000)")


def test_the_program_says_which_system_there_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_folders(tmp_path)
    data = small_config(tmp_path).data
    path = tmp_path / "c.toml"
    folders = [
        f"{n} = {str(getattr(data, n))!r}" for n in ("speech", "people", "noise")
    ]
    small = ["rooms = 20", "interferers = 3", "taps = 1000", "pieces = 10"]
    path.write_text("\n".join(["[data]", "held_out_readers = ['0']", *folders, *small]))
    words = ["comparison", str(path), "--cache", str(tmp_path / "cache")]
    monkeypatch.setattr("sys.argv", [*words, "--systems", "tinylstm-int9"])
    assert comparison.main() == 1
    assert "no system 'tinylstm-int9'" in capsys.readouterr().err
