# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Inlierness of a kernel density, shared along the path where all distances grow.

.. math:: R_i = \frac1d + \sum_k \pi_k \frac{d_{ki}^2}{h_k} (e^{-\gamma h_k} - 1)
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from skneon.network.numerics._players import Floats, player_sums, players_of

# rows x points in a block: numbers
BLOCK = 2**20
# a pair whose terms are larger than its part by this factor is near: rounding of
# sums by products stays below that many times the machine precision
CANCELLATION = 256.0
# gamma h below this is 0, where the difference quotient has its limit
TINY = 1e-300


def integrated_inlierness(
    X: Floats,
    U: Floats,
    weights: Floats,
    gamma: float,
    groups: ArrayLike | None = None,
) -> Floats:
    r"""Aumann-Shapley value of inlierness, i(x) = sum_k pi_k exp(-gamma h_k).

    .. math:: R_i = \frac1d \sum_k \pi_k + \sum_k \pi_k d_{ki}^2
              \int_0^1 -\gamma e^{-s \gamma h_k} ds

    All columns take part to the degree s, from none to all. Without any column there
    is no inlierness, for which each of the d columns, or of the players, has an equal
    part. Two products with matrices per block of rows; pairs of rows and points so
    near that digits would cancel are summed from plain differences.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    U : ndarray of shape (N, d)
    weights : ndarray of shape (N,) or (n, N)
        One row for all, or one per row of X, where a 0 leaves a point out.
    gamma : float
    groups : array-like of int of shape (d,), default=None
        Columns with the same label are one player; see `players_of`.

    Returns
    -------
    R : ndarray of shape (n, p)
        The sum is i(x).

    Examples
    --------
    >>> import numpy as np
    >>> X, U = np.array([[1.0, 0.0]]), np.zeros((1, 2))
    >>> integrated_inlierness(X, U, np.ones(1), 0.5).round(4)
    array([[0.1065, 0.5   ]])
    """
    players = players_of(groups, X.shape[1])
    center = U.mean(axis=0)
    out = np.empty(X.shape)
    size = max(1, BLOCK // len(U))
    for start in range(0, len(X), size):
        rows = slice(start, start + size)
        own = weights if weights.ndim == 1 else weights[rows]
        out[rows] = _block(X[rows], U, center, own, gamma)
    R = player_sums(out, players)
    total = np.broadcast_to(weights.sum(axis=-1), len(X))
    shared: Floats = R + total[:, None] / len(players)
    return shared


def integrated_weights(H: Floats, weights: Floats, gamma: float) -> Floats:
    """pi_k (exp(-gamma h_k) - 1) / h_k, -gamma pi_k where h_k is 0. Shape (n, N).

    What each squared difference d_ki^2 counts for in `integrated_inlierness`; no digits
    cancel near 0.

    Parameters
    ----------
    H : ndarray of shape (n, N)
        Squared distances.
    weights : ndarray of shape (N,) or (n, N)
    gamma : float
    """
    return _rates(H, gamma) * weights


def _rates(H: Floats, gamma: float) -> Floats:
    """(exp(-gamma h) - 1) / h, of the shape of H."""
    T = -gamma * H
    tiny = T > -TINY
    rates: Floats = np.divide(np.expm1(T, out=T), H, out=T, where=~tiny)
    rates[tiny] = -gamma
    return rates


def _block(
    X: Floats, U: Floats, center: Floats, weights: Floats, gamma: float
) -> Floats:
    """sum_k pi_k rate(h_nk) (x_ni - u_ki)^2, shape (n, d)."""
    rates = _rates(cdist(X, U, "sqeuclidean"), gamma)
    A, B = X - center, U - center
    sizes = np.einsum("ni,ni->n", A, A)[:, None] + np.einsum("ki,ki->k", B, B)
    n, k = np.nonzero(-rates * sizes > CANCELLATION)
    W = rates * weights
    if len(n) * X.shape[1] > W.size:
        columns = range(X.shape[1])
        return np.stack([_column(X[:, i], U[:, i], W) for i in columns], axis=1)
    near = np.zeros(X.shape)
    if len(n):
        first, where = np.unique(n, return_index=True)
        pairs = W[n, k, None] * (X[n] - U[k]) ** 2
        near[first] = np.add.reduceat(pairs, where, axis=0)
        W[n, k] = 0.0
    total = W.sum(axis=1, keepdims=True)
    far: Floats = A**2 * total - 2 * A * (W @ B) + W @ B**2
    return near + far


def _column(x: Floats, u: Floats, W: Floats) -> Floats:
    """sum_k W_nk (x_n - u_k)^2 of one column, shape (n,)."""
    summed: Floats = np.einsum("nk,nk->n", W, (x[:, None] - u) ** 2)
    return summed
