# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Relevances behind a linear step: products of two tables of few dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from skneon.explanation._asked_table import check_room, read_only
from skneon.network.numerics._types import Array


@dataclass(frozen=True, eq=False)
class RowProducts:
    r"""Cells :math:`\sum_q z_{nq} b_{qi} \; \sum_k g_{nk} d_{ki}` of n rows.

    The weights g are those of a `SparseRelevance`, whose methods call these.

    Parameters
    ----------
    left : ndarray of shape (n, p)
        z.
    right : ndarray of shape (p, d)
        b.
    slopes : ndarray of shape (M, d)
        d.
    """

    left: Array
    right: Array
    slopes: Array

    def __post_init__(self) -> None:
        for name in ("left", "right", "slopes"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __reduce__(self) -> tuple[Any, ...]:
        # so that what comes back cannot be written to
        return type(self), (self.left, self.right, self.slopes)

    @classmethod
    def stacked(cls, parts: "Sequence[RowProducts]") -> "RowProducts":
        """The rows of several tables of one model below one another."""
        first = parts[0]
        left = np.concatenate([part.left for part in parts])
        return cls(left, first.right, first.slopes)

    def alike(self, other: Any) -> bool:
        """Whether another one has the same columns."""
        return isinstance(other, RowProducts) and all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("right", "slopes")
        )

    def some(self, rows: Array | None, columns: Array | None) -> "RowProducts":
        """Those of some rows and columns, by number; None: of all."""
        left, right, slopes = self.left, self.right, self.slopes
        if rows is not None:
            left = left[rows]
        if columns is not None:
            right, slopes = right[:, columns], slopes[:, columns]
        return RowProducts(left, right, slopes)

    def table(self, weights: Array) -> Array:
        """All cells, shape (n, d)."""
        out = self.left @ self.right
        out *= weights @ self.slopes
        return out

    def cells(self, weights: Array, rows: Array, columns: Array) -> Array:
        """Cells by numbers of rows and columns, which are broadcast."""
        first = at_cells(self.left, self.right, rows, columns)
        return first * at_cells(weights, self.slopes, rows, columns)

    def row_sums(self, weights: Array) -> Array:
        """Sums over the columns, shape (n,)."""
        sums = (self.left @ (self.right @ self.slopes.T)) * weights
        return np.asarray(sums.sum(axis=1))

    def column_sums(self, weights: Array) -> Array:
        """Sums over the rows, shape (d,)."""
        return np.asarray(
            np.sum((weights.T @ self.left) @ self.right * self.slopes, axis=0)
        )

    def grouped(self, weights: Array, within: Any) -> tuple[Array, Array]:
        """Sums over groups of columns as weights (n, p M) and constants (p M, g).

        Parameters
        ----------
        weights : ndarray of shape (n, M)
        within : csr_array of shape (d, g)
            1 for the columns of a group.
        """
        n, size = len(weights), len(self.right) * len(self.slopes)
        check_room((size, max(n, within.shape[1])))
        both = self.left[:, :, None] * weights[:, None, :]
        turned = sparse.csr_array(within.T)
        constants = [turned @ (row * self.slopes).T for row in self.right]
        return both.reshape(n, size), np.hstack(constants).T


def at_cells(left: Array, right: Array, rows: Array, columns: Array) -> Array:
    """Cells of the product of (n, M) and (M, d) tables."""
    out = np.zeros(np.broadcast(rows, columns).shape)
    for g, c in zip(left.T, right, strict=True):
        out += g[rows] * c[columns]
    return out
