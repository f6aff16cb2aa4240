"""Trials as the mixed models need them: codes, and matrices of fixed effects.

The coding is that of `preferred ~ snr_c * system` in R with treatment contrasts: the
first system in sorted order is the base, `snr_c` is the SNR minus the mean of its
distinct values. One model speaks of comparisons with one reference: who likes enhanced
speech better than noisy speech need not like one system better than another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from listening.statistics.mixed import Factor, FixedEffects

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

POSITION = "position"  # 0.5 where the enhanced member was A, -0.5 where it was B


@dataclass(frozen=True)
class Matrix:
    """Fixed effects: one column a term, without those that others determine."""

    terms: tuple[str, ...]
    X: FixedEffects  # (trials, terms)
    rows: Floats  # (cells, terms): the cells, at no position
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Trials:
    """Answers about systems that were compared to one reference; shape (trials,)."""

    reference: str
    systems: tuple[str, ...]  # sorted
    snrs: Floats  # (snrs,), rising
    centre: float  # mean of the distinct SNRs of the whole table
    raters: tuple[str, ...]  # sorted
    answers: Floats  # 1, 0; or graded
    system: Ints
    snr: Ints
    rater: Ints
    utterance: Ints
    first: Floats | None  # 1 if the enhanced member was A; None: no such term
    slopes: bool = False  # raters differ in the effect of the SNR

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        answers: Floats,
        *,
        centre: float,
        position: bool,
        slopes: bool = False,
    ) -> Trials:
        """Return the trials of `table`, all of one reference and none a tie."""
        codes = {
            name: pd.factorize(table[name], sort=True)
            for name in ("system", "snr_db", "rater", "utterance")
        }
        first = table["enhanced_first"].to_numpy(np.float64) if position else None
        return cls(
            reference=str(table["reference"].iloc[0]),
            systems=tuple(map(str, codes["system"][1])),
            snrs=np.asarray(codes["snr_db"][1], dtype=np.float64),
            centre=centre,
            raters=tuple(map(str, codes["rater"][1])),
            answers=answers,
            system=codes["system"][0],
            snr=codes["snr_db"][0],
            rater=codes["rater"][0],
            utterance=codes["utterance"][0],
            first=first,
            slopes=slopes,
        )

    @property
    def factors(self) -> list[Factor]:
        slope = (self.snrs - self.centre)[self.snr] if self.slopes else None
        return [Factor("rater", self.rater, slope), Factor("utterance", self.utterance)]

    @property
    def slope_at(self) -> Floats | None:
        """Return the covariate of raters' slopes at each cell; None without slopes."""
        return (self.snrs - self.centre)[self.cells[1]] if self.slopes else None

    @cached_property
    def _places(self) -> tuple[Ints, Ints]:
        """Return the cells, as system times SNR, and the cell of each trial."""
        place = self.system * len(self.snrs) + self.snr
        return used(place)

    @property
    def cell(self) -> Ints:
        return self._places[1]

    @property
    def cells(self) -> tuple[Ints, Ints]:
        """Codes of system and SNR of each cell that has an answer, shape (cells,)."""
        system, snr = np.divmod(self._places[0], len(self.snrs))
        return system, snr

    @property
    def places(self) -> list[tuple[str, float]]:
        """Name and SNR of each cell."""
        system, snr = self.cells
        return [
            (self.systems[s], float(self.snrs[d]))
            for s, d in zip(system, snr, strict=True)
        ]

    def trend(self, *, intercept: bool = True) -> Matrix:
        """Return the matrix of `snr_c * system`, and position where it is known."""
        others = self.systems[1:]
        terms = (
            "(Intercept)",
            "snr_c",
            *(f"system[{name}]" for name in others),
            *(f"snr_c:system[{name}]" for name in others),
        )
        system, snr = self.cells
        apart = np.eye(len(self.systems))[system, 1:]
        snr_c = (self.snrs - self.centre)[snr, None]
        rows = np.hstack([np.ones_like(snr_c), snr_c, apart, apart * snr_c])
        return self._matrix(terms, rows, intercept=intercept)

    def means(self) -> Matrix:
        """Return the matrix with a column for each cell, and position if known."""
        terms = tuple(f"{name} at {snr:g} dB" for name, snr in self.places)
        return self._matrix(terms, np.eye(len(terms)))

    def _matrix(
        self, terms: tuple[str, ...], rows: Floats, *, intercept: bool = True
    ) -> Matrix:
        distinct, codes = rows, self.cell
        if self.first is not None:
            terms = (*terms, POSITION)
            pairs, codes = used(2 * self.cell + (self.first > 0))
            cell, first = np.divmod(pairs, 2)
            distinct = np.column_stack([rows[cell], first - 0.5])
            rows = np.column_stack([rows, np.zeros(len(rows))])
        free = independent(distinct)
        kept = free if intercept else free & (np.array(terms) != "(Intercept)")
        dropped = [term for term, yes in zip(terms, free, strict=True) if not yes]
        names = tuple(term for term, keep in zip(terms, kept, strict=True) if keep)
        X = FixedEffects(distinct[:, kept], codes)
        return Matrix(names, X, rows[:, kept], tuple(dropped))


def used(codes: Ints) -> tuple[Ints, Ints]:
    """Return the codes that occur, rising, and each code's place among them."""
    there = np.bincount(codes) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]


def independent(X: Floats) -> NDArray[np.bool_]:
    """Tell of each column whether those before it leave it free, shape (columns,)."""
    free = np.zeros(X.shape[1], dtype=bool)
    basis: list[Floats] = []
    for j, column in enumerate(X.T):
        rest = column
        for _ in range(2):  # twice is enough for orthogonality to the last digit
            for direction in basis:
                rest = rest - direction * (direction @ rest)
        size = float(np.sqrt(rest @ rest))
        free[j] = size > 1e-9 * np.sqrt(column @ column)
        if free[j]:
            basis.append(rest / size)
    return free
