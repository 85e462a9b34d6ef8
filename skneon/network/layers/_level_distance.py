# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Squared distances to support points, beside levels that are no column's."""

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._distance import SupportUnits
from skneon.network.layers._level_min import LevelMin
from skneon.network.numerics._soft_min import squared_distances
from skneon.network.numerics._types import Array


class SpreadDistance(SupportUnits):
    r"""Squared distances to the support points, and the share of columns there are.

    .. math:: h_k = \|x - u_k\|^2, \qquad s = \sum_{i=1}^m \tfrac1m = 1

    The last unit, s, is what a level is multiplied by. With some of the m columns that
    the inputs give it is their number over m: so a level is spread evenly over all.

    Parameters
    ----------
    support : ndarray of shape (N, d)
    pooling : LevelMin
    point : str, default="core row"
        What a support point is, for `reference_name`.
    """

    words = "the squared distance to each support point, and the share s of columns"
    equation = "h_k = ‖x − u_k‖²,  s = Σ_i 1/m = 1"

    def __init__(
        self, support: Array, pooling: LevelMin, point: str = "core row"
    ) -> None:
        super().__init__(support)
        self.pooling = pooling
        self.reference_name = f"nearest {point}"

    @property
    def n_units(self) -> int:
        """Number of support points, and one."""
        return len(self.support) + 1

    @property
    def parts(self) -> str:
        """What a column has of a unit."""
        return f"{super().parts}, of s 1/m"

    @property
    def width(self) -> int:
        """Numbers that a row takes: one for each support point, and the share."""
        return len(self.support) + 1

    def squared_distances(self, X: Array) -> Array:
        """Squared distances, from plain differences: at ties nothing is rounded."""
        return squared_distances(self.inputs.project(X), self.support)

    def forward(self, X: Array, query: Query) -> Array:
        """Squared distances, and a last column of ones; shape (n, N + 1)."""
        H = np.ones((len(X), self.width))
        H[:, :-1] = self.squared_distances(X)
        return H

    def _evenly(self) -> Array:
        """What each explained column has of the share, shape (n_columns,)."""
        m = len(self.inputs.parents)
        return np.asarray(self.inputs.gather(np.full((1, m), 1 / m))[0])

    def contributions(self, X: Array, query: Query) -> Array:
        """Shares of every unit; shape (N + 1, n, n_columns)."""
        C = np.empty((self.width, len(X), self.inputs.n_columns))
        C[:-1] = super().contributions(X, query)
        C[-1] = self._evenly()
        return C

    def weighted_shares(self, X: Array, W: Array, T: Array, query: Query) -> Array:
        """sum_k W_nk times the shares of the k-th unit, (n, n_columns)."""
        # a few units decide: their plain differences lose nothing
        n, k = np.nonzero(W[:, :-1])
        differences = self.inputs.project(X)[n] - self.support[k]
        shares = (X[n] - self._preimages[k]) * self.inputs.back(differences)
        out = np.zeros((len(X), X.shape[1]))
        np.add.at(out, n, W[n, k][:, None] * shares)
        return np.asarray(self.inputs.gather(out) + W[:, -1:] * self._evenly())

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """The deciding support point; NaN where there is none. Shape (n, d)."""
        points = np.vstack([self.support, np.full(self.support.shape[1], np.nan)])
        return np.asarray(points[self.pooling.points(H, query)])


class LevelDistance(SpreadDistance):
    """The units of `SpreadDistance` for clusters that compete, and noise.

    Parameters
    ----------
    support, pooling, point
        As in `SpreadDistance`.
    """

    def __init__(
        self, support: Array, pooling: LevelMin, point: str = "core row"
    ) -> None:
        super().__init__(support, pooling, point)
        self.reference_name = (
            f"nearest {point} of the strongest rival; against noise, of the own cluster"
        )

    def nearest(self, X: Array) -> Array:
        """The cluster whose level a row is within, or noise; shape (n,)."""
        query = Query()
        return self.pooling.assigned(self.forward(X, query), query)

    def rivals(self, X: Array, H: Array, query: Query) -> Array:
        """The strongest rival; -1 where there is none. Shape (n,)."""
        return self.pooling.rivals(H, query)
