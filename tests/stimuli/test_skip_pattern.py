"""What is shown of a pattern of skipped frames, counted by hand."""

import re

import pytest

from stimuli.skip_pattern import HEIGHT, Second, SkipPattern

PATTERN = SkipPattern("1100010", hop_s=0.5, operations=600_000)


def test_it_counts_frames_and_operations() -> None:
    assert (PATTERN.ran, PATTERN.frames) == (3, 7)
    assert PATTERN.percent == pytest.approx(100 * 3 / 7)
    assert PATTERN.average_operations_m == pytest.approx(0.6 * 3 / 7)


def test_the_longest_pause_is_the_longest_run_of_skipped_frames() -> None:
    assert PATTERN.longest_pause == 3
    assert PATTERN.longest_pause_ms == 1500
    assert SkipPattern("11", 0.5, 1).longest_pause == 0


def test_bars_stand_where_it_ran() -> None:
    assert PATTERN.path == f"M0 0h2v{HEIGHT}h-2zM5 0h1v{HEIGHT}h-1z"
    bars = re.findall(r"M(\d+) 0h(\d+)", SkipPattern("01101110" * 20, 0.016, 1).path)
    drawn = ["0"] * 160
    for start, length in bars:
        drawn[int(start) : int(start) + int(length)] = "1" * int(length)
    assert "".join(drawn) == "01101110" * 20


def test_seconds_hold_all_frames() -> None:
    assert PATTERN.seconds == [
        Second(0, 2, 2),
        Second(1, 0, 2),
        Second(2, 1, 2),
        Second(3, 0, 1),
    ]


def test_the_axis_goes_from_the_beginning_to_the_end() -> None:
    assert (PATTERN.labels[0], PATTERN.labels[-1]) == ("0.0 s", "3.5 s")
