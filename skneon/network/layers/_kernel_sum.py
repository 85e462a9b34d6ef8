# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Gaussian kernels whose weights have any sign: expansions of a linear model.

.. math:: o(x) = c + \sum_k a_k \prod_i e^{-\gamma d_{ki}^2}
"""

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._game import ScoringGame
from skneon.network.layers._game_units import GameUnits
from skneon.network.layers._gaussian_kernel import MIXED, GaussianKernel
from skneon.network.layers._kernel_game import ProductGame
from skneon.network.numerics._soft_min import soft_argmin
from skneon.network.numerics._types import Array
from skneon.network.rules._rule import Rule
from skneon.network.rules._shapley import Shapley


class KernelSumGame(ProductGame, ScoringGame):
    r"""Without a column its factor is 1, which integrates it out of a kernel.

    .. math:: v(S) = c + \sum_k a_k \prod_{i \in S} e^{-\gamma d_{ki}^2}, \qquad
              v(\emptyset) = c + \sum_k a_k

    So a column in which a row agrees with all points has nothing.

    Parameters
    ----------
    units : KernelSum
    """

    equation = "v(S) = c + Σ_k a_k exp(−γ Σ_i C_ki) over i ∈ S"
    integral = "R_i = Σ_k a_k (h_k − 1) C_ki / Σ_j C_kj"
    no_columns = "v(∅) = c + Σ_k a_k"

    def __init__(self, units: "KernelSum") -> None:
        super().__init__(units, units.gamma)
        self.coefficients = units.coefficients
        self._empty = units.offset + float(units.coefficients.sum())

    def by_row(self, query: Query) -> Array:
        """The a_k, the same for all rows: (1, N)."""
        return self.coefficients[None, :]

    def constant(self, query: Query) -> Array:
        """v(empty)."""
        return np.asarray(self._empty)

    def values(self, X: Array, query: Query, masks: Array) -> Array:
        """v(S) of one row, less v(empty): (M,)."""
        parts = self.units.contributions(X, query)[:, 0].T
        with np.errstate(over="ignore"):
            return np.asarray(
                np.expm1(-self.gamma * (masks @ parts)) @ self.coefficients
            )


class KernelSum(GameUnits, GaussianKernel):
    r"""Gaussian functions of the distance to points that count for or against.

    Parameters
    ----------
    support : ndarray of shape (N, d)
    gamma : float
    coefficients : ndarray of shape (N,)
        The a_k of the pooling.
    offset : float, default=0
        Its c.
    """

    def __init__(
        self, support: Array, gamma: float, coefficients: Array, offset: float = 0.0
    ) -> None:
        super().__init__(support, gamma)
        self.coefficients = coefficients
        self.offset = offset

    @property
    def reference_name(self) -> str:  # type: ignore[override]
        """What the points are that rows are compared with."""
        lowers = (self.coefficients < 0).any()
        return f"mean of the near points{' that lower the score' if lowers else ''}"

    @property
    def marginal(self) -> KernelSumGame:  # type: ignore[override]
        """The game of the columns."""
        return KernelSumGame(self)

    def refuses(self, rule: Rule) -> str | None:
        """Why a rule is not defined here, where it is not."""
        if not rule.serves("kernel-sum"):
            return (
                f"rule={rule.name!r} is not defined for a sum of kernels of any sign: "
                "take one of 'shapley', 'integrated'."
            )
        mixes = self.inputs.matrix is not None
        return MIXED if mixes and isinstance(rule, Shapley) else None

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Mean of the points that lower the score, by their kernels: (n, d).

        Of all points where none does.
        """
        lowering = np.maximum(-self.coefficients, 0.0)
        counted = lowering if lowering.any() else np.ones_like(lowering)
        squared = self.squared_distances(X)
        shares = soft_argmin(squared, (counted / counted.sum())[None, :], self.gamma)
        return self.mean_support(shares)
