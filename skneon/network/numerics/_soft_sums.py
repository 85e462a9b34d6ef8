# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Soft distances to several weighted sets of points at once, by one matrix product."""

import numpy as np

from skneon.network.numerics._soft_min import excess, log_mean_exp
from skneon.network.numerics._types import Array

# sums below this have lost digits to underflow
LOST = 1e-250


def soft_sums(H: Array, V: Array, gamma: float) -> Array:
    r"""-(1/gamma) log sum_k V_kj exp(-gamma h_nk) for each set of masses V_.j: (n, J).

    Exponentials are shared by all sets. Where a set is so far behind the nearest point
    that its own underflow, they are taken about its nearest.

    Parameters
    ----------
    H : ndarray of shape (n, N)
        Squared distances; +inf leaves a point out of a row.
    V : ndarray of shape (N, J)
        Masses, not negative.
    gamma : float

    Returns
    -------
    soft : ndarray of shape (n, J)
        +inf where a set has no mass.

    Examples
    --------
    >>> import numpy as np
    >>> H = np.array([[0.0, 2.0, 1e6]])
    >>> soft_sums(H, np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), 1.0).round(4)
    array([[-1.269e-01,  1.000e+06]])
    """
    least = H.min(axis=1)
    E = excess(H, np.ones((1, H.shape[1])), gamma, least)
    np.exp(np.negative(E, out=E), out=E)
    sums = E @ V
    with np.errstate(divide="ignore"):
        soft = least[:, None] - np.log(sums) / gamma
    for j in np.flatnonzero((sums < LOST).any(axis=0)):
        own = np.flatnonzero(V[:, j])
        rows = np.flatnonzero(sums[:, j] < LOST)
        rows = rows[np.isfinite(H[np.ix_(rows, own)]).any(axis=1)]
        if len(rows):
            mass = V[own, j]
            near = log_mean_exp(H[np.ix_(rows, own)], mass[None] / mass.sum(), gamma)
            soft[rows, j] = near - np.log(mass.sum()) / gamma
    return np.asarray(soft)
