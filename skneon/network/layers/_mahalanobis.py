# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that measure a Mahalanobis distance, each by its own metric."""

from collections.abc import Iterator

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._units import Units
from skneon.network.layers._weights import RivalWeights
from skneon.network.numerics._types import Array


class MahalanobisDistance(Units):
    r"""Squared Mahalanobis distances to the means of components (ours).

    .. math:: h_k = \|L_k^\top (x - \mu_k)\|^2, \qquad
              C_{ki} = (x - \mu_k)_i \, [L_k L_k^\top (x - \mu_k)]_i

    The C_ki sum to h_k and are its Shapley values against the mean. They are negative
    where a feature is as the others let expect, and lowers the distance.

    Parameters
    ----------
    means : ndarray of shape (K, d)
    factors : ndarray of shape (K, d, d), or (K, d) for diagonal metrics
        The L_k.
    """

    def __init__(self, means: Array, factors: Array) -> None:
        self.means = means
        self.factors = factors
        super().__init__(Inputs.identity(means.shape[1]))

    def _connect(self, inputs: Inputs) -> None:
        super()._connect(inputs)
        self._preimages = inputs.pull(self.means)

    @property
    def width(self) -> int:
        """Numbers that a row takes: all features of each component."""
        return len(self.means) * len(self.inputs.parents)

    def forward(self, X: Array, query: Query) -> Array:
        """Squared distances h, shape (n, K)."""
        return self.distances(X)

    def distances(self, X: Array) -> Array:
        """Squared Mahalanobis distances, shape (n, K)."""
        Z = self.inputs.project(X)
        differences = (_times(Z - m, L) for m, L in self._components())
        return np.column_stack([np.sum(D**2, axis=1) for D in differences])

    def _components(self) -> Iterator[tuple[Array, Array]]:
        return zip(self.means, self.factors, strict=True)

    def shares(self, X: Array, k: int) -> Array:
        """C_k by explained column, shape (n, n_columns)."""
        L = self.factors[k]
        D = self.inputs.project(X) - self.means[k]
        gradient = self.inputs.back(_times(_times(D, L), L.T))
        return self.inputs.gather((X - self._preimages[k]) * gradient)

    def contributions(self, X: Array, query: Query) -> Array:
        """Shares of the squared distances; shape (K, n, n_columns)."""
        return np.stack([self.shares(X, k) for k in range(len(self.means))])

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Weighted mean of the means, shape (n, d)."""
        return weights @ self.means


class MahalanobisPairs(MahalanobisDistance):
    r"""One unit for each rival of a component c: what it is further away (ours).

    .. math:: h_k = \|L_k^\top (x - \mu_k)\|^2 - \|L_c^\top (x - \mu_c)\|^2

    Units that do not compete are at +inf.

    Parameters
    ----------
    means, factors
        As in `MahalanobisDistance`.
    rival_weights : RivalWeights
    """

    def __init__(
        self, means: Array, factors: Array, rival_weights: RivalWeights
    ) -> None:
        super().__init__(means, factors)
        self.rival_weights = rival_weights

    def forward(self, X: Array, query: Query) -> Array:
        """Activations h, shape (n, K); +inf where a component does not compete."""
        assert query.cluster is not None
        h = self.distances(X)
        own = np.take_along_axis(h, query.cluster[:, None], axis=1)
        competes = np.isfinite(self.rival_weights.logs(query))
        return np.where(competes, h - own, np.inf)

    def contributions(self, X: Array, query: Query) -> Array:
        """Differences of the shares, shape (K, n, n_columns)."""
        C = super().contributions(X, query)
        return C - C[query.cluster, np.arange(len(X))]

    def nearest(self, X: Array) -> Array:
        """The most probable component, shape (n,)."""
        odds = self.rival_weights.log_weights - self.distances(X)
        return np.asarray(odds.argmax(axis=1))

    def rivals(self, X: Array, H: Array, query: Query) -> Array:
        """The most probable rival; -1 where there is none. Shape (n,)."""
        odds = self.rival_weights.log_weights - H
        return np.where(np.isfinite(odds).any(axis=1), odds.argmax(axis=1), -1)

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Mean of the most probable rival, shape (n, d); NaN where there is none."""
        rivals = self.rivals(X, H, query)
        return np.where(rivals[:, None] >= 0, self.means[rivals], np.nan)


def _times(D: Array, L: Array) -> Array:
    """D L, for a matrix or the diagonal of one."""
    return D @ L if L.ndim == 2 else D * L
