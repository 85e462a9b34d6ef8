# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Linear units of clusters that are cells of centroids: k-means and its kin."""

from typing import Any

import numpy as np
from scipy.sparse import issparse

from skneon.network._query import Query
from skneon.network.layers._distance import SquaredDistance
from skneon.network.layers._grouped import GroupedMin
from skneon.network.layers._linear import LinearPairs
from skneon.network.layers._pairs import Pairs
from skneon.network.layers._pooling import Min, Pooling
from skneon.network.layers._units import Units
from skneon.network.numerics._distances_to_few import (
    Cells,
    first_least,
    nearest_by_differences,
)
from skneon.network.numerics._types import Array

# pairs of rows and points below which plain differences are as fast as products
FEW = 2**12


class CentroidPairs(LinearPairs):
    r"""One linear unit for each rival of the cluster c (chapter #4.1, layer 1).

    .. math:: h_k = \|x - \mu_k\|^2 - \|x - \mu_c\|^2 = w_k^\top x + b_k, \qquad
              w_k = 2 (\mu_c - \mu_k), \quad b_k = \|\mu_k\|^2 - \|\mu_c\|^2

    The unit k = c does not compete: h_c = +inf; nor do those outside a chosen rival.

    A cluster may have several centroids (ours): then each cluster, own or rival, stands
    for the one of its centroids that is nearest to the row, and the others do not
    compete. That is the hard min-pooling of the cluster's distances, all of whose
    relevance goes to the winner. Columns are left out of both minima, by all
    centroids: `in_game`.

    Parameters
    ----------
    centroids : ndarray of shape (K, d)
    labels : ndarray of int, shape (K,), or None
        The cluster of each centroid, numbered from 0; None: one each.

    Attributes
    ----------
    cells : Cells or None
        For products of all pairs at once, where these are sharp enough.
    sole : ndarray of int, shape (n_clusters,), or None
        The one centroid of each cluster, where each has one.
    """

    reference_name = "centroid of the strongest rival"
    equation = "h_k = ‖x − μ_k‖² − ‖x − μ_c‖² = w_kᵀx + b_k,  w_k = 2 (μ_c − μ_k)"

    @property
    def words(self) -> str:
        """What a unit is."""
        if self.sole is not None:
            return "how much nearer the centroid of c is than a rival's"
        return "how much nearer c is than each rival, each by its nearest centroid"

    @property
    def parts(self) -> str:
        """What a column has of a unit."""
        if self.inputs.matrix is None:
            return "C_ki = (x_i − μ_ki)² − (x_i − μ_ci)²"
        return (
            "C_ki = (y − μ̂_k)_i [(x − μ_k) Aᵀ]_i − the same of c,  x = y A + b, "
            "μ_k = μ̂_k A + b"
        )

    def __init__(self, centroids: Array, labels: Array | None = None) -> None:
        K, d = centroids.shape
        self.centroids = centroids
        self.labels = np.arange(K) if labels is None else labels
        self.sole = np.argsort(self.labels) if K == self.n_clusters else None
        self.cells = Cells.sharp(centroids)
        # of the strongest rivals; the last of none
        self.references = np.vstack([centroids, np.full(d, np.nan)])
        self.rival_labels = np.append(self.labels, -1)
        super().__init__(d, K)

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return int(self.labels.max()) + 1

    def nearest(self, X: Array) -> Array:
        """The cluster of the nearest centroid; ndarray of int, shape (n,).

        By plain differences where the products are too coarse to tell. That is
        ``predict``, which expands the squares and so goes wrong where the data lie far
        from the origin.
        """
        Z = self.inputs.project(X)
        return np.asarray(self.labels[nearest_point(Z, self.centroids, self.cells)])

    @property
    def own_points(self) -> Array:
        """The points that `owners` numbers, shape (K, d)."""
        return self.centroids

    def owners(self, X: Array, query: Query) -> Array:
        """The nearest of the cluster's own centroids; ndarray of int, shape (n,)."""
        clusters = self.clusters(X, query)
        if self.sole is not None:
            # no array of a number per row where numbers are those of the clusters
            same = np.array_equal(self.sole, np.arange(len(self.sole)))
            return clusters if same else np.asarray(self.sole[clusters])
        return np.asarray(self.winners(X)[np.arange(len(clusters)), clusters])

    def winners(self, X: Array) -> Array:
        """The nearest centroid of each cluster; ndarray of int, (n, n_clusters).

        Found in the same way whether it is the own cluster or a rival.
        """
        Z = self.inputs.project(X)
        out = np.empty((X.shape[0], self.n_clusters), dtype=int)
        for c in range(self.n_clusters):
            own = np.flatnonzero(self.labels == c)
            out[:, c] = own[nearest_point(Z, self.centroids[own])]
        return out

    def forward(self, X: Array, query: Query) -> Array:
        """Activations h, shape (n, n_units); +inf where a unit does not compete."""
        if self.cells is None or self.inputs.matrix is not None or not issparse(X):
            H = super().forward(X, query)
        else:
            owners = self.owners(X, query)
            H = self.cells.contrast(self.cells.sparse_heights(X), owners)
            if query.rival is not None:
                H[self.excluded(owners, query)] = np.inf
            if self.sole is None:
                H[self.labels[owners][:, None] == self.labels] = np.inf
        if self.sole is None:
            H[self.outdone(X)] = np.inf
        return H

    def outdone(self, X: Array) -> Array:
        """Centroids that another of their cluster is nearer than; bool, (n, K)."""
        outdone = np.ones((X.shape[0], self.n_units), dtype=bool)
        np.put_along_axis(outdone, self.winners(X), False, axis=1)
        return outdone

    def in_game(self, pooling: Pooling) -> tuple[Units, Pooling]:
        """All centroids, where clusters have several: columns change who is nearest."""
        if self.sole is not None or not isinstance(pooling, Min):
            return self, pooling
        distances = SquaredDistance(self.centroids).through(self.inputs)
        return distances, GroupedMin(self.labels)

    def moved(self) -> float:
        """Part of a squared distance that rounding moves from one column to another."""
        return self.inputs.moved(self.centroids, self.inputs.pull(self.centroids))

    def pairs(self, owner: int) -> Pairs:
        """The linear units where this centroid is the nearest of the cluster's own."""
        own = self.centroids[owner]
        competes = self.labels != self.labels[owner]
        return Pairs.of(own, own, self.centroids, competes, self.inputs)

    @property
    def points(self) -> Array:
        """The points that units contrast, shape (M, d)."""
        return self.centroids

    def over_points(self, factor: Array, owners: Array) -> Array:
        """What the points count where the units count as `factor`, shape (n, M)."""
        weights = factor.copy()
        weights[np.arange(len(owners)), owners] -= factor.sum(axis=1)
        return weights

    def strongest_point(self, X: Any, H: Array, query: Query) -> Array:
        """Number of the strongest rival's point, -1 where there is none; (n,)."""
        strongest = self.strongest(H, H.min(axis=1))
        return np.where(strongest < self.n_units, strongest, -1)

    def excluded(self, owners: Array, query: Query) -> Array:
        """Units outside a chosen rival; ndarray of bool, shape (n, K)."""
        assert query.rival is not None
        rival = query.rival[:, None]
        return np.asarray((rival != self.labels) & (rival >= 0))

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Centroid of the strongest rival, shape (n, d); NaN where there is none."""
        return np.asarray(self.references[self.strongest(H, H.min(axis=1))])

    def rivals(self, X: Array, H: Array, query: Query) -> Array:
        """The strongest rival, argmin_k h_k; -1 where there is none. Shape (n,)."""
        return np.asarray(self.rival_labels[self.strongest(H, H.min(axis=1))])

    @property
    def rival_references(self) -> Array | None:
        """The point of each rival, and of none at last; None unless each has one."""
        if self.sole is None:
            return None
        return np.asarray(self.references[np.append(self.sole, self.n_units)])

    def strongest(self, H: Array, least: Array) -> Array:
        """Number of the strongest rival's unit, K where there is none; shape (n,)."""
        strongest = first_least(H, least)
        strongest[np.isinf(least)] = self.n_units
        return strongest


def nearest_point(Z: Any, points: Array, cells: Cells | None = None) -> Array:
    """Number of the nearest point, the first at ties; ndarray of int, shape (n,).

    By plain differences where rows are dense and few, or where the products of `cells`
    are too coarse to tell; those of sparse rows would fill up.
    """
    if issparse(Z):
        squares = np.sum(points**2, axis=1) - 2 * (Z @ points.T)
        return np.asarray(squares.argmin(axis=1))
    if len(Z) * len(points) < FEW:
        return np.asarray(nearest_by_differences(Z, points))
    cells = cells or Cells(points)
    Y = cells.centred(Z)
    return cells.nearest(Z, Y, cells.heights(Y))
