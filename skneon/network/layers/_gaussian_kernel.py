# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that are Gaussian functions of the distance to support points."""

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._distance import SupportUnits
from skneon.network.layers._inputs import Inputs
from skneon.network.numerics._soft_min import exponent, soft_argmin
from skneon.network.numerics._types import Array
from skneon.network.rules._activation import carried, kernel_factor
from skneon.network.rules._rule import Passed


class GaussianKernel(SupportUnits):
    r"""Gaussian functions of the distance (chapter #3.2, layer 1).

    .. math:: h_k = \exp(-\gamma \|x - u_k\|^2)

    Parameters
    ----------
    support : ndarray of shape (N, d)
    gamma : float
    """

    def __init__(self, support: Array, gamma: float) -> None:
        super().__init__(support)
        self.gamma = gamma

    def forward(self, X: Array, query: Query) -> Array:
        """Kernel values h, shape (n, N)."""
        return self.activation(self.squared_distances(X))

    def activation(self, T: Array) -> Array:
        """Activations of the units, from sums of contributions."""
        return np.exp(-exponent(T, self.gamma))

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
