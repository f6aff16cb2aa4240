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


def test_looks_have_a_table_and_say_what_they_cost() -> None:
    said = run("--effect=0.8", "--looks=1", "--power=0.5", "--most=40")
    assert "With 1 look before the end (O'Brien-Fleming boundaries)" in said
    assert "more information than one look at the end: about" in said
    rows = [line.split()[:2] for line in said.splitlines()]
    assert ["5", "50"] in rows
    assert ["10", "100"] in rows


def test_looks_change_nothing_else() -> None:
    args = ("--effect=0.8", "--json=-", "--power=0.5", "--most=40")
    fixed, early = (json.loads(run(*args, more)) for more in ("--looks=0", "--looks=3"))
    assert fixed.pop("looks") is None
    looks = early.pop("looks")
    needed = [one.pop("raters_needed") for one in (fixed, early)]
    assert fixed == early
    assert needed[0].pop("raters_with_looks") == needed[0]["raters"]
    assert needed[1].pop("raters_with_looks") >= needed[1]["raters"]
    assert needed[0] == needed[1]
    assert looks["boundaries"] == "obrien-fleming"
    assert [row["raters"] for row in looks["looks"]] == [2, 5, 8, 10]
    assert looks["looks"][-1]["found"] <= 1


def test_pocock_takes_more_raters_than_obrien_and_fleming() -> None:
    costs = [
        json.loads(run("--effect=0.8", "--json=-", "--looks=2", f"--boundaries={kind}"))
        for kind in ("pocock", "obrien-fleming")
    ]
    assert costs[0]["looks"]["inflation"] > costs[1]["looks"]["inflation"] > 1


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
        (["--effect=0.6", "--looks=5"], "6 looks, the end among them, need at least"),
        (["--effect=0.6", "--looks=-1"], "between 1 and 9 looks"),
        (["--effect=0.6", "--looks=1", "--boundaries=mine"], "invalid choice: 'mine'"),
        (["--effect=much"], "numbers with commas between them"),
    ],
)
def test_it_refuses_in_one_line(args: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refused:
        run(*args)
    assert "\n" not in str(refused.value)
