# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The mean of the units as pooling."""

from collections.abc import Callable

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._linear_pooling import LinearPooling
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._types import Array


class Mean(LinearPooling):
    r"""Average pooling (chapter #3.2 and #3.3, layer 2).

    .. math:: \bar h = \sum_k \pi_k h_k

    Parameters
    ----------
    weights : SupportWeights, or None
        Weights of the units where these are support points; None for exchangeable
        units, such as random features, which count equally.
    offset : float, default=0
        Constant of the score, next to the mean.
    symbol : str, default="i"
        What the score is called in equations.
    """

    def __init__(
        self,
        weights: SupportWeights | None = None,
        offset: float = 0.0,
        symbol: str = "i",
    ) -> None:
        self.support_weights = weights
        self._offset = offset
        self._symbol = symbol

    @property
    def words(self) -> str:
        """What the score is."""
        return "the mean of the units, by their weights where they have any"

    @property
    def equation(self) -> str:
        """The score in plain text."""
        alike = self.support_weights is None
        mean = "1/H Σ_j h_j" if alike else "Σ_k π_k h_k"
        return f"{self._symbol} = {mean}{' + c' if self._offset else ''}"

    @property
    def summand(self) -> str:
        """What a unit adds."""
        return "R_j = h_j / H" if self.support_weights is None else "R_k = π_k h_k"

    integral = summand

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and pi_k, shape (1, N) or (n, N)."""
        if self.support_weights is None:
            weights = np.full((1, H.shape[1]), 1 / H.shape[1])
        else:
            weights = self.support_weights(query)
        return np.sum(weights * H, axis=1) + self._offset, weights

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The weighted mean of some units of one row, (K, ...) to (...)."""
        if self.support_weights is None:
            return _mean
        weights = self.support_weights(query)[0, competes]
        return lambda T: np.tensordot(weights, T, axes=1)


def _mean(T: Array) -> Array:
    return np.asarray(T.mean(axis=0))
