# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Weighted sums of the shares of squared distances, by matrix products.

A pair's share of a column is a product of two differences, so that sums over the
support points need sums of weights times a few columns each, and no (n, N, d) array.
What these would round, near pairs, is summed pair by pair.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from skneon.network.numerics._distances_to_many import (
    ALL,
    NearPairs,
    Points,
    Rows,
    blocks,
)
from skneon.network.numerics._types import Array


class Shares(ABC):
    """Sums over k of W_nk times the shares of the k-th squared distance.

    Parameters
    ----------
    points : Points
    """

    # columns whose weighted sums `combine` takes, shape (N, q)
    right: Array
    # where the sums over the augmented points are among those of the columns
    means: slice | None = None
    # whether `of_column` gives a column's shares of all pairs, not rounded
    by_column = False

    def __init__(self, points: Points) -> None:
        self.points = points

    @abstractmethod
    def combine(self, rows: Rows, sums: Array) -> Array:
        """Sums of the shares, (n, m), from those of the columns."""

    @abstractmethod
    def of_pairs(self, rows: Rows, n: Array, k: Array) -> Array:
        """Shares of pairs, shape (len(n), m)."""

    def of_column(self, rows: Rows, j: int, tile: slice) -> Array:
        """Shares of a column, shape (n, N), where `by_column`."""
        raise NotImplementedError

    def sums(
        self, rows: Rows, W: Array, near: NearPairs | None, tile: slice = ALL
    ) -> tuple[Array, Array]:
        """Weighted sums of the columns, and those of the shares of near pairs.

        Sets the weights of near pairs to 0 in `W`.

        Parameters
        ----------
        rows : Rows
        W : ndarray of shape (n, N)
            Not negative.
        near : NearPairs or None
        tile : slice, default=all
            Of the points.

        Returns
        -------
        sums : ndarray of shape (n, q)
        extra : ndarray of shape (n, m)
        """
        extra: Array = np.zeros(rows.X.shape, dtype=W.dtype)
        if near is not None and near.many and self.by_column:
            for j in range(extra.shape[1]):
                extra[:, j] = np.einsum("nk,nk->n", W, self.of_column(rows, j, tile))
            W[...] = 0.0
        elif near is not None:
            weights = W[near.n, near.k]
            W[near.n, near.k] = 0.0
            counts = np.flatnonzero(weights)
            start = tile.start or 0
            for some, n in blocks(counts, near.n[counts], len(self.points)):
                shares = self.of_pairs(rows, n, start + near.k[some])
                np.add.at(extra, n, weights[some, None] * shares)
        return W @ self.right[tile], extra

    def weighted(self, rows: Rows, W: Array, near: NearPairs | None) -> Array:
        """The weighted sums of the shares, shape (n, m)."""
        sums, extra = self.sums(rows, W, near)
        return self.combine(rows, sums) + extra

    def weighted_with_means(
        self, rows: Rows, W: Array, near: NearPairs | None
    ) -> tuple[Array, Array]:
        """The weighted sums of the augmented points, and those of the shares."""
        if self.means is None or near is not None:
            means = W @ self.points.augmented
            return means, self.weighted(rows, W, near)
        sums, _ = self.sums(rows, W, None)
        return sums[:, self.means], self.combine(rows, sums)


class SquareShares(Shares):
    """Shares (x_i - u_ki)^2."""

    by_column = True

    def __init__(self, points: Points) -> None:
        super().__init__(points)
        self.right = np.hstack([points.augmented, points.centered**2])
        self.means = slice(points.augmented.shape[1])

    def combine(self, rows: Rows, sums: Array) -> Array:
        """Sums of the shares, (n, d), from those of the columns."""
        d = rows.Z.shape[1]
        x = rows.left[:, :d]
        R: Array = x**2 * sums[:, d, None] - 2 * x * sums[:, :d] + sums[:, d + 1 :]
        np.maximum(R, 0.0, out=R)
        return R

    def of_pairs(self, rows: Rows, n: Array, k: Array) -> Array:
        """Shares of pairs, shape (len(n), d)."""
        return (rows.Z[n] - self.points.points[k]) ** 2

    def of_column(self, rows: Rows, j: int, tile: slice) -> Array:
        """Shares of a column, shape (n, N)."""
        return (rows.Z[:, j, None] - self.points.points[tile, j]) ** 2


class ProductShares(Shares):
    """Shares (y - v_k)_j [(z - u_k) A']_j: an affine map z = y A + b is folded in.

    Parameters
    ----------
    points : Points
    preimages : ndarray of shape (N, m)
        The v.
    inputs : Inputs
        That hold A.
    """

    def __init__(self, points: Points, preimages: Array, inputs: Any) -> None:
        super().__init__(points)
        self.preimages = preimages
        self.inputs = inputs
        self.middle = preimages.mean(axis=0)
        V, B = preimages - self.middle, inputs.back(points.centered)
        right = np.hstack([B, V * B, V, np.ones((len(V), 1))])
        self.right = right.astype(points.points.dtype, copy=False)

    def combine(self, rows: Rows, sums: Array) -> Array:
        """Sums of the shares, (n, m), from those of the columns."""
        B, VB, V = np.split(sums[:, :-1], 3, axis=1)
        y = rows.X - self.middle
        g = self.inputs.back(rows.left[:, :-2])
        R: Array = y * (g * sums[:, -1:] - B) + VB - g * V
        return R

    def of_pairs(self, rows: Rows, n: Array, k: Array) -> Array:
        """Shares of pairs, shape (len(n), m)."""
        differences = rows.Z[n] - self.points.points[k]
        steps = rows.X[n] - self.preimages[k]
        shares: Array = steps * self.inputs.back(differences)
        return shares
