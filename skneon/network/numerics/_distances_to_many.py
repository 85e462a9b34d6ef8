# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Support points made ready for squared distances by matrix products.

(x - u)^2 = x^2 - 2 x u + u^2 on centred data costs one matrix product instead of a
difference a pair and feature. It errs by about eps (x^2 + u^2); pairs near enough for
that to be felt are computed again from plain differences.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from skneon.network.numerics._types import Array

# a pair is near where its squared distance is below so many (x^2 + u^2)
NEAR = {"d": 1e-3, "f": 3e-2}
# beyond this share of near pairs, plain differences of all are the faster way
MANY = 0.05

ALL = slice(None)


@dataclass
class Rows:
    """Rows as products with points take them.

    Attributes
    ----------
    X : ndarray of shape (n, m)
        As the inputs take them.
    Z : ndarray of shape (n, p)
        As they meet the points.
    left : ndarray of shape (n, p + 2)
        [z, 1, z^2] of the centred rows.
    """

    X: Array
    Z: Array
    left: Array

    def __len__(self) -> int:
        return len(self.Z)

    @property
    def norms(self) -> Array:
        """Squared norms of the centred rows, shape (n,)."""
        return self.left[:, -1]


@dataclass
class NearPairs:
    """Pairs whose sums by matrix products would be rounded; `many` of all, or a few.

    Attributes
    ----------
    n, k : ndarray of int
        Rows, and points by their number in the tile.
    many : bool
    """

    n: Array
    k: Array
    many: bool


class Points:
    """Points u_k, and distances of rows to them.

    Parameters
    ----------
    points : ndarray of shape (N, p)

    Attributes
    ----------
    center : ndarray of shape (p,)
    centered : ndarray of shape (N, p)
    augmented : ndarray of shape (N, p + 1)
        The centred points, and a column of ones.
    norms : ndarray of shape (N,)
        Squared norms of the centred points.
    """

    def __init__(self, points: Array) -> None:
        self.points = points
        # the mean, and exactly their value in columns where all are equal
        lowest, highest = points.min(axis=0), points.max(axis=0)
        mean = points.mean(axis=0, dtype=float).astype(points.dtype)
        self.center = np.clip(mean, lowest, highest)
        self.centered = points - self.center
        self.norms = np.sum(self.centered**2, axis=1)
        ones = np.ones(len(points), dtype=points.dtype)
        self.augmented = np.column_stack([self.centered, ones])
        self._right = np.vstack([-2 * self.centered.T, self.norms, ones])
        self._near = NEAR[points.dtype.char]
        self._scale, self._shift = 1.0, 0.0
        self._largest_norm = self.norms.max()

    def __len__(self) -> int:
        return len(self.points)

    def scaled(self, scale: float, shift: float = 0.0) -> "Points":
        """The same points, for squared distances times a number plus a number."""
        points = copy(self)
        points._right = self._right * points.points.dtype.type(scale)
        points._right[-2] += shift
        points._near = self._near * scale
        points._scale, points._shift = scale, shift
        return points

    def rows(self, X: Array, Z: Array) -> Rows:
        """Rows X with the images Z, made ready."""
        dtype = self.points.dtype
        X, Z = X.astype(dtype, copy=False), Z.astype(dtype, copy=False)
        Zc = Z - self.center
        norms = np.sum(Zc**2, axis=1)
        return Rows(X, Z, np.column_stack([Zc, np.ones_like(norms), norms]))

    def squared_distances(
        self, rows: Rows, tile: slice = ALL, out: Array | None = None
    ) -> tuple[Array, Array, NearPairs | None]:
        """h_nk = sum_i (z_ni - u_ki)^2, or what `scaled` points make of it.

        Relative error about 1e-12 for float64.

        Parameters
        ----------
        rows : Rows
        tile : slice, default=all
            Of the points.
        out : ndarray of shape (n, N), or None

        Returns
        -------
        H : ndarray of shape (n, N)
        least : ndarray of shape (n,)
            Their minimum in each row.
        near : NearPairs or None
        """
        H = np.matmul(rows.left, self._right[:, tile], out=out)
        least = H.min(axis=1)
        near = self.near_pairs(rows, H, tile, least)
        if near is None:
            return H, least, None
        some, points = np.unique(near.n), self.points[tile]
        if near.many:
            H[some] = cdist(rows.Z[some], points, metric="sqeuclidean")
            H[some] = H[some] * self._scale + self._shift
        else:
            for n, k in blocks(near.n, near.k, len(points)):
                D = rows.Z[n] - points[k]
                H[n, k] = self._scale * np.einsum("pi,pi->p", D, D) + self._shift
        least[some] = H[some].min(axis=1)
        return H, least, near

    def largest_distance(self, rows: Rows) -> float:
        """A bound of the squared distances, as they are given; of all rows."""
        farthest = np.sqrt(rows.norms.max(initial=0.0)) + np.sqrt(self._largest_norm)
        return self._scale * float(farthest) ** 2 + self._shift

    def near_pairs(
        self, rows: Rows, H: Array, tile: slice = ALL, least: Array | None = None
    ) -> NearPairs | None:
        """The pairs that are near by their squared distances; None where none are."""
        least = H.min(axis=1) if least is None else least
        bound = self._near * (rows.norms + self._largest_norm) + self._shift
        some = np.flatnonzero(least <= bound)
        if not len(some):
            return None
        bound = self._near * (rows.norms[some, None] + self.norms[tile])
        bound += self._shift
        places = np.flatnonzero((H if len(some) == len(H) else H[some]) <= bound)
        n, k = np.divmod(places, H.shape[1])
        return NearPairs(some[n], k, len(n) > MANY * H.size) if len(n) else None


def blocks(n: Array, k: Array, size: int) -> Iterator[tuple[Array, Array]]:
    """Pairs by blocks of at most `size`, whose differences take no more than that."""
    for start in range(0, len(n), size):
        some = slice(start, start + size)
        yield n[some], k[some]
