# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The sum of the units as pooling."""

from collections.abc import Callable
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._linear_pooling import LinearPooling
from skneon.network.numerics._types import Array


class Sum(LinearPooling):
    r"""The sum of the units, and a constant (ours).

    .. math:: o = \sum_k a_k h_k + c

    Parameters
    ----------
    offset : float, default=0
        c, which no unit carries: the `residual` of explanations.
    weights : array-like of shape (K,), or None
        a_k; None for a plain sum.
    symbol, index : str, default="o" and "k"
        What the score is called in equations, and what units are numbered by.

    Raises
    ------
    ValueError
        For a constant or weights that are not finite, and in the forward pass for
        weights of another number than that of the units.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network import Query, Sum
    >>> Sum(offset=1.0).forward(np.array([[2.0, 3.0]]), Query())
    array([6.])
    """

    def __init__(
        self,
        offset: float = 0.0,
        weights: Any = None,
        symbol: str = "o",
        index: str = "k",
    ) -> None:
        if not np.isfinite(offset):
            raise ValueError(f"offset of a Sum must be finite, got {offset!r}.")
        self.weights = None if weights is None else np.array(weights, dtype=float)
        if self.weights is not None and (
            self.weights.ndim != 1 or not np.isfinite(self.weights).all()
        ):
            raise ValueError(
                "weights of a Sum must be finite numbers, one for each unit, got "
                f"{weights!r}."
            )
        self._offset = float(offset)
        self._symbol = symbol
        self._index = index

    @property
    def words(self) -> str:
        """What the score is."""
        return "the sum of the units" + (", by weights" if self._weighs else "")

    @property
    def equation(self) -> str:
        """The score in plain text."""
        also = " + c" if self._offset else ""
        return f"{self._symbol} = Σ_{self._index} {self._unit}{also}"

    unspent = LinearPooling.constant

    @property
    def summand(self) -> str:
        """What a unit adds."""
        return f"R_{self._index} = {self._unit}"

    integral = summand

    @property
    def _unit(self) -> str:
        weight = f"a_{self._index} " if self._weighs else ""
        return f"{weight}h_{self._index}"

    @property
    def _weighs(self) -> bool:
        return self.weights is not None

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and a_k, shape (1, K)."""
        a = np.ones(H.shape[1]) if self.weights is None else self.weights
        if len(a) != H.shape[1]:
            raise ValueError(
                f"A Sum has {len(a)} weights, and there are {H.shape[1]} units."
            )
        return np.sum(a * H, axis=1) + self._offset, a[None]

    def of_sums(self, query: Query, competes: Array) -> Callable[[Array], Array]:
        """The sum over some units of one row, (K, ...) to (...)."""
        if self.weights is None:
            return _sum
        weights = self.weights[competes]
        return lambda T: np.tensordot(weights, T, axes=1)


def _sum(T: Array) -> Array:
    return np.asarray(T.sum(axis=0))
