# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Tables of rows among which there are few different ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skneon.explanation._asked_table import AskedTable, read_only
from skneon.network.numerics._types import Array


@dataclass(frozen=True, eq=False, repr=False)
class SharedRows(AskedTable):
    """A table of shape (n, d) whose rows are M points: the centroids of rivals.

    It is indexed as an array, see `AskedTable`.

    Parameters
    ----------
    points : ndarray of shape (M, d)
    numbers : ndarray of int, shape (n,)
        The point of each row.

    Examples
    --------
    >>> import numpy as np
    >>> from skneon.explanation import SharedRows
    >>> table = SharedRows(np.array([[0.0, 5.0], [1.0, 7.0]]), np.array([1, 0, 1]))
    >>> table[0], float(table[1, 1])
    (array([1., 7.]), 5.0)
    >>> table[1:].toarray()
    array([[0., 5.],
           [1., 7.]])
    """

    points: Array
    numbers: Array

    def __post_init__(self) -> None:
        for name in ("points", "numbers"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __reduce__(self) -> tuple[Any, ...]:
        # so that what comes back cannot be written to
        return type(self), (self.points, self.numbers)

    @classmethod
    def stacked(cls, parts: "Sequence[SharedRows]") -> "SharedRows":
        """The rows of several tables below one another."""
        if all(np.array_equal(part.points, parts[0].points) for part in parts):
            numbers = np.concatenate([part.numbers for part in parts])
            return cls(parts[0].points, numbers)
        before = np.cumsum([0, *(len(part.points) for part in parts)])
        both = zip(parts, before, strict=False)
        return cls(
            np.concatenate([part.points for part in parts]),
            np.concatenate([part.numbers + first for part, first in both]),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return len(self.numbers), self.points.shape[1]

    @property
    def dtype(self) -> Any:
        """Of the cells."""
        return self.points.dtype

    def cells(self, rows: Array, columns: Array) -> Array:
        """Cells by numbers of rows and columns, which are broadcast."""
        return np.asarray(self.points[self.numbers[rows], columns])

    def some(self, rows: Array | None, columns: Array | None) -> "SharedRows":
        """The table of some rows and columns, by number; None: of all."""
        points = self.points if columns is None else self.points[:, columns]
        return SharedRows(points, self.numbers if rows is None else self.numbers[rows])

    def toarray(self) -> Array:
        """All cells, shape (n, d)."""
        return np.asarray(self.points[self.numbers])
