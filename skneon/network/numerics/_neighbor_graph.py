# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Affinities of rows in the graph of nearest neighbours, rows inserted one by one.

A row's affinity to a point is 1/2 where the point is among its k nearest points, and
1/2 more where the row is among the k nearest of the point. Points that tie for the last
places share them equally. So without any column, where all distances are 0, all points
have the same affinity.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from skneon.network.numerics._types import Array

# squared distances that differ by so little tie
TIE = 1e-9


@dataclass(frozen=True)
class Reach:
    """How far the k nearest others of each point are, and what follows without one.

    Attributes
    ----------
    radius : ndarray of shape (N,)
        Squared distance to the k-th nearest.
    closer, tied : ndarray of int, shape (N,)
        How many are closer than that, and how many as far.
    beyond : ndarray of shape (N,)
        The next larger squared distance, +inf where there is none.
    tied_beyond : ndarray of int, shape (N,)
        How many are that far.
    """

    radius: Array
    closer: Array
    tied: Array
    beyond: Array
    tied_beyond: Array

    @classmethod
    def of(cls, U: Array, k: int) -> "Reach":
        """Of points (N, d), each among the others."""
        D = _squared(U, U)
        np.fill_diagonal(D, np.inf)
        radius, closer, tied = _last_places(D, k)
        D[D <= (radius + TIE * radius)[:, None]] = np.inf
        beyond = D.min(axis=1)
        there = np.isfinite(beyond)
        slack = np.where(there, beyond * (1 + TIE), 0.0)
        return cls(radius, closer, tied, beyond, (D <= slack[:, None]).sum(axis=1))

    def without(self, D: Array, k: int) -> tuple[Array, Array, Array]:
        """Radius, closer and tied, where each point loses one at the distance D.

        Of the shape of D, (n, N); +inf loses none.
        """
        slack = TIE * self.radius
        inside = self.radius - slack > D
        at = ~inside & (self.radius + slack >= D)
        closer, tied = self.closer - inside, self.tied - at
        next_ = closer + tied < k
        return (
            np.where(next_, self.beyond, self.radius),
            np.where(next_, k - 1, closer),
            np.where(next_, self.tied_beyond, tied),
        )


def graph_affinities(
    X: Array, U: Array, k: int, reach: Reach, absent: Array | None = None
) -> Array:
    """Affinities of rows to points, each row divided by its sum: (n, N).

    Parameters
    ----------
    X : ndarray of shape (n, d)
    U : ndarray of shape (N, d)
    k : int
        Number of nearest neighbours.
    reach : Reach
        Of the points.
    absent : ndarray of int, shape (n,), or None
        The point that each row's graph goes without; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> U = np.array([[0.0], [1.0], [5.0]])
    >>> graph_affinities(np.array([[0.25]]), U, 1, Reach.of(U, 1)).round(3)
    array([[0.667, 0.333, 0.   ]])
    """
    D = _squared(X, U)
    radius, closer, tied = reach.radius, reach.closer, reach.tied
    if absent is not None:
        rows = np.flatnonzero(absent >= 0)
        lost = np.full(D.shape, np.inf)
        lost[rows] = _squared(U[absent[rows]], U)
        radius, closer, tied = reach.without(lost, k)
        D[rows, absent[rows]] = np.inf
    # the row takes part in ties of the points
    W = _places(D, k, radius, closer, tied + 1)
    own, nearer, as_far = _last_places(D, k)
    W += _places(D, k, own[:, None], nearer[:, None], as_far[:, None])
    if absent is not None:
        W[rows, absent[rows]] = 0.0
    total: Array = W.sum(axis=1, keepdims=True)
    return np.asarray(W / total)


def _squared(X: Array, U: Array) -> Array:
    """Squared distances (n, N); of no columns 0."""
    if not X.shape[1]:
        return np.zeros((len(X), len(U)))
    return np.asarray(cdist(X, U, "sqeuclidean"))


def _last_places(D: Array, k: int) -> tuple[Array, Array, Array]:
    """The k-th smallest of each row, and how many are smaller and as large."""
    last = np.partition(D, k - 1, axis=1)[:, k - 1]
    slack = TIE * last
    closer = (D < (last - slack)[:, None]).sum(axis=1)
    return last, closer, (D <= (last + slack)[:, None]).sum(axis=1) - closer


def _places(D: Array, k: int, radius: Array, closer: Array, tied: Array) -> Array:
    """1 within the radius, a share of the last places at it, 0 beyond."""
    share = (k - closer) / np.maximum(tied, 1)
    with np.errstate(invalid="ignore"):
        within, at = D < radius - TIE * radius, D <= radius + TIE * radius
    within |= np.isinf(radius) & np.isfinite(D)
    return np.where(within, 1.0, np.where(at, share, 0.0))
