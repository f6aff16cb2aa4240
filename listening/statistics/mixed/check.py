"""What a data set must be, said in words when it is not."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .design import Factor, FixedEffects, Floats, Ints


def check_matrix(
    X: ArrayLike | FixedEffects, terms: Sequence[str] | None
) -> tuple[FixedEffects, list[str]]:
    """Return X by its distinct rows and one name a column.

    Raises ValueError with the reason.
    """
    given = X.rows if isinstance(X, FixedEffects) else X
    matrix = np.asarray(given, dtype=np.float64)
    if matrix.ndim != 2 or not len(matrix):
        raise ValueError("X must have shape (trials, columns) and at least one trial")
    p = matrix.shape[1]
    names = [f"x{i}" for i in range(p)] if terms is None else list(terms)
    if len(names) != p:
        raise ValueError(f"X has {p} columns but {len(names)} terms are named")
    bad = np.argwhere(~np.isfinite(matrix))
    if len(bad):
        row, column = bad[0]
        raise ValueError(
            f"X is not a finite number in row {row}, column {names[column]}"
        )
    return X if isinstance(X, FixedEffects) else FixedEffects.of(matrix), names


def check_rank(X: FixedEffects, names: Sequence[str], *, beside_constant: bool) -> None:
    """Refuse columns that others, or the thresholds as a constant, determine.

    By Gram-Schmidt on R of X = QR, whose columns lie to each other as those of X do.
    """
    rows = X.rows
    if beside_constant:
        rows = np.column_stack([np.ones(len(rows)), rows])
    R = np.asarray(np.linalg.qr(rows * np.sqrt(X.counts)[:, None], mode="r"))
    kept: list[Floats] = []
    if beside_constant:
        kept, R = [R[:, 0] / np.sqrt(R[:, 0] @ R[:, 0])], R[:, 1:]
    for name, column in zip(names, R.T, strict=True):
        rest = column
        for _ in range(2):
            for direction in kept:
                rest = rest - direction * (direction @ rest)
        size = np.sqrt(rest @ rest)
        if size <= 1e-9 * np.sqrt(column @ column):
            others = (
                "the thresholds and the columns" if beside_constant else "the columns"
            )
            raise ValueError(f"column {name} is determined by {others} before it")
        kept.append(rest / size)


def check_factors(factors: Sequence[Factor], trials: int) -> None:
    """Refuse factors that cannot carry a random effect."""
    if not factors:
        raise ValueError("a mixed model needs at least one factor")
    names = [factor.name for factor in factors]
    if len(set(names)) < len(names):
        raise ValueError(f"factors must have different names, not {', '.join(names)}")
    for factor in factors:
        _check_factor(factor, trials)


def _check_factor(factor: Factor, trials: int) -> None:
    codes = np.asarray(factor.codes)
    if codes.shape != (trials,) or not np.issubdtype(codes.dtype, np.integer):
        raise ValueError(f"{factor.name}: codes must be {trials} integers, one a trial")
    if codes.min() < 0:
        raise ValueError(f"{factor.name}: codes must not be negative")
    missing = np.flatnonzero(np.bincount(codes) == 0)
    if len(missing):
        raise ValueError(f"{factor.name}: level {missing[0]} has no trial")
    if codes.max() == 0:
        raise ValueError(
            f"{factor.name} has a single level: its variance cannot be estimated"
        )
    if factor.slope is not None:
        _check_slope(factor, np.asarray(factor.slope, dtype=np.float64), trials)


def _check_slope(factor: Factor, slope: Floats, trials: int) -> None:
    if slope.shape != (trials,) or not np.isfinite(slope).all():
        raise ValueError(
            f"{factor.name}: the slope's covariate must be {trials} finite numbers"
        )
    if np.ptp(slope) == 0:
        raise ValueError(f"{factor.name}: the slope's covariate does not vary")


def check_binary(y: ArrayLike, trials: int) -> Floats:
    """Return answers as 0.0 and 1.0."""
    answers = np.asarray(y, dtype=np.float64)
    if answers.shape != (trials,):
        raise ValueError(
            f"there are {trials} rows in X but answers of shape {answers.shape}"
        )
    bad = np.flatnonzero((answers != 0) & (answers != 1))
    if len(bad):
        raise ValueError(
            f"answers must be 0 or 1, not {answers[bad[0]]} in row {bad[0]}"
        )
    return answers


def check_ordered(y: ArrayLike, trials: int) -> tuple[Ints, Floats]:
    """Return answers as ranks 0, 1, ... of the values in use, and those values."""
    answers = np.asarray(y, dtype=np.float64)
    if answers.shape != (trials,):
        raise ValueError(
            f"there are {trials} rows in X but answers of shape {answers.shape}"
        )
    bad = np.flatnonzero(~np.isfinite(answers))
    if len(bad):
        raise ValueError(
            f"answers must be numbers, not {answers[bad[0]]} in row {bad[0]}"
        )
    values, ranks = np.unique(answers, return_inverse=True)
    if len(values) < 2:
        raise ValueError(f"all answers are {values[0]:g}: there is nothing to estimate")
    if len(values) > 50:
        raise ValueError(
            f"{len(values)} different answers: graded answers have at most 50"
        )
    return ranks.astype(np.intp), values
