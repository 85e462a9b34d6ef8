# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Linear units of clusters that are cells of prototypes: k-means and its kin."""

from itertools import pairwise

import numpy as np
from scipy.sparse import issparse

from skneon.network.layers._linear import (
    LinearPairs,
    Pairs,
    grouped,
    midpoint_factor,
    square_shares,
)
from skneon.network.numerics._distances_to_few import Cells, first_least
from skneon.network.numerics._soft_min import squared_distances

# numbers that are kept for all pairs of centroids
KEPT = 2**22
# pairs of rows and points below which plain differences are as fast as products
FEW = 2**12


class CentroidPairs(LinearPairs):
    r"""One linear unit for each rival of the cluster c (chapter #4.1, layer 1).

    .. math:: h_k = \|x - \mu_k\|^2 - \|x - \mu_c\|^2 = w_k^\top x + b_k, \qquad
              w_k = 2 (\mu_c - \mu_k), \quad b_k = \|\mu_k\|^2 - \|\mu_c\|^2

    The unit k = c does not compete: h_c = +inf; nor do those outside a chosen rival.
    Rules are those of `LinearPairs`.

    A cluster may have several centroids (ours): then c stands for the nearest of its
    own, and the others of its own do not compete. That is the hard min-pooling of the
    cluster's distances, all of whose relevance goes to the winner.

    Parameters
    ----------
    centroids : ndarray of shape (K, d)
    rule, n_subsets, training
        As in `LinearPairs`.
    labels : ndarray of int, shape (K,), or None
        The cluster of each centroid, numbered from 0; None: one each.
    """

    def __init__(self, centroids, rule, n_subsets=16, training=None, labels=None):
        K, d = centroids.shape
        self.centroids = centroids
        self.labels = np.arange(K) if labels is None else labels
        # the one centroid of each cluster
        self._sole = np.argsort(self.labels) if K == self.n_clusters else None
        self._cells = Cells.sharp(centroids)
        keeps = rule == "w-square" and self._cells is not None
        self._squares = None
        if keeps and K**2 * d <= KEPT:
            self._squares = np.array([square_shares(c - centroids) for c in centroids])
        # of the strongest rivals; the last of none
        self._references = np.vstack([centroids, np.full(d, np.nan)])
        self._rival_labels = np.append(self.labels, -1)
        super().__init__(d, K, rule, n_subsets, training)

    @property
    def n_clusters(self):
        """Number of clusters."""
        return self.labels.max() + 1

    def nearest(self, X):
        """The cluster of the nearest centroid; ndarray of int, shape (n,)."""
        Z = self.inputs.project(X)
        return self.labels[nearest_point(Z, self.centroids, self._cells)]

    def owners(self, X, query):
        """The nearest of the cluster's own centroids; ndarray of int, shape (n,)."""
        clusters = self.clusters(X, query)
        if self._sole is not None:
            return self._sole[clusters]
        out = np.empty(len(clusters), dtype=int)
        for c in np.unique(clusters):
            own, rows = np.flatnonzero(self.labels == c), clusters == c
            Z = self.inputs.project(X[rows])
            out[rows] = own[nearest_point(Z, self.centroids[own])]
        return out

    def pairs(self, owner):
        """The linear units where this centroid is the nearest of the cluster's own."""
        own = self.centroids[owner]
        competes = self.labels != self.labels[owner]
        return Pairs.of(own, own, self.centroids, competes, self.inputs)

    def excluded(self, owners, query):
        """Units outside a chosen rival; ndarray of bool, shape (n, K)."""
        return (query.rival[:, None] != self.labels) & (query.rival[:, None] >= 0)

    def at_once(self, X):
        """Whether the rows of all owners can go through one matrix product."""
        plain = self.inputs.matrix is None and not issparse(X)
        return plain and self._cells is not None

    def shares_at_once(self, X):
        """Whether that holds of the relevances, too."""
        return self.at_once(X) and (
            self.rule == "midpoint" or self._squares is not None
        )

    def contrasts(self, X, query):
        """Rows from the base, their own centroids, and activations: by one product.

        Returns
        -------
        Y : ndarray of shape (n, d)
        owners : ndarray of int, shape (n,)
        H : ndarray of shape (n, K)
            As of `forward`, each unit's in one piece.
        """
        Y = self._cells.centred(X)
        S = self._cells.heights(Y)
        if query.cluster is None:
            owners = self._cells.nearest(X, Y, S)
        else:
            owners = self.owners(X, query)
        H = self._cells.contrast(S, owners)
        if self._sole is None:
            H[self.labels[owners][:, None] == self.labels] = np.inf
        if query.rival is not None:
            H[self.excluded(owners, query)] = np.inf
        return Y, owners, H

    def forward(self, X, query):
        """Activations h, shape (n, K); +inf where a unit does not compete."""
        if self.at_once(X):
            return self.contrasts(X, query)[2]
        return super().forward(X, query)

    def propagate(self, X, query, pooling, out):
        """All that a network's pass gives for a few rows, into the arrays of `out`.

        Parameters
        ----------
        X : ndarray of shape (n, d)
            Of which `shares_at_once` holds.
        query : Query
        pooling : Min
        out : dict of str to ndarray
            "relevance", "score", "reference", "rival" and "cluster" of the rows.
        """
        Y, owners, H = self.contrasts(X, query)
        score, weights = pooling.pool(H, query)
        R = pooling.relevance(H, weights, score, query)
        out["score"][:] = score
        out["cluster"][:] = self.labels[owners]
        strongest = self._strongest(H, score)
        out["rival"][:] = self._rival_labels[strongest]
        # by "raise" it would go through a copy
        self._references.take(strongest, axis=0, out=out["reference"], mode="clip")
        if self.inputs.one_to_one:
            self._share(Y, H, R, weights, owners, out["relevance"])
        else:
            shares = self._share(Y, H, R, weights, owners, np.empty_like(X))
            out["relevance"][:] = self.inputs.gather(shares)

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        if not self.shares_at_once(X):
            return super().relevance(X, H, R, weights, query)
        Y, owners = self._cells.centred(X), self.owners(X, query)
        shares = self._share(Y, H, R, weights, owners, np.empty_like(X))
        return self.inputs.gather(shares)

    def _share(self, Y, H, R, weights, owners, out):
        """Relevances before gathering, into `out`, (n, d)."""
        if self.rule == "midpoint":
            factor = midpoint_factor(H, R, weights)
            return self._cells.weighted_shares(Y, factor, owners, out)
        return self._grouped_squares(R, owners, out)

    def _grouped_squares(self, R, owners, out):
        """sum_k R_nk w_ki^2 / |w_k|^2, by the shares that are kept."""
        order, starts = grouped(owners)
        R = R.T.take(order, axis=1).T
        parts = np.empty_like(out)
        for a, b in pairwise([*starts, len(order)]):
            np.matmul(R[a:b], self._squares[owners[order[a]]], out=parts[a:b])
        out[order] = parts
        return out

    def reference(self, X, H, weights, query):
        """Centroid of the strongest rival, shape (n, d); NaN where there is none."""
        return self._references[self._strongest(H, H.min(axis=1))]

    def rivals(self, X, H, query):
        """The strongest rival, argmin_k h_k; -1 where there is none. Shape (n,)."""
        return self._rival_labels[self._strongest(H, H.min(axis=1))]

    def _strongest(self, H, least):
        """Number of the strongest rival's unit, K where there is none; shape (n,)."""
        strongest = first_least(H, least)
        strongest[np.isinf(least)] = self.n_units
        return strongest


def nearest_point(Z, points, cells=None):
    """Number of the nearest point, the first at ties; ndarray of int, shape (n,).

    By plain differences where rows are dense and few, or where the products of `cells`
    are too coarse to tell; those of sparse rows would fill up.
    """
    if issparse(Z):
        return (np.sum(points**2, axis=1) - 2 * (Z @ points.T)).argmin(axis=1)
    if len(Z) * len(points) < FEW:
        return squared_distances(Z, points).argmin(axis=1)
    cells = cells or Cells(points)
    Y = cells.centred(Z)
    return cells.nearest(Z, Y, cells.heights(Y))
