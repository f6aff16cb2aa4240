"""The command that lists the systems."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from enhancement.system import CausalSystem
from enhancement.systems import SYSTEMS, load
from stimuli.enhancing import measure

KEYS = [
    *("slug", "name", "family", "parameters", "bytes"),
    *("operations_per_frame", "hop", "latency", "source"),
]


def _printed(*arguments: str) -> str:
    out = StringIO()
    call_command("systems", *arguments, stdout=out)
    return out.getvalue()


def test_the_table_has_a_line_for_every_system() -> None:
    head, *lines = _printed().splitlines()
    assert head.split() == [
        *("slug", "name", "family", "parameters", "bytes", "hop", "latency", "source")
    ]
    assert [line.split()[0] for line in lines] == list(SYSTEMS)


def test_json_has_exactly_the_agreed_keys() -> None:
    rows = json.loads(_printed("--json"))
    assert [row["slug"] for row in rows] == list(SYSTEMS)
    assert all(list(row) == KEYS for row in rows)
    omlsa = next(row for row in rows if row["slug"] == "omlsa")
    assert (omlsa["hop"], omlsa["latency"], omlsa["parameters"]) == (128, 511, 0)


def test_measuring_adds_the_speed_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = {slug: SYSTEMS[slug] for slug in ("unprocessed", "oracle-irm")}
    monkeypatch.setattr("stimuli.management.commands.systems.SYSTEMS", few)
    rows = json.loads(_printed("--json", "--measure"))
    assert all(row["compute_per_hop_us"] > 0 for row in rows)
    assert all(row["real_time_factor"] > 0 for row in rows)
    assert "x real time" in _printed("--measure").splitlines()[0]


def test_the_two_ways_to_tell_speed_agree() -> None:
    system = load("lowpass-3.5k")
    assert isinstance(system, CausalSystem)
    speed = measure(system)
    per_second = speed.seconds_per_hop * system.sample_rate / system.hop
    assert per_second * speed.real_time_factor == pytest.approx(1)


def test_weights_that_are_missing_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enhancement.weights.FOLDER", tmp_path)
    with pytest.raises(CommandError, match=r"tinylstm\.safetensors: cannot be read"):
        _printed()
