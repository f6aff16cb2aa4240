"""The command plan."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

QUICK = ("--raters=10", "--trials=6", "--utterances=12", "--replicates=20", "--mixed=3")


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("plan", *QUICK, *args, stdout=out)
    return out.getvalue()


def test_it_prints_a_table_and_a_sentence() -> None:
    said = run("--effect=0.7", "--snrs=-3,3")
    assert "With 10 raters of 6 trials each" in said
    assert [line.split()[:2] for line in said.splitlines()[1:4]] == [
        ["1", "all"],
        ["1", "-3"],
        ["1", "3"],
    ]


def test_snrs_may_stand_apart() -> None:
    apart = run("--effect=0.7", "--snrs", "-3", "3")
    assert apart == run("--effect=0.7", "--snrs=-3,3")


def test_it_writes_everything_as_json(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    run("--effect=0.7,0.6", "--effect=0.4", "--snrs=0,6", f"--json={path}")
    told = json.loads(path.read_text())
    assert told["design"]["preference"] == [[0.7, 0.6], [0.4, 0.4]]
    assert [t["snr_db"] for t in told["targets"]] == [0, 6, None] * 2
    assert told["targets"][0]["mixed"]["replicates"] == 3
    assert told["raters_needed"] is None


def test_json_to_the_screen_is_nothing_but_json() -> None:
    told = json.loads(run("--effect=0.8", "--json=-", "--power=0.5", "--most=40"))
    assert 4 <= told["raters_needed"]["raters"] <= 40


def test_it_can_be_run_twice() -> None:
    assert run("--effect=0.7") == run("--effect=0.7")


def test_it_says_when_utterances_are_too_few() -> None:
    said = run("--effect=0.53", "--power=0.9", "--utterance-sd=1.5", "--most=100")
    assert "no number of raters has a power of 90 %" in said


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--effect=60"], "an expected preference must be within 0 and 1, not 60"),
        (["--effect=0.6,0.7"], "2 expected preferences for 1 SNRs"),
        (["--effect=0.6", "--effect=0.7", "--systems=3"], "2 systems have an expected"),
        (["--effect=0.5", "--power=0.8"], "one half is nothing to find"),
        (["--effect=0.6", "--power=80"], "--power is within 0.05 and 1"),
        (["--effect=0.6", "--rater-sd=-1"], "a standard deviation cannot be negative"),
        (["--effect=0.6", "--snrs=0,0"], "every SNR must be given once"),
        (["--effect=0.6", "--replicates=0"], "--replicates is 1 or more"),
        (["--effect=0.6", "--seed=-1"], "--seed and --mixed are 0 or more"),
        (["--effect=0.6", "--raters=200000"], "too many to simulate"),
        (["--effect=0.6", "--json=/nowhere/plan.json"], "No such file"),
        (["--effect=0.6", "--snrs=nan"], "numbers with commas between them"),
        (["--effect=much"], "numbers with commas between them"),
    ],
)
def test_it_refuses_in_one_line(args: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refused:
        run(*args)
    assert "\n" not in str(refused.value)
