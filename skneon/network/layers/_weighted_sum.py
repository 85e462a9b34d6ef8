# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A weighted sum of the units as pooling, with weights of any sign."""

from collections.abc import Callable
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._pooling import Pooling
from skneon.network.numerics._types import Array


class WeightedSum(Pooling):
    r"""The output of a linear model whose features are the units.

    .. math:: o = \sum_k a_k h_k + c

    Parameters
    ----------
    weights : ndarray of shape (K,)
    offset : float, default=0
        c.
    index : str, default="k"
        What units are numbered by in equations.
    """

    words = "the sum of the units, each times its weight"

    def __init__(self, weights: Array, offset: float = 0.0, index: str = "k") -> None:
        self.weights = weights
        self._offset = offset
        self._index = index

    @property
    def equation(self) -> str:
        """The score in plain text."""
        j, also = self._index, " + c" if self._offset else ""
        return f"o = Σ_{j} a_{j} h_{j}{also}"

    @property
    def symbols(self) -> dict[str, Any]:
        """The constant."""
        return {"c": self._offset} if self._offset else {}

    @property
    def constant(self) -> str:
        """The offset, where there is one."""
        return "c" if self._offset else ""

    @property
    def summand(self) -> str:
        """What a unit adds."""
        j = self._index
        return f"R_{j} = a_{j} h_{j}"

    integral = summand

    def offset(self, query: Query) -> Any:
        """Constant of the score, which no unit carries."""
        return self._offset

    def forward(self, H: Array, query: Query) -> Array:
        """The sum for each row, shape (n,)."""
        return self.pool(H, query)[0]

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and the weights, shape (1, K)."""
        weights = self.weights[None, :]
        return np.sum(weights * H, axis=1) + self._offset, weights

    def integrated(self, H: Array, query: Query) -> tuple[Array, Array]:
        """As `pool`: a sum is linear."""
        return self.pool(H, query)

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The weighted sum of some units, (K, ...) to (...)."""
        weights = self.weights[competes]
        return lambda T: np.tensordot(weights, T, axes=1)
