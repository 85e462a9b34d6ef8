# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that measure the distance to support points."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._grouped import GroupedLogMeanExp
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._root import Root
from skneon.network.layers._units import Units
from skneon.network.numerics._distances_to_many import Points, Rows
from skneon.network.numerics._shares import ProductShares, SquareShares
from skneon.network.numerics._soft_min import squared_distances
from skneon.network.numerics._types import Array
from skneon.network.rules._activation import carried
from skneon.network.rules._rule import Passed


class SupportUnits(Units):
    """Units that each belong to a support point.

    Parameters
    ----------
    support : ndarray of shape (N, d)
        In the space of the inputs' outputs.
    """

    reference_name = "weighted mean of support points"

    @property
    def n_units(self) -> int:
        """Number of support points."""
        return len(self.support)

    @property
    def parts(self) -> str:
        """What a column has of a squared distance."""
        mixed = "C_ki = (y − û_k)_i [(x − u_k) Aᵀ]_i,  x = y A + b, u_k = û_k A + b"
        return "C_ki = (x_i − u_ki)²" if self.inputs.matrix is None else mixed

    def __init__(self, support: Array) -> None:
        self.support = support
        self.points = Points(support)
        super().__init__(Inputs.identity(support.shape[1]))

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        self._preimages = inputs.pull(self.support)
        self.rounding = inputs.rounding(self.support, self._preimages)
        self.shares: Any = (
            SquareShares(self.points)
            if inputs.matrix is None
            else ProductShares(self.points, self._preimages, inputs)
        )

    @property
    def width(self) -> int:
        """Numbers that a row takes: one for each support point."""
        return len(self.support)

    def moved(self) -> float:
        """Part of a squared distance that rounding moves from one column to another."""
        return self.inputs.moved(self.support, self._preimages)

    def rows(self, X: Array) -> Rows:
        """Rows made ready for products with the support points."""
        return self.points.rows(X, self.inputs.project(X))

    def squared_distances(self, X: Array) -> Array:
        """Squared distances to the support points, shape (n, N)."""
        return self.points.squared_distances(self.rows(X))[0]

    def contributions(self, X: Array, query: Query) -> Array:
        """Shares of the squared distances; shape (N, n, n_columns)."""
        differences = self.inputs.project(X) - self.support[:, None]
        if self.inputs.matrix is None:
            return self.inputs.gather(differences**2)
        shares = (X - self._preimages[:, None]) * self.inputs.back(differences)
        return self.inputs.gather(shares)

    def shares_by_input(self, X: Array, W: Array, squared: Array) -> Array:
        """sum_k W_nk times the shares of the k-th squared distance, before gathering.

        Shape (n, m), for the m inputs. Terms of either sign are summed by themselves,
        since sums of squares are kept from being rounded below 0.
        """
        if W.min(initial=0.0) < 0:
            gain = self.shares_by_input(X, np.maximum(W, 0.0), squared)
            return gain - self.shares_by_input(X, np.maximum(-W, 0.0), squared)
        rows = self.rows(X)
        near = self.points.near_pairs(rows, squared)
        return np.asarray(self.shares.weighted(rows, W.copy() if near else W, near))

    def weighted_shares(self, X: Array, W: Array, T: Array, query: Query) -> Array:
        """sum_k W_nk times the shares of the k-th squared distance, (n, n_columns)."""
        return self.inputs.gather(self.shares_by_input(X, W, T))

    def mean_support(self, weights: Array) -> Array:
        """sum_k weights_nk u_k, rounded relative to the data's spread: (n, d)."""
        return np.asarray(weights @ self.points.centered + self.points.center)


class SquaredDistance(SupportUnits):
    r"""Squared distances to the support points (chapter #3.1, layer 1).

    .. math:: h_k = \|x - u_k\|^2

    Parameters
    ----------
    support : ndarray of shape (N, d)
    bias : float or ndarray of shape (N,), default=0
        Share of a unit's relevance that is no column's, in units of h; see `Units`.
    """

    words = "the squared distance to each support point"
    equation = "h_k = ‖x − u_k‖²"
    carries = "R_i = x_i (x_i − Σ_k p_k u_ki)"

    def __init__(self, support: Array, bias: Any = 0.0) -> None:
        super().__init__(support)
        self.bias = bias

    def forward(self, X: Array, query: Query) -> Array:
        """Squared distances h, shape (n, N)."""
        return self.squared_distances(X)

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Weighted mean of the support points, shape (n, d)."""
        return self.mean_support(weights)

    def carried(self, X: Array, passed: Passed, query: Query, epsilon: float) -> Array:
        """Chapter A.1: y_i times its distance to the weighted mean, (n, n_columns)."""
        typical = self.mean_support(passed.weights)
        return carried(self.inputs, X, self.inputs.project(X) - typical)


class Distance(Root, SquaredDistance):
    r"""Euclidean distances to the support points.

    .. math:: h_k = \|x - u_k\|, \qquad T_k = h_k^2

    Shared among the features as the squared distance is (ours).
    """

    words = "the distance to each support point"
    equation = "h_k = ‖x − u_k‖"

    def squared_distances(self, X: Array) -> Array:
        """Squared distances, from plain differences: at ties nothing is rounded."""
        return squared_distances(self.inputs.project(X), self.support)

    def forward(self, X: Array, query: Query) -> Array:
        """Distances h, shape (n, N)."""
        return np.sqrt(self.squared_distances(X))


class MemberDistance(SquaredDistance):
    """Squared distances to support points that are members of clusters.

    Parameters
    ----------
    support : ndarray of shape (N, d)
    pooling : GroupedLogMeanExp
    """

    words = "the squared distance to each member of a cluster"

    reference_name = "weighted mean of the rival's members"

    def __init__(self, support: Array, pooling: GroupedLogMeanExp) -> None:
        super().__init__(support)
        self.pooling = pooling

    @property
    def own_points(self) -> Array:
        """Weighted means of the clusters' members, shape (n_clusters, d)."""
        weights = self.pooling.support_weights.weights
        members = self.pooling.members == np.arange(self.pooling.n_clusters)[:, None]
        shares = np.where(members, weights, 0.0)
        return self.mean_support(shares / shares.sum(axis=1, keepdims=True))

    def owners(self, X: Array, query: Query) -> Array:
        """The cluster that is asked about, shape (n,)."""
        return self.nearest(X) if query.cluster is None else query.cluster

    def nearest(self, X: Array) -> Array:
        """The cluster of the least soft distance, shape (n,)."""
        H = self.forward(X, Query())
        return np.asarray(self.pooling.distances(H, Query()).argmin(axis=1))

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Weighted mean of the rival's members, NaN where there is none."""
        rival = np.maximum(weights, 0.0)
        some = rival.sum(axis=1, keepdims=True) > 0
        return np.where(some, self.mean_support(rival), np.nan)

    def rivals(self, X: Array, H: Array, query: Query) -> Array:
        """The strongest rival; -1 where there is none. Shape (n,)."""
        return self.pooling.rivals(H, query)
