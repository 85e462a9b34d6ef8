# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Inlierness by some of the columns: the others are integrated out of the kernels.

.. math:: v(S) = \sum_k \pi_k \prod_{i \in S} e^{-\gamma d_{ki}^2}, \qquad
          v(\emptyset) = 0

Without any column the product is 1, and there is no inlierness: each column that the
kernels depend on has an equal part of that 1.
"""

from abc import abstractmethod

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._distance import SupportUnits
from skneon.network.layers._game import Game
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._mean_slope import mean_slope
from skneon.network.numerics._product_shapley import kernel_shapley, of_losses
from skneon.network.numerics._types import Array


class ProductGame(Game):
    r"""A sum of Gaussian kernels, each a product over the columns.

    What the columns share is what the factors take off the sum of the coefficients.

    Parameters
    ----------
    units : SupportUnits
        The kernels.
    gamma : float
    """

    def __init__(self, units: SupportUnits, gamma: float) -> None:
        self.units = units
        self.gamma = gamma
        self.inputs = units.inputs

    @abstractmethod
    def by_row(self, query: Query) -> Array:
        """The coefficients of the kernels, (1, N) or (n, N)."""

    def shapley(self, X: Array, query: Query, n_subsets: int) -> Array:
        """Shapley values, exact at any number of columns: (n, n_columns).

        Behind an affine map in the game of the columns' parts of squared distances,
        which may be negative and then give products that overflow.
        """
        units, gamma, weights = self.units, self.gamma, self.by_row(query)
        if len(weights) == 1:
            weights = weights[0]
        if self.inputs.matrix is None:
            phi = kernel_shapley(X, units.support, weights, gamma, self.groups)
            return self.by_column(phi)
        parts = units.contributions(X, query)[:, :, np.unique(self.inputs.parents)]
        with np.errstate(over="ignore", invalid="ignore"):
            losses = -np.expm1(-gamma * parts.transpose(2, 1, 0))
            return self.by_column(of_losses(losses, weights))

    def standard_error(self, X: Array, query: Query, n_subsets: int) -> None:
        """None: nothing is sampled."""
        return None

    def integrated(self, X: Array, query: Query) -> Array:
        r"""Aumann-Shapley values, all columns taking part to the degree s from 0 to 1.

        .. math:: R_i = \sum_k a_k d_{ki}^2 \int_0^1 -\gamma e^{-s \gamma h_k} ds
                  = \sum_k a_k \frac{d_{ki}^2}{h_k} (e^{-\gamma h_k} - 1)

        Shape (n, n_columns).
        """
        weights = self.by_row(query)
        H = self.units.squared_distances(X)
        W = weights * mean_slope(H, self.gamma)
        return np.asarray(-self.units.weighted_shares(X, W, H, query))


class KernelGame(ProductGame):
    """The game of `GaussianKernel` under `Mean`.

    Parameters
    ----------
    units : SupportUnits
        The kernels.
    gamma : float
    weights : SupportWeights
        The pi_k of the pooling.
    """

    equation = "v(S) = Σ_k π_k exp(−γ Σ_i C_ki) over i ∈ S,  v(∅) = 0"
    integral = "R_i = 1/d + Σ_k π_k (h_k − 1) C_ki / Σ_j C_kj"

    def __init__(
        self, units: SupportUnits, gamma: float, weights: SupportWeights
    ) -> None:
        super().__init__(units, gamma)
        self.weights = weights

    def by_row(self, query: Query) -> Array:
        """The pi_k, (1, N) or (n, N)."""
        return self.weights(query)

    @property
    def equal_shares(self) -> Array:
        """What each explained column has of the 1 that is v without columns, (d,)."""
        p = self.n_players
        return np.asarray(self.by_column(np.full((1, p), 1 / p))[0])

    def constant(self, query: Query) -> None:
        """The pooling's offset."""
        return None

    def shapley(self, X: Array, query: Query, n_subsets: int = 0) -> Array:
        """Those of the kernels, and equal parts of the 1: (n, n_columns)."""
        phi = super().shapley(X, query, n_subsets)
        return phi + self._equal_parts(query)

    def integrated(self, X: Array, query: Query) -> Array:
        """Those of the kernels, and equal parts of the 1: (n, n_columns)."""
        return super().integrated(X, query) + self._equal_parts(query)

    def _equal_parts(self, query: Query) -> Array:
        """Parts of the weights' sum, (1 or n, n_columns)."""
        total = self.weights(query).sum(axis=1)[:, None]
        return np.asarray(total * self.equal_shares)
