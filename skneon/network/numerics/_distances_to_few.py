# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Squared distances to few points, for many rows: by one matrix product."""

from typing import Any

import numpy as np
from scipy.spatial.distance import cdist, pdist

from skneon.network.numerics._types import Array

# how much farther from the base than from one another points may be: the square of it
# is what the expansion may lose to the contrast of a pair
FARTHEST = 16.0
# squared distances, in squares of what sets points apart, that round this off
FAR = 2.0**20
# points whose pairs are worth looking at
MANY = 2048


class Cells:
    r"""Squared distances to points u_k less those to a base b, all linear in the rows.

    .. math:: s_k = \|z - u_k\|^2 - \|z - b\|^2 = \sum_i (t_{ki} y_i + q_{ki}), \qquad
              t_k = -2 (u_k - b), \quad q_k = (u_k - b)^2, \quad y = z - b

    The base is one of the points, so that columns in which they agree count for
    nothing.

    Parameters
    ----------
    points : ndarray of shape (K, d)
    multiplied_out : bool, default=False
        Whether the b in y is: rows stay as they are, but must not be far from 0.
    """

    def __init__(self, points: Array, multiplied_out: bool = False) -> None:
        self.points = points
        base = points[0]
        offsets = points - base
        self.slope = -2 * offsets
        self.square = offsets**2
        self.base = base
        if multiplied_out:
            self.base = None
            self.square += 2 * base * offsets
        self.constant = self.square.sum(axis=1)
        # of the terms of any s_k, but for the row
        self.longest = _longest(self.slope)
        self.largest = np.abs(self.square).sum(axis=1).max()

    @classmethod
    def sharp(cls, points: Array) -> "Cells | None":
        """Cells whose differences s_k - s_l are good to all but two digits, or None.

        That takes points whose distances to the base are not much larger than those
        to one another.
        """
        if not 1 < len(points) <= MANY:
            return None
        gap = FARTHEST * pdist(points).min()
        if _longest(points - points[0]) > gap:
            return None
        return cls(points, multiplied_out=_longest(points) <= gap)

    def centred(self, Z: Array) -> Array:
        """The rows y, shape (n, d); Z itself where it will do."""
        return Z if self.base is None else Z - self.base

    def heights(self, Y: Array) -> Array:
        """s_k of the rows y, shape (K, n)."""
        S: Array = self.slope @ Y.T
        S += self.constant[:, None]
        return S

    def sparse_heights(self, Z: Any) -> Array:
        """s_k of sparse rows z, which are not filled up, shape (K, n)."""
        S = np.ascontiguousarray((Z @ self.slope.T).T)
        constant = self.constant
        if self.base is not None:
            constant = constant - self.slope @ self.base
        S += constant[:, None]
        return S

    def nearest(self, Z: Array, Y: Array, S: Array) -> Array:
        """Number of the nearest point, the first at ties; ndarray of int, shape (n,).

        Of rows z, their y and s_k. Plain differences tell where rounding may decide.
        """
        # no row is longer than all together
        size = np.sqrt(np.vdot(Y, Y)) * self.longest + self.largest
        bound = S.min(axis=0)
        bound += 4 * (Z.shape[1] + 8) * np.finfo(float).eps * size
        near = S <= bound
        nearest, several = _first(near), _count(near) > 1
        if several.any():
            nearest[several] = nearest_by_differences(Z[several], self.points)
        return nearest

    def contrast(self, S: Array, owners: Array) -> Array:
        """s_k - s_c with the row's own point c, in place: (n, K), +inf for c itself."""
        rows = np.arange(len(owners))
        S -= S[owners, rows]
        S[owners, rows] = np.inf
        return S.T

    def weighted_shares(
        self, Y: Array, factor: Array, owners: Array, out: Array
    ) -> Array:
        """sum_k factor_nk times the shares of s_k - s_c, into `out`, (n, d).

        `factor`, which is 0 for c itself, is overwritten.
        """
        factor[np.arange(len(owners)), owners] = -factor.sum(axis=1)
        np.matmul(factor, self.slope, out=out)
        out *= Y
        out += factor @ self.square
        return out


def nearest_by_differences(Z: Array, points: Array) -> Array:
    """Number of the nearest point, the first at ties; ndarray of int, shape (n,).

    By plain differences. Their squares say nothing where rows are so far away that they
    round off what sets the points apart: there it is by what is linear in the row.
    """
    squares = cdist(Z, points, metric="sqeuclidean")
    nearest: Array = squares.argmin(axis=1)
    offsets = points - points[0]
    heights = np.sum(offsets**2, axis=1)
    far = squares.min(axis=1) > FAR * heights.max(initial=0.0)
    if far.any():
        contrasts = heights - 2 * ((Z[far] - points[0]) @ offsets.T)
        nearest[far] = contrasts.argmin(axis=1)
    return nearest


def first_least(H: Array, least: Array) -> Array:
    """H.argmin(axis=1), given the minima, (n,): fast where columns are contiguous."""
    return _first((H == least[:, None]).T)


def _first(marked: Array) -> Array:
    """Number of the first marked entry in each column, (K, n) to (n,)."""
    K = len(marked)
    kind = np.min_scalar_type(K)
    backwards = np.arange(K, 0, -1, dtype=kind)
    first: Array = K - (marked * backwards[:, None]).max(axis=0).astype(np.intp)
    return first


def _count(marked: Array) -> Array:
    """Number of marked entries in each column."""
    count: Array = marked.sum(axis=0, dtype=np.min_scalar_type(len(marked)))
    return count


def _longest(points: Array) -> float:
    longest: float = np.sqrt(np.sum(points**2, axis=1).max(initial=0.0))
    return longest
