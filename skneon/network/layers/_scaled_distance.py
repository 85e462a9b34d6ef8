# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hidden units that measure distances in units of their own for each column."""

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._mahalanobis import MahalanobisDistance
from skneon.network.layers._root import Root
from skneon.network.numerics._types import Array


class ScaledDistance(Root, MahalanobisDistance):
    r"""Distances to points, column by column in a unit (ours).

    .. math:: h_k = \|(x - \mu_k) / \sigma\|, \qquad T_k = h_k^2

    Shared among the columns as the squared distance is.

    Parameters
    ----------
    points : ndarray of shape (K, d)
        The :math:`\mu_k`.
    units : ndarray of shape (d,)
        The :math:`\sigma`, positive.
    """

    words = "the distance to each point, in units of the columns"
    equation = "h_k = ‖(x − μ_k) / σ‖"

    @property
    def parts(self) -> str:
        """What a column has of a squared distance."""
        if self.inputs.matrix is None:
            return "C_ki = (x_i − μ_ki)² / σ_i²"
        mixed = "C_ki = (y − μ̂_k)_i [((x − μ_k) / σ²) Aᵀ]_i"
        return f"{mixed},  x = y A + b, μ_k = μ̂_k A + b"

    def __init__(self, points: Array, units: Array) -> None:
        super().__init__(points, np.broadcast_to(1 / units, points.shape))

    @property
    def mean_name(self) -> str:
        """What `mean_reference` is."""
        return "weighted mean of the points"

    def forward(self, X: Array, query: Query) -> Array:
        """Distances h, shape (n, K)."""
        return np.sqrt(self.distances(X))
