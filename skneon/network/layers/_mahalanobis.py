# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that measure a Mahalanobis distance, each by its own metric."""

import numpy as np
from scipy.special import logsumexp

from skneon.network.layers._inputs import Inputs
from skneon.network.layers._units import Units
from skneon.network.rules._shapley import pooled_shapley


class MahalanobisDistance(Units):
    r"""Squared Mahalanobis distances to the means of components (ours).

    .. math:: h_k = \|L_k^\top (x - \mu_k)\|^2, \qquad
              R_i = \sum_k \frac{C_{ki}}{h_k} R_k, \qquad
              C_{ki} = (x - \mu_k)_i \, [L_k L_k^\top (x - \mu_k)]_i

    The C_ki sum to h_k and are its Shapley values against the mean. They are negative
    where a feature is as the others let expect, and lowers the distance.

    Parameters
    ----------
    means : ndarray of shape (K, d)
    factors : ndarray of shape (K, d, d), or (K, d) for diagonal metrics
        The L_k.
    """

    def __init__(self, means, factors):
        self.means = means
        self.factors = factors
        super().__init__(Inputs.identity(means.shape[1]))

    def _connect(self, inputs):
        super()._connect(inputs)
        self._preimages = inputs.pull(self.means)

    @property
    def width(self):
        """Numbers that a row takes: all features of each component."""
        return len(self.means) * len(self.inputs.parents)

    def forward(self, X, query):
        """Squared distances h, shape (n, K)."""
        return self.distances(X)

    def distances(self, X):
        """Squared Mahalanobis distances, shape (n, K)."""
        Z = self.inputs.project(X)
        differences = (_times(Z - m, L) for m, L in self._components())
        return np.column_stack([np.sum(D**2, axis=1) for D in differences])

    def _components(self):
        return zip(self.means, self.factors, strict=True)

    def shares(self, X, k):
        """C_k by explained column, shape (n, n_columns)."""
        L = self.factors[k]
        D = self.inputs.project(X) - self.means[k]
        gradient = self.inputs.back(_times(_times(D, L), L.T))
        return self.inputs.gather((X - self._preimages[k]) * gradient)

    def contributions(self, X, query):
        """Shares of the squared distances; shape (K, n, n_columns)."""
        return np.stack([self.shares(X, k) for k in range(len(self.means))])

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        W = np.divide(R, H, out=np.zeros_like(R), where=H > 0)
        parts = (W[:, [k]] * self.shares(X, k) for k in range(len(self.means)))
        return sum(parts)

    def reference(self, X, H, weights, query):
        """Weighted mean of the means, shape (n, d)."""
        return weights @ self.means


class MahalanobisPairs(MahalanobisDistance):
    r"""One unit for each rival of a component c: what it is further away (ours).

    .. math:: h_k = \|L_k^\top (x - \mu_k)\|^2 - \|L_c^\top (x - \mu_c)\|^2

    Units that do not compete are at +inf. Rules, by `rule`, on the differences
    C_ki - C_ci of the shares:

    - "shapley": the Shapley value of their soft min-pooling; see `pooled_shapley`;
    - "integrated": :math:`R_i = \sum_k (C_{ki} - C_{ci}) \int_0^1 p_k(s) ds`, soft
      argmin integrated over its stiffness, the Aumann-Shapley value.

    Parameters
    ----------
    means, factors
        As in `MahalanobisDistance`.
    rival_weights : RivalWeights
    rule : {"shapley", "integrated"}
    n_subsets : int
    """

    def __init__(self, means, factors, rival_weights, rule, n_subsets=16):
        super().__init__(means, factors)
        self.rival_weights = rival_weights
        self.rule = rule
        self.n_subsets = n_subsets

    def _competes(self, query):
        return np.isfinite(self.rival_weights.logs(query))

    def forward(self, X, query):
        """Activations h, shape (n, K); +inf where a component does not compete."""
        h = self.distances(X)
        own = np.take_along_axis(h, query.cluster[:, None], axis=1)
        return np.where(self._competes(query), h - own, np.inf)

    def contributions(self, X, query):
        """Differences of the shares, shape (K, n, n_columns)."""
        C = super().contributions(X, query)
        return C - C[query.cluster, np.arange(len(X))]

    def relevance(self, X, H, R, weights, query):
        """R_i, shape (n, n_columns)."""
        C = self.contributions(X, query)
        if self.rule == "integrated":
            return np.einsum("nk,kni->ni", weights, C)
        out = np.zeros(C.shape[1:])
        logs = self.rival_weights.logs(query)
        competes = np.isfinite(H)
        questions, of = np.unique(
            np.column_stack([query.cluster, competes]), axis=0, return_inverse=True
        )
        for question in range(len(questions)):
            rows = np.flatnonzero(of.ravel() == question)
            rivals = np.flatnonzero(competes[rows[0]])
            if len(rivals):  # a single component has none
                a = logs[rows[0], rivals][:, None, None]
                a = a - logsumexp(a)
                T = C[np.ix_(rivals, rows)]
                score = _soft_min(H[np.ix_(rows, rivals)].T[..., None], a)[:, 0]
                out[rows] = pooled_shapley(
                    T, lambda T, a=a: _soft_min(T, a), score, self.n_subsets
                )
        return out

    def rivals(self, X, H, query):
        """The most probable rival; -1 where there is none. Shape (n,)."""
        odds = self.rival_weights.log_weights - H
        return np.where(np.isfinite(odds).any(axis=1), odds.argmax(axis=1), -1)

    def reference(self, X, H, weights, query):
        """Mean of the most probable rival, shape (n, d); NaN where there is none."""
        rivals = self.rivals(X, H, query)
        return np.where(rivals[:, None] >= 0, self.means[rivals], np.nan)


def _times(D, L):
    """D L, for a matrix or the diagonal of one."""
    return D @ L if L.ndim == 2 else D * L


def _soft_min(T, logs):
    """-log sum over the first axis of exp(logs - T), shape T.shape[1:]."""
    return -logsumexp(logs - T, axis=0)
