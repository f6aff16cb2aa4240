"""The tests of a simulated study, of all its systems and SNRs at once.

By the two-way cluster-robust t of `clustered.py`, in a form that is quick enough to be
done thousands of times, and by the mixed model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from listening.statistics.mixed import (
    ConvergenceError,
    Factor,
    MixedFit,
    Start,
    contrast,
    fit_binary,
    preference,
)
from listening.statistics.simulated import (
    Floats,
    Ints,
    SimulatedTrials,
    StudyDesign,
    simulate,
)


@dataclass(frozen=True)
class CellTests:
    """Tests of shares, all of which are compared with 0.5. Shape (cells,) each."""

    estimate: Floats
    p: Floats  # NaN where there are too few clusters, or all answers are alike
    width: Floats  # of the 95 % interval, cut to within 0 and 1


def two_way_tests(trials: SimulatedTrials, cell: Ints, cells: int) -> CellTests:
    """Return the two-way cluster-robust t of every cell of trials at once.

    `cell`, shape (trials,), is in 0 .. cells - 1. The formula is `clustered.py`'s.
    """
    n = np.bincount(cell, minlength=cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(cell, weights=trials.preferred, minlength=cells) / n
        residual = trials.preferred - mean[cell]
        G_r, V_r = _within(residual, cell, trials.rater, cells)
        G_u, V_u = _within(residual, cell, trials.utterance, cells)
        pair = trials.rater * (int(trials.utterance.max()) + 1) + trials.utterance
        V_c = _within(residual, cell, pair, cells)[1]
        V_r, V_u = V_r * G_r / (G_r - 1), V_u * G_u / (G_u - 1)
        V = np.maximum(V_r + V_u - V_c, np.maximum(V_r, V_u))
        df = np.minimum(G_r, G_u) - 1.0
        se = np.sqrt(V) / n
        independent = np.sqrt(mean * (1 - mean) / (n - 1))
        se = np.where(se <= 1e-6 * independent, independent, se)
        p = 2 * stdtr(df, -np.abs(mean - 0.5) / se)
        half = stdtrit(df, 0.975) * se
    p = np.where((df > 0) & (se > 0), p, np.nan)
    width = np.minimum(mean + half, 1.0) - np.maximum(mean - half, 0.0)
    return CellTests(mean, p, np.where(np.isnan(p), np.nan, width))


def clustered_tests(design: StudyDesign, trials: SimulatedTrials) -> CellTests:
    """Return the two-way tests of every system at each SNR and over all.

    Shape (systems, snrs + 1), raveled. SNRs come as often as each other, so the mean of
    all trials is the mean over SNRs.
    """
    S, K = design.systems, design.snrs
    at = two_way_tests(trials, trials.system * K + trials.snr, S * K)
    over = two_way_tests(trials, trials.system, S)

    def beside(cells: Floats, means: Floats) -> Floats:
        return np.column_stack([cells.reshape(S, K), means]).ravel()

    return CellTests(
        beside(at.estimate, over.estimate),
        beside(at.p, over.p),
        beside(at.width, over.width),
    )


def rejections(
    design: StudyDesign,
    eta: Floats,
    levels: Floats,
    tried: Ints,
    target: tuple[int, int],
    seed: int,
) -> NDArray[np.bool_]:
    """Return whether the target is found with each number of raters, at its level.

    The target is a system and an SNR, or the number of SNRs for all of them.
    """
    whole = simulate(design, eta, np.random.default_rng(seed))
    system, snr = target
    found = []
    for raters, level in zip(tried, levels, strict=True):
        trials = whole.of_first_raters(int(raters))
        chosen = trials.system == system
        if snr < design.snrs:
            chosen &= trials.snr == snr
        told = two_way_tests(trials, np.where(chosen, 0, 1).astype(np.intp), 2)
        found.append(told.p[0] <= level)
    return np.array(found)


def mixed_tests(
    design: StudyDesign, trials: SimulatedTrials, *, start: Start | None = None
) -> CellTests:
    """Return the population-averaged tests by the mixed model, as `clustered_tests`.

    The model is SNR by system, with position and raters' slopes on SNR where the design
    has them. `start`: as `typical_start` has it, to be there sooner. Raises
    ConvergenceError as the fit does.
    """
    fit = _fit(design, trials, start)
    at = np.tile(design.snr_c, design.systems) if _sloping(design) else None
    cells = preference(fit, _rows(design), slope_at=at)
    means = contrast(
        cells, np.kron(np.eye(design.systems), np.full(design.snrs, 1 / design.snrs))
    )
    t = np.abs(means.estimate - 0.5) / means.se
    p = np.asarray(2 * stdtr(means.df, -t), dtype=np.float64)
    shape = (design.systems, design.snrs)

    def beside(of_cells: Floats, of_means: Floats) -> Floats:
        return np.column_stack([of_cells.reshape(shape), of_means]).ravel()

    return CellTests(
        beside(cells.estimate, means.estimate),
        beside(cells.p, p),
        beside(cells.ci_high - cells.ci_low, means.ci_high - means.ci_low),
    )


def typical_start(design: StudyDesign, eta: Floats) -> Start | None:
    """Return where fits of such studies may begin: the truth, and one fit's precision.

    `eta` is that of `conditional_logits`. None where that study has no sound fit.
    """
    trials = simulate(design, eta, np.random.default_rng(0))
    try:
        fit = _fit(design, trials, None)
    except (ConvergenceError, ValueError):
        return None
    if fit.singular or fit.penalised:
        return None
    beta = np.linalg.lstsq(_rows(design), eta.ravel())[0]
    if design.position:
        beta[-1] = design.position
    of_raters = [design.rater_sd]
    if _sloping(design):
        of_raters += [0.0, design.slope_sd]
    psi = np.concatenate([of_raters, [design.utterance_sd], beta])
    return Start(psi, fit.covariance)


def _fit(design: StudyDesign, trials: SimulatedTrials, start: Start | None) -> MixedFit:
    X = _matrix(design, trials.system, design.snr_c[trials.snr])
    if design.position:
        X = np.column_stack([X, trials.first - 0.5])
    dense = np.unique(trials.utterance, return_inverse=True)[1]
    slope = design.snr_c[trials.snr] if _sloping(design) else None
    factors = [Factor("rater", trials.rater, slope), Factor("utterance", dense)]
    return fit_binary(trials.preferred, X, factors, start=start)


def _sloping(design: StudyDesign) -> bool:
    return design.slope_sd > 0 and design.snrs > 1


def _rows(design: StudyDesign) -> Floats:
    """Return the fixed effects of every system and SNR, at no position."""
    system = np.repeat(np.arange(design.systems), design.snrs)
    rows = _matrix(design, system, np.tile(design.snr_c, design.systems))
    return np.column_stack([rows, np.zeros(len(rows))]) if design.position else rows


def _within(
    residual: Floats, cell: Ints, cluster: Ints, cells: int
) -> tuple[Floats, Floats]:
    """Return clusters in each cell, and the sum of squared sums of residuals."""
    clusters = int(cluster.max()) + 1
    there, at = np.unique(cell * clusters + cluster, return_inverse=True)
    sums = np.bincount(at, weights=residual)
    count = np.bincount(there // clusters, minlength=cells)
    squares = np.bincount(there // clusters, weights=sums**2, minlength=cells)
    return count.astype(np.float64), squares.astype(np.float64)


def _matrix(design: StudyDesign, system: Ints, snr: Floats) -> Floats:
    """Return the columns 1, snr, system[1] ..., snr:system[1] ..., as they apply."""
    others = [(system == k).astype(np.float64) for k in range(1, design.systems)]
    columns = [np.ones(len(snr)), *others]
    if design.snrs > 1:
        columns += [snr, *(o * snr for o in others)]
    return np.column_stack(columns)
