# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weights of the hidden units in a pooling, row by row; and who is absent."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logsumexp

from skneon.network._query import Query
from skneon.network.numerics._types import Array

# weights of units that count are at least so large
LEAST = 1e-300


@dataclass(frozen=True)
class Absent:
    """Pairs of a row and a support point that the row's model goes without.

    Attributes
    ----------
    rows, points : ndarray of int
        Pair by pair, the rows increasing.
    """

    rows: Array
    points: Array

    def __len__(self) -> int:
        return len(self.rows)

    def in_tile(self, tile: slice) -> tuple[Array, Array]:
        """Rows, and points by their number in a tile of the support points."""
        if not len(self.rows):
            return self.rows, self.points
        start, stop, _ = tile.indices(np.iinfo(np.intp).max)
        inside = (self.points >= start) & (self.points < stop)
        return self.rows[inside], self.points[inside] - start


NOBODY = Absent(np.array([], dtype=int), np.array([], dtype=int))


class SupportWeights:
    r"""Weights :math:`\pi_k` of the support points, and who is absent for a row.

    The one home of leave-one-out. Points of the same group are absent together: their
    weights are set to zero, and the others are divided by the sum that is left,
    :math:`\sum_{k \notin g} \pi_k`. That is the model refitted without them.

    Parameters
    ----------
    weights : ndarray of shape (N,)
        Positive, with the sum 1.
    offset : float, default=0
        Constant of the score, next to the pooled units.
    groups : ndarray of int, shape (N,), or None
        Group of each point, numbered from 0; None: each point is one.

    Raises
    ------
    ValueError
        For weights that are negative, and another number of groups. Of a network's
        pooling, for weights of another sum than 1.
    """

    # what the sum of the weights counts of points that are not among them
    missing: Any = 0.0

    def __init__(
        self, weights: Array, offset: float = 0.0, groups: Array | None = None
    ) -> None:
        weights = np.asarray(weights)
        if weights.ndim != 1 or not (weights >= 0).all():
            raise ValueError(
                "Weights must be of shape (N,) and not negative, got "
                f"{np.array2string(weights, threshold=9)}."
            )
        if groups is not None and np.shape(groups) != weights.shape:
            raise ValueError(
                f"groups must have the shape {weights.shape} of the weights, got "
                f"{np.shape(groups)}."
            )
        self.weights = weights
        self.groups = groups
        self._offset = offset
        masses = weights if groups is None else np.bincount(groups, weights)
        # sums from both ends: 1 - pi_j would cancel where pi_j is nearly 1
        before = np.concatenate([[0.0], np.cumsum(masses[:-1])])
        after = np.concatenate([np.cumsum(masses[:0:-1])[::-1], [0.0]])
        self._rest = before + after
        if groups is not None:
            self._order = np.argsort(groups, kind="stable")
            self._sizes = np.bincount(groups)
            self._starts = np.cumsum(self._sizes) - self._sizes

    def absent(self, query: Query) -> Absent:
        """Who is absent from the model of which row."""
        if query.absent is None:
            return NOBODY
        rows = np.flatnonzero(query.absent >= 0)
        groups = query.absent[rows]
        if self.groups is None:
            return Absent(rows, groups)
        sizes = self._sizes[groups]
        first = np.repeat(self._starts[groups] - np.cumsum(sizes) + sizes, sizes)
        points = self._order[first + np.arange(sizes.sum())]
        return Absent(np.repeat(rows, sizes), points)

    def total(self, query: Query) -> Any:
        """Sum of the weights of those that are there: shape (n,), or 1."""
        if query.absent is None:
            return 1.0
        return np.where(query.absent >= 0, self._rest[query.absent], 1.0)

    def present(self, H: Array, query: Query) -> Array:
        """Distances H (n, N) with those of the absent at +inf."""
        absent = self.absent(query)
        if not len(absent) or np.all(H[absent.rows, absent.points] == np.inf):
            return H
        H = H.copy()
        H[absent.rows, absent.points] = np.inf
        return H

    def __call__(self, query: Query) -> Array:
        """Weights by row: shape (1, N), or (n, N) where points are absent.

        All are 0 where nothing is left.
        """
        if query.absent is None:
            return self.weights[None, :]
        absent = self.absent(query)
        shape = len(query.absent), len(self.weights)
        total = self.total(query)[:, None]
        P: Array = np.divide(self.weights, total, out=np.zeros(shape), where=total > 0)
        P[absent.rows, absent.points] = 0.0
        return P

    def offset(self, query: Query) -> Any:
        """The constant."""
        return self._offset


class LogWeights:
    r"""Weights of units that come with log weights a_k, such as mixture components.

    .. math:: \pi_k = e^{a_k} / \sum_l e^{a_l}, \qquad
              \text{offset} = -\log \sum_l e^{a_l}

    Parameters
    ----------
    log_weights : ndarray of shape (K,)
    """

    def __init__(self, log_weights: Array) -> None:
        self.log_weights = log_weights

    def logs(self, query: Query) -> Array:
        """The a_k by row, shape (1, K) or (n, K); -inf for units that do not count."""
        return self.log_weights[None, :]

    def __call__(self, query: Query) -> Array:
        """Weights by row, shape (1, K) or (n, K)."""
        logs = self.logs(query)
        P = np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
        # a weight that underflows may still belong to the nearest unit
        P = np.where(np.isfinite(logs), np.maximum(P, LEAST), 0.0)
        return np.asarray(P / P.sum(axis=1, keepdims=True))

    def offset(self, query: Query) -> Array:
        """The score where all distances are 0, shape (1,) or (n,)."""
        return np.asarray(-logsumexp(self.logs(query), axis=1))


def rivals_of(query: Query, n_clusters: int) -> Array:
    """Which clusters compete with the row's; ndarray of bool, shape (n, K)."""
    assert query.cluster is not None
    numbers = np.arange(n_clusters)
    competes = numbers != query.cluster[:, None]
    if query.rival is not None:
        rival = query.rival[:, None]
        competes &= (numbers == rival) | (rival < 0)
    return np.asarray(competes)


class RivalWeights(LogWeights):
    """Log weights in the log-odds of a row's cluster: a_k - a_c of its rivals."""

    def logs(self, query: Query) -> Array:
        """a_k - a_c by row, shape (n, K); -inf for units that do not compete."""
        assert query.cluster is not None
        competes = rivals_of(query, len(self.log_weights))
        difference = self.log_weights - self.log_weights[query.cluster][:, None]
        return np.where(competes, difference, -np.inf)
