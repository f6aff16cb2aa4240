"""The table of trials: one row a trial, from a study or from a file of anybody's.

Columns that the analysis reads, in the types that it relies on:

    rater, utterance, system, reference   text
    snr_db                                number
    enhanced_first                        1, 0, or missing (column may be absent)
    preferred                             1 enhanced, 0 reference, missing: neither
    rating                                -3..3, positive prefers the enhanced member
    correct                               1 if X was found, else 0
    x_first                               1 if X was A, else 0 (column may be absent)
    score                                 of one sound, without reference: 1..5, or
                                          0..100 on the scale `basic`
    scale                                 on which it was scored (column may be absent)
    simulated                             1 if a program answered

Exactly one of `preferred`, `rating`, `correct` and `score` is there. Further columns
are kept as they are.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import QuerySet

from listening import methods
from listening.methods import Kind
from listening.methods.method import BASIC, OVERALL, REACH, SCALES
from listening.models import Study, Trial, TrialSound
from listening.models.trial import TrialQuerySet

NAMES = ("rater", "utterance", "system")
DEFAULT_REFERENCE = "unprocessed"
UTF_8 = "utf-8-sig"  # with or without a byte order mark

YES_OR_NO = {
    **dict.fromkeys(("1", "1.0", "yes", "true"), 1.0),
    **dict.fromkeys(("0", "0.0", "no", "false"), 0.0),
}
RATINGS = {f"{v}{tail}": float(v) for v in range(-3, 4) for tail in ("", ".0")} | {
    f"+{v}": float(v) for v in range(1, 4)
}
SCORES = {f"{v}{tail}": float(v) for v in range(101) for tail in ("", ".0")}
EMPTY = dict.fromkeys(("", "na", "nan"), np.nan)


class TableError(ValueError):
    """The table cannot be analysed; one line says where and why."""


# ---- of a study ---------------------------------------------------------------------

# Column of the table -> field of the trial. The answer itself is added by `trials_of`.
FIELDS = {
    "rater": "session__rater__code",
    "utterance": "mixture__utterance__name",
    "system": "comparison__system",
    "reference": "comparison__reference",
    "snr_db": "mixture__snr_db",
    "enhanced_first": "enhanced_first",
    "x_first": "x_first",
    "scale": "scale",
    "simulated": "session__rater__simulated",
    "session": "session_id",
    "position": "position",
    "mixture": "mixture__index",
    "measured_snr_db": "mixture__measured_snr_db",
    "speaker": "mixture__utterance__speaker",
    "noise": "mixture__noise__name",
    "value": "response__value",
    "listened_a_s": "response__listened_a_s",
    "listened_b_s": "response__listened_b_s",
    "listened_x_s": "response__listened_x_s",
    "switches": "response__switches",
    "response_time_s": "response__response_time_s",
    "shown_at": "shown_at",
    "answered_at": "response__answered_at",
}
NUMBERS = ("snr_db", "enhanced_first", "x_first", "simulated")


def trials_of(study: Study) -> pd.DataFrame:
    """Return the answered test trials of the live study, in one query.

    Where many sounds are scored in a trial each of them has a row.
    """
    trials = Trial.objects.for_results().filter(session__study=study)
    method = methods.load(study.method)
    rows = sounds_in(trials) if method.is_together else in_order(trials)
    table = pd.DataFrame.from_records(list(rows), columns=list(FIELDS))
    table = table.astype(dict.fromkeys(NUMBERS, np.float64))
    value = table["value"].to_numpy(np.float64)
    sought = table["enhanced_first"].where(table["x_first"].isna(), table["x_first"])
    name, answer = ANSWER_OF[method.kind]
    table[name] = answer(value, (sought == 1).to_numpy())
    return table


def in_order(trials: TrialQuerySet) -> QuerySet[Trial, tuple[Any, ...]]:
    return trials.order_by("session", "position").values_list(*FIELDS.values())


def sounds_in(trials: TrialQuerySet) -> QuerySet[TrialSound, tuple[Any, ...]]:
    """Return a row for each sound that was scored, whose system and score it has."""
    sounds = TrialSound.objects.filter(trial__in=trials)
    own = {"system": "system", "value": "score"}
    fields = {name: own.get(name, f"trial__{field}") for name, field in FIELDS.items()}
    ordered = sounds.order_by("trial__session", "trial__position", "place")
    return ordered.values_list(*fields.values())


def turned(value: np.ndarray, towards_a: np.ndarray) -> np.ndarray:
    """Return the answers, positive towards what is sought, which may be A."""
    return np.where(towards_a, -value, value)


def choice_of(value: np.ndarray, towards_a: np.ndarray) -> np.ndarray:
    return preference_of(turned(value, towards_a))


def as_given(value: np.ndarray, towards_a: np.ndarray) -> np.ndarray:
    return value


def preference_of(ratings: np.ndarray) -> np.ndarray:
    """Return 1 for positive, 0 for negative and NaN for zero ratings, shape kept."""
    return np.where(ratings == 0, np.nan, (ratings > 0).astype(np.float64))


# Kind of method -> column, and what makes it of answers, and whether A is sought
ANSWER_OF: dict[Kind, tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]] = {
    Kind.BINARY: ("preferred", choice_of),
    Kind.GRADED: ("rating", turned),
    Kind.IDENTIFIED: ("correct", choice_of),
    Kind.SCORED: ("score", as_given),
}


# ---- of a file ----------------------------------------------------------------------


def read_table(path: Path) -> pd.DataFrame:
    """Return the table of trials in the CSV (UTF-8, commas) or Parquet file `path`.

    Raises
    ------
    TableError
        If it is not such a table; the message names file, column and row.
    """
    try:
        reader = READERS[path.suffix.lower()]
    except KeyError:
        raise TableError(f"{path}: a table is a .csv or a .parquet file") from None
    try:
        return checked(reader(path))
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or error}") from None


def read_csv(path: Path) -> pd.DataFrame:
    try:
        require_rectangle(path)
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding=UTF_8)
    except UnicodeDecodeError:
        raise TableError("not UTF-8 text: save it as CSV in UTF-8") from None
    except (csv.Error, pd.errors.ParserError) as error:
        raise TableError(f"not a table: {error}") from None


def require_rectangle(path: Path) -> None:
    """Raise `TableError` unless every line has as many values as the header.

    pandas fills short lines up: a file that was cut off would end in an answer of "no
    preference" that nobody gave.
    """
    with path.open(encoding=UTF_8, newline="") as file:
        lines = csv.reader(file, strict=True)
        header = [name.strip() for name in next(lines, [])]
        if not header:
            raise TableError("the file is empty")
        if len(header) == 1 and ";" in header[0]:
            raise TableError("separated by semicolons: save it with commas")
        for name in header:
            if header.count(name) > 1:
                raise TableError(f"column `{name}` is there twice")
        for line in lines:
            if line and len(line) != len(header):
                raise TableError(
                    f"line {lines.line_num}: {len(line)} values, "
                    f"but the header has {len(header)} columns"
                )


def read_parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (ValueError, NotImplementedError):  # what pyarrow's errors are
        raise TableError("not a Parquet file") from None


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": read_csv,
    ".parquet": read_parquet,
}


# ---- checks -------------------------------------------------------------------------


def checked(raw: pd.DataFrame) -> pd.DataFrame:
    """Return `raw` with the columns of the table of trials in their types.

    Raises
    ------
    TableError
        Naming the column and the first row that is wrong; rows count from 1 and the
        header is not one of them.
    """
    raw = raw.reset_index(drop=True).rename(columns=lambda name: str(name).strip())
    require_columns(raw)
    table = raw.copy()
    for name in NAMES:
        table[name] = texts(raw, name)
    table["snr_db"] = numbers(raw, "snr_db")
    for name in ("enhanced_first", "x_first", "simulated"):
        if name in raw:
            table[name] = codes(raw, name, YES_OR_NO, "1 or 0")
    answer = answer_column(raw)
    table["reference"] = "" if answer == "score" else references(raw)
    if answer == "score":
        table["scale"] = scales(raw)
    table = table.drop(columns=set(ANSWERS) - {answer}, errors="ignore")
    known, words = ANSWERS[answer]
    table[answer] = codes(raw, answer, known, words)
    if answer == "score":
        require_scores(table, raw)
    require_sense(table, answer)
    return table


def require_columns(raw: pd.DataFrame) -> None:
    for name in (*NAMES, "snr_db"):
        if name not in raw:
            has = ", ".join(f"`{column}`" for column in raw.columns) or "none"
            raise TableError(f"column `{name}` is missing; the columns are {has}")
    if not set(ANSWERS) & set(raw.columns):
        raise TableError(
            "column `preferred` (or `rating`, `correct`, or `score`) is missing"
        )
    if raw.empty:
        raise TableError("there is a header, but not one row")


def answer_column(raw: pd.DataFrame) -> str:
    """Return which column of `ANSWERS` holds the answers."""
    there = [name for name in ANSWERS if name in raw]
    filled = [name for name in there if (as_text(raw[name]) != "").any()]
    if len(filled) > 1:
        two = filled[:2]
        both = np.all([as_text(raw[name]) != "" for name in two], axis=0)
        row = f", row {first(both)}" if both.any() else ""
        raise TableError(
            f"columns `{two[0]}` and `{two[1]}`{row}: a table has one of the two"
        )
    return (filled or there)[0]


def require_scores(table: pd.DataFrame, raw: pd.DataFrame) -> None:
    """Raise `TableError` where a score is not of its scale."""
    for scale, (low, high) in REACH.items():
        wrong = (table["scale"] == scale) & ~table["score"].between(low, high)
        bad = (wrong & table["score"].notna()).to_numpy()
        if bad.any():
            row = first(bad)
            value = as_text(raw["score"]).iloc[row - 1]
            raise TableError(
                f"column `score`, row {row}: `{value}` is not {whole(low, high)}"
            )


def whole(low: int, high: int) -> str:
    return f"a whole number from {low} to {high}"


def require_sense(table: pd.DataFrame, answer: str) -> None:
    same = (table["system"] == table["reference"]).to_numpy()
    if same.any():
        row = first(same)
        name = table["system"].iloc[row - 1]
        raise TableError(
            f"columns `system` and `reference`, row {row}: "
            f"`{name}` cannot be compared with itself"
        )
    missing = table[answer].isna().to_numpy()
    if answer in NEVER_EMPTY and missing.any():
        hint = NEVER_EMPTY[answer]
        raise TableError(f"column `{answer}`, row {first(missing)}: empty{hint}")


def as_text(column: pd.Series) -> pd.Series:
    """Return the column as text without surrounding space, "" for what is missing."""
    return column.astype("string").fillna("").str.strip()


def texts(raw: pd.DataFrame, name: str) -> pd.Series:
    column = as_text(raw[name])
    empty = (column == "").to_numpy()
    if empty.any():
        raise TableError(f"column `{name}`, row {first(empty)}: empty")
    return column.astype(str)


def references(raw: pd.DataFrame) -> pd.Series:
    if "reference" not in raw:
        return pd.Series(DEFAULT_REFERENCE, index=raw.index)
    return as_text(raw["reference"]).replace("", DEFAULT_REFERENCE).astype(str)


def scales(raw: pd.DataFrame) -> pd.Series:
    if "scale" not in raw:
        return pd.Series(OVERALL, index=raw.index)
    column = as_text(raw["scale"]).replace("", OVERALL).astype(str)
    unknown = ~column.isin(SCALES).to_numpy()
    if unknown.any():
        row = first(unknown)
        raise TableError(
            f"column `scale`, row {row}: `{column.iloc[row - 1]}` is not "
            f"{', '.join(SCALES[:-1])} or {SCALES[-1]}"
        )
    return column


def numbers(raw: pd.DataFrame, name: str) -> np.ndarray:
    column = as_text(raw[name])
    found = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = ~np.isfinite(found)
    if bad.any():
        row = first(bad)
        raise TableError(
            f"column `{name}`, row {row}: `{column.iloc[row - 1]}` is not a number"
        )
    return found


def codes(
    raw: pd.DataFrame, name: str, known: Mapping[str, float], words: str
) -> np.ndarray:
    column = as_text(raw[name]).str.lower()
    place, distinct = pd.factorize(column)
    unknown = ~np.isin(distinct.to_numpy(object), [*known, *EMPTY])
    bad = unknown[place]
    if bad.any():
        row = first(bad)
        value = as_text(raw[name]).iloc[row - 1]
        raise TableError(f"column `{name}`, row {row}: `{value}` is not {words}")
    table = {**known, **EMPTY}
    return np.array([table[value] for value in distinct])[place]


def first(wrong: np.ndarray) -> int:
    """Return the number of the first row that is True, from 1."""
    return int(np.argmax(wrong)) + 1


ANSWERS: dict[str, tuple[Mapping[str, float], str]] = {
    "preferred": (YES_OR_NO, "1, 0 or empty (no preference)"),
    "rating": (RATINGS, "a whole number from -3 to 3"),
    "correct": (YES_OR_NO, "1 or 0"),
    "score": (SCORES, f"{whole(*REACH[OVERALL])}, or to {REACH[BASIC][1]}"),
}
# Column in which every row has an answer -> what else is to be said where one has none
NEVER_EMPTY = {"rating": " (no preference is 0)", "correct": "", "score": ""}
