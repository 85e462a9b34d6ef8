# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Linear units of clusters that are cells of prototypes: k-means and its kin."""

import numpy as np
from scipy.sparse import issparse

from skneon.network._kernels import squared_distances
from skneon.network._linear import LinearPairs, Pairs


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
        super().__init__(d, K, rule, n_subsets, training)

    @property
    def n_clusters(self):
        """Number of clusters."""
        return self.labels.max() + 1

    def nearest(self, X):
        """The cluster of the nearest centroid; ndarray of int, shape (n,)."""
        return self.labels[nearest_point(self.inputs.project(X), self.centroids)]

    def owners(self, X, query):
        """The nearest of the cluster's own centroids; ndarray of int, shape (n,)."""
        clusters = self.clusters(X, query)
        out = np.empty(len(clusters), dtype=int)
        for c in np.unique(clusters):
            own, rows = np.flatnonzero(self.labels == c), clusters == c
            if len(own) == 1:
                out[rows] = own
            else:
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

    def reference(self, X, H, weights, query):
        """Centroid of the strongest rival, shape (n, d); NaN where there is none."""
        some = np.isfinite(H).any(axis=1)
        return np.where(some[:, None], self.centroids[H.argmin(axis=1)], np.nan)

    def rivals(self, X, H, query):
        """The strongest rival, argmin_k h_k; -1 where there is none. Shape (n,)."""
        return np.where(np.isfinite(H).any(axis=1), self.labels[H.argmin(axis=1)], -1)


def nearest_point(Z, points):
    """Number of the nearest point, the first at ties; ndarray of int, shape (n,).

    By plain differences where rows are dense. Those of sparse rows would fill up: there
    the squares are expanded.
    """
    if issparse(Z):
        return (np.sum(points**2, axis=1) - 2 * (Z @ points.T)).argmin(axis=1)
    return squared_distances(Z, points).argmin(axis=1)
