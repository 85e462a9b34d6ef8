# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The trees of an isolation forest, and what finds the leaves of rows in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.sparse import issparse

from skneon.network.numerics._isolation_tree import IsolationTree
from skneon.network.numerics._types import Array, Table


class Finder(Protocol):
    """What finds the leaves of a tree: scikit-learn's own trees do."""

    def apply(self, X: Any) -> Array:
        """The leaf of each row of float32, (n,)."""


@dataclass(frozen=True, eq=False)
class Forest:
    """Isolation trees side by side.

    Parameters
    ----------
    trees : sequence of IsolationTree
        Their features are columns of the forest.
    finders : sequence of Finder
        One for each tree.
    columns : sequence of (ndarray of int, or None)
        The columns of the forest that each finder takes; None: all, in their order.
    n_columns : int
    offset : float
        Constant of the score, next to the mean of the trees.
    """

    trees: Sequence[IsolationTree]
    finders: Sequence[Finder]
    columns: Sequence[Array | None]
    n_columns: int
    offset: float = 0.0

    @classmethod
    def of(
        cls, trees: Sequence[IsolationTree], n_columns: int, offset: float = 0.0
    ) -> "Forest":
        """Trees that are given as arrays alone, of all columns; they find their leaves.

        Parameters
        ----------
        trees : sequence of IsolationTree
        n_columns : int
        offset : float, default=0
            As of the forest.

        Returns
        -------
        forest : Forest

        Raises
        ------
        ValueError
            For no trees, and a tree that is split by a column that there is not.
        """
        trees = tuple(trees)
        if not trees:
            raise ValueError("A forest needs at least one tree.")
        for number, tree in enumerate(trees):
            used = tree.feature[tree.inner]
            if len(used) and not (0 <= used.min() and used.max() < n_columns):
                outside = used[(used < 0) | (used >= n_columns)][0]
                raise ValueError(
                    f"Tree {number} is split by column {outside}: there are "
                    f"{n_columns}, numbered from 0."
                )
        return cls(trees, trees, [None] * len(trees), n_columns, offset)

    def __len__(self) -> int:
        return len(self.trees)

    def leaves(self, Z: Table) -> Array:
        """The node that is each row's leaf, by tree: (n, T); rows of float32."""
        out = np.empty((Z.shape[0], len(self)), dtype=np.int32)
        for t in range(len(self)):
            out[:, t] = self.leaves_of(t, Z)
        return out

    def leaves_of(self, t: int, Z: Table) -> Array:
        """The node that is each row's leaf in one tree: (n,); rows of float32."""
        columns = self.columns[t]
        return self.finders[t].apply(Z if columns is None else Z[:, columns])

    def saved(self, leaves: Array) -> Array:
        """Splits saved, from the leaves: (n, T)."""
        parts = [tree.saved[leaves[:, t]] for t, tree in enumerate(self.trees)]
        return np.stack(parts, axis=1)


def single(Z: Table) -> Table:
    """Rows in float32, as trees compare them; what is beyond is infinite there."""
    with np.errstate(over="ignore"):
        if issparse(Z):
            return Z.tocsr().astype(np.float32)
        return np.ascontiguousarray(Z, dtype=np.float32)


def mean_and_error(total: Array, squares: Array, n: int) -> tuple[Array, Array | None]:
    """Mean over n trees and its standard error, from the sums of values and squares.

    Trees are grown independently of one another. None for a single one.
    """
    mean = total / n
    if n == 1:
        return mean, None
    variance = np.maximum(squares / n - mean**2, 0.0)
    return mean, np.sqrt(variance / (n - 1))
