# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that measure the distance to support points."""

import numpy as np

from skneon.network.layers._inputs import Inputs
from skneon.network.layers._units import Units
from skneon.network.numerics._distances_to_many import Points
from skneon.network.numerics._incomplete_gamma import scaled_incomplete_gamma
from skneon.network.numerics._shares import ProductShares, SquareShares
from skneon.network.numerics._soft_min import exponent, soft_argmin, squared_distances


class SupportUnits(Units):
    """Units that each belong to a support point.

    Parameters
    ----------
    support : ndarray of shape (N, d)
        In the space of the inputs' outputs.
    """

    def __init__(self, support):
        self.support = support
        self.points = Points(support)
        super().__init__(Inputs.identity(support.shape[1]))

    def _connect(self, inputs):
        super()._connect(inputs)
        self._preimages = inputs.pull(self.support)
        self.shares = (
            SquareShares(self.points)
            if inputs.matrix is None
            else ProductShares(self.points, self._preimages, inputs)
        )

    @property
    def width(self):
        """Numbers that a row takes: one for each support point."""
        return len(self.support)

    def rows(self, X):
        """Rows made ready for products with the support points."""
        return self.points.rows(X, self.inputs.project(X))

    def squared_distances(self, X):
        """Squared distances to the support points, shape (n, N)."""
        return self.points.squared_distances(self.rows(X))[0]

    def contributions(self, X, query):
        """Shares of the squared distances; shape (N, n, n_columns)."""
        differences = self.inputs.project(X) - self.support[:, None]
        shares = (X - self._preimages[:, None]) * self.inputs.back(differences)
        return self.inputs.gather(shares)

    def weighted_shares(self, X, W, squared):
        """sum_k W_nk times the shares of the k-th squared distance; before gathering.

        Shape (n, m), for the m inputs.
        """
        rows = self.rows(X)
        near = self.points.near_pairs(rows, squared)
        return self.shares.weighted(rows, W.copy() if near else W, near)

    def mean_support(self, weights):
        """sum_k weights_nk u_k, rounded relative to the data's spread: (n, d)."""
        return weights @ self.points.centered + self.points.center


class SquaredDistance(SupportUnits):
    r"""Squared distances to the support points (chapter #3.1, layer 1).

    .. math:: h_k = \|x - u_k\|^2, \qquad
              R_i = \sum_k \frac{(x_i - u_{ki})^2}{\epsilon + h_k} R_k

    The stabiliser dissipates the share :math:`\epsilon / (\epsilon + h_k)` of R_k,
    and all of it where x and u_k coincide.

    Parameters
    ----------
    support : ndarray of shape (N, d)
    epsilon : float or ndarray of shape (N,)
        In units of the squared distance; by support point where units have biases.
    search : Search or None, default=None
        How to find the support points that count; None takes all.
    """

    def __init__(self, support, epsilon=0.0, search=None):
        super().__init__(support)
        self.epsilon = epsilon
        self.search = search

    def forward(self, X, query):
        """Squared distances h, shape (n, N)."""
        return self.squared_distances(X)

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        W = _ratio(R, self.epsilon + H)
        return self.inputs.gather(self.weighted_shares(X, W, H))

    def reference(self, X, H, weights, query):
        """Weighted mean of the support points, shape (n, d)."""
        return self.mean_support(weights)


class Distance(SquaredDistance):
    r"""Euclidean distances to the support points.

    .. math:: h_k = \|x - u_k\|, \qquad
              R_i = \sum_k \frac{(x_i - u_{ki})^2}{\|x - u_k\|^2} R_k

    Shared among the features as the squared distance is (ours).
    """

    def squared_distances(self, X):
        """Squared distances, from plain differences: at ties nothing is rounded."""
        return squared_distances(self.inputs.project(X), self.support)

    def forward(self, X, query):
        """Distances h, shape (n, N)."""
        return np.sqrt(self.squared_distances(X))

    def activation(self, T):
        """Activations of the units, from sums of contributions."""
        # sums of shares can fall below 0 where an affine map is folded in
        return np.sqrt(np.maximum(T, 0.0))

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        return super().relevance(X, H**2, R, weights, query)


class MemberDistance(SquaredDistance):
    """Squared distances to support points that are members of clusters.

    Parameters
    ----------
    support : ndarray of shape (N, d)
    pooling : GroupedLogMeanExp
    """

    def __init__(self, support, pooling):
        super().__init__(support)
        self.pooling = pooling

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns): the rival's shares less the cluster's own."""
        rival = self.weighted_shares(X, np.maximum(weights, 0.0), H)
        own = self.weighted_shares(X, np.maximum(-weights, 0.0), H)
        return self.inputs.gather(rival - own)

    def reference(self, X, H, weights, query):
        """Weighted mean of the rival's members, NaN where there is none."""
        rival = np.maximum(weights, 0.0)
        some = rival.sum(axis=1, keepdims=True) > 0
        return np.where(some, self.mean_support(rival), np.nan)

    def rivals(self, X, H, query):
        """The strongest rival; -1 where there is none. Shape (n,)."""
        return self.pooling.rivals(H, query)


def _ratio(R, denominator):
    """R / denominator, and 0 where that is 0."""
    if denominator.min(initial=np.inf) > 0:
        return np.divide(R, denominator, out=denominator)
    return np.divide(R, denominator, out=np.zeros_like(R), where=denominator > 0)


class GaussianKernel(SupportUnits):
    r"""Gaussian functions of the distance (chapter #3.2, layer 1).

    .. math:: h_k = \exp(-\gamma \|x - u_k\|^2)

    Rules, by `rule`:

    - "uniform" (chapter #3.2): every feature gets the d-th part of every R_k;
    - "exact" (ours): the limit of the random-features rule (chapter #3.3,
      :math:`R_i = \sum_j \omega_{ji}^2 / \|\omega_j\|^2 R_j`) for infinitely many
      features, in closed form. With s = d/2, :math:`t_k = \gamma \|x - u_k\|^2` and
      :math:`F_s(t) = t^{-s} g(s, t)`, g the lower incomplete gamma function,

      .. math:: R_i = \sum_k \pi_k \left[ \tfrac12 F_s(t_k)
                      - \gamma F_{s+1}(t_k) (x_i - u_{ki})^2 \right].

      The sum over i is :math:`\sum_k \pi_k e^{-t_k}`, because
      :math:`s F_s(t) = t F_{s+1}(t) + e^{-t}`. Relevance may be negative: it is
      where the row differs from its neighbours in that feature.

    Where an affine map A is folded in, the isotropic part falls to the inputs by
    :math:`(A A^+)_{jj}` and the rest by their shares of the squared distance.

    Parameters
    ----------
    support : ndarray of shape (N, d)
    gamma : float
    rule : {"exact", "uniform"}
    """

    def __init__(self, support, gamma, rule="exact"):
        super().__init__(support)
        self.gamma = gamma
        self.rule = rule

    def forward(self, X, query):
        """Kernel values h, shape (n, N)."""
        return self.activation(self.squared_distances(X))

    def activation(self, T):
        """Activations of the units, from sums of contributions."""
        return np.exp(-exponent(T, self.gamma))

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        d = self.support.shape[1]
        share = self.inputs.isotropic(d)
        if self.rule == "uniform" or d == 1:
            return self.inputs.gather(R.sum(axis=1)[:, None] / d * share)
        squared = self.squared_distances(X)
        t = exponent(squared, self.gamma)
        upper = scaled_incomplete_gamma(d / 2 + 1, t)
        lower = (t * upper + H) / (d / 2)
        W = weights * self.gamma * upper
        relevance = np.sum(weights * lower, axis=1)[:, None] / 2 * share
        relevance = relevance - self.weighted_shares(X, W, squared)
        # far rows have large relevances of both signs: spread what rounding lost
        lost = R.sum(axis=1) - relevance.sum(axis=1)
        return self.inputs.gather(relevance + lost[:, None] / d * share)

    def reference(self, X, H, weights, query):
        """Mean of the support points by their share of the kernel sum, shape (n, d)."""
        squared = self.squared_distances(X)
        shares = soft_argmin(squared, weights, self.gamma)
        return self.mean_support(shares)
