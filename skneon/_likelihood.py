# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The kernel coefficient by which rows are likeliest, each without itself."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import cdist

from skneon._weighted import total_variance
from skneon.network.numerics._types import Array

# distinct rows by which gamma is chosen
LIKELY_ROWS = 1000
# rows nearer than this part of the spread are the same: steps in front round them
SAME = {"f": 1e-5, "d": 1e-7}
# steps of the grid, and how near to the maximum is near, both of log gamma
STEP, NEAR = 0.25 * np.log(10), 1e-4


class HeldOutLikelihood:
    r"""The log likelihood of rows, each without itself, as a function of log gamma.

    .. math:: \ell(\gamma) = \frac{d}{2} \log\frac{\gamma}{\pi}
              + \sum_i w_i \log \frac{\sum_{j \ne i} w_j e^{-\gamma \|x_i - x_j\|^2}}
              {\sum_{j \ne i} w_j},

    over distinct rows of weights w (Habbema, Hermans and van den Broek 1974; Duin
    1976), in two ways made fit for discrete columns. A row is left out with all that
    repeat it: if these were its neighbours, rows of few distinct values would be the
    likelier the larger gamma is, without end. And d is the mean number of columns in
    which a row differs from its nearest other one: where near rows are equal, as in
    categories, there is no density. So there is a maximum. There d over 2 gamma is
    the mean over the rows of a soft minimum of their squared distances, which is
    between the least and the mean distance.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, d)
        At least two; none twice.
    weights : ndarray of shape (n,), with the sum 1
        Positive.
    same : float
        Rows that are nearer to each other than this part of the spread, the root of the
        total variance, are repeats, too.

    Attributes
    ----------
    bounds : tuple of float
        Logarithms of the least and the largest gamma that may be the best.
    """

    def __init__(self, rows: Array, weights: Array, same: float) -> None:
        squares = cdist(rows, rows, "sqeuclidean")
        least_square = same**2 * total_variance(rows, weights)
        repeats = squares <= least_square
        others = np.where(repeats, 0.0, weights)
        self.weights, self.others = weights, others / others.sum(axis=1, keepdims=True)
        squares[repeats] = np.inf
        near = squares.argmin(axis=1)
        self.nearest = squares.min(axis=1)
        differ = np.square(rows - rows[near]) > least_square
        self.half = float(weights @ differ.sum(axis=1)) / 2
        # those of repeats, which do not count, would overflow
        self.beyond = np.where(repeats, 0.0, squares - self.nearest[:, None])
        mean = self.nearest + np.sum(self.others * self.beyond, axis=1)
        least, most = weights @ self.nearest, weights @ mean
        self.bounds = float(np.log(self.half / most)), float(np.log(self.half / least))

    def __call__(self, log_gamma: float) -> float:
        """The mean log likelihood of a row."""
        gamma = np.exp(log_gamma)
        kernels = np.exp(-gamma * self.beyond)
        kernels *= self.others
        logs = np.log(kernels.sum(axis=1)) - gamma * self.nearest
        return float(self.half * (log_gamma - np.log(np.pi)) + self.weights @ logs)

    def best(self) -> float:
        """Logarithm of the best gamma: by a grid, then between its points."""
        low, high = self.bounds
        grid = np.linspace(low, high, 2 + int((high - low) / STEP))
        best = float(grid[np.argmax([self(point) for point in grid])])
        around = max(low, best - STEP), min(high, best + STEP)
        if around[1] - around[0] <= NEAR:
            return best
        found = minimize_scalar(
            lambda point: -self(point), bounds=around, method="bounded",
            options={"xatol": NEAR},
        )  # fmt: skip
        return max(best, float(found.x), key=self)


def likeliest_gamma(X: Array, weights: Array) -> float:
    """The gamma by which up to 1000 distinct rows are likeliest, each without itself.

    Of more, 1000 are drawn by their weights (``numpy.random.default_rng(0)``, the same
    at every call).

    Parameters
    ----------
    X : ndarray of float32 or float64, shape (n, d)
    weights : ndarray of shape (n,), with the sum 1

    Returns
    -------
    gamma : float
        0 where no two rows differ; inf where gamma is beyond the largest float.
    """
    same = SAME[X.dtype.char]
    rows, weights = _distinct(X[weights > 0].astype(float), weights[weights > 0])
    if len(rows) < 2:
        return 0.0
    rows, weights = _drawn(rows, weights)
    # scaled, so that squares neither overflow nor vanish
    rows = rows - rows.mean(axis=0)
    scale = float(np.abs(rows).max())
    if scale == 0:
        return 0.0
    best = HeldOutLikelihood(rows / scale, weights, same).best()
    with np.errstate(over="ignore"):
        return float(np.exp(best - 2 * np.log(scale)))


def _distinct(X: Array, weights: Array) -> tuple[Array, Array]:
    """The distinct rows, in their own order, and the weights of each."""
    rows, of = np.unique(X, axis=0, return_inverse=True)
    return rows, np.bincount(of.ravel(), weights, len(rows))


def _drawn(rows: Array, weights: Array) -> tuple[Array, Array]:
    """Up to so many rows and their weights; of more, those that are drawn by weight."""
    if len(rows) <= LIKELY_ROWS:
        return rows, weights
    rng = np.random.default_rng(0)
    order = rng.permutation(len(rows))
    ends = np.cumsum(weights[order])
    # at equal distances, so that rows of equal weights are drawn once
    places = (np.arange(LIKELY_ROWS) + rng.random()) / LIKELY_ROWS
    places = np.searchsorted(ends, places * ends[-1])
    drawn, times = np.unique(order[places], return_counts=True)
    return rows[drawn], times / LIKELY_ROWS
