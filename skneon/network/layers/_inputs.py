# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How the inputs of a layer of units come from the columns that are explained."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.linalg import block_diag

from skneon.network.numerics._types import Array, Table

# affine maps of a larger condition number cost more than half of the digits
WORST = 1e8
# steps that better a preimage, at the most
STEPS = 10
# units in the last place that sums of a few terms may be off
ROUNDED = 4


@dataclass(frozen=True, eq=False)
class Inputs:
    r"""An affine map of single-parent columns: z = y A + b, each y_j of one column.

    A preprocessing step that treats columns one by one leaves A the identity; its
    outputs y_j each have one parent among the columns that are explained, and relevance
    is summed into the parents. A linear step (PCA, ...) is folded into the units:
    with points u in the space of z and one of their preimages
    :math:`\hat u`, :math:`\hat u A + b = u`, a squared distance has the shares

    .. math:: \|z - u\|^2 = \sum_j (y - \hat u)_j \, [(z - u) A^\top]_j

    (the design's :math:`(x-u)_i [V V^\top (x-u)]_i`). They are the Shapley values of
    the squared distance as a function of y, against the preimage. It is the one
    nearest to `center`, as in ``inverse_transform`` of scikit-learn's decompositions.

    Branches that a linear step is in share the y that they have in common, so that
    the components of one map, taken apart and put together again, give what they gave.

    Parameters
    ----------
    parents : ndarray of int, shape (m,)
        The explained column that each y_j depends on.
    n_columns : int
        Number of explained columns.
    origins : list of hashable, length m
        What tells one y_j from another: equal ones hold the same values.
    matrix : ndarray of shape (m, p), or None
        A; None is the identity, with b = 0.
    offset : ndarray of shape (p,), or None
        b.
    center : ndarray of shape (m,), or None
    precision : float
        Relative rounding of the map: that of the numbers that it was fitted in.
    """

    parents: Array
    n_columns: int
    origins: Sequence[Hashable]
    matrix: Array | None = None
    offset: Array | None = None
    center: Array | None = None
    precision: float = float(np.finfo(float).eps)

    @classmethod
    def identity(cls, d: int) -> "Inputs":
        """The inputs themselves are explained."""
        return cls(np.arange(d), d, list(range(d)))

    @classmethod
    def side_by_side(cls, parts: Sequence["Inputs"]) -> tuple["Inputs", Array | None]:
        """The inputs of several branches, next to one another.

        Returns
        -------
        inputs : Inputs
        places : ndarray of int, or None
            Where its y are among those of the branches; None: there are no others.
        """
        parents = np.concatenate([part.parents for part in parts])
        origins = [origin for part in parts for origin in part.origins]
        n_columns = parts[0].n_columns
        if all(part.matrix is None for part in parts):
            return cls(parents, n_columns, origins), None
        # centers of the branches that mix columns; the others need none
        mixes = np.repeat(
            [part.matrix is not None for part in parts],
            [len(part.parents) for part in parts],
        )
        parts = [part.explicit() for part in parts]
        first: dict[Hashable, int] = {}
        for place in np.argsort(~mixes, kind="stable"):
            first.setdefault(origins[place], place)
        places = np.sort(list(first.values()))
        number = {origins[place]: i for i, place in enumerate(places)}
        matrix = np.zeros((len(places), sum(part.n_outputs for part in parts)))
        # a y that several branches have is fed into each of them
        rows = [number[origin] for origin in origins]
        np.add.at(matrix, rows, block_diag(*(part.matrix for part in parts)))
        inputs = cls(
            parents[places],
            n_columns,
            [origins[place] for place in places],
            matrix=matrix,
            offset=np.concatenate([part.offset for part in parts]),
            center=np.concatenate([part.center for part in parts])[places],
            precision=max(part.precision for part in parts),
        )
        return inputs, places

    def explicit(self) -> "Inputs":
        """The same with a matrix, offset and center."""
        if self.matrix is not None:
            return self
        m = len(self.parents)
        return self.mixed(np.eye(m), np.zeros(m), np.zeros(m))

    def select(self, columns: Array) -> "Inputs":
        """The inputs that are left when some outputs z are taken, in that order."""
        if self.matrix is not None and self.offset is not None:
            return self.then(self.matrix[:, columns], self.offset[columns])
        origins = [self.origins[column] for column in columns]
        return Inputs(self.parents[columns], self.n_columns, origins)

    def renamed(self, origins: Sequence[Hashable]) -> "Inputs":
        """The same, for y of other values."""
        return replace(self, origins=origins)

    def mixed(self, matrix: Array, offset: Array, center: Array | None) -> "Inputs":
        """The same columns y under an affine map."""
        return replace(self, matrix=matrix, offset=offset, center=center)

    def then(self, matrix: Array, offset: Array) -> "Inputs":
        """The same columns y with another affine map."""
        return self.mixed(matrix, offset, self.center)

    @property
    def n_outputs(self) -> int:
        """Number of the z."""
        return len(self.parents) if self.matrix is None else self.matrix.shape[1]

    @property
    def one_to_one(self) -> bool:
        """Whether y_j is the j-th explained column."""
        return np.array_equal(self.parents, np.arange(self.n_columns))

    def project(self, Y: Table) -> Table:
        """z, shape (n, p); also of sparse rows."""
        return Y if self.matrix is None else Y @ self.matrix + self.offset

    def pull(self, points: Array) -> Array:
        """Preimages of points (K, p), shape (K, m): the nearest to the center."""
        if self.matrix is None or self.offset is None or self.center is None:
            return points
        inverse = pseudo_inverse(self.matrix)
        missed = points - (self.center @ self.matrix + self.offset)
        found = nearest = self.center + missed @ inverse
        least = np.inf
        # once more for what is missed, where columns differ by many orders in size
        for _ in range(STEPS):
            missed = points - (nearest @ self.matrix + self.offset)
            largest = np.abs(missed).max(initial=0.0)
            if not largest < least:
                break
            found, least = nearest, largest
            nearest = nearest + missed @ inverse
        return np.asarray(found)

    def rounding(self, points: Array, preimages: Array) -> float:
        """Squared distance that rounding may leave between a row and a point it is on.

        Sums y A + b are known to parts of the sizes of their terms.
        """
        if self.matrix is None:
            return 0.0
        single = float(np.finfo(points.dtype).eps)
        lost = self._lost(preimages, max(single, self.precision))
        return float(np.sum(lost**2, axis=1).max())

    def moved(self, points: Array, preimages: Array) -> float:
        r"""Part of a squared distance that rounding moves from one column to another.

        A share is :math:`(y - \hat u)_i \sum_j A_{ij} (z - u)_j`. Where terms of z_j
        are much larger than their sum, its rounding is multiplied by them, with either
        sign: that is moved, but for its part in the squared distance itself. So is what
        preimages (K, m) miss of points (K, p), for want of digits to find them by. All
        beside the mean squared distance of the points.
        """
        if self.matrix is None or self.offset is None:
            return 0.0
        spread = points.std(axis=0, dtype=float)
        terms = preimages.std(axis=0) @ np.abs(self.matrix)
        lost = self._lost(np.abs(preimages).mean(axis=0), self.precision)
        missed = points - (preimages @ self.matrix + self.offset)
        moved = (
            lost @ np.maximum(terms - spread, 0.0) + np.mean(missed**2, axis=0).sum()
        )
        total = np.sum(spread**2)
        return float(moved / total) if total > 0 else 0.0

    def _lost(self, preimages: Array, precision: float) -> Array:
        """What rounding may leave of z: sums are known to parts of their terms."""
        assert self.matrix is not None and self.offset is not None
        sizes = np.abs(preimages) @ np.abs(self.matrix) + np.abs(self.offset)
        lost: Array = ROUNDED * precision * sizes
        return lost

    def inverse(self) -> Array | None:
        """The inverse of A, shape (p, m); None where it has none, or there is no A."""
        if self.matrix is None or len(self.parents) != self.n_outputs:
            return None
        sizes = np.linalg.norm(self.matrix, axis=0)
        if not np.all(sizes > 0) or np.linalg.cond(self.matrix / sizes) > WORST:
            return None
        inverse: Array = np.linalg.inv(self.matrix / sizes) / sizes[:, None]
        return inverse

    def back(self, differences: Array) -> Array:
        """Differences of z times A', shape (..., m)."""
        if self.matrix is None:
            return differences
        shares: Array = differences @ self.matrix.T
        return shares

    def isotropic(self, p: int) -> Array:
        """How much of a unit of each of the p directions falls to each y, (m,).

        diag(A A^+), and more by p over the rank where A has dependent columns.
        """
        if self.matrix is None:
            return np.ones(p)
        shares: Array = np.einsum("mp,pm->m", self.matrix, pseudo_inverse(self.matrix))
        shares *= p / shares.sum()
        return shares

    def gather(self, R: Array) -> Array:
        """Sum shares of y (the last axis) into their parents: (..., n_columns)."""
        if self.one_to_one:
            return R
        m = len(self.parents)
        routing = sparse.csr_array(
            (np.ones(m), (self.parents, np.arange(m))), shape=(self.n_columns, m)
        )
        out = routing @ R.reshape(-1, m).T
        return np.ascontiguousarray(out.T).reshape(*R.shape[:-1], self.n_columns)


def pseudo_inverse(matrix: Array) -> Array:
    """A^+ on the image of A, however different the sizes of its columns are.

    Rows of different sizes leave few digits in the small entries of the inverse, which
    the steps P + (P - P A P) of Newton and Schulz give back.
    """
    sizes = np.linalg.norm(matrix, axis=0)
    sizes = np.where(sizes > 0, sizes, 1.0)
    rcond = np.finfo(float).eps * max(matrix.shape)
    scaled = matrix / sizes
    inverse = np.linalg.pinv(scaled, rcond=rcond)
    for _ in range(2):
        step = inverse - (inverse @ scaled) @ inverse
        # next to a singular matrix there are no digits to give back
        if np.abs(step).max(initial=0.0) < 1e-3 * np.abs(inverse).max(initial=0.0):
            inverse += step
    return inverse / sizes[:, None]
