# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Distances to the rows, or the means, that linkage compares a row with."""

from dataclasses import replace
from typing import Any

import numpy as np

from skneon.network._query import Query
from skneon.network.layers._distance import SupportUnits
from skneon.network.layers._linkage_pooling import LinkagePooling
from skneon.network.numerics._dendrogram import Dendrogram
from skneon.network.numerics._soft_min import squared_distances
from skneon.network.numerics._types import Array

DECIDES = {
    "least": "nearest row",
    "largest": "farthest row",
    "mean": "mean of the rows",
}


class LinkageDistance(SupportUnits):
    r"""Distances to all members of clusters, whose linkage `LinkagePooling` takes.

    .. math:: h_k = \|x - u_k\|^2 \quad\text{or}\quad h_k = \|x - u_k\|

    squared, but for average linkage. Who is absent does not compete.

    Parameters
    ----------
    support : ndarray of shape (K, d)
    pooling : LinkagePooling
    centres : ndarray of shape (n_clusters, d)
        Means of the clusters.
    plain : bool, default=False
        Whether distances are not squared.
    """

    # whether units are rows, and not means
    by_rows = True
    whole = "the strongest rival"

    @property
    def reference_name(self) -> str:  # type: ignore[override]
        """What `reference` is."""
        of = DECIDES[self.pooling.statistic if self.by_rows else "mean"]
        return f"{of} of {self.whole}"

    @property
    def words(self) -> str:
        """What a unit is."""
        return f"the {'' if self.plain else 'squared '}distance to each member"

    @property
    def equation(self) -> str:
        """A unit in plain text."""
        return "h_k = ‖x − u_k‖" if self.plain else "h_k = ‖x − u_k‖²"

    @property
    def parts(self) -> str:
        """What a column has of a unit."""
        own = super().parts
        if np.ndim(self.multiples(1, Query())) == 0:
            return own
        return f"{own},  times 2 n_k / (n_k + 1)"

    def __init__(
        self,
        support: Array,
        pooling: LinkagePooling,
        centres: Array,
        plain: bool = False,
    ) -> None:
        super().__init__(support)
        self.pooling = pooling
        self.own_points = centres
        self.plain = plain

    def multiples(self, n: int, query: Query) -> Any:
        """What squared distances count, (n, K) or less."""
        return 1.0

    def squared_distances(self, X: Array) -> Array:
        """Squared distances, from plain differences: at ties nothing is rounded."""
        return squared_distances(self.inputs.project(X), self.support)

    def forward(self, X: Array, query: Query) -> Array:
        """Distances h, shape (n, K); +inf of those that do not compete."""
        H = self.activation(self.multiples(len(X), query) * self.squared_distances(X))
        if query.absent is not None:
            rows = np.flatnonzero(query.absent >= 0)
            H[rows, query.absent[rows]] = np.inf
        return H

    def activation(self, T: Array) -> Array:
        """Activations of the units, from sums of contributions."""
        if not self.plain:
            return T
        if self.inputs.matrix is None:
            return np.sqrt(T)
        # sums of shares can fall below 0 where an affine map is folded in
        H = np.maximum(T, 0.0)
        return np.sqrt(H, out=H)

    def sums(self, H: Array) -> Array:
        """The sums over columns that activations are functions of."""
        return H**2 if self.plain else H

    def per_sum(self, H: Array) -> Any:
        """Activation per unit of its sum; 0 where the sum is 0."""
        if not self.plain:
            return 1.0
        return np.divide(1.0, H, out=np.zeros_like(H), where=H > 0)

    def contributions(self, X: Array, query: Query) -> Array:
        """Shares of the units' sums; shape (K, n, n_columns)."""
        shares = super().contributions(X, query)
        multiples = self.multiples(len(X), query)
        if np.ndim(multiples) == 0:
            return shares
        multiples = np.broadcast_to(multiples, (len(X), self.n_units))
        return np.asarray(shares * multiples.T[..., None])

    def weighted_shares(self, X: Array, W: Array, T: Array, query: Query) -> Array:
        """sum_k W_nk times the shares of the k-th unit's sum, (n, n_columns)."""
        m = self.multiples(len(X), query)
        return super().weighted_shares(X, W * m, T / m, query)

    def nearest(self, X: Array) -> Array:
        """The cluster of the least linkage, shape (n,)."""
        query = Query()
        D = self.pooling.distances(self.forward(X, query), query)
        return np.asarray(D.argmin(axis=1))

    def owners(self, X: Array, query: Query) -> Array:
        """The cluster that is asked about, shape (n,)."""
        return self.nearest(X) if query.cluster is None else query.cluster

    def reference(self, X: Array, H: Array, weights: Array, query: Query) -> Array:
        """Mean of the rival's points that count, shape (n, d); NaN for none."""
        rival = np.maximum(weights, 0.0)
        some = rival.sum(axis=1, keepdims=True) > 0
        return np.where(some, self.mean_support(rival), np.nan)

    def rivals(self, X: Array, H: Array, query: Query) -> Array:
        """The strongest rival; -1 where there is none. Shape (n,)."""
        return self.pooling.rivals(H, query)


class WardDistance(LinkageDistance):
    r"""Ward linkage to whole clusters: how far their rows would move together.

    .. math:: h_j = \frac{2 n_j}{n_j + 1} \|x - \mu_j\|^2, \qquad
              h_c = \frac{2 n_c}{n_c - 1} \|x - \mu_c\|^2

    where a row of cluster c is left out of it, which moves its mean: Hartigan's
    criterion (1975). As ``distances_`` of scikit-learn, squared.

    Parameters
    ----------
    means : ndarray of shape (n_clusters, d)
    sizes : ndarray of int, shape (n_clusters,)
    pooling : LinkagePooling
    clusters : ndarray of int, shape (N,)
        Of the rows, by the numbers of `Query.absent`.
    """

    by_rows = False
    words = "the ward linkage to each cluster"
    equation = "h_k = 2 n_k / (n_k + 1) ‖x − μ_k‖²,  n_k − 1 where x is left out of k"

    def __init__(
        self, means: Array, sizes: Array, pooling: LinkagePooling, clusters: Array
    ) -> None:
        super().__init__(means, pooling, means)
        self.sizes = sizes
        self.clusters = clusters

    def multiples(self, n: int, query: Query) -> Array:
        """What squared distances to means count, shape (n, n_clusters)."""
        F = np.tile(2 * self.sizes / (self.sizes + 1), (n, 1))
        if query.absent is not None:
            rows = np.flatnonzero(query.absent >= 0)
            own = self.clusters[query.absent[rows]]
            F[rows, own] = 2 * self.sizes[own] / np.maximum(self.sizes[own] - 1, 1)
        return F

    def forward(self, X: Array, query: Query) -> Array:
        """Linkage to each cluster, (n, n_clusters); +inf where nothing is left."""
        H = np.asarray(self.multiples(len(X), query) * self.squared_distances(X))
        if query.absent is not None:
            own = self.clusters[query.absent]
            rows = np.flatnonzero((query.absent >= 0) & (self.sizes[own] == 1))
            H[rows, own[rows]] = np.inf
        return H


class InsertionDistance(LinkageDistance):
    r"""Distances to two nodes of a dendrogram: where a row would be inserted (ours).

    The node of cluster c that gives :math:`D^*_c`, and that of the strongest rival, see
    `Dendrogram`. Their rows compete, in ward linkage their means,

    .. math:: h_k = \frac{2 n_k}{n_k + 1} \|x - \mu_k\|^2,

    and no others do. All columns choose the two nodes; by fewer columns they stay.

    Parameters
    ----------
    tree : Dendrogram
    pooling : LinkagePooling
    centres : ndarray of shape (n_clusters, d)
    """

    whole = "the node that it would join in the strongest rival"

    @property
    def by_rows(self) -> bool:  # type: ignore[override]
        """Whether units are rows, and not means."""
        return not self.ward

    @property
    def words(self) -> str:
        """What a unit is."""
        if self.ward:
            return "the ward linkage to the two nodes that the row could join"
        square = "" if self.plain else "squared "
        return f"the {square}distance to each row of the two nodes that it could join"

    @property
    def equation(self) -> str:
        """A unit in plain text."""
        if self.ward:
            return "h_k = 2 n_k / (n_k + 1) ‖x − μ_k‖² of two nodes, +∞ of others"
        power = "" if self.plain else "²"
        return f"h_k = ‖x − u_k‖{power} of the rows of two nodes, +∞ of others"

    def __init__(
        self, tree: Dendrogram, pooling: LinkagePooling, centres: Array
    ) -> None:
        self.tree = tree
        self.ward = tree.linkage == "ward"
        support = (tree.means if self.ward else tree.points) + tree.center
        super().__init__(support, pooling, centres, tree.linkage == "average")

    def multiples(self, n: int, query: Query) -> Any:
        """What squared distances count."""
        return self.tree.factors if self.ward else 1.0

    def forward(self, X: Array, query: Query) -> Array:
        """Distances h, shape (n, K); +inf but for the two nodes'."""
        H = self.activation(self.multiples(len(X), query) * self.squared_distances(X))
        competes = np.zeros(H.shape, dtype=bool)
        for node in self.nodes(X, query):
            competes |= self._within(node)
        return np.where(competes, H, np.inf)

    def nodes(self, X: Array, query: Query) -> tuple[Array, Array]:
        """The node of the own cluster, and of the strongest rival's; -1 for none."""
        cluster = self.owners(X, query)
        alive = self.tree.alive(self.tree.values(self.inputs.project(X)), query.absent)
        D, rows = self.tree.nearest(alive), np.arange(len(X))
        competes = self.pooling.competing(replace(query, cluster=cluster))
        against = np.where(competes, D, np.inf)
        rival = against.argmin(axis=1)
        chosen = []
        for least, of in ((D, cluster), (against, rival)):
            some = np.isfinite(least[rows, of])
            chosen.append(np.where(some, self.tree.node(alive, of), -1))
        return chosen[0], chosen[1]

    def _within(self, node: Array) -> Array:
        """Which units are of the node of each row; shape (n, K)."""
        units, some = np.arange(self.n_units), node[:, None] >= 0
        if self.ward:
            return np.asarray((units == node[:, None]) & some)
        first, size = self.tree.first[node][:, None], self.tree.size[node][:, None]
        return np.asarray((first <= units) & (units < first + size) & some)

    def nearest(self, X: Array) -> Array:
        """The cluster whose node a row would join, shape (n,)."""
        values = self.tree.values(self.inputs.project(X))
        D = self.tree.nearest(self.tree.alive(values, None))
        return np.asarray(D.argmin(axis=1))
