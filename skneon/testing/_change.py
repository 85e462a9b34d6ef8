# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How data may be changed so that an explanation follows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skneon.network.numerics._types import Array


@dataclass(frozen=True)
class Change:
    """Columns in another order, scaled and moved; and training rows that are absent.

    ``change(X)`` is ``X[:, columns] * scale + shift``. Scales are powers of two and
    shifts whole numbers, so that of dyadic data nothing is rounded.

    Parameters
    ----------
    columns : ndarray of int, shape (d,), or None
        New order of the columns; None: their own.
    shift : ndarray of shape (d,), or None
        What is added to the columns, in their new order; None: nothing.
    scale : float, default=1.0
    absent : sequence of int, default=()
        Numbers of the training rows that are dropped.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.testing import Change
    >>> change = Change(columns=np.array([1, 0]), scale=2.0, absent=(0,))
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> change(X)
    array([[4., 2.],
           [8., 6.]])
    >>> change.training(X)
    array([[8., 6.]])
    >>> change.kept(np.array([0.5, 0.5]))
    array([0.5])
    """

    columns: Array | None = None
    shift: Array | None = None
    scale: float = 1.0
    absent: Sequence[int] = ()

    def __call__(self, X: Any) -> Any:
        """A changed table, (n, d); a frame stays one."""
        if self.columns is not None:
            X = X.iloc[:, self.columns] if hasattr(X, "iloc") else X[:, self.columns]
        if self.scale != 1.0:
            X = X * self.scale
        return X if self.shift is None else X + self.shift

    def ordered(self, values: Array) -> Array:
        """What belongs to columns, (..., d), in their new order."""
        return values if self.columns is None else values[..., self.columns]

    def kept(self, values: Any) -> Any:
        """What belongs to training rows, without the absent ones."""
        if not len(self.absent):
            return values
        rest = np.delete(np.arange(len(values)), list(self.absent))
        return values.iloc[rest] if hasattr(values, "iloc") else values[rest]

    def training(self, X: Any) -> Any:
        """Changed training rows without the absent ones."""
        return self(self.kept(X))

    def without(self, *absent: int) -> "Change":
        """The same without these training rows."""
        return replace(self, absent=absent)
