# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are linear: one cluster's centroid against each of the others."""

import numpy as np

from skneon.network._kernels import squared_distances
from skneon.network._shapley import pooled_shapley
from skneon.network._units import Units


class CentroidPairs(Units):
    r"""One linear unit for each rival of the cluster c (chapter #4.1, layer 1).

    .. math:: h_k = \|x - \mu_k\|^2 - \|x - \mu_c\|^2 = w_k^\top x + b_k, \qquad
              w_k = 2 (\mu_c - \mu_k), \quad b_k = \|\mu_k\|^2 - \|\mu_c\|^2

    The unit k = c does not compete: h_c = +inf; nor do those outside a chosen rival.
    Computed as :math:`w_k^\top (x - \mu_c) + \|w_k\|^2 / 4`, which no common offset of
    the data can round off. With the midpoint :math:`m_k = (\mu_c + \mu_k) / 2` it is
    also :math:`w_k^\top (x - m_k)`. Rules, by `rule`:

    - "w-square" (chapter #4.1): :math:`R_i = \sum_k w_{ki}^2 / \|w_k\|^2 \, R_k`.
      All of one sign. A unit whose centroids coincide dissipates its R_k.
    - "midpoint" (Kauffmann et al., arXiv 1906.07633):
      :math:`R_i = \sum_k (x_i - m_{ki}) w_{ki} / h_k \, R_k`. Signed: the shares are
      :math:`(x_i - \mu_{ki})^2 - (x_i - \mu_{ci})^2`. The factor R_k / h_k is
      clipped to the unit's soft argmin weight p_k, that is f / h_k to [-1, 1]: a
      unit hands on no more than its own activation. Nothing is clipped for the
      cluster that x is assigned to, where 0 <= f <= h_k.
    - "shapley" (ours): the Shapley value of the min-pooling over the same signed
      shares, with the players' sets :math:`v(S) = \min_k \sum_{i \in S}
      [(x_i - \mu_{ki})^2 - (x_i - \mu_{ci})^2]`: what a feature adds to the evidence,
      averaged over the orders in which features can come in. Needs no R_k; see
      `pooled_shapley`.
    - "interventional" (Shapley values as the SHAP literature has them): features that
      are left out take the values of a background b instead,
      :math:`v(S) = E_b \min_k [\sum_{i \in S} H_{ki}(x) + \sum_{i \notin S}
      H_{ki}(b)]` with the signed shares H. The relevances sum to f less v(empty), the
      expected evidence of a background row.

    Parameters
    ----------
    centroids : ndarray of shape (K, d)
    rule : {"w-square", "midpoint", "shapley", "interventional"}
    n_subsets : int, default=16
        Accuracy of both Shapley rules: Sobol points for each node of the quadrature.
    background : ndarray of shape (B, d), or None
        For "interventional".
    """

    def __init__(self, centroids, rule, n_subsets=16, background=None):
        self.centroids = centroids
        self.rule = rule
        self.n_subsets = n_subsets
        self.background = background

    @property
    def width(self):
        """Numbers that a row takes: a unit a centroid, or all features of each."""
        if self.rule == "interventional":
            return self.centroids.size * len(self.background)
        return self.centroids.size if self.rule == "shapley" else len(self.centroids)

    def clusters(self, X, query):
        """The cluster asked for, else the nearest; ndarray of int, shape (n,)."""
        return self.nearest(X) if query.cluster is None else query.cluster

    def nearest(self, X):
        """The cluster of the nearest centroid; ndarray of int, shape (n,)."""
        return squared_distances(X, self.centroids).argmin(axis=1)

    def _by_cluster(self, X, query):
        """For each cluster asked for: its rows, the offsets x - mu_c, and the w_k."""
        clusters = self.clusters(X, query)
        for c in np.unique(clusters):
            rows = np.flatnonzero(clusters == c)
            w = 2 * (self.centroids[c] - self.centroids)
            yield c, rows, X[rows] - self.centroids[c], w

    def forward(self, X, query):
        """Activations h, shape (n, K); +inf where a centroid does not compete."""
        H = np.empty((len(X), len(self.centroids)))
        for c, rows, offset, w in self._by_cluster(X, query):
            H[rows] = offset @ w.T + np.sum(w**2, axis=1) / 4
            H[rows, c] = np.inf
        if query.rival is not None:
            others = query.rival[:, None] != np.arange(H.shape[1])
            H[others & (query.rival >= 0)[:, None]] = np.inf
        return H

    def contributions(self, X, query):
        """Signed shares of every h_k, shape (K, n, d)."""
        C = np.empty((len(self.centroids), *X.shape))
        clusters = self.clusters(X, query)
        for c in np.unique(clusters):
            C[:, clusters == c] = self._shares(X[clusters == c], c)
        return C

    def activation(self, T):
        """Activations of the units, from sums of contributions."""
        return T

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, d)."""
        if self.rule in ("shapley", "interventional"):
            return self._shapley_values(X, H, query)
        out = np.zeros_like(X)
        factor = _midpoint_factor(H, R, weights) if self.rule == "midpoint" else None
        for _, rows, offset, w in self._by_cluster(X, query):
            if self.rule == "midpoint":
                out[rows] = offset * (factor[rows] @ w) + factor[rows] @ w**2 / 4
            else:
                out[rows] = R[rows] @ _square_shares(w)
        return out

    def _shapley_values(self, X, H, query):
        """Relevances by either Shapley rule, at once for rows with the same rivals."""
        out = np.zeros_like(X)
        clusters = self.clusters(X, query)
        asked = np.column_stack([clusters, np.isfinite(H)])
        questions, of = np.unique(asked, axis=0, return_inverse=True)
        for question, (c, *competes) in enumerate(questions):
            rows = np.flatnonzero(of.ravel() == question)
            rivals = np.flatnonzero(competes)
            if len(rivals):  # a single cluster has none
                score = H[rows].min(axis=1)
                out[rows] = self._shapley_of(X[rows], c, rivals, score)
        return out

    def _shapley_of(self, X, c, rivals, score):
        C = self._shares(X, c)[rivals]
        if self.rule == "shapley":
            return pooled_shapley(C, lambda T: T.min(axis=0), score, self.n_subsets)
        # a unit for each rival and background row, whose shares x's take the place of
        shares = self._shares(self.background, c)[rivals][:, :, None]
        C = C[:, None] - shares
        offset = shares.sum(axis=3)[..., None]

        def pool(T):
            T = T.reshape(*offset.shape[:2], *T.shape[1:]) + offset
            return T.min(axis=0).mean(axis=0)

        expected = offset.min(axis=0).mean()
        C = C.reshape(-1, *X.shape)
        return pooled_shapley(C, pool, score - expected, self.n_subsets)

    def _shares(self, X, c):
        """Signed shares (x_i - mu_ki)^2 - (x_i - mu_ci)^2, shape (K, n, d)."""
        w = 2 * (self.centroids[c] - self.centroids)
        return (X - self.centroids[c]) * w[:, None] + w[:, None] ** 2 / 4

    def reference(self, X, H, weights, query):
        """Centroid of the strongest rival, shape (n, d); NaN where there is none."""
        rivals = self.rivals(H)
        return np.where(rivals[:, None] >= 0, self.centroids[rivals], np.nan)

    def rivals(self, H):
        """The strongest rival, argmin_k h_k; -1 where there is none. Shape (n,)."""
        return np.where(np.isfinite(H).any(axis=1), H.argmin(axis=1), -1)


def _square_shares(w):
    """w_ki^2 / |w_k|^2, and 0 for a unit without direction. Shape (K, d)."""
    square = w**2
    norm = square.sum(axis=1, keepdims=True)
    return np.divide(square, norm, out=np.zeros_like(w), where=norm > 0)


def _midpoint_factor(H, R, weights):
    """R_k / h_k clipped to [-p_k, p_k]; p_k where both are 0. Shape (n, K)."""
    factor = np.where(R < 0, -weights, weights)
    np.divide(R, H, out=factor, where=H != 0)
    return np.clip(factor, -weights, weights)
