"""Linear algebra of C and of H = C'WC + I, by blocks.

With E the eliminated factor and D the dense part,

    H = [ A   F ]      A = L L' block diagonal, G = inv(L) F,
        [ F'  B ]      S = B - G'G dense of order `Design.dense`,

so that log|H| = log|A| + log|S|, and H x = r, inv(H) at the places that are needed and
draws from N(0, inv(H)) follow from L, G and the Cholesky factor of S alone. No sparse
matrix library is needed.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg.blas import dsyrk
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs, dtrtrs
from scipy.sparse import csr_array

from .design import Design, Floats, Ints


@dataclass(frozen=True)
class Loadings:
    """The rows of C, as the few entries in each that are not zero."""

    first: Floats  # (k, n): entries at the level of the eliminated factor
    dense: Floats  # (d, n): entries at `Design.column`


@dataclass(frozen=True)
class Factorisation:
    """L, G and S of one H; everything else is computed from them."""

    L: Floats  # (k, k, q)
    white: Floats  # (k, n): inv(L) times the loadings of each row
    G: tuple[Floats, ...]  # one (k * levels, dense) for each stripe
    S: Floats  # (dense, dense): lower Cholesky factor
    log_determinant: float


def loadings(design: Design, lambdas: tuple[Floats, ...]) -> Loadings:
    """Return the rows of C = Z Lambda."""
    n = len(design.order)
    parts: list[list[Floats]] = []
    for block, matrix in zip(design.blocks, lambdas, strict=True):
        part = []
        for column in range(block.columns):
            value: Floats = np.zeros(1)
            for row in range(column, block.columns):
                z = block.basis[row]
                value = value + (
                    matrix[row, column] if z is None else matrix[row, column] * z
                )
            part.append(np.broadcast_to(value, (n,)))
        parts.append(part)
    others = [entry for part in parts[1:] for entry in part]
    dense = others[0][None] if len(others) == 1 else np.array(others).reshape(-1, n)
    first = parts[0][0][None] if len(parts[0]) == 1 else np.array(parts[0])
    return Loadings(first, dense)


def times(design: Design, lambdas: tuple[Floats, ...], u: Floats) -> Floats:
    """Return C u, shape (n,)."""
    total: Floats | float = 0.0
    for block, matrix in zip(design.blocks, lambdas, strict=True):
        effects = matrix @ u[block.spherical].reshape(block.columns, block.levels)
        for effect, z in zip(effects, block.basis, strict=True):
            value = effect.take(block.codes)
            total = total + (value if z is None else value * z)
    return np.asarray(total)


def sums(design: Design, rows: Floats) -> list[Floats]:
    """Return Z' rows: for each block the sums by column and level, shape (k, q)."""
    return [
        np.array(
            [
                np.bincount(
                    block.codes,
                    weights=rows if z is None else rows * z,
                    minlength=block.levels,
                )
                for z in block.basis
            ]
        )
        for block in design.blocks
    ]


def transposed_times(
    design: Design, lambdas: tuple[Floats, ...], rows: Floats
) -> Floats:
    """Return C' rows, shape (effects,)."""
    parts = [
        (matrix.T @ part).ravel()
        for matrix, part in zip(lambdas, sums(design, rows), strict=True)
    ]
    return np.concatenate(parts)


def fixed_product(
    design: Design, lambdas: tuple[Floats, ...], weight: Floats
) -> Floats:
    """Return (C' diag(weight) X)', shape (p, effects)."""
    X, parts = design.X, []
    for block, matrix in zip(design.blocks, lambdas, strict=True):
        shape = (block.levels, len(X.rows))
        of_columns = np.array(
            [
                (csr_array((w, (block.codes, X.codes)), shape) @ X.rows).T
                for z in block.basis
                for w in [weight if z is None else weight * z]
            ]
        )
        parts.append(
            np.einsum("jk,jpq->pkq", matrix, of_columns).reshape(X.shape[1], -1)
        )
    return np.hstack(parts)


def factorise(design: Design, c: Loadings, weight: Floats) -> Factorisation:
    """Factorise H = C'WC + I for row weights W of shape (n,)."""
    block = design.blocks[0]
    L = _cholesky(_diagonal_blocks(c.first, weight, block.codes, block.levels))
    white = forward(L.take(block.codes, axis=2), c.first)
    log_determinant = 2 * float(np.log(np.einsum("jjq->jq", L)).sum())
    if not design.dense:
        return Factorisation(L, white, (), np.zeros((0, 0)), log_determinant)
    G = _cross_block(design, white * weight, c.dense)
    S = _dense_block(design, c.dense, weight)
    for stripe in G:  # S - G'G, of which only the lower triangle is ever read
        S = dsyrk(-1, stripe.T, beta=1, c=S, lower=1, overwrite_c=1)
    factor, info = dpotrf(S, lower=1, clean=1, overwrite_a=1)
    if info != 0:
        raise np.linalg.LinAlgError(
            "the penalised information is not positive definite"
        )
    log_determinant += 2 * float(np.log(factor.diagonal()).sum())
    return Factorisation(L, white, G, factor, log_determinant)


def _diagonal_blocks(c: Floats, weight: Floats, codes: Ints, levels: int) -> Floats:
    k = len(c)
    A = np.empty((k, k, levels))
    for i in range(k):
        for j in range(i + 1):
            A[i, j] = A[j, i] = np.bincount(codes, weight * c[i] * c[j], levels)
        A[i, i] += 1
    return A


def _cross_block(design: Design, first: Floats, dense: Floats) -> tuple[Floats, ...]:
    stripes = []
    for stripe in design.stripes:
        shape = (stripe.levels.stop - stripe.levels.start, design.dense)
        parts = [
            np.bincount(
                stripe.cells,
                (row[stripe.rows] * dense[:, stripe.rows]).ravel(),
                shape[0] * shape[1],
            ).reshape(shape)
            for row in first
        ]
        stripes.append(parts[0] if len(parts) == 1 else np.concatenate(parts))
    return tuple(stripes)


def _dense_block(design: Design, dense: Floats, weight: Floats) -> Floats:
    m = design.dense
    B = np.zeros((m, m), order="F")
    diagonal = np.einsum("ii->i", B)
    diagonal += 1
    for i, column in enumerate(design.column):
        diagonal += np.bincount(column, weight * dense[i] ** 2, m)
        for j in range(i):
            cell = column * m + design.column[j]
            cross = np.bincount(cell, weight * dense[i] * dense[j], m * m)
            B += cross.reshape(m, m) + cross.reshape(m, m).T
    return B


def solve(design: Design, h: Factorisation, r: Floats) -> Floats:
    """Return inv(H) r for r of shape (effects,)."""
    k, q = design.blocks[0].columns, design.blocks[0].levels
    y = forward(h.L, r[: k * q].reshape(k, q))
    if not design.dense:
        return backward(h.L, y).ravel()
    rest = r[k * q :].copy()
    for stripe, G in zip(design.stripes, h.G, strict=True):
        rest -= y[:, stripe.levels].ravel() @ G
    x_dense, _ = dpotrs(h.S, rest, lower=1)
    return np.concatenate([_back_substitute(design, h, y, x_dense), x_dense])


def root_times(design: Design, h: Factorisation, z: Floats) -> Floats:
    """Return R z with R R' = inv(H): N(0, inv(H)) if z is N(0, I)."""
    k, q = design.blocks[0].columns, design.blocks[0].levels
    y = z[: k * q].reshape(k, q)
    if not design.dense:
        return backward(h.L, y).ravel()
    x_dense, _ = dtrtrs(h.S, z[k * q :], lower=1, trans=1)
    return np.concatenate([_back_substitute(design, h, y, x_dense), x_dense])


def _back_substitute(
    design: Design, h: Factorisation, y: Floats, x_dense: Floats
) -> Floats:
    y = y.copy()
    for stripe, G in zip(design.stripes, h.G, strict=True):
        part = y[:, stripe.levels]
        part -= (G @ x_dense).reshape(part.shape)
    return backward(h.L, y).ravel()


@dataclass(frozen=True)
class Inverse:
    """inv(H) c_i at the levels of row i itself, and what of inv(H) gives variances."""

    first: Floats  # (k, n): still multiplied by L', see `Factorisation.white`
    dense: Floats  # (d, n)
    leverage: Floats  # (n,): c_i' inv(H) c_i
    B: Floats  # (k, k, q): inv(L)' B inv(L) are the diagonal blocks of inv(H)
    S: Floats  # (dense, dense): lower right block of inv(H)


def invert(design: Design, c: Loadings, h: Factorisation) -> Inverse:
    """Compute inv(H) where rows of C meet it; never all of it."""
    block = design.blocks[0]
    k, n = h.white.shape
    eye = np.broadcast_to(np.eye(k)[:, :, None], (k, k, block.levels))
    if not design.dense:
        leverage = np.einsum("kn,kn->n", h.white, h.white)
        return Inverse(h.white, np.zeros((0, n)), leverage, eye, np.zeros((0, 0)))
    lower, _ = dpotri(h.S, lower=1)  # above its diagonal are zeros
    S = lower + lower.T
    np.einsum("ii->i", S)[:] /= 2
    B = eye.copy()
    first, dense = np.empty((k, n)), _dense_part(design, c, S)
    for stripe, G in zip(design.stripes, h.G, strict=True):
        N = G @ S
        _add_row_products(B[:, :, stripe.levels], G, N)
        _meet_rows(design, c, h.white, stripe.rows, stripe.cells, N, first, dense)
    if k == 1:
        first += B[0, 0].take(block.codes) * h.white
    else:
        first += np.einsum("jkn,kn->jn", B.take(block.codes, axis=2), h.white)
    leverage = np.einsum("kn,kn->n", h.white, first)
    leverage += np.einsum("dn,dn->n", c.dense, dense)
    return Inverse(first, dense, leverage, B, S)


def _dense_part(design: Design, c: Loadings, S: Floats) -> Floats:
    part = np.empty(design.column.shape)
    for i, column in enumerate(design.column):
        part[i] = S.diagonal().take(column) * c.dense[i]
        for j, other in enumerate(design.column):
            if i != j:
                part[i] += S.ravel().take(column * len(S) + other) * c.dense[j]
    return part


def _add_row_products(B: Floats, G: Floats, N: Floats) -> None:
    k, _, levels = B.shape
    for i in range(k):
        for j in range(k):
            rows = slice(i * levels, (i + 1) * levels)
            others = slice(j * levels, (j + 1) * levels)
            B[i, j] += np.einsum("rm,rm->r", G[rows], N[others])


def _meet_rows(
    design: Design,
    c: Loadings,
    white: Floats,
    rows: slice,
    cells: Ints,
    N: Floats,
    first: Floats,
    dense: Floats,
) -> None:
    """Write the part of inv(H) c_i that comes from the cross block -inv(L)' N."""
    k, d = len(white), len(c.dense)
    flat = N.reshape(k, -1)
    for j in range(k):
        met = flat[j].take(cells).reshape(d, -1)
        first[j, rows] = -np.einsum("dn,dn->n", met, c.dense[:, rows])
        dense[:, rows] -= met * white[j, rows]


def variances(h: Factorisation, inverse: Inverse) -> tuple[Floats, Floats]:
    """Return diagonal blocks of inv(H): (k, k, q) eliminated, (dense, dense) others."""
    half = backward(h.L, inverse.B.swapaxes(0, 1).reshape(inverse.B.shape))
    return backward(h.L, half.swapaxes(0, 1)), inverse.S


def _cholesky(A: Floats) -> Floats:
    """Factorise many small matrices at once: A[:, :, i] = L[:, :, i] L[:, :, i]'."""
    L = np.zeros_like(A)
    for j in range(len(A)):
        for i in range(j, len(A)):
            rest = A[i, j] - np.einsum("mq,mq->q", L[i, :j], L[j, :j]) if j else A[i, j]
            L[i, j] = np.sqrt(rest) if i == j else rest / L[j, j]
    return L


def forward(L: Floats, b: Floats) -> Floats:
    """Solve L y = b for many small L at once; b of shape (k, ..., q)."""
    y = np.empty_like(b)
    for i in range(len(L)):
        rest = b[i]
        for j in range(i):
            rest = rest - L[i, j] * y[j]
        y[i] = rest / L[i, i]
    return y


def backward(L: Floats, y: Floats) -> Floats:
    """Solve L' x = y for many small L at once; y of shape (k, ..., q)."""
    x = np.empty_like(y)
    for i in reversed(range(len(L))):
        rest = y[i]
        for j in range(i + 1, len(L)):
            rest = rest - L[j, i] * x[j]
        x[i] = rest / L[i, i]
    return x
