# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Hard max-pooling."""

from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._pooling import Pooling
from skneon.network.numerics._types import Array


class Max(Pooling):
    r"""The largest unit (ours); of those that tie, the first.

    .. math:: o = \max_k (a_k h_k + c_k)

    Parameters
    ----------
    weights : array-like of shape (K,), or None
        a_k, above 0; None for 1.
    offsets : array-like of shape (K,), or None
        c_k, which no unit carries: that of the largest is left in the `residual` of
        explanations. None for 0.

    Raises
    ------
    ValueError
        For weights that are not finite and above 0, for offsets that are not finite,
        and in the forward pass for another number of them than that of the units.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.network import Max, Query
    >>> Max([2.0, 1.0], [0.0, -1.0]).forward(np.array([[2.0, 3.0]]), Query())
    array([4.])
    """

    def __init__(self, weights: Any = None, offsets: Any = None) -> None:
        self.weights = _numbers("weights", weights)
        self.offsets = _numbers("offsets", offsets)
        if self.weights is not None and not (self.weights > 0).all():
            raise ValueError(f"weights of a Max must be above 0, got {weights!r}.")

    @property
    def words(self) -> str:
        """What the score is."""
        return "the largest unit" + ("" if self.weights is None else ", by weights")

    @property
    def equation(self) -> str:
        """The score in plain text."""
        if self.offsets is None:
            return f"o = max_k {self._unit}"
        return f"o = max_k ({self._unit} + c_k)"

    @property
    def summand(self) -> str:
        """What a unit adds."""
        return f"R_k = {self._unit} of the largest unit, 0 of the others"

    @property
    def unspent(self) -> str:
        """What units do not add."""
        return "" if self.offsets is None else "c_k of the largest unit"

    @property
    def _unit(self) -> str:
        return "h_k" if self.weights is None else "a_k h_k"

    def forward(self, H: Array, query: Query) -> Array:
        """The largest unit of each row, (n,)."""
        return np.asarray(self._compared(H).max(axis=1))

    def pool(self, H: Array, query: Query) -> tuple[Array, Array]:
        """Score, and a_k for the first unit that attains it, (n, K)."""
        compared = self._compared(H)
        largest = compared.argmax(axis=1)
        weights = np.zeros(H.shape)
        of_units = np.ones(H.shape[1]) if self.weights is None else self.weights
        np.put_along_axis(weights, largest[:, None], of_units[largest, None], axis=1)
        return np.asarray(compared.max(axis=1)), weights

    def _compared(self, H: Array) -> Array:
        """The numbers of which the largest is the score, (n, K)."""
        for name in ("weights", "offsets"):
            given = getattr(self, name)
            if given is not None and len(given) != H.shape[1]:
                raise ValueError(
                    f"A Max has {len(given)} {name}, and there are {H.shape[1]} units."
                )
        H = H if self.weights is None else self.weights * H
        return H if self.offsets is None else H + self.offsets


def _numbers(name: str, values: Any) -> Array | None:
    """Finite numbers, one for each unit, or None."""
    if values is None:
        return None
    numbers: Array = np.array(values, dtype=float)
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise ValueError(
            f"{name} of a Max must be finite numbers, one for each unit, got "
            f"{values!r}."
        )
    return numbers
