# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Poolings that see the nearest support points alone."""

import numpy as np

from skneon.network.layers._pooling import Pooling

# distances that differ by so little, relative to them, tie
TIE = 1e-9


class NearestNeighbors(Pooling):
    r"""Hard pooling of the distances to the k nearest support points (ours).

    .. math:: o = \frac1k \sum_{k \in \text{nearest}} h_k \quad\text{("mean")} \qquad
              \text{or}\qquad o = h_{(k)} \quad\text{("kth")}

    with the proportional rule: each unit keeps what it adds to the score.

    Parameters
    ----------
    n_neighbors : int
    statistic : {"mean", "kth"}
    """

    def __init__(self, n_neighbors, statistic):
        self.n_neighbors = n_neighbors
        self.statistic = statistic

    def forward(self, H, query):
        """Score of each row, shape (n,)."""
        return np.sum(self.relevance(H, self.weights(H, query), None, query), axis=1)

    def neighbors(self, H, query):
        """The nearest support points in order of distance, shape (n, k).

        Those that the model finds, where they are as near as any.
        """
        if query.leave_out is not None:
            H = H.copy()
            rows = np.flatnonzero(query.leave_out >= 0)
            H[rows, query.leave_out[rows]] = np.inf
        k = self.n_neighbors
        some = np.argpartition(H, k - 1, axis=1)[:, :k]
        order = np.argsort(np.take_along_axis(H, some, axis=1), axis=1, kind="stable")
        nearest = np.take_along_axis(some, order, axis=1)
        if query.neighbors is None:
            return nearest
        farthest = np.take_along_axis(H, nearest[:, -1:], axis=1)
        theirs = np.take_along_axis(H, query.neighbors, axis=1)
        tied = theirs.max(axis=1, keepdims=True) <= farthest * (1 + TIE)
        return np.where(tied, query.neighbors, nearest)

    def weights(self, H, query):
        """What each unit's distance counts, shape (n, N); rows sum to 1."""
        W = np.zeros_like(H)
        nearest = self.neighbors(H, query)
        if self.statistic == "kth":
            nearest = nearest[:, -1:]
        np.put_along_axis(W, nearest, 1 / nearest.shape[1], axis=1)
        return W

    def relevance(self, H, weights, score, query):
        """R_k, shape (n, N)."""
        return weights * H


class LocalOutlierFactor(NearestNeighbors):
    r"""The local outlier factor (Breunig et al. 2000) of h_k, the distances.

    .. math:: \mathrm{LOF}(x) = \bar\rho \,
              \Big( \frac1k \sum_{k \in \text{nearest}} \max(\delta_k, h_k)
              + 10^{-10} \Big),
              \qquad \bar\rho = \frac1k \sum_{k \in \text{nearest}} \rho_k,

    with the k-distances :math:`\delta_k` and the local reachability densities
    :math:`\rho_k` of the support points. The rule (ours): the choice of neighbours and
    their densities are what the row is compared with, as weights are; a unit passes on
    :math:`\bar\rho h_k / k` where its distance is the greater, and nothing where the
    k-distance is, which does not depend on x. That part stays as the residual.

    Parameters
    ----------
    k_distance, density : ndarray of shape (N,)
    n_neighbors : int
    """

    def __init__(self, k_distance, density, n_neighbors):
        super().__init__(n_neighbors, "mean")
        self.k_distance = k_distance
        self.density = density

    def forward(self, H, query):
        """LOF of each row, shape (n,)."""
        nearest = self.neighbors(H, query)
        h = np.take_along_axis(H, nearest, axis=1)
        reach = np.maximum(h, self.k_distance[nearest]).mean(axis=1) + 1e-10
        return self.density[nearest].mean(axis=1) * reach

    def relevance(self, H, weights, score, query):
        """R_k, shape (n, N)."""
        density = weights @ self.density
        return weights * np.where(self.k_distance < H, H, 0.0) * density[:, None]
