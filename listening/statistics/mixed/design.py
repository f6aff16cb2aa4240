"""What is given: factors, their codes and bases, and the fixed-effects matrix.

Notation of this package
------------------------
n           trials (rows)
p           columns of the fixed-effects matrix `X`, shape (n, p)
q, k        levels of a factor, and its columns: 1 (intercept) or 2 (with a slope)
`codes`     level of each row, shape (n,)
`basis`     columns of the random effect at each row; `None` stands for ones
`Lambda`    lower triangular (k, k), so that the effects of a level are N(0, Lambda
            Lambda'); its free entries, column by column, are theta [Bates, Sec. 3]
`u`         spherical effects: N(0, I); the effects themselves are b = Lambda u
`C`         Z Lambda, so that eta = X beta + C u

The factor with most columns is *eliminated*: its part of the matrix that has to be
factorised is block diagonal. The others are *dense*. Rows are kept sorted by the level
of the eliminated factor; `Design.order` says how.

References
----------
[Bates] D. Bates, "Computational methods for mixed models", vignette `Theory` of the R
    package lme4: spherical effects, relative covariance factor, penalised
    iteratively reweighted least squares.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Basis = tuple[Floats | None, ...]

CHUNK = 100_000  # entries of a stripe of the cross block: stays in cache
LARGEST = 100_000_000  # entries of the whole cross block: 0.8 GB


@dataclass(frozen=True)
class FixedEffects:
    """The matrix X = rows[codes], shape (n, p), as its distinct rows.

    A listening test asks about few systems at few SNRs in two positions, over and
    over: a million trials have some tens of different rows. What a fit needs of X are
    X beta, X'v and X'WX, all three had from sums over the trials that share a row.
    """

    rows: Floats  # (distinct, p)
    codes: Ints  # (n,)

    @classmethod
    def of(cls, X: Floats) -> "FixedEffects":
        """Find the distinct rows of X; as many as there are trials, if need be.

        Rows are told apart by their product with one fixed vector; where two different
        rows have the same product, or rounding parts equal ones, nothing is merged that
        is not equal.
        """
        key = X @ np.sqrt(np.arange(2.0, 2.0 + X.shape[1]))
        _, first, codes = np.unique(key, return_index=True, return_inverse=True)
        found = cls(X[first], codes)
        return found if (found.whole == X).all() else cls(X, np.arange(len(X)))

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.codes), self.rows.shape[1]

    @property
    def whole(self) -> Floats:
        return self.rows[self.codes]

    @property
    def counts(self) -> Floats:
        """How many trials have each row, shape (distinct,)."""
        return np.bincount(self.codes, minlength=len(self.rows)).astype(np.float64)

    def scaled(self) -> tuple["FixedEffects", Floats]:
        """Divide columns by their root mean squares over the trials; return both."""
        scale = np.sqrt(self.counts @ self.rows**2 / len(self.codes))
        return replace(self, rows=self.rows / scale), scale

    def sorted(self, order: Ints) -> "FixedEffects":
        return replace(self, codes=self.codes[order])

    def times(self, beta: Floats) -> Floats:
        """Return X beta, shape (n,)."""
        return (self.rows @ beta).take(self.codes)

    def transposed_times(self, values: Floats) -> Floats:
        """Return X' values for values of shape (n,)."""
        return np.bincount(self.codes, values, len(self.rows)) @ self.rows

    def gram(self, weight: Floats) -> Floats:
        """Return X' diag(weight) X, shape (p, p)."""
        of_rows = np.bincount(self.codes, weight, len(self.rows))
        return np.asarray((self.rows.T * of_rows) @ self.rows)


@dataclass(frozen=True)
class Factor:
    """A grouping of the trials whose levels are a sample: raters, utterances, ...

    `codes`: integers of shape (trials,). `slope`: a covariate of shape (trials,) whose
    effect differs between levels; correlated with the intercept unless said otherwise.
    """

    name: str
    codes: NDArray[np.integer]
    slope: Floats | None = None
    correlated: bool = True


@dataclass(frozen=True)
class Block:
    """A factor as the algebra needs it, rows sorted."""

    name: str
    codes: Ints  # (n,), in 0 .. levels - 1
    levels: int
    basis: Basis  # k columns of shape (n,), divided by `scale`
    scale: Floats  # (k,): root mean square of each column as given
    free: tuple[tuple[int, int], ...]  # entries of Lambda that are parameters
    theta: slice  # where they stand among all thetas
    spherical: slice  # where its u stand: columns by levels

    @property
    def columns(self) -> int:
        return len(self.basis)


@dataclass(frozen=True)
class Stripe:
    """Some consecutive levels of the eliminated factor, with their rows."""

    levels: slice
    rows: slice
    cells: Ints  # (dense columns * rows,): where each row adds to the cross block


@dataclass(frozen=True)
class Design:
    """All that stays the same during a fit, but for the answers."""

    X: FixedEffects  # (n, p), columns divided by `scale`
    scale: Floats  # (p,): root mean square of each column as given
    order: Ints  # (n,): row i here is row order[i] as given
    blocks: tuple[Block, ...]  # the eliminated one first
    names: tuple[str, ...]  # of the factors, in the order given
    column: Ints  # (d, n): dense column that row i touches with its d-th entry
    dense: int  # width of the dense part
    stripes: tuple[Stripe, ...]

    @property
    def thetas(self) -> int:
        return sum(len(block.free) for block in self.blocks)

    @property
    def effects(self) -> int:
        return self.blocks[0].columns * self.blocks[0].levels + self.dense

    def lambdas(self, theta: Floats) -> tuple[Floats, ...]:
        """Return the matrices Lambda, one of shape (k, k) for each block."""
        matrices = []
        for block in self.blocks:
            matrix = np.zeros((block.columns, block.columns))
            for (row, column), value in zip(
                block.free, theta[block.theta], strict=True
            ):
                matrix[row, column] = value
            matrices.append(matrix)
        return tuple(matrices)

    def gather(self, theta_gradients: Sequence[Floats]) -> Floats:
        """Return the free entries of one (k, k) matrix a block: undo `lambdas`."""
        gradient = np.empty(self.thetas)
        for block, matrix in zip(self.blocks, theta_gradients, strict=True):
            gradient[block.theta] = [matrix[entry] for entry in block.free]
        return gradient


def build_design(X: FixedEffects, factors: Sequence[Factor]) -> Design:
    """Sort rows, choose the factor to eliminate, lay out the dense columns.

    `X` and `factors` must have passed `check.py`.
    """
    sizes = [len(_basis(f)) * (int(f.codes.max()) + 1) for f in factors]
    first = int(np.argmax(sizes))
    order = np.argsort(factors[first].codes, kind="stable")
    ranks = [first, *(i for i in range(len(factors)) if i != first)]
    starts = np.cumsum([0, *(len(_free(f)) for f in factors)])
    blocks: list[Block] = []
    at = 0
    for i in ranks:
        blocks.append(_block(factors[i], order, int(starts[i]), at))
        at += sizes[i]
    column, dense = _dense_columns(blocks)
    scaled, scale = X.scaled()
    return Design(
        X=scaled.sorted(order),
        scale=scale,
        order=order,
        blocks=tuple(blocks),
        names=tuple(f.name for f in factors),
        column=column,
        dense=dense,
        stripes=_stripes(blocks[0], column, dense),
    )


def _basis(factor: Factor) -> Basis:
    return (None,) if factor.slope is None else (None, factor.slope)


def _free(factor: Factor) -> tuple[tuple[int, int], ...]:
    if factor.slope is None:
        return ((0, 0),)
    return ((0, 0), (1, 0), (1, 1)) if factor.correlated else ((0, 0), (1, 1))


def _block(factor: Factor, order: Ints, theta: int, at: int) -> Block:
    basis = _basis(factor)
    scale = np.array([1.0 if z is None else np.sqrt(np.mean(z**2)) for z in basis])
    levels = int(factor.codes.max()) + 1
    return Block(
        name=factor.name,
        codes=factor.codes[order].astype(np.intp),
        levels=levels,
        basis=tuple(
            None if z is None else z[order] / s
            for z, s in zip(basis, scale, strict=True)
        ),
        scale=scale,
        free=_free(factor),
        theta=slice(theta, theta + len(_free(factor))),
        spherical=slice(at, at + len(basis) * levels),
    )


def _dense_columns(blocks: Sequence[Block]) -> tuple[Ints, int]:
    first = blocks[0].columns * blocks[0].levels
    column = [
        block.spherical.start - first + j * block.levels + block.codes
        for block in blocks[1:]
        for j in range(block.columns)
    ]
    width = blocks[-1].spherical.stop - first
    shape = (len(column), len(blocks[0].codes))
    return np.array(column, dtype=np.intp).reshape(shape), width


def _stripes(block: Block, column: Ints, dense: int) -> tuple[Stripe, ...]:
    if dense * block.levels * block.columns > LARGEST:
        raise ValueError(
            f"{block.name} has {block.levels:,} levels and the other factors {dense:,} "
            f"columns: at most {LARGEST:,} combinations can be handled"
        )
    height = max(1, CHUNK // max(1, dense * block.columns))
    stop = np.cumsum(np.bincount(block.codes, minlength=block.levels))
    stripes = []
    for low in range(0, block.levels, height):
        high = min(low + height, block.levels)
        rows = slice(int(stop[low - 1]) if low else 0, int(stop[high - 1]))
        cells = (block.codes[rows] - low) * dense + column[:, rows]
        stripes.append(Stripe(slice(low, high), rows, cells.ravel()))
    return tuple(stripes)
