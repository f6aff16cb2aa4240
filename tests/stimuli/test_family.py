"""The command that prints the family's table, and the README that shows it."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError, call_command

from enhancement.footprint import Footprint
from enhancement.weights import scores
from stimuli import family, published
from stimuli.bundled.mixtures import mixtures
from stimuli.storing import loaded
from tests.stimuli.material import noise, speech

README = Path(__file__).parents[2] / "README.md"
REMADE = "made from other weights: run `manage.py family --write`"


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """A folder of one pair at 0 dB."""
    clean = speech(2.0)
    n = noise(2.0)
    n *= np.sqrt(np.sum(clean**2) / np.sum(n**2))
    for name, x in {"clean": clean, "noisy": clean + n}.items():
        (tmp_path / "pairs" / name).mkdir(parents=True)
        path = tmp_path / "pairs" / name / "a.wav"
        soundfile.write(path, x, 16_000, subtype="FLOAT")
    return tmp_path / "pairs"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("family", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_readme_says_what_the_weights_cost() -> None:
    shown = family.found_in(README.read_text(), family.COST)
    assert shown == family.cost_markdown(family.costs()), REMADE


@pytest.mark.parametrize("slug", family.FAMILY)
def test_the_scores_that_are_kept_are_of_these_weights(slug: str) -> None:
    assert scores.scores_of(slug, loaded(slug).weights_sha256) is not None, REMADE


def test_json_has_every_number_with_its_unit(pairs: Path) -> None:
    told: dict[str, Any] = json.loads(run("--pairs", str(pairs), "--json"))
    assert told["material"] == "the pairs of “pairs”"
    rows = {row["slug"]: row for row in told["systems"]}
    assert list(rows) == family.FAMILY
    assert all(row["us_per_hop"] > 0 for row in rows.values())
    assert rows["tinylstm"]["published"]["latency_ms"] == 12.52
    skip = rows["tinylstm-skip"]
    assert 0 < skip["updated"] <= 1
    assert skip["average_operations"] == skip["operations"] * skip["updated"]
    assert [row["updated"] for row in rows.values() if row is not skip] == [1.0] * 4
    scored = {(cell["system"], cell["snr_db"]) for cell in told["scores"]}
    assert scored == {(slug, 0.0) for slug in ("unprocessed", *family.FAMILY)}


def test_the_tables_go_between_the_markers_and_the_scores_beside_the_weights(
    pairs: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(family, "keep", lambda done: kept.append(done))
    kept: list[family.Measured] = []
    parts = [f"<!-- family: {n} -->\nold\n<!-- end of family: {n} -->" for n in PLACES]
    (tmp_path / "README.md").write_text("before\n" + "\nbetween\n".join(parts))
    printed = run("--pairs", str(pairs), "--write")
    text = (tmp_path / "README.md").read_text()
    assert "old" not in text
    assert text.startswith("before\n<!-- family:")
    shown = [family.found_in(text, name) for name in PLACES]
    assert "\n\n".join(shown) == printed.strip()
    assert [done.material for done in kept] == ["the pairs of “pairs”"]
    run("--pairs", str(pairs), "--write")
    assert (tmp_path / "README.md").read_text().count("<!--") == 4


PLACES = (family.COST, family.SCORES)


def test_a_readme_without_a_place_is_refused() -> None:
    with pytest.raises(family.NoPlace, match="no line <!-- family: what they cost -->"):
        family.put("nothing", family.COST, "table")


def test_a_folder_that_holds_no_pairs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such folder"):
        run("--pairs", str(tmp_path))


def test_operations_that_nobody_measured_are_not_made_up() -> None:
    unknown = Footprint(10, 20, 20, 30, 40, integers=True, updated=None)
    cost = family.Cost("tinylstm-skip", unknown, published.FAMILY["tinylstm-skip"])
    assert "| – of 0.00 (0.37*) | – (2.39) |" in family.cost_markdown([cost])


def test_published_numbers_obey_their_latency_model() -> None:
    """Operations over 0.155 million a ms are the latency [Fed20]."""
    for one in published.FAMILY.values():
        assert one.operations_m / 0.155 == pytest.approx(one.latency_ms, abs=0.05)


def test_the_bundled_mixtures_are_those_of_a_set_of_equal_settings() -> None:
    found = list(mixtures((-6.0, 9.0), per_snr=2))
    assert [snr_db for snr_db, _ in found] == [-6.0, 9.0, -6.0, 9.0]
    for snr_db, mixed in found:
        assert mixed.measured_snr_db == pytest.approx(snr_db, abs=0.1)
    again = next(mixtures((-6.0, 9.0), per_snr=2))[1]
    np.testing.assert_array_equal(found[0][1].noisy, again.noisy)
