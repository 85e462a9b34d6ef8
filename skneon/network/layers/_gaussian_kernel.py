# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are Gaussian functions of the distance to support points."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._distance import SupportUnits
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._kernel_game import KernelGame
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._soft_min import exponent, soft_argmin
from skneon.network.numerics._types import Array
from skneon.network.rules._activation import carried, kernel_factor
from skneon.network.rules._rule import Passed, Rule
from skneon.network.rules._shapley import Shapley

MIXED = (
    "Behind a linear step such as PCA a kernel is no product of columns, so that "
    'rule="shapley" is not defined: take rule="integrated".'
)


class GaussianKernel(SupportUnits):
    r"""Gaussian functions of the distance (chapter #3.2, layer 1).

    .. math:: h_k = \exp(-\gamma \|x - u_k\|^2)

    Parameters
    ----------
    support : ndarray of shape (N, d)
    gamma : float
    weights : SupportWeights, or None
        Those of the pooling, for the rules that leave columns out of the kernels.
    """

    words = "a Gaussian function of the distance to each support point"
    equation = "h_k = exp(−γ ‖x − u_k‖²)"
    carries = (
        "R_i = x_i²/‖x‖² i + 2γ x_i Σ_k π_k exp(−γ ‖v_k‖²) v_ki ∫ exp(−γ ‖x‖² t²) dt,  "
        "t from 0 to xᵀ(x − u_k)/‖x‖²,  v_k the part of u_k that is orthogonal to x"
    )

    @property
    def symbols(self) -> dict[str, Any]:
        """Numbers in the equation."""
        return {"γ": self.gamma}

    def __init__(
        self, support: Array, gamma: float, weights: SupportWeights | None = None
    ) -> None:
        super().__init__(support)
        self.gamma = gamma
        self.support_weights = weights

    @property
    def marginal(self) -> KernelGame | None:  # type: ignore[override]
        """The game of the columns, where the weights are known."""
        weights = self.support_weights
        return None if weights is None else KernelGame(self, self.gamma, weights)

    def refuses(self, rule: Rule) -> str | None:
        """Why a rule that leaves columns out is not defined here, where it is not."""
        if not rule.leaves_out:
            return None
        if self.support_weights is None:
            return f"Rule {rule.name!r} takes a GaussianKernel that has weights."
        mixes = self.inputs.matrix is not None
        return MIXED if mixes and isinstance(rule, Shapley) else None

    def forward(self, X: Array, query: Query) -> Array:
        """Kernel values h, shape (n, N)."""
        return self.activation(self.squared_distances(X))

    def activation(self, T: Array) -> Array:
        """Activations of the units, from sums of contributions."""
        return np.exp(-exponent(T, self.gamma))

    def sums(self, H: Array) -> Array:
        """Squared distances; +inf where the kernel has underflowed."""
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log(H) / self.gamma)

    def per_sum(self, H: Array) -> Array:
        """Kernel value per squared distance; 0 where that is 0."""
        T = self.sums(H)
        return np.divide(H, T, out=np.zeros_like(H), where=T > 0)

    def coalitions(self, X: Array, query: Query, masks: Array) -> Array:
        """Kernels of the columns in S alone; 0 where none of these is the kernels'."""
        H = super().coalitions(X, query, masks)
        H[~masks[:, np.unique(self.inputs.parents)].any(axis=1)] = 0.0
        return H

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Mean of the support points by their share of the kernel sum, shape (n, d)."""
        squared = self.squared_distances(X)
        return self.mean_support(soft_argmin(squared, weights, self.gamma))

    def carried(self, X: Array, passed: Passed, query: Query, epsilon: float) -> Array:
        """Chapter A.2 for infinitely many features, shape (n, n_columns)."""
        Z, points = self.inputs.project(X), self.points
        factor = kernel_factor(
            Z - offset_of(self.inputs),
            Z - points.center,
            points.centered,
            self.squared_distances(X),
            passed.weights,
            self.gamma,
            passed.R.sum(axis=1, keepdims=True),
        )
        return carried(self.inputs, X, factor)


def offset_of(inputs: Inputs) -> Array | float:
    """The part of z that no activation contributes to."""
    return 0.0 if inputs.offset is None else inputs.offset
