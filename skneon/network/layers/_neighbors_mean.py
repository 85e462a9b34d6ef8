# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""One hidden unit: how far a row is from the mean of its nearest support points."""

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._distance import SupportUnits
from skneon.network.layers._neighbors import NearestNeighborsPooling
from skneon.network.numerics._soft_min import squared_distances
from skneon.network.numerics._types import Array


class NeighborsMean(SupportUnits):
    r"""Distance to the mean of the k nearest support points, squared or not.

    .. math:: h = \|x - \bar z\|^2 \quad\text{or}\quad \|x - \bar z\|, \qquad
              \bar z = \frac1k \sum_{k \in \text{nearest}} u_k

    The length of the mean vector to the neighbours: the index delta of Harmeling et al.
    2006. It is small amid the neighbours and large at the rim of the data, where they
    are on one side. Without some of the columns other points are the nearest ones.

    Parameters
    ----------
    support : ndarray of shape (N, d)
    search : NearestNeighborsPooling
        Finds the neighbours.
    squared : bool, default=True
    """

    words = "the distance to the mean of the n nearest support points"
    reference_name = "mean of the neighbours"
    parts = "C_i = (x_i − z̄_i)², through a linear map its product form"
    n_units = 1

    def __init__(
        self, support: Array, search: NearestNeighborsPooling, squared: bool = True
    ) -> None:
        super().__init__(support)
        self.search = search
        self.squared = squared

    @property
    def equation(self) -> str:
        """The unit in plain text."""
        power = "²" if self.squared else ""
        return f"h = ‖x − z̄‖{power},  z̄ = 1/n Σ_k u_k over the n nearest"

    @property
    def symbols(self) -> dict[str, int]:
        """Numbers in the equation."""
        return {"n": self.search.n_neighbors}

    def _nearest(self, X: Array, query: Query) -> Array:
        """The nearest support points, (n, k)."""
        H = squared_distances(self.inputs.project(X), self.support)
        return self.search.neighbors(H, query)

    def _shares(self, X: Array, nearest: Array) -> Array:
        """Shares of the squared distance by column; (n, n_columns)."""
        points = self.support[nearest].mean(axis=1)
        preimages = self._preimages[nearest].mean(axis=1)
        back = self.inputs.back(self.inputs.project(X) - points)
        return self.inputs.gather((X - preimages) * back)

    def forward(self, X: Array, query: Query) -> Array:
        """The distance, shape (n, 1)."""
        points = self.reference(X, X, X, query)
        T = np.sum((self.inputs.project(X) - points) ** 2, axis=1)
        return self.activation(T[:, None])

    def contributions(self, X: Array, query: Query) -> Array:
        """Shares of the squared distance; shape (1, n, n_columns)."""
        return self._shares(X, self._nearest(X, query))[None]

    def weighted_shares(self, X: Array, W: Array, T: Array, query: Query) -> Array:
        """W times the shares of the squared distance, (n, n_columns)."""
        return np.asarray(W * self.contributions(X, query)[0])

    def coalitions(self, X: Array, query: Query, masks: Array) -> Array:
        """The distance by some columns, to the neighbours in these; (M, 1)."""
        each = query[np.zeros(len(masks), dtype=int)]
        T = masks @ super().contributions(X, query)[:, 0].T
        nearest = self.search.neighbors(T, each)
        rows = np.broadcast_to(X, (len(masks), X.shape[1]))
        shares = self._shares(rows, nearest)
        return self.activation(np.sum(masks * shares, axis=1)[:, None])

    def activation(self, T: Array) -> Array:
        """The distance from its square."""
        # sums of shares can fall below 0 where an affine map is folded in
        return T if self.squared else np.sqrt(np.maximum(T, 0.0))

    def sums(self, H: Array) -> Array:
        """The squared distance."""
        return H if self.squared else H**2

    def per_sum(self, H: Array) -> Array:
        """h / T, and 0 where that is 0."""
        T = self.sums(H)
        return np.divide(H, T, out=np.zeros_like(H), where=T > 0)

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """The mean of the neighbours, shape (n, d)."""
        return np.asarray(self.support[self._nearest(X, query)].mean(axis=1))
