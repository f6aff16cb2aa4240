"""The table of trials, from files that people make and from a study."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from listening.analysis.tables import TableError, read_table, trials_of
from listening.simulation import simulate
from tests.listening.test_simulation import AT
from tests.scene import Scene, make_study

HEADER = "rater,utterance,system,snr_db,preferred\n"
RATED = "rater,utterance,system,snr_db,rating\n"
BOTH = "rater,utterance,system,snr_db,preferred,rating\n"


def written(folder: Path, text: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("1", 1), ("0", 0), ("Yes", 1), ("no", 0), ("TRUE", 1), ("False", 0), ("1.0", 1)],
)
def test_it_reads_the_usual_words_for_yes_and_no(
    tmp_path: Path, answer: str, expected: int
) -> None:
    table = read_table(written(tmp_path, f"{HEADER}R,U,A,-6,{answer}\n"))
    assert table["preferred"].tolist() == [expected]
    assert table["reference"].tolist() == ["unprocessed"]
    assert table["snr_db"].tolist() == [-6.0]


@pytest.mark.parametrize("answer", ["", "NA", "nan"])
def test_an_empty_answer_is_no_preference(tmp_path: Path, answer: str) -> None:
    table = read_table(written(tmp_path, f"{HEADER}R,U,A,0,1\nR,U,A,0,{answer}\n"))
    assert np.isnan(table["preferred"].to_numpy()[1])


def test_further_columns_are_kept(tmp_path: Path) -> None:
    text = "age," + HEADER + "030,R,U,A,0,1\n"
    assert read_table(written(tmp_path, text))["age"].tolist() == ["030"]


def test_an_empty_column_of_the_other_kind_does_not_matter(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, f"{BOTH}R,U,A,0,,2\n"))
    assert table["rating"].tolist() == [2]
    assert "preferred" not in table


def test_parquet_and_csv_give_the_same_table(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}R,U,A,-6,1\nS,V,A,3,\n")
    typed = pd.DataFrame(
        {
            "rater": ["R", "S"],
            "utterance": ["U", "V"],
            "system": pd.Categorical(["A", "A"]),
            "snr_db": [-6, 3],
            "preferred": pd.array([True, None], dtype="boolean"),
        }
    )
    typed.to_parquet(tmp_path / "t.parquet")
    same = read_table(tmp_path / "t.parquet").astype({"system": str})
    pd.testing.assert_frame_equal(same, read_table(path), check_dtype=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (HEADER, "there is a header, but not one row"),
        ("rater,utterance,system,preferred\nR,U,A,1\n", "column `snr_db` is missing"),
        (
            "rater,utterance,system,snr_db\nR,U,A,0\n",
            "`preferred` .or `rating`, `correct`, or `score`. is mis",
        ),
        (f"{HEADER}R,U,A,0,1\nR,U,A,loud,1\n", "column `snr_db`, row 2: `loud` is not"),
        (f"{HEADER}R,U,A,inf,1\n", "column `snr_db`, row 1: `inf` is not a number"),
        (f"{HEADER}R,U,A,0,maybe\n", "column `preferred`, row 1: `maybe` is not 1, 0"),
        (f"{HEADER},U,A,0,1\n", "column `rater`, row 1: empty"),
        (f"{HEADER}R,U,unprocessed,0,1\n", "row 1: `unprocessed` cannot be compared"),
        (f"{HEADER}R,U,A,0,1,9\n", "line 2: 6 values, but the header has 5"),
        (f"{HEADER}R,U,A,0,1\nR,U,A,0\n", "line 3: 4 values, but the header has 5"),
        (HEADER.replace(",", ";") + "R;U;A;0;1\n", "separated by semicolons"),
        ("rater," + HEADER + "R,R,U,A,0,1\n", "column `rater` is there twice"),
        (f'{HEADER}"R,U,A,0,1\n', "not a table"),
        (f"{RATED}R,U,A,0,4\n", "column `rating`, row 1: `4` is not a whole number"),
        (f"{RATED}R,U,A,0,1.5\n", "row 1: `1.5` is not a whole number from -3 to 3"),
        (f"{RATED}R,U,A,0,\n", "not one row|column `rating`, row 1: empty"),
        (f"{BOTH}R,U,A,0,1,3\n", "columns `preferred` and `rating`, row 1"),
        (f"{BOTH}R,U,A,0,1,\nR,U,A,0,,3\n", "columns `preferred` and `rating`:"),
        (HEADER.encode() + b"Ren\xe9,U,A,0,1\n", "not UTF-8 text"),
        (bytes(range(256)), "not UTF-8 text|not a table"),
    ],
)
def test_it_says_in_one_line_what_is_wrong_and_where(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(TableError, match=message) as error:
        read_table(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("t.xlsx", "a table is a .csv or a .parquet file"),
        ("t.parquet", "not a Parquet file"),
        ("missing.csv", "No such file"),
    ],
)
def test_it_refuses_other_files(tmp_path: Path, name: str, message: str) -> None:
    if not name.startswith("missing"):
        written(tmp_path, b"PAR1 and nothing of it", name)
    with pytest.raises(TableError, match=message):
        read_table(tmp_path / name)


def test_a_study_gives_its_answers_turned_towards_the_system(scene: Scene) -> None:
    simulate(scene.study, raters=2, seed=1, at=AT)
    table = trials_of(scene.study)
    first = table["enhanced_first"] == 1
    assert len(table) == 2 * 4  # training is no result
    assert ((table["value"] < 0) == first).eq(table["preferred"] == 1).all()
    assert (table["simulated"] == 1).all()


def test_a_graded_study_gives_ratings(scene: Scene) -> None:
    study = make_study(scene.ada, scene.stimulus_set, slug="graded", method="ccr")
    simulate(study, raters=2, seed=1, at=AT)
    table = trials_of(study)
    turned = np.where(table["enhanced_first"] == 1, -table["value"], table["value"])
    assert table["rating"].tolist() == turned.tolist()
    assert "preferred" not in table


def test_previews_and_pilots_are_no_results(scene: Scene) -> None:
    simulate(scene.study, raters=1, seed=1, at=AT)
    scene.study.sessions.update(stage="pilot")
    assert trials_of(scene.study).empty
