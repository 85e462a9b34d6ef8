# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Support points made ready for matrix products, and the two that explanations need.

Both expand (x - u)^2 = x^2 - 2 x u + u^2 on centred data, which costs one matrix
product instead of a difference a pair and feature. The expansion errs by about
eps (x^2 + u^2); pairs near enough for that to be felt are computed anew from plain
differences.
"""

import numpy as np
from scipy.spatial.distance import cdist

# a pair is near where its squared distance is below so many (x^2 + u^2)
NEAR = 1e-3
# beyond this share of near pairs, plain differences of all are the faster way
MANY = 0.05


class Points:
    """Points u_k, and sums over their differences to rows.

    Parameters
    ----------
    points : ndarray of shape (N, d)
    """

    def __init__(self, points):
        self.points = points
        # the mean, and exactly their value in columns where all are equal
        lowest, highest = points.min(axis=0), points.max(axis=0)
        self.center = np.clip(points.mean(axis=0), lowest, highest)
        centered = points - self.center
        square = centered**2
        self.norms = square.sum(axis=1)
        ones = np.ones((len(points), 1))
        # [x, 1, x^2] times the first is the squared distance
        self._left = np.vstack([-2 * centered.T, self.norms, ones.T])
        self._right = np.hstack([centered, square, ones])

    def squared_distances(self, X):
        """h_nk = sum_i (x_ni - u_ki)^2, shape (n, N); relative error about 1e-12."""
        Xc = X - self.center
        norms = np.sum(Xc**2, axis=1)
        H = np.column_stack([Xc, np.ones(len(X)), norms]) @ self._left
        rows = self._near_rows(H, norms)
        near = self._near(H[rows], norms[rows])
        if np.count_nonzero(near) > MANY * near.size:
            H[rows] = cdist(X[rows], self.points, metric="sqeuclidean")
            return H
        for n, k in self._blocks(rows, near):
            H[n, k] = np.sum((X[n] - self.points[k]) ** 2, axis=1)
        return H

    def weighted_squared_differences(self, X, W, H):
        """r_ni = sum_k W_nk (x_ni - u_ki)^2 without an (n, N, d) array.

        Parameters
        ----------
        X : ndarray of shape (n, d)
        W : ndarray of shape (n, N)
            Not negative.
        H : ndarray of shape (n, N)
            Squared distances of the pairs.

        Returns
        -------
        R : ndarray of shape (n, d)
        """
        Xc = X - self.center
        norms = np.sum(Xc**2, axis=1)
        rows = self._near_rows(H, norms)
        near = self._near(H[rows], norms[rows]) & (W[rows] != 0)
        extra = np.zeros(X.shape)
        if near.any():
            W = W.copy()
        for n, k in self._blocks(rows, near):
            squares = (X[n] - self.points[k]) ** 2
            np.add.at(extra, n, W[n, k][:, None] * squares)
            W[n, k] = 0.0
        d = X.shape[1]
        G = W @ self._right
        R = Xc**2 * G[:, -1:] - 2 * Xc * G[:, :d] + G[:, d:-1]
        return np.maximum(R, 0.0, out=R) + extra

    def mean(self, weights):
        """sum_k weights_nk u_k, rounded relative to the data's spread: (n, d)."""
        d = len(self.center)
        return weights @ self._right[:, :d] + self.center

    def _near_rows(self, H, norms):
        """Numbers of the rows that may have near points."""
        return np.flatnonzero(H.min(axis=1) <= NEAR * (norms + self.norms.max()))

    def _near(self, H, norms):
        return NEAR * (norms[:, None] + self.norms) >= H

    def _blocks(self, rows, near):
        """Marked pairs (n, k) by blocks whose differences take no more than the points.

        Row j of `near` is row rows[j].
        """
        n, k = np.nonzero(near)
        size = len(self.points)
        for start in range(0, len(n), size):
            some = slice(start, start + size)
            yield rows[n[some]], k[some]
